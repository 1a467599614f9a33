package plan

import (
	"cmp"
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// maxExhaustive is how many inputs a join may have for all orders to be compared; beyond it the pair with the fewest rows is joined first.
const maxExhaustive = 10

// orderJoins puts inner joins into the order that handles the fewest rows by the statistics. Conditions stay what they are, but for equalities that follow
// from others: rows are compared by one equality of a class of equal expressions at each join.
func orderJoins(n Node, s Statistics) Node {
	n, _ = joinOrderer{estimator{s}}.node(n)
	return n
}

type joinOrderer struct{ estimator estimator }

// node orders the joins of n, the outermost first: what is below a join that was taken apart is ordered as an input of it.
func (o joinOrderer) node(n Node) (Node, bool) {
	if j, ok := n.(Join); ok && takesApart(j) {
		if g := newJoinGraph(j); !g.unclear && len(g.leaves) > 2 && len(g.leaves) <= maxLeaves {
			return o.ordered(j, g), true
		}
	}
	return overInputs(n, o.node)
}

// ordered joins the leaves of g, and gives the columns as n had them.
func (o joinOrderer) ordered(n Join, g *joinGraph) Node {
	s := &joinSearch{graph: g, best: map[leafSet]*joined{}}
	for i, l := range g.leaves {
		g.leaves[i], _ = o.node(l)
		e := o.estimator.node(g.leaves[i])
		s.columns = append(s.columns, e.columns...)
		s.best[leaf(i)] = &joined{leaves: leaf(i), rows: e.rows, source: e.source}
	}
	s.sortClasses()
	tree, columns := g.build(s.reduced(s.whole()))
	exprs, fields := make([]expr.Bound, len(g.columns)), ColumnsOf(tree)
	for i, c := range g.columns {
		exprs[i] = fields[slices.Index(columns, c.(expr.BoundColumn).Index)]
	}
	return Project{Input: tree, Exprs: exprs, schema: n.schema}
}

// joined is a way to join a set of leaves: two smaller sets, or one leaf.
type joined struct {
	leaves       leafSet
	left, right  *joined // nil: a leaf
	semi         bool    // the rows of left that have a partner in right, on class; leaves are those of left
	class        int
	rows, source float64 // as in estimate
	cost         float64 // rows handled so far
}

// joinSearch looks for the cheapest way to join all leaves.
type joinSearch struct {
	graph   *joinGraph
	columns []columnEstimate // of the graph; joins do not change what values they draw from
	best    map[leafSet]*joined
}

func (s *joinSearch) over(j *joined) estimate { return estimate{j.rows, j.source, s.columns} }

// sortClasses puts the member with the fewest values first: where a set of leaves has several, it has no more values than that.
func (s *joinSearch) sortClasses() {
	e := estimate{columns: s.columns}
	for _, c := range s.graph.classes {
		c.sort(func(b expr.Bound) float64 { return e.of(b).distinct })
	}
}

// whole joins the parts of the graph that conditions hold together, then these with each other, the smallest first.
func (s *joinSearch) whole() *joined {
	var parts []*joined
	rest := leaf(len(s.graph.leaves)) - 1
	for rest != 0 {
		part := s.component(rest)
		parts = append(parts, s.cheapest(part))
		rest &^= part
	}
	slices.SortStableFunc(parts, func(a, b *joined) int { return cmp.Compare(a.rows, b.rows) })
	all := parts[0]
	for _, p := range parts[1:] {
		all = s.join(all, p)
	}
	return all
}

// component is the leaves of rest that conditions connect with the first of them.
func (s *joinSearch) component(rest leafSet) leafSet {
	part := rest & -rest
	for {
		grown := part
		for _, c := range s.graph.classes {
			if c.leaves&grown != 0 {
				grown |= c.leaves & rest
			}
		}
		for _, c := range s.graph.conds {
			if c.leaves&grown != 0 {
				grown |= c.leaves & rest
			}
		}
		if grown == part {
			return part
		}
		part = grown
	}
}

func (s *joinSearch) cheapest(part leafSet) *joined {
	if part.size() > maxExhaustive {
		return s.greedy(part)
	}
	// Every subset of part comes after its own subsets, which are smaller numbers.
	for set := part & -part; ; set = (set - part) & part {
		if set.size() > 1 {
			s.divide(set)
		}
		if set == part {
			break
		}
	}
	if all := s.best[part]; all != nil {
		return all
	}
	return s.greedy(part) // a condition on three leaves of which no two are connected
}

// divide finds the best way to make set of two connected sets.
func (s *joinSearch) divide(set leafSet) {
	first := set & -set
	for a := (set - 1) & set; a != 0; a = (a - 1) & set {
		if a&first == 0 {
			continue
		}
		left, right := s.best[a], s.best[set&^a]
		if left == nil || right == nil || !s.graph.connected(a, set&^a) {
			continue
		}
		if best := s.best[set]; best != nil && left.cost+right.cost+buildCost*min(left.rows, right.rows) >= best.cost {
			continue
		}
		if j := s.join(left, right); s.best[set] == nil || j.cost < s.best[set].cost {
			s.best[set] = j
		}
	}
}

// greedy joins the two sets with the smallest result until one set is left.
func (s *joinSearch) greedy(part leafSet) *joined {
	var sets []*joined
	for rest := part; rest != 0; rest &= rest - 1 {
		sets = append(sets, s.best[rest&-rest])
	}
	for len(sets) > 1 {
		var best *joined
		connected := false
		for i, a := range sets {
			for _, b := range sets[i+1:] {
				linked := s.graph.connected(a.leaves, b.leaves)
				if connected && !linked {
					continue
				}
				if j := s.join(a, b); best == nil || linked && !connected || j.rows < best.rows {
					best, connected = j, linked
				}
			}
		}
		sets = slices.DeleteFunc(sets, func(j *joined) bool { return j == best.left || j == best.right })
		sets = append(sets, best)
	}
	return sets[0]
}

// buildCost is what a row of the side that a table is built of costs beside one that is only looked up in it.
const buildCost = 2

// join estimates the pairs of two sets. The smaller one becomes the right side, which a table is built of.
func (s *joinSearch) join(a, b *joined) *joined {
	if a.rows < b.rows {
		a, b = b, a
	}
	keysA, keysB, conds := s.graph.between(a.leaves, b.leaves)
	out := &joined{leaves: a.leaves | b.leaves, left: a, right: b, source: max(a.source, b.source)}
	out.rows = a.rows * b.rows * keyShare(s.over(a), s.over(b), keysA, keysB)
	for _, c := range conds {
		out.rows *= s.over(out).share(c)
	}
	out.cost = a.cost + b.cost + out.rows + buildCost*b.rows
	if len(keysA) == 0 {
		out.cost += a.rows * b.rows
	}
	return out
}

// between are the conditions that hold between two sets, and that neither has for itself: keys as pairs, and others.
func (g *joinGraph) between(a, b leafSet) (keysA, keysB, conds []expr.Bound) {
	for _, c := range g.classes {
		if x, ok := c.member(a); ok {
			if y, ok := c.member(b); ok {
				keysA, keysB = append(keysA, x), append(keysB, y)
			}
		}
	}
	for _, c := range g.conds {
		if (a | b).has(c.leaves) && !a.has(c.leaves) && !b.has(c.leaves) {
			conds = append(conds, c.cond)
		}
	}
	return keysA, keysB, conds
}
