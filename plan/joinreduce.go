package plan

// What is joined with a part of a join's left side is joined with it twice where that leaves at most so much of it (see reduced).
const (
	reducedShare = 0.5
	reducedRows  = 1000 // that it has at least
)

// reduced lets rows of a join's right side, which a table is built of, be chosen by a small part of the left side that they are equal to as well: where suppliers
// are joined with sales to customers of a region, on the nation of both, those of the region's nations will do. Their keys then choose among the sales.
func (s *joinSearch) reduced(j *joined) *joined {
	if j.left == nil {
		return j
	}
	out := *j
	out.left, out.right = s.reduced(j.left), s.reduced(j.right)
	for i, c := range s.graph.classes {
		if c.leaves&j.left.leaves == 0 || c.leaves&j.right.leaves == 0 {
			continue
		}
		if by := s.reducer(j.left, j.right, c); by != nil {
			out.right = &joined{leaves: j.right.leaves, left: out.right, right: by, semi: true, class: i}
			break
		}
	}
	return &out
}

// reducer is the part of left with the fewest rows that chooses among right's rows by a class, if that pays; nil for none.
func (s *joinSearch) reducer(left, right *joined, c keyClass) *joined {
	if left.left == nil || right.rows < reducedRows {
		return nil
	}
	var best *joined
	for _, part := range []*joined{left.left, left.right} {
		if c.leaves&part.leaves == 0 {
			continue
		}
		smaller := s.reducer(part, right, c)
		if smaller == nil && s.reduces(part, right, c) {
			smaller = part
		}
		if smaller != nil && (best == nil || smaller.rows < best.rows) {
			best = smaller
		}
	}
	return best
}

// reduces tells whether part chooses few of right's rows, and is computed again, to the same rows, for next to nothing beside them.
func (s *joinSearch) reduces(part, right *joined, c keyClass) bool {
	x, _ := c.member(part.leaves)
	y, _ := c.member(right.leaves)
	values := s.over(right).of(y).distinct
	return part.source <= right.rows && part.cost <= right.rows && values > 0 && s.over(part).of(x).present(part.rows) <= reducedShare*values && s.repeatable(part)
}

func (s *joinSearch) repeatable(part *joined) bool {
	for i, l := range s.graph.leaves {
		if part.leaves.has(leaf(i)) && !repeatable(l) {
			return false
		}
	}
	return true
}
