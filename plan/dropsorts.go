package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// dropSorts leaves out ORDER BY where the order of the rows is lost on their way: below joins, other sorts, and aggregates that do not depend on the
// order of their rows. A sort with LIMIT or OFFSET chooses rows, and stays.
func dropSorts(n Node) Node {
	return Transform(n, func(n Node) Node {
		switch n := n.(type) {
		case Join:
			n.Left, n.Right = unsorted(n.Left), unsorted(n.Right)
			return n
		case Order:
			if len(n.Keys) > 0 {
				n.Input = unsorted(n.Input)
			}
			return n
		case Aggregate:
			if !slices.ContainsFunc(n.Aggs, ordersMatter) {
				n.Input = unsorted(n.Input)
			}
			return n
		case Scan, Project, Filter, Window, Latest, Union, Values, Check, Map, Generate:
		}
		return n
	})
}

// unsorted is n without the sort at its top, also below projections and filters.
func unsorted(n Node) Node {
	switch x := n.(type) {
	case Order:
		if len(x.Keys) > 0 && x.Limit < 0 && x.Offset == 0 {
			return unsorted(x.Input)
		}
	case Project:
		x.Input = unsorted(x.Input)
		return x
	case Filter:
		x.Input = unsorted(x.Input)
		return x
	case Scan, Aggregate, Join, Window, Latest, Union, Values, Check, Map, Generate:
	}
	return n
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
