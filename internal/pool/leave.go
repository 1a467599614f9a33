package pool

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Leave takes the memory of arrays out of the pool that alloc is, if it is one: when it is freed it is not kept, so that what still points into it stays as it is.
// It is for arrays that are handed to a user's code.
func Leave(alloc memory.Allocator, arrays ...arrow.Array) {
	p, ok := alloc.(*Pool)
	if !ok {
		return
	}
	for _, a := range arrays {
		p.leave(a.Data())
	}
}

func (p *Pool) leave(data arrow.ArrayData) {
	for _, b := range data.Buffers() {
		for b != nil && b.Parent() != nil {
			b = b.Parent()
		}
		if b != nil && (p.checked || classOf(cap(b.Buf())) >= 0) {
			p.gone.add(b.Buf())
		}
	}
	for _, c := range data.Children() {
		p.leave(c)
	}
	if data.DataType().ID() == arrow.DICTIONARY {
		p.leave(data.Dictionary())
	}
}

// departed is memory that is not to be kept, by its address: it must not keep the memory alive itself. Of memory that was collected without being freed an
// address stays behind, and costs what has it next its place in the pool.
type departed struct {
	any   atomic.Bool
	mu    sync.Mutex
	addrs map[uintptr]struct{}
}

func (d *departed) add(b []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.addrs == nil {
		d.addrs = map[uintptr]struct{}{}
	}
	d.addrs[address(b)] = struct{}{}
	d.any.Store(true)
}

// was tells whether b has left, and forgets it.
func (d *departed) was(b []byte) bool {
	if !d.any.Load() {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.addrs[address(b)]
	delete(d.addrs, address(b))
	return ok
}

// address is only compared, never turned back into a pointer.
func address(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }
