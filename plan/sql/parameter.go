package sql

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// Arg is the value of a parameter of a query: of :Name, or where Name is empty of the next ?. Value is a constant expression, such as expr.Lit gives.
type Arg struct {
	Name  string
	Value expr.Node
}

// Bind is the query with values in the place of its parameters: nodes, so that no value is ever read as SQL. A query has either named parameters or ?, and
// every one of them needs a value; named values that it has no parameter for are passed over.
func (q *Query) Bind(args ...Arg) (*Query, error) {
	a, err := newArguments(args)
	if err != nil {
		return nil, err
	}
	root, err := a.query(q.root)
	if err != nil {
		return nil, err
	}
	return &Query{root: root}, nil
}

func newArguments(args []Arg) (arguments, error) {
	a := arguments{named: map[string]expr.Node{}}
	for _, arg := range args {
		if arg.Name == "" {
			a.listed = append(a.listed, arg.Value)
		} else {
			a.named[arg.Name] = arg.Value
		}
	}
	if len(a.listed) > 0 && len(a.named) > 0 {
		return a, fault("INVALID_QUERY_MIXED_QUERY_PARAMETERS", "42613", expr.Pos{}, "values for named parameters and for ? cannot be given together")
	}
	return a, nil
}

// arguments maps a query's expressions, and keeps the first error.
type arguments struct {
	named  map[string]expr.Node
	listed []expr.Node
}

// node puts values in the place of the parameters in n. What is not there stays, and is unbound.
func (a arguments) node(n expr.Node) (expr.Node, error) {
	switch x := n.(type) {
	case nil:
		return nil, nil
	case expr.Parameter:
		if x.Name == "" {
			if x.Index > len(a.listed) {
				return x, nil
			}
			return placed(a.listed[x.Index-1], x.Pos), nil
		}
		if v, ok := a.named[x.Name]; ok {
			return placed(v, x.Pos), nil
		}
		return x, nil
	case expr.Subquery:
		return a.subquery(x)
	default:
		return mapChildren(n, a.node)
	}
}

// placed is a constant that stands where its parameter does.
func placed(v expr.Node, pos expr.Pos) expr.Node {
	switch v := v.(type) {
	case expr.Literal:
		v.Pos = pos
		return v
	case expr.Cast:
		v.Pos = pos
		return v
	default:
		return v
	}
}

func (a arguments) subquery(s expr.Subquery) (expr.Node, error) {
	n, err := mapChildren(s, a.node)
	s, ok := n.(expr.Subquery)
	written, isQuery := s.Query.(subquery)
	if err != nil || !ok || !isQuery {
		return n, err
	}
	if written.query, err = a.query(written.query); err != nil {
		return nil, err
	}
	s.Query = written
	return s, nil
}

func (a arguments) query(q query) (query, error) {
	m := childMapper{f: a.node}
	q.with = slices.Clone(q.with)
	for i, c := range q.with {
		inner, err := a.query(c.query)
		if err != nil {
			return q, err
		}
		q.with[i].query = inner
	}
	q.order = m.sorts(q.order)
	for _, c := range []**count{&q.limit, &q.offset} {
		if *c != nil {
			*c = &count{clause: (*c).clause, rows: m.node((*c).rows)}
		}
	}
	if m.err != nil {
		return q, m.err
	}
	var err error
	q.body, err = a.body(q.body)
	return q, err
}

func (a arguments) body(b body) (body, error) {
	switch b := b.(type) {
	case query:
		return a.query(b)
	case selectBody:
		return a.selectBody(b)
	case setBody:
		var err error
		if b.left, err = a.body(b.left); err != nil {
			return nil, err
		}
		b.right, err = a.body(b.right)
		return b, err
	case valuesBody:
		m := childMapper{f: a.node}
		b.rows = slices.Clone(b.rows)
		for i, row := range b.rows {
			b.rows[i] = m.nodes(row)
		}
		return b, m.err
	}
	return b, nil
}

func (a arguments) selectBody(b selectBody) (body, error) {
	m := childMapper{f: a.node}
	b.items, b.windows, b.views, b.from = slices.Clone(b.items), slices.Clone(b.windows), slices.Clone(b.views), slices.Clone(b.from)
	for i := range b.items {
		b.items[i].node = m.node(b.items[i].node)
	}
	b.where, b.having, b.qualify, b.group.exprs = m.node(b.where), m.node(b.having), m.node(b.qualify), m.nodes(b.group.exprs)
	for i := range b.windows {
		b.windows[i].spec = m.window(b.windows[i].spec)
	}
	for i := range b.views {
		b.views[i].call = m.call(b.views[i].call)
	}
	for i, r := range b.from {
		var err error
		if b.from[i], err = a.relation(r); err != nil {
			return nil, err
		}
	}
	return b, m.err
}

func (a arguments) relation(r relation) (_ relation, err error) {
	m := childMapper{f: a.node}
	switch r := r.(type) {
	case derived:
		r.query, err = a.query(r.query)
		return r, err
	case tableFunction:
		r.call = m.call(r.call)
		return r, m.err
	case join:
		if r.left, err = a.relation(r.left); err != nil {
			return nil, err
		}
		r.on = m.node(r.on)
		if m.err != nil {
			return nil, m.err
		}
		r.right, err = a.relation(r.right)
		return r, err
	case pivot:
		r.aggs, r.values = m.items(r.aggs), m.items(r.values)
		if m.err != nil {
			return nil, m.err
		}
		r.input, err = a.relation(r.input)
		return r, err
	case unpivot:
		r.input, err = a.relation(r.input)
		return r, err
	}
	return r, nil
}

func (m *childMapper) items(list []item) []item {
	list = slices.Clone(list)
	for i := range list {
		list[i].node = m.node(list[i].node)
	}
	return list
}

func (m *childMapper) sorts(list []expr.Sort) []expr.Sort {
	list = slices.Clone(list)
	for i := range list {
		list[i].Arg = m.node(list[i].Arg)
	}
	return list
}
