package sql

import (
	"strconv"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// subquery is a query inside an expression, as it was read.
type subquery struct {
	query query
	text  string
}

// String is the query as it was written.
func (s subquery) String() string { return s.text }

// nested is a subquery that has been resolved. Its plan has a variable for each column of the rows around that it reads, in the order of Outer.
type nested struct {
	subquery
	node plan.Node
	vars []int  // their IDs
	name string // unique within the statement
}

// counters number what has to be unique within a statement.
type counters struct {
	variables, names int
	views            map[string]bool // names that recursive views cannot have any more, in lower case; nil: not asked for yet
}

func (c *counters) variable() int {
	c.variables++
	return plan.FirstVariable - c.variables
}

func (c *counters) name(of string) string {
	c.names++
	return of + " " + strconv.Itoa(c.names)
}

// around is the rows around a sub-query that is being resolved, and what it has used of them so far.
type around struct {
	rows  scope
	count *counters
	used  []outerColumn

	single bool // one row at a time, so that there can be no aggregates over them: LATERAL
}

// outerColumn is a column of the rows around, or an aggregate over them, which then is no column yet.
type outerColumn struct {
	expr.BoundVar
	column int       // -1: an aggregate
	node   expr.Node // what it is in the query around
}

// Variable finds a column of the rows around, or of what is around those.
func (a *around) Variable(c expr.Column) (expr.BoundVar, []string, error) {
	for _, u := range a.used {
		if u.column < 0 && u.Name == c.Path[0] {
			return u.BoundVar, c.Path[1:], nil
		}
	}
	plain, words := a.rows.canonicalColumn(c), a.rows.words()
	column, fields, err := words.Resolve(plain)
	if err != nil {
		if words.Outer != nil && isUnresolved(err) {
			return words.Outer.Variable(c)
		}
		return expr.BoundVar{}, nil, err
	}
	for _, u := range a.used {
		if u.column == column.Index {
			return u.BoundVar, fields, nil
		}
	}
	v := expr.BoundVar{ID: a.count.variable(), Name: column.Name, Typ: column.Typ, Null: column.Null}
	plain.Path = plain.Path[:len(plain.Path)-len(fields)]
	a.used = append(a.used, outerColumn{v, column.Index, plain})
	return v, fields, nil
}

// aggregates puts variables in the place of the aggregates in a WHERE clause over rows: where all columns in them are of the rows around, so are they.
func (a *around) aggregates(n expr.Node, rows scope) (expr.Node, error) {
	if !hasAggregate(n) {
		return n, nil
	}
	c, ok := n.(expr.Call)
	if !ok || !c.IsAggregate() {
		return mapChildren(n, func(child expr.Node) (expr.Node, error) { return a.aggregates(child, rows) })
	}
	own := true
	expr.WalkNode(c, func(part expr.Node) bool {
		column, ok := part.(expr.Column)
		own = own && !(ok && !rows.has(column) && a.rows.has(column))
		return own
	})
	if own {
		return n, nil
	}
	b, err := a.rows.aggregate(c)
	if err != nil {
		return nil, err
	}
	v := expr.BoundVar{ID: a.count.variable(), Name: a.count.name("aggregate"), Typ: b.Typ, Null: b.Null}
	a.used = append(a.used, outerColumn{v, -1, c})
	return expr.Column{Pos: c.Pos, Path: []string{v.Name}}, nil
}

// nest resolves the sub-queries of an expression over rows. What they read of rows then stands in the expression as other columns do.
func (r *resolver) nest(n expr.Node, rows scope, with *withScope) (expr.Node, error) {
	if !hasSubquery(n) {
		return n, nil
	}
	if l, ok := n.(expr.Lambda); ok {
		return nil, fault("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.HIGHER_ORDER_FUNCTION", "0A000", l.Pos, "a lambda cannot hold a sub-query")
	}
	n, err := mapChildren(n, func(child expr.Node) (expr.Node, error) { return r.nest(child, rows, with) })
	if err != nil {
		return nil, err
	}
	if c, ok := n.(expr.Call); ok && c.Func == "not" {
		return withoutNots(c), nil
	}
	s, ok := n.(expr.Subquery)
	if !ok {
		return n, nil
	}
	written, ok := s.Query.(subquery)
	if !ok {
		return n, nil
	}
	a := &around{rows: rows, count: r.count}
	inner := &resolver{tables: r.tables, count: r.count, outer: a}
	found, err := inner.query(written.query, with)
	if err != nil {
		return nil, err
	}
	q := nested{subquery: written, node: found.node, name: r.count.name("sub-query")}
	for _, u := range a.used {
		q.vars, s.Outer = append(q.vars, u.ID), append(s.Outer, u.node)
	}
	s.Query = q
	return s, checkWidth(s, q.node.Schema().NumFields())
}

// withoutNots makes NOT (a IN (…)) a NOT IN, which is what Spark makes of it: the two are not the same where a value is NULL.
func withoutNots(c expr.Call) expr.Node {
	if in, ok := c.Args[0].(expr.Subquery); ok && in.Kind == expr.InSubquery {
		in.Not = !in.Not
		return in
	}
	return c
}

func checkWidth(s expr.Subquery, width int) error {
	switch {
	case s.Kind == expr.ScalarSubquery && width != 1:
		return fault("INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN", "42823", s.Pos,
			"a sub-query that stands for one value has %d columns", width)
	case s.Kind == expr.InSubquery && width != len(s.Left):
		return fault("DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH", "42K09", s.Pos, "IN compares %d values with the %d columns of a sub-query",
			len(s.Left), width)
	}
	return nil
}

func hasSubquery(n expr.Node) bool {
	found := false
	expr.WalkNode(n, func(part expr.Node) bool {
		_, ok := part.(expr.Subquery)
		found = found || ok
		return !found
	})
	return found
}

// clauses resolves the sub-queries of a SELECT's clauses, and of what it is ordered by, over what FROM gives.
func (r *resolver) clauses(b selectBody, q query, in scope, with *withScope) (selectBody, query, error) {
	m := childMapper{f: func(n expr.Node) (expr.Node, error) { return r.nest(n, in, with) }}
	b.items, b.windows = append([]item(nil), b.items...), append([]namedWindow(nil), b.windows...)
	for i := range b.items {
		b.items[i].node = m.node(b.items[i].node)
	}
	b.where, b.having, b.qualify = m.node(b.where), m.node(b.having), m.node(b.qualify)
	if a, ok := r.outer.(*around); ok && !a.single && b.where != nil && m.err == nil {
		b.where, m.err = a.aggregates(b.where, in)
	}
	b.group.exprs = m.nodes(b.group.exprs)
	for i := range b.windows {
		b.windows[i].spec = m.window(b.windows[i].spec)
	}
	q.order = append([]expr.Sort(nil), q.order...)
	for i := range q.order {
		q.order[i].Arg = m.node(q.order[i].Arg)
	}
	return b, q, m.err
}
