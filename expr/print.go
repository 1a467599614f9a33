package expr

import "strings"

// String prints the column's path, with back-quotes where it needs them.
func (n Column) String() string { return string(appendNode(nil, n, precLowest)) }

// String prints the constant so that it is read back with the same type.
func (n Literal) String() string { return string(appendNode(nil, n, precLowest)) }

// String prints the operator or the call.
func (n Call) String() string { return string(appendNode(nil, n, precLowest)) }

// String prints CAST or TRY_CAST.
func (n Cast) String() string { return string(appendNode(nil, n, precLowest)) }

// String prints CASE WHEN.
func (n Case) String() string { return string(appendNode(nil, n, precLowest)) }

// String prints the struct, a dot and the field.
func (n Field) String() string { return string(appendNode(nil, n, precLowest)) }

// String prints parameters -> body.
func (n Lambda) String() string { return string(appendNode(nil, n, precLowest)) }

// String prints the call with its window.
func (n Over) String() string { return string(appendNode(nil, n, precLowest)) }

// String prints the query in parentheses, with EXISTS or with what stands before IN.
func (n Subquery) String() string { return string(appendNode(nil, n, precLowest)) }

// String prints :name, or ?.
func (n Parameter) String() string { return string(appendNode(nil, n, precLowest)) }

// String prints * with its qualifier and exceptions.
func (n Star) String() string { return string(appendNode(nil, n, precLowest)) }

// String prints expression AS name.
func (n Alias) String() string { return string(appendNode(nil, n, precLowest)) }

// appendNode prints n where only operators of binding power least or more may stand bare; others get parentheses.
func appendNode(dst []byte, n Node, least int) []byte {
	switch n := n.(type) {
	case Column:
		return appendPath(dst, n.Path)
	case Literal:
		return appendLiteral(dst, n)
	case Parameter:
		if n.Name == "" {
			return append(dst, '?')
		}
		return append(append(dst, ':'), n.Name...)
	case Call:
		return appendCall(dst, n, least)
	case Cast:
		return appendCast(dst, n)
	case Case:
		return appendCase(dst, n)
	case Field:
		dst = appendOperand(dst, n.Arg)
		return append(append(dst, '.'), Quote(n.Name)...)
	case Lambda:
		return appendLambda(dst, n)
	case Over:
		return appendOver(dst, n)
	case Subquery:
		return appendSubquery(dst, n, least)
	case Star:
		return appendStar(dst, n)
	case Alias:
		dst = appendNode(dst, n.Arg, precLowest)
		return append(append(dst, " AS "...), Quote(n.Name)...)
	}
	return dst
}

// appendOperand prints what .field follows: a column's own path would swallow it, and 1.x is a number.
func appendOperand(dst []byte, n Node) []byte {
	switch n.(type) {
	case Column, Literal:
		dst = appendNode(append(dst, '('), n, precLowest)
		return append(dst, ')')
	default:
		return appendNode(dst, n, precPrimary)
	}
}

func appendPath(dst []byte, path []string) []byte {
	for i, name := range path {
		if i > 0 {
			dst = append(dst, '.')
		}
		dst = append(dst, Quote(name)...)
	}
	return dst
}

func appendCast(dst []byte, n Cast) []byte {
	if n.Try {
		dst = append(dst, "TRY_"...)
	}
	dst = append(dst, "CAST("...)
	dst = appendNode(dst, n.Arg, precLowest)
	dst = append(dst, " AS "...)
	return append(appendType(dst, n.Type), ')')
}

func appendCase(dst []byte, n Case) []byte {
	dst = append(dst, "CASE"...)
	for _, w := range n.Whens {
		dst = appendNode(append(dst, " WHEN "...), w.Cond, precLowest)
		dst = appendNode(append(dst, " THEN "...), w.Result, precLowest)
	}
	if n.Else != nil {
		dst = appendNode(append(dst, " ELSE "...), n.Else, precLowest)
	}
	return append(dst, " END"...)
}

func appendLambda(dst []byte, n Lambda) []byte {
	if len(n.Params) == 1 {
		dst = append(dst, Quote(n.Params[0])...)
	} else {
		dst = append(dst, '(')
		for i, name := range n.Params {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(dst, Quote(name)...)
		}
		dst = append(dst, ')')
	}
	return appendNode(append(dst, " -> "...), n.Body, precLowest)
}

func appendStar(dst []byte, n Star) []byte {
	if n.Qualifier != "" {
		dst = append(append(dst, Quote(n.Qualifier)...), '.')
	}
	dst = append(dst, '*')
	for i, name := range n.Except {
		if i == 0 {
			dst = append(dst, " EXCEPT ("...)
		} else {
			dst = append(dst, ", "...)
		}
		dst = append(dst, Quote(name)...)
	}
	if len(n.Except) > 0 {
		dst = append(dst, ')')
	}
	return dst
}

func appendOver(dst []byte, n Over) []byte {
	dst = appendCall(dst, n.Call, precPrimary)
	dst = append(dst, " OVER "...)
	if n.Window.Name != "" {
		return append(dst, Quote(n.Window.Name)...)
	}
	return append(dst, n.Window.String()...)
}

// String prints the specification in parentheses.
func (w Window) String() string {
	var parts []string
	if w.Name != "" {
		parts = append(parts, Quote(w.Name))
	}
	if len(w.PartitionBy) > 0 {
		parts = append(parts, "PARTITION BY "+string(appendNodes(nil, w.PartitionBy)))
	}
	for i, s := range w.OrderBy {
		if i == 0 {
			parts = append(parts, "ORDER BY "+s.String())
		} else {
			parts[len(parts)-1] += ", " + s.String()
		}
	}
	if w.Frame.Unit != FrameDefault {
		parts = append(parts, w.Frame.String())
	}
	return "(" + strings.Join(parts, " ") + ")"
}

// String prints the key with its direction, and the place of NULLs where it is not the default.
func (s Sort) String() string {
	text := string(appendNode(nil, s.Arg, precLowest))
	if s.Descending {
		text += " DESC"
	}
	switch {
	case s.NullsFirst && s.Descending:
		text += " NULLS FIRST"
	case !s.NullsFirst && !s.Descending:
		text += " NULLS LAST"
	}
	return text
}

// String prints ROWS or RANGE BETWEEN; the default frame prints nothing.
func (f Frame) String() string {
	switch f.Unit {
	case FrameRows:
		return "ROWS BETWEEN " + f.Start.String() + " AND " + f.End.String()
	case FrameRange:
		return "RANGE BETWEEN " + f.Start.String() + " AND " + f.End.String()
	case FrameDefault:
	}
	return ""
}

// String prints the bound.
func (b FrameBound) String() string {
	switch b.Kind {
	case UnboundedPreceding:
		return "UNBOUNDED PRECEDING"
	case Preceding:
		return string(appendNode(nil, b.Offset, precComparison)) + " PRECEDING"
	case CurrentRow:
		return "CURRENT ROW"
	case Following:
		return string(appendNode(nil, b.Offset, precComparison)) + " FOLLOWING"
	case UnboundedFollowing:
		return "UNBOUNDED FOLLOWING"
	}
	return ""
}

func appendNodes(dst []byte, nodes []Node) []byte {
	for i, n := range nodes {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = appendNode(dst, n, precLowest)
	}
	return dst
}

// isNumber reports whether a printed expression begins with a sign or a digit, so that a minus before it would change it.
func isNumber(printed []byte) bool {
	return len(printed) > 0 && (printed[0] == '-' || isDigit(printed[0]))
}
