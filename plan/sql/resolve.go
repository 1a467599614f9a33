package sql

import (
	"strings"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// Resolve turns the query into a plan over tables, whose names are found without regard to case. The plan's columns are called as Spark calls them:
// by their alias, a column by its own name, anything else by its text.
func (q *Query) Resolve(tables map[string]plan.Node) (plan.Node, error) {
	r := &resolver{tables: tables, count: &counters{}}
	s, err := r.query(q.root, nil)
	if err != nil {
		return nil, err
	}
	return s.node, nil
}

type resolver struct {
	tables map[string]plan.Node
	count  *counters
	outer  expr.Outer // the rows around, where a sub-query is resolved; else nil
}

// withScope is one query of a WITH clause that is in force, inside the earlier ones. Its scope has no alias yet.
type withScope struct {
	name  string
	rows  scope
	self  *selfReference // of a recursive query, inside of it; else nil
	outer *withScope
}

func (w *withScope) find(name string) *withScope {
	for ; w != nil; w = w.outer {
		if strings.EqualFold(w.name, name) {
			return w
		}
	}
	return nil
}

// query resolves q; the labels of the result are its columns' names, one each.
func (r *resolver) query(q query, with *withScope) (scope, error) {
	with, err := r.with(q.with, with)
	if err != nil {
		return scope{}, err
	}
	if s, ok := q.body.(selectBody); ok {
		return r.selectBody(s, q, with)
	}
	before := with.selfReferences()
	rows, err := r.body(q.body, with)
	if err != nil {
		return scope{}, err
	}
	if err := with.refuseSince(before, len(q.order) > 0); err != nil {
		return scope{}, err
	}
	return ordered(rows, q)
}

// with resolves the queries of a WITH clause, each of which may read those before it.
func (r *resolver) with(list []cte, with *withScope) (*withScope, error) {
	seen := map[string]bool{}
	for _, c := range list {
		if seen[strings.ToLower(c.name)] {
			return nil, fault("DUPLICATED_CTE_NAMES", "42602", c.Pos, "WITH defines %s twice", c.name)
		}
		seen[strings.ToLower(c.name)] = true
		resolve := r.plainQuery
		if c.recursive && reads(c.query, c.name) {
			resolve = r.recursiveQuery
		}
		rows, err := resolve(c, with)
		if err != nil {
			return nil, err
		}
		with = &withScope{name: c.name, rows: rows, outer: with}
	}
	return with, nil
}

func (r *resolver) plainQuery(c cte, with *withScope) (scope, error) {
	rows, err := r.query(c.query, with)
	if err != nil {
		return scope{}, err
	}
	return renamed(rows, "", c.columns, c.Pos)
}

func (r *resolver) body(b body, with *withScope) (scope, error) {
	switch b := b.(type) {
	case query:
		return r.query(b, with)
	case selectBody:
		return r.selectBody(b, query{Pos: b.Pos}, with)
	case valuesBody:
		return r.values(b)
	case setBody:
		return r.set(b, with)
	}
	return scope{}, fault("INTERNAL_ERROR", "XX000", expr.Pos{}, "plan/sql: a query of type %T", b)
}

// ordered sorts and limits rows by q's clauses. Keys are expressions over the output, or a number: the position of a column.
func ordered(rows scope, q query) (scope, error) {
	keys := make([]expr.BoundSort, 0, len(q.order))
	columns := plan.ColumnsOf(rows.node)
	for _, k := range q.sorts(len(columns)) {
		n, isPosition, err := position(k.Arg, len(columns), "ORDER_BY_POS_OUT_OF_RANGE")
		if err != nil {
			return scope{}, err
		}
		key := expr.BoundSort{Descending: k.Descending, NullsFirst: k.NullsFirst}
		if isPosition {
			key.Arg = columns[n]
		} else if key.Arg, err = rows.bind(k.Arg); err != nil {
			return scope{}, err
		}
		keys = append(keys, key)
	}
	return limited(rows, keys, q)
}

// limited is rows in the order of keys, cut as q says; rows itself where nothing is to be done.
func limited(rows scope, keys []expr.BoundSort, q query) (scope, error) {
	limit, err := q.limit.number(-1)
	if err != nil {
		return scope{}, err
	}
	offset, err := q.offset.number(0)
	if err != nil {
		return scope{}, err
	}
	if q.limitAll {
		rows = rows.over(plan.WithoutRowLimit(rows.node))
	}
	if len(keys) == 0 && limit < 0 && offset == 0 {
		return rows, nil
	}
	if len(keys) == 0 && limit >= 0 {
		rows = rows.over(plan.Enough(rows.node, limit+offset))
	}
	o, err := plan.NewOrder(rows.node, keys, limit, offset)
	if err != nil {
		return scope{}, at(err, orderPos(q))
	}
	return rows.over(o), nil
}

func orderPos(q query) expr.Pos {
	if len(q.order) > 0 {
		return q.order[0].Arg.Position()
	}
	return q.Pos
}

// position reads a GROUP BY or ORDER BY item that is a number: the position, from 0 here, of one of n columns.
func position(item expr.Node, n int, class string) (int, bool, error) {
	l, ok := item.(expr.Literal)
	if !ok {
		return 0, false, nil
	}
	v, ok := l.Value.(int32)
	if !ok {
		return 0, false, nil
	}
	if v < 1 || int(v) > n {
		return 0, false, fault(class, "42805", l.Pos, "position %d is not in the select list, which has %d columns", v, n)
	}
	return int(v) - 1, true, nil
}

// renamed gives rows an alias and, where columns are given, new names: all of them.
func renamed(rows scope, alias string, columns []string, pos expr.Pos) (scope, error) {
	if columns == nil {
		columns = make([]string, len(rows.labels))
		for i, l := range rows.labels {
			columns[i] = l.name
		}
	}
	if len(columns) != len(rows.labels) {
		return scope{}, fault("ASSIGNMENT_ARITY_MISMATCH", "42802", pos, "%d column names for %d columns", len(columns), len(rows.labels))
	}
	return named(rows.node, alias, columns), nil
}
