package expr

import "fmt"

// BindAggregate resolves a call of an aggregate function; its arguments and FILTER are scalar expressions over s.
func BindAggregate(n Call, s Scope) (BoundAggregate, error) {
	f, err := lookup(n)
	if err != nil {
		return BoundAggregate{}, err
	}
	if f.Kind != AggregateFunction {
		return BoundAggregate{}, misplaced(n.Pos, "UNSUPPORTED_EXPR_FOR_OPERATOR", "42K0E", f.Name+" is no aggregate")
	}
	b := binder{scope: s, aggregate: f.Name}
	c, err := b.bindAggregate(n, f)
	if err != nil {
		return BoundAggregate{}, err
	}
	a := BoundAggregate{Pos: n.Pos, Func: f.Name, Distinct: n.Distinct, User: n.User}
	if a.Typ, err = f.aggregate(c); err != nil {
		return BoundAggregate{}, err
	}
	a.Func, a.Args, a.Null = c.name, c.args, c.null // a function may come down to another
	if n.Filter == nil {
		return a, nil
	}
	filter, err := b.bind(n.Filter)
	if err != nil {
		return BoundAggregate{}, err
	}
	a.Filter, err = predicate(filter, n.Filter.Position())
	return a, err
}

// bindAggregate binds the arguments; count(*) has none. Over no rows at all the result is NULL, but for functions that say otherwise.
func (b *binder) bindAggregate(n Call, f *Function) (*call, error) {
	c := &call{Pos: n.Pos, name: f.Name, nodes: n.Args, null: true, distinct: n.Distinct}
	if n.Distinct && f.Name == "mode" {
		return nil, withinGroupError(n.Pos, "DISTINCT_UNSUPPORTED", "mode takes no DISTINCT")
	}
	if star, ok := starArg(n); ok {
		if n.Distinct || len(n.Args) > 1 || star.Qualifier != "" || len(star.Except) > 0 {
			return nil, misplaced(star.Pos, "INVALID_USAGE_OF_STAR_OR_REGEX", "42000", "count takes * alone")
		}
		c.nodes = nil
		return c, nil
	}
	if f.Name == "count" && len(n.Args) == 0 {
		return nil, wrongCount(n.Pos, "count", "* or 1 or more arguments", 0)
	}
	var err error
	if c.args, err = b.bindAll(n.Args); err != nil {
		return nil, err
	}
	for i, a := range c.args {
		if n.Distinct && !isOrderable(a.Type()) {
			return nil, misplaced(c.place(i), "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "42K09",
				fmt.Sprintf("DISTINCT cannot compare %s, which is %s", sketch(a), TypeSQL(a.Type())))
		}
		if err := checkSize(a, c.place(i)); err != nil {
			return nil, err
		}
	}
	return c, nil
}
