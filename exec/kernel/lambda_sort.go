package kernel

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
)

// sortBy is array_sort with a lambda that compares. All arrays are merge-sorted side by side, so that the lambda runs over one comparison of every merge at
// once.
func (c *combining) sortBy(s *scope, args []vec, sel []int32) (vec, error) {
	k := c.frame(s, args, sel)
	elements, spans := elementsOf(args[0]), spansOf(args[0])
	b := &sorter{combining: c, scope: s, elements: elements}
	l := k.newList()
	for i := range k.rows() {
		l.row(i, len(b.order))
		start := int32(len(b.order))
		b.order = appendSpan(b.order, spans, i, spans.len(i))
		b.arrays = append(b.arrays, run{row: int32(i), start: start, end: int32(len(b.order))})
	}
	if err := b.sort(); err != nil {
		return vec{}, err
	}
	out, err := s.take(elements, b.order)
	if err != nil {
		return vec{}, err
	}
	return l.done(out)
}

// run is some places that belong to one row.
type run struct{ row, start, end int32 }

// sorter puts the elements of many arrays in order.
type sorter struct {
	*combining
	*scope
	elements arrow.Array
	arrays   []run
	order    []int32 // positions of elements, array after array
}

// sort merges runs of 1, 2, 4 … elements.
func (b *sorter) sort() error {
	longest := int32(0)
	for _, a := range b.arrays {
		longest = max(longest, a.end-a.start)
	}
	for width := int32(1); width < longest; width *= 2 {
		var merges []*merging
		for _, a := range b.arrays {
			for at := a.start; at+width < a.end; at += 2 * width {
				merges = append(merges, &merging{row: a.row, left: at, middle: at + width, right: at + width, end: min(at+2*width, a.end), from: at})
			}
		}
		if err := b.mergeAll(merges); err != nil {
			return err
		}
	}
	return nil
}

// merging is the merge of two neighbouring runs.
type merging struct {
	row, from, middle, end int32
	left, right            int32 // what is compared next
	merged                 []int32
}

func (m *merging) done() bool { return m.left == m.middle || m.right == m.end }

// mergeAll takes one step of every merge at a time.
func (b *sorter) mergeAll(merges []*merging) error {
	active := slices.Clone(merges)
	for len(active) > 0 {
		signs, err := b.compare(active)
		if err != nil {
			return err
		}
		for i, m := range active {
			if signs[i] <= 0 { // equal elements stay in their order
				m.merged = append(m.merged, b.order[m.left])
				m.left++
			} else {
				m.merged = append(m.merged, b.order[m.right])
				m.right++
			}
		}
		active = slices.DeleteFunc(active, (*merging).done)
	}
	for _, m := range merges {
		m.merged = append(m.merged, b.order[m.left:m.middle]...)
		m.merged = append(m.merged, b.order[m.right:m.end]...)
		copy(b.order[m.from:m.end], m.merged)
	}
	return nil
}

// compare runs the lambda over the next comparison of each merge.
func (b *sorter) compare(merges []*merging) ([]int32, error) {
	mark := len(b.owned)
	defer func() { b.releaseTo(mark) }()
	rows, left, right := make([]int32, len(merges)), make([]int32, len(merges)), make([]int32, len(merges))
	for i, m := range merges {
		rows[i], left[i], right[i] = m.row, b.order[m.left], b.order[m.right]
	}
	x, err := b.take(b.elements, left)
	if err != nil {
		return nil, err
	}
	y, err := b.take(b.elements, right)
	if err != nil {
		return nil, err
	}
	out, err := b.body(b.scope, rows, x, y)
	if err != nil {
		return nil, err
	}
	if out.NullN() > 0 {
		return nil, fault(b.pos, "COMPARATOR_RETURNS_NULL", "22004", "end the lambda with an ELSE", "the lambda of array_sort gave NULL for a comparison")
	}
	return slices.Clone(valuesOf[int32](vec{arr: out}).v), nil
}
