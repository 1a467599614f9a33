package plan

import "github.com/medallion-go/medallion/expr"

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
	switch n.(type) {
	case Project, Filter, Aggregate, Join, Generate:
		return replaceExprs(n, func(b expr.Bound) (expr.Bound, bool) { return expr.Replace(b, fold) })
	case Scan, Window, Latest, Order, Union, Values, Check, Map:
	}
	return n, false
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
