package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// foldConstants computes what depends on no row and cannot fail, and drops filters that are always TRUE. A filter that is never TRUE yields no rows.
func foldConstants(n Node) Node {
	return rewrite(n, func(n Node) (Node, bool) {
		n, changed := foldedExprs(n)
		switch n := n.(type) {
		case Filter:
			folded, ok := foldedFilter(n)
			return folded, ok || changed
		default:
			folded, ok := foldValues(n)
			return folded, ok || changed
		}
	})
}

func foldedFilter(f Filter) (Node, bool) {
	lit, ok := f.Cond.(expr.BoundLiteral)
	switch {
	case !ok:
		return f, false
	case lit.Value == true:
		return f.Input, true
	case counts(f.Input):
		return f, false
	}
	return Values{schema: f.Schema()}, true
}

// foldedExprs is n with its constants computed, and whether there are any.
func foldedExprs(n Node) (Node, bool) {
	changed := false
	folded := mapExprs(n, func(b expr.Bound) expr.Bound {
		b, ok := expr.Replace(b, fold)
		changed = changed || ok
		return b
	})
	if !changed {
		return n, false
	}
	return folded, true
}

// counts tells whether running n does more than to yield rows: checks count them, Go code sees them.
func counts(n Node) bool {
	found := false
	Walk(n, func(n Node) bool {
		switch n.(type) {
		case Check, Map:
			found = true
		case Scan, Project, Filter, Aggregate, Join, Generate, Window, Latest, Order, Union, Values:
		}
		return !found
	})
	return found
}

// mapExprs replaces the expressions in which constants are worth computing. The rules of a check stay as they were written.
func mapExprs(n Node, f func(expr.Bound) expr.Bound) Node {
	switch n := n.(type) {
	case Project:
		n.Exprs = mapAll(n.Exprs, f)
		return n
	case Filter:
		n.Cond = f(n.Cond)
		return n
	case Aggregate:
		n.Groups, n.Aggs = mapAll(n.Groups, f), slices.Clone(n.Aggs)
		for i, a := range n.Aggs {
			n.Aggs[i].Args = mapAll(a.Args, f)
			n.Aggs[i].Filter = mapOne(a.Filter, f)
		}
		return n
	case Join:
		n.LeftKeys, n.RightKeys, n.Residual = mapAll(n.LeftKeys, f), mapAll(n.RightKeys, f), mapOne(n.Residual, f)
		return n
	case Generate:
		n.Gen.Args = mapAll(n.Gen.Args, f)
		return n
	case Scan, Window, Latest, Order, Union, Values, Check, Map:
		return n
	}
	return n
}

func mapAll(list []expr.Bound, f func(expr.Bound) expr.Bound) []expr.Bound {
	out := make([]expr.Bound, len(list))
	for i, b := range list {
		out[i] = f(b)
	}
	return out
}

func mapOne(b expr.Bound, f func(expr.Bound) expr.Bound) expr.Bound {
	if b == nil {
		return nil
	}
	return f(b)
}
