package parquet

import "github.com/apache/arrow-go/v18/arrow/memory"

// buffer is a growing Arrow buffer, of a batch or of scratch.
type buffer struct {
	alloc memory.Allocator
	mem   *memory.Buffer // nil until something is in it
}

// reserve makes room for n bytes in all.
func (b *buffer) reserve(n int) {
	if b.mem == nil {
		b.mem = memory.NewResizableBuffer(b.alloc)
	}
	b.mem.Reserve(n)
}

func (b *buffer) len() int {
	if b.mem == nil {
		return 0
	}
	return b.mem.Len()
}

func (b *buffer) bytes() []byte {
	if b.mem == nil {
		return nil
	}
	return b.mem.Bytes()
}

// extend adds n bytes, whose values are unspecified, and gives them.
func (b *buffer) extend(n int) []byte {
	k := b.len()
	if b.mem == nil || b.mem.Cap() < k+n {
		b.reserve(max(k+n, 2*k))
	}
	b.mem.Resize(k + n)
	return b.mem.Bytes()[k:]
}

// room gives n bytes, whose values are unspecified; those that were there are lost.
func (b *buffer) room(n int) []byte {
	if b.mem != nil && b.mem.Cap() < n {
		b.release()
	}
	b.reserve(n)
	b.mem.ResizeNoShrink(n)
	return b.mem.Bytes()
}

// take hands the buffer over; an empty one is not nil.
func (b *buffer) take() *memory.Buffer {
	if b.mem == nil {
		b.mem = memory.NewResizableBuffer(b.alloc)
	}
	m := b.mem
	b.mem = nil
	return m
}

func (b *buffer) release() {
	if b.mem != nil {
		b.mem.Release()
		b.mem = nil
	}
}
