package exec

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
)

// keyRuns finds rows with the keys of the row before, as a join makes them of one row and its partners, and files that are in some order have them: of a run
// only the first row is looked up.
type keyRuns struct {
	order []int   // the columns, those that are quickly compared first
	again []int32 // of the selected rows, by place: those with the keys of the row before
	first []int32 // the others
	found []uint32
}

// One in so many rows has to have the keys of the row before, and of the first some half as many at least.
const (
	worthRuns = 3
	someRows  = 256
)

func newKeyRuns(c *keyCodec) *keyRuns {
	if c == nil || c.isWord() {
		return nil
	}
	x := &keyRuns{}
	for i := range c.types {
		x.order = append(x.order, i)
	}
	wide := func(i int) int {
		if bits, err := keyBits(c.types[i]); err != nil || bits > 64 {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(x.order, func(a, b int) int { return wide(a) - wide(b) })
	return x
}

// find looks for runs among so many selected rows. It reports false where rows are rarely like those before, as soon as it is known.
func (x *keyRuns) find(cols []arrow.Array, sel []int32, rows int) (ok bool, err error) {
	if rows < worthRuns {
		return false, nil
	}
	x.again = x.again[:0]
	for i := 1; i < rows; i++ {
		x.again = append(x.again, int32(i))
	}
	for _, c := range x.order {
		compare, err := vector.NewCompare(cols[c], cols[c], false, true)
		if err != nil {
			return false, err
		}
		n := 0
		for k, i := range x.again {
			if k == someRows && n*2*worthRuns < someRows {
				return false, nil
			}
			x.again[n] = i
			if compare(at(sel, int(i)-1), at(sel, int(i))) == 0 {
				n++
			}
		}
		if x.again = x.again[:n]; n*worthRuns < rows {
			return false, nil
		}
	}
	x.first = x.first[:0]
	next := 0
	for i := range rows {
		if next < len(x.again) && int(x.again[next]) == i {
			next++
			continue
		}
		x.first = append(x.first, int32(at(sel, i)))
	}
	x.found = resize(x.found, len(x.first))
	return true, nil
}

// spread gives all rows the groups that were found for the first ones.
func (x *keyRuns) spread(ids []uint32) {
	run, next := -1, 0
	for i := range ids {
		if next < len(x.again) && int(x.again[next]) == i {
			next++
		} else {
			run++
		}
		ids[i] = x.found[run]
	}
}
