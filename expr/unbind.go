package expr

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

// Unbind turns a bound expression back into a written one, with every implicit conversion spelled out. Columns print by name.
func Unbind(b Bound) Node {
	switch b := b.(type) {
	case nil:
		return nil
	case BoundColumn:
		return Column{Path: []string{b.Name}}
	case BoundLiteral:
		return Literal{Value: b.Value, Type: b.Typ}
	case BoundCall:
		return unbindCall(b)
	case BoundCast:
		return Cast{Pos: b.Pos, Arg: Unbind(b.Arg), Type: b.Typ, Try: b.Try}
	case BoundCase:
		return unbindCase(b)
	case BoundField:
		return unbindField(b)
	case BoundLambda:
		params := make([]string, len(b.Params))
		for i, v := range b.Params {
			params[i] = v.Name
		}
		return Lambda{Params: params, Body: Unbind(b.Body)}
	case BoundVar:
		return Column{Path: []string{b.Name}}
	}
	return nil
}

// unbindCall writes the call. Only a literal number of days keeps a DATE plus an interval a DATE, and Bind makes that a date_add; so intervals here are
// exact in seconds.
func unbindCall(b BoundCall) Node {
	return Call{Pos: b.Pos, Func: b.Func, Args: unbindAll(b.Args)}
}

func unbindCase(b BoundCase) Node {
	n := Case{Else: Unbind(b.Else)}
	for _, w := range b.Whens {
		n.Whens = append(n.Whens, When{Cond: Unbind(w.Cond), Result: Unbind(w.Result)})
	}
	return n
}

// unbindField continues the path of a column, which is how it was written.
func unbindField(b BoundField) Node {
	arg := Unbind(b.Arg)
	if c, ok := arg.(Column); ok {
		return Column{Path: append(append([]string(nil), c.Path...), b.Name)}
	}
	return Field{Arg: arg, Name: b.Name}
}

func unbindAggregate(b BoundAggregate) Call {
	c := Call{Pos: b.Pos, Func: b.Func, Args: unbindAll(b.Args), Distinct: b.Distinct, Filter: Unbind(b.Filter)}
	if b.Func == "count" && len(b.Args) == 0 {
		c.Args = []Node{Star{}}
	}
	return c
}

func unbindWindow(b BoundWindow) Over {
	c := Call{Pos: b.Pos, Func: b.Func, Args: unbindAll(b.Args)}
	if b.Func == "count" && len(b.Args) == 0 {
		c.Args = []Node{Star{}}
	}
	w := Window{PartitionBy: unbindAll(b.PartitionBy)}
	for _, s := range b.OrderBy {
		w.OrderBy = append(w.OrderBy, unbindSort(s))
	}
	w.Frame = Frame{Unit: b.Frame.Unit, Start: unbindBound(b.Frame.Start), End: unbindBound(b.Frame.End)}
	if ranking(b.Func) {
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

func unbindAll(bounds []Bound) []Node {
	if bounds == nil {
		return nil
	}
	nodes := make([]Node, len(bounds))
	for i, b := range bounds {
		nodes[i] = Unbind(b)
	}
	return nodes
}

// ranking functions look at the whole partition in its order; a frame does not apply to them.
func ranking(function string) bool {
	switch function {
	case "row_number", "rank", "dense_rank", "percent_rank", "ntile", "lag", "lead":
		return true
	}
	return false
}
