package plan

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// leafSet is a set of a join graph's inputs, by their numbers.
type leafSet uint64

// maxLeaves is how many inputs a join graph has at most.
const maxLeaves = 64

func leaf(i int) leafSet { return 1 << i }

func (s leafSet) size() int { return bits.OnesCount64(uint64(s)) }

func (s leafSet) has(other leafSet) bool { return s&other == other }

// joinGraph is a tree of inner and cross joins taken apart: inputs in the order in which they were written, and what their rows have to satisfy. Its columns
// are those of all inputs, one after the other.
type joinGraph struct {
	leaves  []Node
	starts  []int        // the first column of each leaf
	owner   []int        // the leaf of each column
	conds   []joinCond   // but for what classes say
	classes []keyClass   // expressions that are all equal to each other
	columns []expr.Bound // of the tree: the graph's columns that they are
	unclear bool         // whether the proof that something is never NULL was lost where it was needed
}

// joinCond is a condition on the columns of several leaves.
type joinCond struct {
	cond   expr.Bound
	leaves leafSet
}

// keyClass holds expressions, each over the columns of one leaf, that are equal in every row.
type keyClass struct {
	members []expr.Bound
	owners  []int // the leaf of each member
	leaves  leafSet
}

// newJoinGraph takes apart n and the joins below it, also those below projections that only choose columns. Joins with conditions that may fail stay whole:
// they must not see rows that they did not see as they were written.
func newJoinGraph(n Join) *joinGraph {
	g := &joinGraph{}
	g.columns = g.take(n)
	g.settle()
	return g
}

// take adds n to the graph and gives its columns as columns of the graph.
func (g *joinGraph) take(n Node) []expr.Bound {
	switch n := n.(type) {
	case Join:
		if !takesApart(n) {
			break
		}
		left, right := g.take(n.Left), g.take(n.Right)
		for i, k := range n.LeftKeys {
			g.equal(g.over(left, k), g.over(right, n.RightKeys[i]))
		}
		pairs := append(left[:len(left):len(left)], right...)
		for _, c := range expr.Conjuncts(n.Residual) {
			g.require(g.over(pairs, c))
		}
		return pairs
	case Project:
		j, ok := n.Input.(Join)
		if !ok || !takesApart(j) || len(plainColumns(n.Exprs)) < len(n.Exprs) {
			break
		}
		in := g.take(j)
		out := make([]expr.Bound, len(n.Exprs))
		for i, c := range plainColumns(n.Exprs) {
			out[i] = in[c]
		}
		return out
	default: // an input of the graph
	}
	return g.leaf(n)
}

// takesApart tells whether the pairs of j are those that its conditions choose among all pairs, at whatever place they are evaluated.
func takesApart(j Join) bool {
	if j.Kind != Inner && j.Kind != Cross || j.Residual != nil && MayFail(j.Residual) {
		return false
	}
	for i, k := range j.LeftKeys {
		if MayFail(k) || MayFail(j.RightKeys[i]) {
			return false
		}
	}
	return true
}

func (g *joinGraph) leaf(n Node) []expr.Bound {
	number, start := len(g.leaves), len(g.owner)
	g.leaves, g.starts = append(g.leaves, n), append(g.starts, start)
	columns := ColumnsOf(n)
	for i, c := range columns {
		column := c.(expr.BoundColumn)
		column.Index = start + i
		columns[i] = column
		g.owner = append(g.owner, number)
	}
	return columns
}

// over is b with its columns replaced by those of the graph.
func (g *joinGraph) over(columns []expr.Bound, b expr.Bound) expr.Bound {
	replaced, ok := substitute(b, toExprs(columns))
	g.unclear = g.unclear || !ok
	return replaced
}

func (g *joinGraph) leavesOf(b expr.Bound) leafSet {
	var s leafSet
	for _, c := range expr.Columns(b) {
		s |= leaf(g.owner[c])
	}
	return s
}

// require adds a condition.
func (g *joinGraph) require(cond expr.Bound) {
	if c, ok := cond.(expr.BoundCall); ok && c.Func == "=" {
		g.equal(c.Args[0], c.Args[1])
		return
	}
	g.conds = append(g.conds, joinCond{cond, g.leavesOf(cond)})
}

