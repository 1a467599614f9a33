package vector

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Strings gives the raw parts of a STRING or BINARY array: value i is data[offsets[i]:offsets[i+1]]. Both are borrowed.
func Strings(arr arrow.Array) (offs []int32, data []byte) { return offsets(arr), content(arr) }

// Lists gives the raw parts of an ARRAY or MAP array: the elements of row i are elements[offsets[i]:offsets[i+1]]. Both are borrowed.
func Lists(arr arrow.Array) (offs []int32, child arrow.Array) { return offsets(arr), elements(arr) }

// Bits gives the bitmap of a BOOLEAN array's values and the bit at which they begin.
func Bits(arr arrow.Array) (bits []byte, offset int) {
	if arr.Len() == 0 {
		return nil, 0
	}
	return arr.Data().Buffers()[1].Bytes(), arr.Data().Offset()
}

// RowNulls tells which rows are NULL: by bitmap, by a dictionary's NULL values, or all rows of a NULL-typed array. It is nil where no row is.
func RowNulls(a arrow.Array) func(row int) bool {
	if a.DataType().ID() == arrow.NULL {
		return func(int) bool { return true }
	}
	nulls := NullsOf(a)
	if d, ok := a.(*array.Dictionary); ok && !NullsOf(d.Dictionary()).None() {
		values := NullsOf(d.Dictionary())
		return func(i int) bool { return nulls.At(i) || values.At(d.GetValueIndex(i)) }
	}
	if nulls.None() {
		return nil
	}
	return nulls.At
}
