package exec

import (
	"math"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
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

// indexInts enters the rows by the words of their keys, where those lie close together.
func (t *joinTable) indexInts(evaluated [][]arrow.Array) (bool, error) {
	if t.words == nil {
		return false, nil
	}
	if t.ints = newIntIndex(t.words.low, t.words.high, t.rows); t.ints == nil {
		return false, nil
	}
	all := make([]keys, len(evaluated))
	for i, cols := range evaluated {
		if err := t.words.fill(cols, cols[0].Len(), nil, &all[i]); err != nil {
			return false, err
		}
	}
	eachWord(evaluated, all, func(_ int32, w uint64) { t.ints.add(w) })
	t.first = make([]int32, t.ints.rank())
	for i := range t.first {
		t.first[i] = -1
	}
	eachWord(evaluated, all, func(row int32, w uint64) { t.chain(t.ints.number(w), row) })
	return true, nil
}

// eachWord goes through the words of the rows without a NULL key, with the numbers of these rows.
func eachWord(evaluated [][]arrow.Array, all []keys, use func(row int32, w uint64)) {
	row := int32(0)
	for i, cols := range evaluated {
		null := anyNull(cols)
		for r, w := range all[i].words {
			if null == nil || !null(r) {
				use(row, w)
			}
			row++
		}
	}
}
