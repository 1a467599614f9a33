package plan

import (
	"math/bits"
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// build makes the joins of a tree, and lists the graph's columns that they have, in order.
func (g *joinGraph) build(j *joined) (n Node, columns []int) {
	if j.left == nil {
		number := bits.TrailingZeros64(uint64(j.leaves))
		return g.leaves[number], g.columnsOf(number)
	}
	left, leftColumns := g.build(j.left)
	right, rightColumns := g.build(j.right)
	if j.semi {
		return g.semiJoin(g.classes[j.class], j, left, right, leftColumns, rightColumns), leftColumns
	}
	columns = slices.Concat(leftColumns, rightColumns)
	keysLeft, keysRight, conds := g.between(j.left.leaves, j.right.leaves)
	join := Join{
		Kind: Inner, Left: left, Right: right,
		LeftKeys: placed(keysLeft, left, leftColumns), RightKeys: placed(keysRight, right, rightColumns),
	}
	join.schema = join.joined()
	join.Residual = expr.And(join.takeKeys(placed(conds, join, columns))...)
	join.schema = proven(join.schema, expr.And(placed(slices.Concat(conds, equalities(keysLeft, keysRight)), join, columns)...))
	return join.settled(), columns
}

// semiJoin is the rows of left that have a partner in right, by what they have of a class.
func (g *joinGraph) semiJoin(c keyClass, j *joined, left, right Node, leftColumns, rightColumns []int) Node {
	x, _ := c.member(j.left.leaves)
	y, _ := c.member(j.right.leaves)
	semi := Join{
		Kind: LeftSemi, Left: left, Right: right,
		LeftKeys: placed([]expr.Bound{x}, left, leftColumns), RightKeys: placed([]expr.Bound{y}, right, rightColumns),
	}
	semi.schema = proven(semi.joined(), isNotNull(semi.LeftKeys[0]))
	return semi
}

func equalities(a, b []expr.Bound) []expr.Bound {
	list := make([]expr.Bound, len(a))
	for i := range a {
		list[i] = equality(a[i], b[i])
	}
	return list
}

// placed is expressions of the graph over a node that has these of the graph's columns.
func placed(list []expr.Bound, n Node, columns []int) []expr.Bound {
	out := make([]expr.Bound, len(list))
	for i, b := range list {
		out[i], _ = substitute(b, toColumns(n.Schema(), func(c int) int { return slices.Index(columns, c) }))
	}
	return out
}
