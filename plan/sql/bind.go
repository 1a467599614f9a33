package sql

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// bind resolves a scalar expression.
func (s scope) bind(n expr.Node) (expr.Bound, error) {
	b, err := expr.Bind(s.canonical(n), s.words())
	return s.plain(b), err
}

// predicate resolves a condition.
func (s scope) predicate(n expr.Node) (expr.Bound, error) {
	b, err := expr.BindPredicate(s.canonical(n), s.words())
	return s.plain(b), err
}

// aggregate resolves a call of an aggregate function.
func (s scope) aggregate(c expr.Call) (expr.BoundAggregate, error) {
	c, _ = s.canonical(c).(expr.Call)
	a, err := expr.BindAggregate(c, s.words())
	a.Args, a.Filter = s.plainAll(a.Args), s.plain(a.Filter)
	return a, err
}

// window resolves a window function.
func (s scope) window(o expr.Over) (expr.BoundWindow, error) {
	o, _ = s.canonical(o).(expr.Over)
	w, err := expr.BindWindow(o, s.words())
	w.Args, w.PartitionBy, w.OrderBy = s.plainAll(w.Args), s.plainAll(w.PartitionBy), slices.Clone(w.OrderBy)
	for i := range w.OrderBy {
		w.OrderBy[i].Arg = s.plain(w.OrderBy[i].Arg)
	}
	return w, err
}

// plain gives the columns of b the names that they have in the node, for people who read the plan.
func (s scope) plain(b expr.Bound) expr.Bound {
	schema := s.schema()
	b, _ = expr.Replace(b, func(part expr.Bound) (expr.Bound, bool) {
		c, ok := part.(expr.BoundColumn)
		if !ok || c.Name == schema.Field(c.Index).Name {
			return part, false
		}
		c.Name = schema.Field(c.Index).Name
		return c, true
	})
	return b
}

func (s scope) plainAll(list []expr.Bound) []expr.Bound {
	out := make([]expr.Bound, len(list))
	for i, b := range list {
		out[i] = s.plain(b)
	}
	return out
}
