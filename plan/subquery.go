package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// Subquery is a query inside an expression, or inside FROM after LATERAL. Its methods join it with the rows that the expression is evaluated on: the
// results have the columns of rows first. Nothing of it is left to be evaluated once per row.
type Subquery struct {
	expr.Pos
	Name  string             // unique within the statement
	Query Node               // may hold variables, whose IDs are FirstVariable or less
	Vars  map[int]expr.Bound // what they are, over the columns of the rows around
}

func (s Subquery) over(rows Node) *unnester { return &unnester{rows: rows, vars: s.Vars, name: s.Name} }

// Keep keeps the rows for which the sub-query has a row, or with not those for which it has none: WHERE [NOT] EXISTS.
func (s Subquery) Keep(rows Node, not bool) (Node, error) {
	u := s.over(rows)
	d := u.unnest(someRow(s.Query))
	if d.empty != nil {
		return keep(u.rows, []expr.Bound{truth(!not)}), u.err
	}
	kind := LeftSemi
	if not {
		kind = LeftAnti
	}
	if len(d.conds) == 0 {
		d.node = Order{Input: d.node, Limit: 1}
	}
	return u.joined(kind, u.rows, d.node, u.pairs(d)), u.err
}

// Exists adds a column: whether the sub-query has a row. It is never NULL.
func (s Subquery) Exists(rows Node, name string) (Node, error) {
	u := s.over(rows)
	d := u.unnest(someRow(s.Query))
	switch {
	case d.empty != nil:
		return u.with(u.rows, truth(true), name), u.err
	case len(d.conds) == 0:
		counted := u.aggregated(Order{Input: d.node, Limit: 1}, nil, []expr.BoundAggregate{countOf()}, []string{"count"})
		node := u.joined(Cross, u.rows, counted, nil)
		n := ColumnsOf(node)[u.width()]
		return u.with(node, comparison(">", n, expr.BoundLiteral{Value: int64(0), Typ: schema.BigInt}), name), u.err
	}
	node, found := u.lookup(u.keyed(d), nil)
	return u.with(node, isNotNull(found), name), u.err
}

// Scalar adds a column: the value of the sub-query's one column, NULL where it has no row. More than one row is an error at run time.
func (s Subquery) Scalar(rows Node, name string) (Node, error) {
	u := s.over(rows)
	d := u.unnest(s.Query)
	if d.empty == nil && (len(d.conds) == 0 && !exactlyOne(s.Query) || !atMostOne(s.Query)) {
		d = u.single(d, s.Pos)
	}
	if len(d.conds) == 0 {
		node := u.joined(Cross, u.rows, d.node, nil)
		return u.with(node, known(moved(d.outs[0], u.width()), u.vars), name), u.err
	}
	node, outs := u.outer(d, d.conds)
	return u.with(node, outs[0], name), u.err
}

// single makes d one row at most for each value of the variables, or fails at run time.
func (u *unnester) single(d dependent, at expr.Pos) dependent {
	if len(d.conds) > 0 {
		d = u.ground(d)
	}
	if len(u.free(d.outs...)) > 0 {
		d = u.ground(d)
	}
	keys, names := u.keys(d), []string(nil)
	for _, k := range keys {
		names = append(names, k.String())
	}
	value := expr.BoundAggregate{Pos: at, Func: "single_value", Args: d.outs[:1], Typ: d.outs[0].Type(), Null: true}
	node := u.aggregated(d.node, keys, []expr.BoundAggregate{value}, append(names, d.outs[0].String()))
	return dependent{node: node, outs: ColumnsOf(node)[len(keys):], conds: u.rekeyed(d, keys, node, 0)}
}

// Lateral joins each row with the rows that the sub-query has for it, kind being Inner, Cross or LeftOuter; on, over the columns of both, may be nil. The
// result has the columns of rows, then the sub-query's.
func (s Subquery) Lateral(kind JoinKind, rows Node, on expr.Bound) (Node, error) {
	u := s.over(rows)
	d := u.unnest(s.Query)
	switch {
	case d.empty != nil && (kind != LeftOuter || on == nil): // a row for each
		node, outs := u.outer(d, d.conds)
		return keep(u.beside(node, outs, s.Query), expr.Conjuncts(on)), u.err
	case kind == LeftOuter:
		d = u.settled(d)
		conds := slices.Clone(d.conds)
		for _, c := range expr.Conjuncts(on) {
			conds = append(conds, u.insideOut(c, d))
		}
		node, outs := u.outer(d, conds)
		return u.beside(node, outs, s.Query), u.err
	}
	node := u.joined(Inner, u.rows, d.node, u.pairs(d))
	outs := allKnown(u.moveAll(d.outs, u.width()), u.vars)
	return keep(u.beside(node, outs, s.Query), expr.Conjuncts(on)), u.err
}

