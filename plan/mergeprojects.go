package plan

import "github.com/medallion-go/medallion/expr"

// mergeProjects makes one Project of two adjacent ones. An expression that is costly is not duplicated. (Adjacent filters meet in pushFilters.)
func mergeProjects(n Node) Node {
	return rewrite(n, func(n Node) (Node, bool) {
		outer, ok := n.(Project)
		if !ok {
			return n, false
		}
		if inner, ok := outer.Input.(Project); ok {
			return mergedProject(outer, inner)
		}
		return n, false
	})
}

func mergedProject(outer, inner Project) (Node, bool) {
	if !mergeable(outer, inner) {
		return outer, false
	}
	exprs := make([]expr.Bound, len(outer.Exprs))
	for i, e := range outer.Exprs {
		merged, ok := substitute(e, toExprs(inner.Exprs))
		if !ok {
			return outer, false
		}
		exprs[i] = merged
	}
	return Project{Input: inner.Input, Exprs: exprs, schema: outer.schema}, true
}

// mergeable tells whether every expression of inner that outer uses more than once, or once per element of an array, is cheap.
func mergeable(outer, inner Project) bool {
	uses := make([]int, len(inner.Exprs))
	for _, e := range outer.Exprs {
		countUses(e, 1, uses)
	}
	for i, n := range uses {
		if n > 1 && !cheap(inner.Exprs[i]) {
			return false
		}
	}
	return true
}

// countUses adds weight for each time that b evaluates a column; inside a lambda that is once per element.
func countUses(b expr.Bound, weight int, uses []int) {
	expr.Walk(b, func(part expr.Bound) bool {
		switch part := part.(type) {
		case expr.BoundColumn:
			uses[part.Index] += weight
		case expr.BoundLambda:
			countUses(part.Body, weight+1, uses)
			return false
		default: // what is inside is looked at next
		}
		return true
	})
}
