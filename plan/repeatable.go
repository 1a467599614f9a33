package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// repeatable tells whether n yields the same rows whenever it is computed. It may not where an engine chooses among rows of no certain order, adds numbers in
// one, or calls what gives another result each time.
func repeatable(n Node) bool {
	same := true
	Walk(n, func(n Node) bool {
		switch n := n.(type) {
		case Scan:
			if v, ok := n.Relation.(*View); ok && !v.Part { // a part of the plan is computed once
				same = same && repeatable(v.Query)
			}
		case Order:
			same = same && n.Limit < 0 && n.Offset == 0
		case Aggregate:
			same = same && !slices.ContainsFunc(n.Aggs, func(a expr.BoundAggregate) bool {
				return ordersMatter(a) || isFloating(a.Typ) && a.Func != "min" && a.Func != "max"
			})
		case Latest, Window, Map:
			same = false
		case Project, Filter, Join, Union, Values, Check, Generate:
		}
		visitExprs(n, func(b expr.Bound) { same = same && !expr.Volatile(b) })
		return same
	})
	return same
}
