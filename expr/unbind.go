package expr

import (
	"maps"
	"slices"
	"strings"
)

// String prints the column's name.
func (b BoundColumn) String() string { return Unbind(b).String() }

// String prints the constant so that it is read back with the same type.
func (b BoundLiteral) String() string { return Unbind(b).String() }

// String prints the operator or the call.
func (b BoundCall) String() string { return Unbind(b).String() }

// String prints CAST or TRY_CAST, for implicit conversions too.
func (b BoundCast) String() string { return Unbind(b).String() }

// String prints CASE WHEN.
func (b BoundCase) String() string { return Unbind(b).String() }

// String prints the struct, a dot and the field.
func (b BoundField) String() string { return Unbind(b).String() }

// String prints parameters -> body.
func (b BoundLambda) String() string { return Unbind(b).String() }

// String prints the parameter's name.
func (b BoundVar) String() string { return Unbind(b).String() }

// String prints the call with DISTINCT and FILTER.
func (b BoundAggregate) String() string { return unbindAggregate(b).String() }

// String prints the call with its window.
func (b BoundWindow) String() string { return unbindWindow(b).String() }

// String prints the key as it stands in ORDER BY.
func (s BoundSort) String() string { return unbindSort(s).String() }

// Unbind turns a bound expression back into a written one, with every implicit conversion spelled out. Columns print by name. A lambda's parameter that
// would hide a column or an outer parameter which its body reads gets another name.
func Unbind(b Bound) Node { return unbinder{}.unbind(b) }

// UnbindOver is Unbind over an input whose columns are called otherwise: column gives what is written in a column's place.
func UnbindOver(b Bound, column func(BoundColumn) Node) Node {
	return unbinder{column: column}.unbind(b)
}

// unbinder holds the names that lambda parameters print by, and how columns are written: nil is by name.
type unbinder struct {
	names  map[int]string
	column func(BoundColumn) Node
}

func (u unbinder) unbind(b Bound) Node {
	switch b := b.(type) {
	case nil:
		return nil
	case BoundColumn:
		return u.unbindColumn(b)
	case BoundLiteral:
		return Literal{Value: b.Value, Type: b.Typ}
	case BoundCall:
		return Call{Pos: b.Pos, Func: b.Func, Args: u.unbindAll(b.Args), User: b.User}
	case BoundCast:
		return Cast{Pos: b.Pos, Arg: u.unbind(b.Arg), Type: b.Typ, Try: b.Try}
	case BoundCase:
		return u.unbindCase(b)
	case BoundField:
		return u.unbindField(b)
	case BoundLambda:
		return u.unbindLambda(b)
	case BoundVar:
		return Column{Path: []string{u.name(b)}}
	}
	return nil
}

func (u unbinder) unbindColumn(b BoundColumn) Node {
	if u.column != nil {
		return u.column(b)
	}
	return Column{Path: []string{b.Name}}
}

func (u unbinder) unbindAll(bounds []Bound) []Node {
	if bounds == nil {
		return nil
	}
	nodes := make([]Node, len(bounds))
	for i, b := range bounds {
		nodes[i] = u.unbind(b)
	}
	return nodes
}

func (u unbinder) unbindCase(b BoundCase) Node {
	n := Case{Else: u.unbind(b.Else)}
	for _, w := range b.Whens {
		n.Whens = append(n.Whens, When{Cond: u.unbind(w.Cond), Result: u.unbind(w.Result)})
	}
	return n
}

// unbindField continues the path of a column, which is how it was written.
func (u unbinder) unbindField(b BoundField) Node {
	arg := u.unbind(b.Arg)
	if c, ok := arg.(Column); ok {
		return Column{Path: append(slices.Clone(c.Path), b.Name)}
	}
	return Field{Arg: arg, Name: b.Name}
}

func (u unbinder) unbindLambda(b BoundLambda) Node {
	inner := unbinder{names: maps.Clone(u.names), column: u.column}
	if inner.names == nil {
		inner.names = make(map[int]string)
	}
	taken := u.namesRead(b)
	params := make([]string, len(b.Params))
	for i, v := range b.Params {
		params[i] = v.Name
		for taken[strings.ToLower(params[i])] {
			params[i] += "_"
		}
		inner.names[v.ID] = params[i]
		taken[strings.ToLower(params[i])] = true
	}
	return Lambda{Params: params, Body: inner.unbind(b.Body)}
}

// namesRead are the names, in lower case, of the columns and outer parameters that a lambda's body reads.
func (u unbinder) namesRead(b BoundLambda) map[string]bool {
	names := make(map[string]bool)
	Walk(b.Body, func(x Bound) bool {
		switch x := x.(type) {
		case BoundColumn:
			if c, ok := u.unbindColumn(x).(Column); ok {
				names[strings.ToLower(c.Path[0])] = true
			}
		case BoundVar:
			if _, outer := u.names[x.ID]; outer {
				names[strings.ToLower(u.name(x))] = true
			}
		default:
		}
		return true
	})
	return names
}

func (u unbinder) name(v BoundVar) string {
	if name, ok := u.names[v.ID]; ok {
		return name
	}
	return v.Name
}

// sketch is b for error messages: printed, unless it is endless.
func sketch(b Bound) string {
	const most = 200
	size := 0
	Walk(b, func(Bound) bool {
		size++
		return size <= most
	})
	if size > most {
		return "the expression"
	}
	return b.String()
}

func unbindAll(bounds []Bound) []Node { return unbinder{}.unbindAll(bounds) }

func unbindAggregate(b BoundAggregate) Call {
	c := Call{Pos: b.Pos, Func: b.Func, Args: unbindAll(b.Args), Distinct: b.Distinct, Filter: Unbind(b.Filter), User: b.User}
	if b.Func == "count" && len(b.Args) == 0 {
		c.Args = []Node{Star{}}
	}
	return c
}

func unbindWindow(b BoundWindow) Over {
	c := Call{Pos: b.Pos, Func: b.Func, Args: unbindAll(b.Args), User: b.User}
	if b.Func == "count" && len(b.Args) == 0 {
		c.Args = []Node{Star{}}
	}
	w := Window{PartitionBy: unbindAll(b.PartitionBy)}
	for _, s := range b.OrderBy {
		w.OrderBy = append(w.OrderBy, unbindSort(s))
	}
	w.Frame = Frame{Unit: b.Frame.Unit, Start: unbindBound(b.Frame.Start), End: unbindBound(b.Frame.End)}
	if Ranking(b.Func) {
		w.Frame = Frame{} // these refuse a frame
	}
	return Over{Pos: b.Pos, Call: c, Window: w}
}

func unbindBound(b BoundFrameEnd) FrameBound {
	f := FrameBound{Kind: b.Kind}
	if b.Offset != nil {
		f.Offset = Literal{Value: b.Offset.Value, Type: b.Offset.Typ}
	}
	return f
}

func unbindSort(s BoundSort) Sort {
	return Sort{Arg: Unbind(s.Arg), Descending: s.Descending, NullsFirst: s.NullsFirst}
}

// Ranking tells whether a window function, by its canonical name, looks at the whole partition in its order, so that it takes no frame.
func Ranking(function string) bool {
	switch function {
	case "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead":
		return true
	}
	return false
}
