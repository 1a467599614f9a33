package exec

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
)

// maxDense bounds the key combinations that a batch may have to be grouped by array instead of by hash.
const maxDense = 64 << 10

// codes numbers a key column's values within one batch: NULL is 0, others are 1 … count-1. Equal values have equal codes; the numbers mean nothing
// beyond the batch.
type codes struct {
	at    func(row int) uint32 // nil where there is a list
	list  []int32              // one less than the code, by row
	count int
}

// combine gives each selected row one number for all its keys, when every column has few values within the batch (dictionaries, booleans, integers and
// dates of a narrow range) and so have their combinations. count bounds the numbers.
func combineCodes(cols []arrow.Array, n int, sel []int32, out []uint32) (count int, ok bool) {
	count = 1
	limit := min(maxDense, 4*len(out))
	list := make([]codes, len(cols))
	for i, c := range cols {
		k, ok := codesOf(c, n, sel, limit/count)
		if !ok {
			return 0, false
		}
		count *= k.count
		list[i] = k
	}
	clear(out)
	for _, k := range list {
		base := uint32(k.count)
		if k.list != nil {
			combineList(k.list, sel, base, out)
			continue
		}
		for i := range out {
			out[i] = out[i]*base + k.at(at(sel, i))
		}
	}
	return count, true
}

func combineList(list, sel []int32, base uint32, out []uint32) {
	if sel == nil {
		list = list[:len(out)]
		for i := range out {
			out[i] = out[i]*base + uint32(list[i]+1)
		}
		return
	}
	for i, r := range sel[:len(out)] {
		out[i] = out[i]*base + uint32(list[r]+1)
	}
}

// codesOf numbers one column, if that takes no more than limit numbers.
func codesOf(c arrow.Array, n int, sel []int32, limit int) (codes, bool) {
	switch c.DataType().ID() {
	case arrow.DICTIONARY:
		return dictionaryCodes(c.(*array.Dictionary), limit)
	case arrow.BOOL:
		bits, offset := vector.Bits(c)
		return nullable(c, 3, limit, func(r int) uint32 { return uint32(bits[(offset+r)/8]>>((offset+r)%8)&1) + 1 })
	case arrow.INT8:
		return intCodes(c, arrow.GetValues[int8](c.Data(), 1), sel, limit)
	case arrow.INT16:
		return intCodes(c, arrow.GetValues[int16](c.Data(), 1), sel, limit)
	case arrow.INT32, arrow.DATE32:
		return intCodes(c, arrow.GetValues[int32](c.Data(), 1), sel, limit)
	case arrow.INT64:
		return intCodes(c, arrow.GetValues[int64](c.Data(), 1), sel, limit)
	default:
		return codes{}, false
	}
}

func dictionaryCodes(d *array.Dictionary, limit int) (codes, bool) {
	count := d.Dictionary().Len() + 1
	if count > limit {
		return codes{}, false
	}
	cs, err := vector.Codes(d)
	if err != nil {
		return codes{}, false
	}
	return codes{list: cs, count: count}, true
}

// nullable adds the code of NULL to those of values.
func nullable(c arrow.Array, count, limit int, value func(int) uint32) (codes, bool) {
	if count > limit {
		return codes{}, false
	}
	null := vector.RowNulls(c)
	if null == nil {
		return codes{at: value, count: count}, true
	}
	return codes{count: count, at: func(r int) uint32 {
		if null(r) {
			return 0
		}
		return value(r)
	}}, true
}

// intCodes numbers integers by their distance from the least of the selected ones.
func intCodes[T arrow.IntType](c arrow.Array, v []T, sel []int32, limit int) (codes, bool) {
	null := vector.RowNulls(c)
	low, high, some := int64(math.MaxInt64), int64(math.MinInt64), false
	see := func(r int) {
		if null == nil || !null(r) {
			low, high, some = min(low, int64(v[r])), max(high, int64(v[r])), true
		}
	}
	if sel == nil {
		for r := range v {
			see(r)
		}
	} else {
		for _, r := range sel {
			see(int(r))
		}
	}
	if !some {
		low, high = 0, 0
	}
	if span := uint64(high) - uint64(low); span >= uint64(limit) {
		return codes{}, false
	}
	return nullable(c, int(high-low)+2, limit, func(r int) uint32 { return uint32(int64(v[r])-low) + 1 })
}
