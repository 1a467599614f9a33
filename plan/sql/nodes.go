package sql

import (
	"slices"
	"strings"

	"github.com/medallion-go/medallion/expr"
)

// mapChildren gives n other children: what f returns for each. Of an Over they are the arguments and the window's expressions, not the call itself.
func mapChildren(n expr.Node, f func(expr.Node) (expr.Node, error)) (expr.Node, error) {
	m := childMapper{f: f}
	switch x := n.(type) {
	case expr.Column, expr.Literal, expr.Parameter, expr.Star:
	case expr.Call:
		n = m.call(x)
	case expr.Cast:
		x.Arg = m.node(x.Arg)
		n = x
	case expr.Case:
		x.Whens = slices.Clone(x.Whens)
		for i, w := range x.Whens {
			x.Whens[i] = expr.When{Cond: m.node(w.Cond), Result: m.node(w.Result)}
		}
		x.Else = m.node(x.Else)
		n = x
	case expr.Field:
		x.Arg = m.node(x.Arg)
		n = x
	case expr.Lambda:
		x.Body = m.node(x.Body)
		n = x
	case expr.Over:
		x.Call, x.Window = m.call(x.Call), m.window(x.Window)
		n = x
	case expr.Subquery:
		x.Left, x.Outer = m.nodes(x.Left), m.nodes(x.Outer)
		n = x
	case expr.Alias:
		x.Arg = m.node(x.Arg)
		n = x
	}
	return n, m.err
}

// childMapper remembers the first error.
type childMapper struct {
	f   func(expr.Node) (expr.Node, error)
	err error
}

func (m *childMapper) node(n expr.Node) expr.Node {
	if n == nil || m.err != nil {
		return n
	}
	mapped, err := m.f(n)
	if err != nil {
		m.err = err
		return n
	}
	return mapped
}

func (m *childMapper) nodes(list []expr.Node) []expr.Node {
	if list == nil {
		return nil
	}
	out := make([]expr.Node, len(list))
	for i, n := range list {
		out[i] = m.node(n)
	}
	return out
}

func (m *childMapper) call(c expr.Call) expr.Call {
	c.Args, c.Filter = m.nodes(c.Args), m.node(c.Filter)
	return c
}

func (m *childMapper) window(w expr.Window) expr.Window {
	w.PartitionBy, w.OrderBy = m.nodes(w.PartitionBy), slices.Clone(w.OrderBy)
	for i := range w.OrderBy {
		w.OrderBy[i].Arg = m.node(w.OrderBy[i].Arg)
	}
	return w
}

// columnMapper replaces the columns of an expression, but not the parameters of its lambdas.
type columnMapper struct {
	change func(expr.Column) (expr.Node, error)
	params []string
}

func (m columnMapper) node(n expr.Node) (expr.Node, error) {
	switch x := n.(type) {
	case expr.Column:
		if containsFold(m.params, x.Path[0]) {
			return x, nil
		}
		return m.change(x)
	case expr.Lambda:
		m.params = append(slices.Clip(m.params), x.Params...)
		return mapChildren(x, m.node)
	case expr.Literal, expr.Parameter, expr.Call, expr.Cast, expr.Case, expr.Field, expr.Over, expr.Subquery, expr.Star, expr.Alias:
	}
	return mapChildren(n, m.node)
}

// hasAggregate tells whether n calls an aggregate function other than as a window function.
func hasAggregate(n expr.Node) bool { return aggregateIn(n) != nil }

// aggregateIn is the first aggregate call in n.
func aggregateIn(n expr.Node) (found expr.Node) {
	expr.WalkNode(n, func(part expr.Node) bool {
		switch part := part.(type) {
		case expr.Call:
			if found == nil && part.IsAggregate() {
				found = part
			}
		case expr.Over:
			if found == nil {
				found = aggregateInOver(part)
			}
			return false
		default: // what is inside is looked at next
		}
		return found == nil
	})
	return found
}

// aggregateInOver looks at what a window function reads: its own call is none.
func aggregateInOver(o expr.Over) expr.Node {
	for _, part := range slices.Concat(o.Call.Args, []expr.Node{o.Call.Filter}, o.Window.PartitionBy) {
		if found := aggregateIn(part); found != nil {
			return found
		}
	}
	for _, k := range o.Window.OrderBy {
		if found := aggregateIn(k.Arg); found != nil {
			return found
		}
	}
	return nil
}

// overIn is the first window function in n.
func overIn(n expr.Node) (found expr.Node) {
	expr.WalkNode(n, func(part expr.Node) bool {
		if o, ok := part.(expr.Over); ok && found == nil {
			found = o
		}
		return found == nil
	})
	return found
}

func containsFold(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}
