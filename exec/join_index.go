package exec

import (
	"math"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
)

// intIndex numbers integer keys that lie close together, without hashing.
type intIndex struct {
	low   int64
	span  uint64   // keys are low … low+span-1
	bits  []uint64 // the keys that are there, by distance from low; nil: any may be, and its number is that distance
	ranks []int32  // per word of bits: how many keys lie in the words before, which is the first key's number
}

// What an index may take: four bytes a key of the range where one in so many is there, a bit and a half a place of the range where few are.
const (
	denseSpan  = 4
	sparseSpan = 256
)

// newIntIndex makes an index of the keys, which rows many rows have, or nil where they lie too far apart. low and high bound them.
func newIntIndex(low, high int64, rows int) *intIndex {
	distance := uint64(high) - uint64(low)
	switch {
	case low > high, distance >= sparseSpan*uint64(rows)+1<<20, distance >= math.MaxInt32:
		return nil
	case distance < denseSpan*uint64(rows)+1024:
		return &intIndex{low: low, span: distance + 1}
	}
	return &intIndex{low: low, span: distance + 1, bits: make([]uint64, distance/64+1), ranks: make([]int32, distance/64+1)}
}

// add enters a key. It is done for all keys before the first is looked up, by rank in between.
func (x *intIndex) add(key uint64) {
	if x.bits != nil {
		d := key - uint64(x.low)
		x.bits[d/64] |= 1 << (d % 64)
	}
}

// rank numbers the keys that were added, and says how many numbers there are.
func (x *intIndex) rank() int {
	if x.bits == nil {
		return int(x.span)
	}
	n := int32(0)
	for i, w := range x.bits {
		x.ranks[i] = n
		n += int32(bits.OnesCount64(w))
	}
	return int(n)
}

// number is the number of a key that was added.
func (x *intIndex) number(key uint64) int {
	d := key - uint64(x.low)
	if x.bits == nil {
		return int(d)
	}
	return int(x.ranks[d/64]) + bits.OnesCount64(x.bits[d/64]&(1<<(d%64)-1))
}

// lookup gives first[number] of each key; -1 where it is not there.
func (x *intIndex) lookup(keys []uint64, first, out []int32) {
	low, out := uint64(x.low), out[:len(keys)]
	if x.bits == nil {
		for i, k := range keys {
			out[i] = -1
			if d := k - low; d < uint64(len(first)) {
				out[i] = first[d]
			}
		}
		return
	}
	for i, k := range keys {
		out[i] = -1
		d := k - low
		if d >= x.span {
			continue
		}
		if w := x.bits[d/64]; w>>(d%64)&1 != 0 {
			out[i] = first[int(x.ranks[d/64])+bits.OnesCount64(w&(1<<(d%64)-1))]
		}
	}
}

// size is how many bytes it takes.
func (x *intIndex) size() int64 { return 12 * int64(len(x.bits)) }

// indexInts enters the rows by their one integer key, where the keys lie close together.
func (t *joinTable) indexInts(evaluated [][]arrow.Array) (bool, error) {
	if !denseKey(t.j.codec) {
		return false, nil
	}
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	all := make([][]uint64, len(evaluated))
	for i, cols := range evaluated {
		all[i] = make([]uint64, cols[0].Len())
		if err := wordsOf(cols[0], nil, all[i]); err != nil {
			return false, err
		}
		null := vector.RowNulls(cols[0])
		for r, w := range all[i] {
			if null == nil || !null(r) {
				low, high = min(low, int64(w)), max(high, int64(w))
			}
		}
	}
	if t.ints = newIntIndex(low, high, t.rows); t.ints == nil {
		return false, nil
	}
	eachWord(evaluated, all, func(_ int32, w uint64) { t.ints.add(w) })
	t.first = make([]int32, t.ints.rank())
	for i := range t.first {
		t.first[i] = -1
	}
	eachWord(evaluated, all, func(row int32, w uint64) { t.chain(t.ints.number(w), row) })
	return true, nil
}

// eachWord goes through the keys that are not NULL, with the numbers of their rows.
func eachWord(evaluated [][]arrow.Array, all [][]uint64, use func(row int32, w uint64)) {
	row := int32(0)
	for i, cols := range evaluated {
		null := vector.RowNulls(cols[0])
		for r, w := range all[i] {
			if null == nil || !null(r) {
				use(row, w)
			}
			row++
		}
	}
}

// denseKey tells whether a key is one integer, date or timestamp.
func denseKey(c *keyCodec) bool {
	if len(c.types) != 1 {
		return false
	}
	switch c.types[0].ID() {
	case arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.DATE32, arrow.TIMESTAMP:
		return true
	}
	return false
}
