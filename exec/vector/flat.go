package vector

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Flat returns arr without a dictionary: the values themselves. Any other array is returned as it is, retained. A dictionary inside a nested type does
// not occur in medallion and is left alone.
func Flat(alloc memory.Allocator, arr arrow.Array) (arrow.Array, error) {
	d, ok := arr.(*array.Dictionary)
	if !ok {
		arr.Retain()
		return arr, nil
	}
	codes, err := Codes(d)
	if err != nil {
		return nil, err
	}
	return Take(alloc, d.Dictionary(), codes)
}

// Codes returns the positions in d's dictionary, -1 for NULL. The result may alias d's memory where it holds no NULLs.
func Codes(d *array.Dictionary) ([]int32, error) {
	ix := d.Indices()
	var raw []int32
	switch ix.DataType().ID() {
	case arrow.INT32, arrow.UINT32: // a dictionary holds less than 2³¹ values, so the two look alike
		raw = arrow.GetValues[int32](ix.Data(), 1)
	case arrow.INT8:
		raw = widen(arrow.GetValues[int8](ix.Data(), 1))
	case arrow.UINT8:
		raw = widen(arrow.GetValues[uint8](ix.Data(), 1))
	case arrow.INT16:
		raw = widen(arrow.GetValues[int16](ix.Data(), 1))
	case arrow.UINT16:
		raw = widen(arrow.GetValues[uint16](ix.Data(), 1))
	default:
		return nil, errType("dictionary indices", ix.DataType())
	}
	nulls := NullsOf(d)
	if nulls.None() && NullsOf(d.Dictionary()).None() {
		return raw, nil
	}
	return nullCodes(raw, nulls, NullsOf(d.Dictionary()), d.Dictionary().Len()), nil
}

// nullCodes puts -1 where the index or the value that it points to is NULL. Rows that nobody selected may hold any index.
func nullCodes(raw []int32, nulls, values Nulls, n int) []int32 {
	codes := make([]int32, len(raw))
	for i, c := range raw {
		if nulls.At(i) || uint32(c) >= uint32(n) || values.At(int(c)) {
			c = -1
		}
		codes[i] = c
	}
	return codes
}

func widen[T int8 | uint8 | int16 | uint16](in []T) []int32 {
	out := make([]int32, len(in))
	for i, v := range in {
		out[i] = int32(v)
	}
	return out
}
