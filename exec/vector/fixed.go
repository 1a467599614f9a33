package vector

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// NewFixed is a column of n values of a fixed width, that of T. fill writes all of them and tells which are NULL, if any.
func NewFixed[T arrow.FixedWidthType](alloc memory.Allocator, t arrow.DataType, n int, fill func(dst []T) (nulls []int32)) arrow.Array {
	values := newBuffer(alloc, n*layoutOf(t).width())
	nulls := fill(arrow.GetData[T](values.Bytes()))
	if len(nulls) == 0 {
		return build(t, n, 0, nil, nil, values)
	}
	valid := newBuffer(alloc, int(bitutil.BytesForBits(int64(n))))
	memory.Set(valid.Bytes(), 0xff)
	for _, i := range nulls {
		bitutil.ClearBit(valid.Bytes(), int(i))
	}
	return build(t, n, len(nulls), nil, valid, values)
}
