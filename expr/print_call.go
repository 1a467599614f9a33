package expr

import "strings"

// operator gives the symbol and binding power of a call that is written as a binary operator.
func operator(c Call) (symbol string, prec int) {
	if len(c.Args) != 2 || c.Distinct || c.Filter != nil {
		return "", 0
	}
	switch c.Func {
	case "or":
		return "OR", precOr
	case "and":
		return "AND", precAnd
	case "=", "<>", "<", "<=", ">", ">=", "<=>":
		return c.Func, precComparison
	case "+", "-":
		return c.Func, precAdditive
	case "concat":
		return "||", precAdditive
	case "&":
		return c.Func, precBitAnd
	case "^":
		return c.Func, precBitXor
	case "|":
		return c.Func, precBitOr
	case "*", "/", "%":
		return c.Func, precMultiplicative
	case "div":
		return "DIV", precMultiplicative
	case "like", "ilike", "rlike":
		return strings.ToUpper(c.Func), precPredicate
	}
	return "", 0
}

func appendCall(dst []byte, c Call, least int) []byte {
	if symbol, prec := operator(c); prec > 0 {
		return appendBinary(dst, c, symbol, prec, least)
	}
	if c.Distinct || c.Filter != nil {
		return appendFunction(dst, c)
	}
	if unit, ok := shiftUnit(c); ok {
		dst = append(append(append(append(dst, c.Func...), '('), unit...), ", "...)
		return append(appendNodes(dst, c.Args[1:]), ')')
	}
	switch {
	case c.Func == "not" && len(c.Args) == 1:
		return appendNot(dst, c.Args[0], least)
	case c.Func == "negative" && len(c.Args) == 1:
		return appendNegative(dst, c, least)
	case c.Func == "~" && len(c.Args) == 1:
		dst, closing := open(dst, precUnary < least)
		return append(appendNode(append(dst, '~'), c.Args[0], precUnary), closing...)
	case c.Func == "isnull" && len(c.Args) == 1:
		return appendSuffix(dst, c.Args[0], " IS NULL", least)
	case c.Func == "isnotnull" && len(c.Args) == 1:
		return appendSuffix(dst, c.Args[0], " IS NOT NULL", least)
	case c.Func == "in" && len(c.Args) > 1:
		return appendIn(dst, c.Args, " IN (", least)
	case c.Func == "[]" && len(c.Args) == 2:
		dst = appendNode(dst, c.Args[0], precPrimary)
		dst = appendNode(append(dst, '['), c.Args[1], precComparison)
		return append(dst, ']')
	case (c.Func == "like" || c.Func == "ilike") && hasEscape(c):
		return appendLikeEscape(dst, c, least)
	}
	return appendFunction(dst, c)
}

// appendBinary prints left-associative operators without parentheses on the left. A predicate does not chain.
func appendBinary(dst []byte, c Call, symbol string, prec, least int) []byte {
	left := prec
	if prec == precPredicate {
		left = precComparison
	}
	dst, closing := open(dst, prec < least)
	dst = appendNode(dst, c.Args[0], left)
	dst = append(append(append(dst, ' '), symbol...), ' ')
	dst = appendNode(dst, c.Args[1], prec+1)
	return append(dst, closing...)
}

// shiftUnit is the unit of timestampadd or timestampdiff, which is written without quotes.
func shiftUnit(c Call) (unit string, ok bool) {
	if c.Func != "timestampadd" && c.Func != "timestampdiff" || len(c.Args) != 3 {
		return "", false
	}
	l, _ := c.Args[0].(Literal)
	unit, ok = l.Value.(string)
	return unit, ok && shiftUnits[unit]
}

func appendNot(dst []byte, arg Node, least int) []byte {
	if in, ok := arg.(Call); ok && in.Func == "in" && len(in.Args) > 1 && !in.Distinct && in.Filter == nil {
		return appendIn(dst, in.Args, " NOT IN (", least)
	}
	dst, closing := open(dst, precNot < least)
	dst = appendNode(append(dst, "NOT "...), arg, precNot)
	return append(dst, closing...)
}

// appendNegative prints -x, or negative(x) where the minus would become a number's sign or begin a comment.
func appendNegative(dst []byte, c Call, least int) []byte {
	arg := appendNode(nil, c.Args[0], precUnary)
	if isNumber(arg) {
		return appendFunction(dst, c)
	}
	dst, closing := open(dst, precUnary < least)
	return append(append(append(dst, '-'), arg...), closing...)
}

func appendSuffix(dst []byte, arg Node, suffix string, least int) []byte {
	dst, closing := open(dst, precPredicate < least)
	dst = appendNode(dst, arg, precComparison)
	return append(append(dst, suffix...), closing...)
}

func appendIn(dst []byte, args []Node, word string, least int) []byte {
	dst, closing := open(dst, precPredicate < least)
	dst = appendNode(dst, args[0], precComparison)
	dst = appendNodes(append(dst, word...), args[1:])
	return append(append(dst, ')'), closing...)
}

// hasEscape reports whether a LIKE's third argument can be written after ESCAPE.
func hasEscape(c Call) bool {
	if len(c.Args) != 3 {
		return false
	}
	l, ok := c.Args[2].(Literal)
	text, isText := l.Value.(string)
	return ok && isText && len([]rune(text)) == 1
}

func appendLikeEscape(dst []byte, c Call, least int) []byte {
	dst, closing := open(dst, precPredicate < least)
	dst = appendNode(dst, c.Args[0], precComparison)
	dst = append(append(append(dst, ' '), strings.ToUpper(c.Func)...), ' ')
	dst = appendNode(dst, c.Args[1], precComparison)
	dst = appendNode(append(dst, " ESCAPE "...), c.Args[2], precLowest)
	return append(dst, closing...)
}

// appendFunction prints name(arguments) with WITHIN GROUP and FILTER. Some window functions have a last argument that exists as IGNORE NULLS alone.
func appendFunction(dst []byte, c Call) []byte {
	dst = append(append(dst, c.Func...), '(')
	if c.Distinct {
		dst = append(dst, "DISTINCT "...)
	}
	args, keys := WithinGroup(c)
	args, ignoreNulls := withoutIgnore(c.Func, args)
	dst = append(appendNodes(dst, args), ')')
	if keys != nil {
		dst = append(dst, " WITHIN GROUP (ORDER BY "...)
		for i, k := range keys {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(dst, k.String()...)
		}
		dst = append(dst, ')')
	}
	if c.Filter != nil {
		dst = appendNode(append(dst, " FILTER (WHERE "...), c.Filter, precLowest)
		dst = append(dst, ')')
	}
	if ignoreNulls {
		dst = append(dst, " IGNORE NULLS"...)
	}
	return dst
}

// withoutIgnore takes off the TRUE behind the arguments of nth_value, lag and lead that means IGNORE NULLS.
func withoutIgnore(function string, args []Node) (rest []Node, ignore bool) {
	full := map[string]int{"nth_value": 2, "lag": 3, "lead": 3}[function]
	if full == 0 || len(args) != full+1 {
		return args, false
	}
	l, ok := args[full].(Literal)
	if !ok || l.Value != true {
		return args, false
	}
	return args[:full], true
}

// open begins a parenthesis if there is to be one, and returns what closes it.
func open(dst []byte, parenthesis bool) (opened []byte, closing string) {
	if parenthesis {
		return append(dst, '('), ")"
	}
	return dst, ""
}
