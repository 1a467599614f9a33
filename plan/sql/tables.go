package sql

import (
	"slices"
	"strings"

	"github.com/medallion-go/medallion/expr"
)

// Tables lists the tables that the query reads, as written, each once without regard to case, in order of appearance: those of FROM clauses before those of
// the sub-queries in expressions. Names of WITH are none. Resolve looks for them under their String.
func (q *Query) Tables() []Table {
	var t tableLister
	t.query(q.root, nil)
	return t.found
}

// sameTable tells whether two names are one table's: case counts in paths alone.
func sameTable(a, b string) bool {
	return a == b || !strings.Contains(a, "/") && strings.EqualFold(a, b)
}

// tableLister walks a query; names of WITH clauses in force are passed down.
type tableLister struct{ found []Table }

func (t *tableLister) query(q query, with []string) {
	for _, c := range q.with {
		inner := with
		with = append(slices.Clip(with), c.name)
		if c.recursive {
			inner = with
		}
		t.query(c.query, inner)
	}
	t.body(q.body, with)
	for _, k := range q.order {
		t.expression(k.Arg, with)
	}
}

func (t *tableLister) body(b body, with []string) {
	switch b := b.(type) {
	case query:
		t.query(b, with)
	case selectBody:
		t.selectBody(b, with)
	case setBody:
		t.body(b.left, with)
		t.body(b.right, with)
	case valuesBody:
		for _, row := range b.rows {
			t.expressions(row, with)
		}
	}
}

func (t *tableLister) selectBody(b selectBody, with []string) {
	for _, r := range b.from {
		t.relation(r, with)
	}
	for _, i := range b.items {
		t.expression(i.node, with)
	}
	for _, n := range []expr.Node{b.where, b.having, b.qualify} {
		t.expression(n, with)
	}
	t.expressions(b.group.exprs, with)
	for _, w := range b.windows {
		t.expression(expr.Over{Window: w.spec}, with)
	}
}

func (t *tableLister) relation(r relation, with []string) {
	switch r := r.(type) {
	case tableName:
		same := func(name string) bool { return sameTable(name, r.String()) }
		if !slices.ContainsFunc(with, same) && !slices.ContainsFunc(t.found, func(f Table) bool { return same(f.String()) }) {
			t.found = append(t.found, r.Table)
		}
	case derived:
		t.query(r.query, with)
	case pivot:
		t.relation(r.input, with)
	case unpivot:
		t.relation(r.input, with)
	case join:
		t.relation(r.left, with)
		t.relation(r.right, with)
		t.expression(r.on, with)
	}
}

func (t *tableLister) expressions(list []expr.Node, with []string) {
	for _, n := range list {
		t.expression(n, with)
	}
}

// expression visits the sub-queries in n.
func (t *tableLister) expression(n expr.Node, with []string) {
	expr.WalkNode(n, func(part expr.Node) bool {
		if s, ok := part.(expr.Subquery); ok {
			if q, ok := s.Query.(subquery); ok {
				t.query(q.query, with)
			}
		}
		return true
	})
}
