package pool

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Nulls is array.MakeArrayOfNull for an allocator whose memory is not zeroed, which that takes for granted.
func Nulls(alloc memory.Allocator, t arrow.DataType, n int) arrow.Array {
	return array.MakeArrayOfNull(zeroing{alloc}, t, n)
}

type zeroing struct{ memory.Allocator }

func (z zeroing) Allocate(size int) []byte {
	b := z.Allocator.Allocate(size)
	clear(b)
	return b
}
