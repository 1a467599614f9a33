// Package pool is a memory pool for Arrow buffers: what is released is kept and handed out again, without being zeroed, faulted in or collected in between.
//
// With it Arrow's ownership is to be taken at its word. Whoever reads an array after its last Release, or keeps a string or slice that points into it, sees
// other rows; and a new buffer holds anything but zeros. Memory that goes to code which cannot be trusted with that is taken out of the pool by Leave.
// NewChecked makes both kinds of faults visible in tests.
package pool

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Pool is a memory.Allocator that keeps what is freed, up to a bound, in classes of like size. Whatever becomes of a Pool, memory that it has handed out stays
// valid for as long as it is reachable: it is the garbage collector's. It is safe for concurrent use.
type Pool struct {
	below   memory.Allocator // gives what is not kept
	most    int64            // bytes that are kept
	kept    atomic.Int64
	hand    atomic.Uint32 // the class that is looked at next when room is made
	classes [classCount]class
	gone    departed
	checked bool // NewChecked
}

var _ memory.Allocator = (*Pool)(nil)

// class is the kept memory of one size.
type class struct {
	mu   sync.Mutex
	free [][]byte // last in, first out: what was used last is still in the processor's caches
	used bool     // since room was made the last time
}

// New returns an empty pool that keeps so many bytes at most.
func New(most int64) *Pool { return &Pool{below: memory.DefaultAllocator, most: most} }

// Kept is the bytes that are kept now.
func (p *Pool) Kept() int64 { return p.kept.Load() }

// Allocate gives size bytes, aligned to 64, whose values are unspecified.
func (p *Pool) Allocate(size int) []byte {
	b := p.allocate(size)
	if p.checked {
		fill(b[:cap(b)], fresh)
	}
	return b
}

func (p *Pool) allocate(size int) []byte {
	i := classOf(size)
	if i < 0 {
		return p.below.Allocate(size)
	}
	b := p.take(i)
	if b == nil && i+1 < classCount {
		b = p.take(i + 1)
	}
	if b == nil {
		b = p.below.Allocate(capacity(i))
	}
	return b[:size]
}

// Reallocate gives b with another size. Its bytes stay; the values of those that are added are unspecified.
func (p *Pool) Reallocate(size int, b []byte) []byte {
	if cap(b) >= size && !p.checked {
		return b[:size]
	}
	grown := p.Allocate(size)
	copy(grown, b)
	p.Free(b)
	return grown
}

// Free keeps b, if there is room for it.
func (p *Pool) Free(b []byte) {
	n := cap(b)
	i := classOf(n)
	keep := i >= 0 && capacity(i) == n
	if !keep && !p.checked || p.gone.was(b) {
		return
	}
	if p.checked {
		fill(b[:n], released)
	}
	if !keep {
		return
	}
	if p.kept.Add(int64(n)) > p.most && !p.makeRoom() {
		p.kept.Add(-int64(n))
		return
	}
	c := &p.classes[i]
	c.mu.Lock()
	c.free = append(c.free, b[:n])
	c.mu.Unlock()
}

// take gives kept memory of a class; nil: there is none.
func (p *Pool) take(i int) []byte {
	c := &p.classes[i]
	c.mu.Lock()
	defer c.mu.Unlock()
	last := len(c.free) - 1
	if last < 0 {
		return nil
	}
	b := c.free[last]
	c.free[last] = nil
	c.free = c.free[:last]
	c.used = true
	p.kept.Add(-int64(len(b)))
	return b
}

// makeRoom drops memory of classes that nothing was taken from since they were looked at before, until what is kept is within the bound.
func (p *Pool) makeRoom() bool {
	for range classCount {
		over := p.kept.Load() - p.most
		if over <= 0 {
			return true
		}
		p.drop(int(p.hand.Add(1)%classCount), over)
	}
	return p.kept.Load() <= p.most
}

// drop drops about so many bytes of a class, what was used longest ago first; none if something was taken from it since the last call.
func (p *Pool) drop(i int, bytes int64) {
	c := &p.classes[i]
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used {
		c.used = false
		return
	}
	n := min(len(c.free), int(bytes)/capacity(i)+1)
	c.free = slices.Delete(c.free, 0, n)
	p.kept.Add(-int64(n * capacity(i)))
}