// beside is the rows around, which are the first columns of n, and outs, called as the query's columns.
func (u *unnester) beside(n Node, outs []expr.Bound, query Node) Node {
	width := u.width()
	p, err := NewProject(n, append(ColumnsOf(n)[:width:width], outs...), append(fieldNames(n)[:width:width], fieldNames(query)...))
	if err != nil {
		u.fail(err)
		return n
	}
	return p
}

// insideOut is a condition over rows and the sub-query's columns as one over node and variables, each column of rows being a variable of its own.
func (u *unnester) insideOut(c expr.Bound, d dependent) expr.Bound {
	width := u.width()
	return expr.Rewrite(c, func(part expr.Bound) expr.Bound {
		column, ok := part.(expr.BoundColumn)
		if !ok {
			return part
		}
		if column.Index >= width {
			return d.outs[column.Index-width]
		}
		return u.variable(column)
	})
}

// variable is what stands for an expression over the rows around.
func (u *unnester) variable(outside expr.Bound) expr.Bound {
	id := FirstVariable
	for known := range u.vars {
		id = min(id, known)
	}
	vars := map[int]expr.Bound{id - 1: outside}
	for known, b := range u.vars {
		vars[known] = b
	}
	u.vars = vars
	return expr.BoundVar{ID: id - 1, Name: outside.String(), Typ: outside.Type(), Null: outside.Nullable()}
}

func (u *unnester) width() int { return u.rows.Schema().NumFields() }

// pairs are d's conditions over the pairs of the rows around and d's.
func (u *unnester) pairs(d dependent) []expr.Bound {
	return allKnown(u.moveAll(d.conds, u.width()), u.vars)
}

// outer joins d where conds hold and keeps the rows without a partner; outs are d's columns then.
func (u *unnester) outer(d dependent, conds []expr.Bound) (Node, []expr.Bound) {
	width, mark := u.width(), -1
	if d.empty != nil || slices.ContainsFunc(d.outs, func(o expr.Bound) bool { return len(u.free(o)) > 0 }) {
		d.node, mark = u.marked(d.node)
	}
	node := u.joined(LeftOuter, u.rows, d.node, allKnown(u.moveAll(conds, width), u.vars))
	outs := make([]expr.Bound, len(d.outs))
	for i, o := range d.outs {
		_, isColumn := o.(expr.BoundColumn)
		o = u.nullable(known(moved(o, width), u.vars), node)
		switch {
		case d.empty == nil && isColumn, isColumn && isNullLiteral(d.empty[i]):
			outs[i] = o
		case d.empty == nil:
			outs[i] = either(isNotNull(ColumnsOf(node)[width+mark]), o, nullOf(o.Type()))
		case isColumn && !d.outs[i].Nullable():
			outs[i] = either(isNotNull(o), o, known(d.empty[i], u.vars))
		default:
			outs[i] = either(isNotNull(ColumnsOf(node)[width+mark]), o, known(d.empty[i], u.vars))
		}
	}
	return node, outs
}

func isNullLiteral(b expr.Bound) bool {
	l, ok := folded(b).(expr.BoundLiteral)
	return ok && l.Value == nil
}

// lookup joins the distinct values of d's keys, and of more columns where they are equal to left, and gives the column that is NULL in the rows that found none.
func (u *unnester) lookup(d dependent, left []expr.Bound) (Node, expr.Bound) {
	keys := u.keys(d)
	groups, names := slices.Concat(keys, d.outs[:len(left)]), make([]string, 0, len(keys)+len(left))
	for _, g := range groups {
		names = append(names, g.String())
	}
	distinct := u.aggregated(d.node, groups, nil, names)
	conds := u.rekeyed(d, keys, distinct, 0)
	for i, l := range left {
		conds = append(conds, comparison("=", u.variable(l), ColumnsOf(distinct)[len(keys)+i]))
	}
	marked, mark := u.marked(distinct)
	node := u.joined(LeftOuter, u.rows, marked, u.pairs(dependent{conds: conds}))
	return node, ColumnsOf(node)[u.width()+mark]
}

// aggregated is an Aggregate whose columns are called names.
func (u *unnester) aggregated(in Node, groups []expr.Bound, aggs []expr.BoundAggregate, names []string) Node {
	a, err := NewAggregate(in, groups, names[:len(groups)], aggs, names[len(groups):])
	if err != nil {
		u.fail(err)
		return in
	}
	return a
}

// with is the rows around, which are the first columns of n, and a column more.
func (u *unnester) with(n Node, value expr.Bound, name string) Node {
	width := u.width()
	p, err := NewProject(n, append(ColumnsOf(n)[:width:width], value), append(fieldNames(n)[:width:width], name))
	if err != nil {
		u.fail(err)
		return n
	}
	return p
}
