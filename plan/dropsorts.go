package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// dropSorts leaves out ORDER BY where the order of the rows is lost on their way: below joins, other sorts, and aggregates that do not depend on the
// order of their rows. A sort with LIMIT or OFFSET chooses rows, and stays.
func dropSorts(n Node) Node {
	return rewrite(n, func(n Node) (Node, bool) {
		switch x := n.(type) {
		case Join:
			left, fromLeft := unsorted(x.Left)
			right, fromRight := unsorted(x.Right)
			if fromLeft || fromRight {
				x.Left, x.Right = left, right
				return x, true
			}
		case Order:
			if in, ok := unsorted(x.Input); ok && len(x.Keys) > 0 {
				x.Input = in
				return x, true
			}
		case Aggregate:
			if in, ok := unsorted(x.Input); ok && !slices.ContainsFunc(x.Aggs, ordersMatter) {
				x.Input = in
				return x, true
			}
		case Scan, Project, Filter, Window, Latest, Union, Values, Check, Map, Generate:
		}
		return n, false
	})
}

// unsorted is n without the sort at its top, also below projections and filters, and whether there is one.
func unsorted(n Node) (Node, bool) {
	switch x := n.(type) {
	case Order:
		if len(x.Keys) > 0 && x.Limit < 0 && x.Offset == 0 {
			in, _ := unsorted(x.Input)
			return in, true
		}
	case Project:
		if in, ok := unsorted(x.Input); ok {
			x.Input = in
			return x, true
		}
	case Filter:
		if in, ok := unsorted(x.Input); ok {
			x.Input = in
			return x, true
		}
	case Scan, Aggregate, Join, Window, Latest, Union, Values, Check, Map, Generate:
	}
	return n, false
}

// ordersMatter tells whether an aggregate may give another result for the same rows in another order. Floating-point sums do, in their last digits, but
// rows come in no certain order to any of them.
func ordersMatter(a expr.BoundAggregate) bool {
	switch a.Func {
	case "count", "sum", "avg", "min", "max", "count_if", "bool_and", "bool_or", "every", "some":
		return a.User != nil
	}
	return true
}