// equal adds an equality. Where each side belongs to one leaf it joins their classes: from a = b and b = c follows a = c.
func (g *joinGraph) equal(a, b expr.Bound) {
	la, lb := g.leavesOf(a), g.leavesOf(b)
	if la.size() != 1 || lb.size() != 1 || la == lb {
		g.conds = append(g.conds, joinCond{equality(a, b), la | lb})
		return
	}
	i, j := g.class(a, la), g.class(b, lb)
	if i == j {
		return
	}
	x, y := &g.classes[i], g.classes[j]
	x.members, x.owners, x.leaves = append(x.members, y.members...), append(x.owners, y.owners...), x.leaves|y.leaves
	g.classes = append(g.classes[:j], g.classes[j+1:]...)
}

// settle filters the leaves by the conditions that read one leaf, or none, so that what is left holds between several.
func (g *joinGraph) settle() {
	filters := make([][]expr.Bound, len(g.leaves))
	for i := range g.classes {
		filters = g.classes[i].withoutTwins(filters)
	}
	g.conds = slices.DeleteFunc(g.conds, func(c joinCond) bool {
		if c.leaves.size() > 1 {
			return false
		}
		at := 0
		if c.leaves != 0 {
			at = bits.TrailingZeros64(uint64(c.leaves))
		}
		filters[at] = append(filters[at], c.cond)
		return true
	})
	for i, list := range filters {
		local := placed(list, g.leaves[i], g.columnsOf(i))
		g.leaves[i] = keep(g.leaves[i], local)
	}
}

// withoutTwins keeps one member of each leaf, and has the leaf compare the others with it.
func (c *keyClass) withoutTwins(filters [][]expr.Bound) [][]expr.Bound {
	first := map[int]expr.Bound{}
	kept := keyClass{leaves: c.leaves}
	for i, m := range c.members {
		owner := c.owners[i]
		if twin, ok := first[owner]; ok {
			filters[owner] = append(filters[owner], equality(twin, m))
			continue
		}
		first[owner] = m
		kept.members, kept.owners = append(kept.members, m), append(kept.owners, owner)
	}
	*c = kept
	return filters
}

// columnsOf lists the graph's columns that are a leaf's.
func (g *joinGraph) columnsOf(number int) []int {
	columns := make([]int, g.leaves[number].Schema().NumFields())
	for i := range columns {
		columns[i] = g.starts[number] + i
	}
	return columns
}

// class is the number of the class that holds b, which may be a new one.
func (g *joinGraph) class(b expr.Bound, of leafSet) int {
	for i, c := range g.classes {
		for _, m := range c.members {
			if expr.Equal(m, b) {
				return i
			}
		}
	}
	owner := bits.TrailingZeros64(uint64(of))
	g.classes = append(g.classes, keyClass{[]expr.Bound{b}, []int{owner}, of})
	return len(g.classes) - 1
}

// connected tells whether a condition holds between two sets of leaves, neither of which has it for itself.
func (g *joinGraph) connected(a, b leafSet) bool {
	for _, c := range g.classes {
		if c.leaves&a != 0 && c.leaves&b != 0 {
			return true
		}
	}
	for _, c := range g.conds {
		if (a | b).has(c.leaves) && !a.has(c.leaves) && !b.has(c.leaves) {
			return true
		}
	}
	return false
}

// member is an expression of the class over the leaves of s.
func (c keyClass) member(s leafSet) (expr.Bound, bool) {
	for i, m := range c.members {
		if s.has(leaf(c.owners[i])) {
			return m, true
		}
	}
	return nil, false
}

// sort puts the members with the least of something first.
func (c keyClass) sort(by func(expr.Bound) float64) {
	order := make([]int, len(c.members))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(by(c.members[i]), by(c.members[j])) })
	members, owners := slices.Clone(c.members), slices.Clone(c.owners)
	for i, o := range order {
		c.members[i], c.owners[i] = members[o], owners[o]
	}
}
