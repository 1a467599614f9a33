package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// replaceExprs puts in the place of n's expressions what f gives for each, and tells whether that is anything else: if not, n is what it was.
func replaceExprs(n Node, f func(expr.Bound) (expr.Bound, bool)) (Node, bool) {
	r := exprReplacer{replace: f}
	replaced := r.node(n)
	return replaced, r.changed
}

// visitExprs calls visit for each of n's expressions.
func visitExprs(n Node, visit func(expr.Bound)) {
	replaceExprs(n, func(b expr.Bound) (expr.Bound, bool) {
		visit(b)
		return b, false
	})
}

// exprReplacer copies what holds a changed expression, and nothing else.
type exprReplacer struct {
	replace func(expr.Bound) (expr.Bound, bool)
	changed bool
}

func (r *exprReplacer) node(n Node) Node {
	switch x := n.(type) {
	case Scan:
		if x.Filter = r.one(x.Filter); r.changed {
			return x
		}
	case Project:
		if x.Exprs = r.all(x.Exprs); r.changed {
			return x
		}
	case Filter:
		if x.Cond = r.one(x.Cond); r.changed {
			return x
		}
	case Aggregate:
		x.Groups = r.all(x.Groups)
		if x.Aggs = replaceEach(r, x.Aggs, r.aggregate); r.changed {
			return x
		}
	case Join:
		x.LeftKeys, x.RightKeys = r.all(x.LeftKeys), r.all(x.RightKeys)
		if x.Residual = r.one(x.Residual); r.changed {
			return x
		}
	case Generate:
		if x.Gen.Args = r.all(x.Gen.Args); r.changed {
			return x
		}
	case Window:
		if x.Funcs = replaceEach(r, x.Funcs, r.window); r.changed {
			return x
		}
	case Latest:
		x.Keys = r.all(x.Keys)
		if x.By = replaceEach(r, x.By, r.sort); r.changed {
			return x
		}
	case Order:
		if x.Keys = replaceEach(r, x.Keys, r.sort); r.changed {
			return x
		}
	case Check:
		x.Rules = replaceEach(r, x.Rules, r.rule)
		if x.Quarantine = r.all(x.Quarantine); r.changed {
			return x
		}
	case Union, Values, Map:
	}
	return n
}

func (r *exprReplacer) one(b expr.Bound) expr.Bound {
	if b == nil {
		return nil
	}
	b, changed := r.replace(b)
	r.changed = r.changed || changed
	return b
}

func (r *exprReplacer) all(list []expr.Bound) []expr.Bound { return replaceEach(r, list, r.one) }

func (r *exprReplacer) aggregate(a expr.BoundAggregate) expr.BoundAggregate {
	a.Args, a.Filter = r.all(a.Args), r.one(a.Filter)
	return a
}

func (r *exprReplacer) window(w expr.BoundWindow) expr.BoundWindow {
	w.Args, w.PartitionBy, w.OrderBy = r.all(w.Args), r.all(w.PartitionBy), replaceEach(r, w.OrderBy, r.sort)
	return w
}

func (r *exprReplacer) sort(s expr.BoundSort) expr.BoundSort {
	s.Arg = r.one(s.Arg)
	return s
}

func (r *exprReplacer) rule(c Rule) Rule {
	c.Predicate = r.one(c.Predicate)
	return c
}

// replaceEach is f of each of a list, which stays as it is; the list itself where f changed none.
func replaceEach[T any](r *exprReplacer, list []T, f func(T) T) []T {
	before := r.changed
	var out []T
	for i, x := range list {
		r.changed = false
		x = f(x)
		if r.changed && out == nil {
			out = slices.Clone(list)
		}
		if r.changed {
			out[i] = x
		}
	}
	r.changed = before || out != nil
	if out == nil {
		return list
	}
	return out
}

func mapAll(list []expr.Bound, f func(expr.Bound) expr.Bound) []expr.Bound {
	out := make([]expr.Bound, len(list))
	for i, b := range list {
		out[i] = f(b)
	}
	return out
}

func mapSorts(sorts []expr.BoundSort, f func(expr.Bound) expr.Bound) []expr.BoundSort {
	out := slices.Clone(sorts)
	for i := range out {
		out[i].Arg = f(out[i].Arg)
	}
	return out
}
