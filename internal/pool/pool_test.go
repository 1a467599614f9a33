package pool_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/pool"
)

func TestKeepsAndHandsOutAgain(t *testing.T) {
	t.Parallel()
	p := pool.New(1 << 20)
	b := p.Allocate(300 << 10)
	if len(b) != 300<<10 || uintptr(unsafe.Pointer(&b[0]))%64 != 0 {
		t.Fatalf("got %d bytes at %p, want %d aligned to 64", len(b), &b[0], 300<<10)
	}
	b[7] = 9
	p.Free(b)
	if p.Kept() < 300<<10 || p.Kept() > 340<<10 {
		t.Errorf("got %d bytes kept", p.Kept())
	}
	again := p.Allocate(299 << 10)
	if &again[0] != &b[0] || again[7] != 9 {
		t.Error("got other memory, or zeroed memory, for a request of the same class")
	}
	if p.Kept() != 0 {
		t.Errorf("got %d bytes kept beside what was handed out", p.Kept())
	}
}

// TestSizes goes through sizes around every class: what is handed out is as long as asked for, and little longer underneath.
func TestSizes(t *testing.T) {
	t.Parallel()
	p := pool.New(64 << 20)
	for _, base := range []int{0, 1, 63, 64, 4096, 8192, 64 << 10, 256<<10 + 4, 1 << 20, 9 << 20, 16 << 20, 40 << 20} {
		for _, d := range []int{-65, -64, -1, 0, 1, 63, 64, 65} {
			size := max(base+d, 0)
			b := p.Allocate(size)
			if len(b) != size || cap(b) > size+size/8+5000 {
				t.Errorf("size %d: got %d of %d bytes", size, len(b), cap(b))
			}
			p.Free(b)
		}
	}
}

func TestReallocateKeepsBytes(t *testing.T) {
	t.Parallel()
	p := pool.New(1 << 20)
	b := p.Allocate(5000)
	for i := range b {
		b[i] = byte(i)
	}
	for _, size := range []int{5100, 70_000, 6000, 17 << 20, 100, 5000} {
		kept := min(len(b), size)
		b = p.Reallocate(size, b)
		if len(b) != size {
			t.Fatalf("got %d bytes, want %d", len(b), size)
		}
		for i := range min(kept, 100) {
			if b[i] != byte(i) {
				t.Fatalf("after a resize to %d: byte %d is %d", size, i, b[i])
			}
		}
	}
}

// TestBound frees more than the pool keeps, of one size after the other: what is of use is kept rather than what is not.
func TestBound(t *testing.T) {
	t.Parallel()
	const most = 1 << 20
	p := pool.New(most)
	fill := func(size int) {
		var list [][]byte
		for range most/size + 3 {
			list = append(list, p.Allocate(size))
		}
		for _, b := range list {
			p.Free(b)
			if p.Kept() > most {
				t.Fatalf("got %d bytes kept, want at most %d", p.Kept(), most)
			}
		}
	}
	fill(10_000)
	first := p.Kept()
	fill(100_000)
	if first < most*3/4 || p.Kept() < most*3/4 {
		t.Errorf("got %d, then %d bytes kept of at most %d", first, p.Kept(), most)
	}
	b := p.Allocate(100_000)
	if kept := p.Kept(); kept == 0 || kept > most-100_000 {
		t.Errorf("got %d bytes kept beside one of 100,000: the memory that is of use was not kept", kept)
	}
	p.Free(b)
}

func TestLeave(t *testing.T) {
	t.Parallel()
	p := pool.New(1 << 20)
	text := array.NewStringBuilder(p)
	defer text.Release()
	for range 2000 {
		text.Append("as it was")
	}
	a := text.NewStringArray()
	part := array.NewSlice(a, 10, 20)
	held := a.Value(7)
	pool.Leave(p, part)
	pool.Leave(memory.DefaultAllocator, part)
	part.Release()
	before := p.Kept()
	a.Release()
	if p.Kept() != before {
		t.Errorf("got %d bytes kept of what has left", p.Kept()-before)
	}
	for range 100 {
		b := p.Allocate(18_000)
		clear(b)
	}
	if held != "as it was" {
		t.Errorf("got %q", held)
	}
	b := p.Allocate(20_000)
	p.Free(b)
	if p.Kept() == before {
		t.Error("nothing is kept any more")
	}
}

func TestNullsOfGarbage(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	for _, typ := range []arrow.DataType{
		arrow.PrimitiveTypes.Int64, arrow.BinaryTypes.String, arrow.FixedWidthTypes.Boolean, arrow.ListOf(arrow.PrimitiveTypes.Int32), arrow.Null,
		arrow.StructOf(arrow.Field{Name: "a", Type: arrow.BinaryTypes.String, Nullable: true}),
	} {
		a := pool.Nulls(alloc, typ, 1000)
		for i := range a.Len() {
			if !a.IsNull(i) && typ.ID() != arrow.NULL {
				t.Fatalf("%s: row %d is not NULL", typ, i)
			}
		}
		if err := array.ValidateFull(a); err != nil {
			t.Errorf("%s: %v", typ, err)
		}
		a.Release()
	}
}

// TestConcurrentOwners writes all of each buffer and finds it unchanged before it is freed: no memory has two owners.
func TestConcurrentOwners(t *testing.T) {
	t.Parallel()
	p := pool.New(4 << 20)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 1))
			var held [][]byte
			for i := range 3000 {
				b := p.Allocate(4096 + r.IntN(200_000))
				mark := byte(g<<6 | i&63)
				b[0], b[len(b)-1] = mark, mark
				held = append(held, b)
				if len(held) > 8 {
					k := r.IntN(len(held))
					if b := held[k]; b[0] != b[len(b)-1] || int(b[0]>>6) != g {
						t.Errorf("goroutine %d: got bytes %#x and %#x", g, b[0], b[len(b)-1])
						return
					}
					p.Free(held[k])
					held = append(held[:k], held[k+1:]...)
				}
			}
		})
	}
	wg.Wait()
}

func TestGarbage(t *testing.T) {
	t.Parallel()
	alloc := pool.NewChecked()
	b := alloc.Allocate(5000)
	clear(b)
	alloc.Free(b)
	if b[0] == 0 || b[4999] == 0 {
		t.Error("released memory still reads as it was")
	}
	if again := alloc.Allocate(5000); again[0] == 0 || again[0] == b[4999] && &again[0] != &b[0] {
		t.Errorf("new memory begins with %#x", again[0])
	}
}

func BenchmarkAllocate(b *testing.B) {
	p := pool.New(64 << 20)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			p.Free(p.Allocate(512 << 10))
		}
	})
}

// BenchmarkTouch is what a batch's column costs in memory alone: 512 KiB that are written once.
func BenchmarkTouch(b *testing.B) {
	src := make([]byte, 512<<10)
	for name, alloc := range map[string]memory.Allocator{"pool": pool.New(64 << 20), "go": memory.DefaultAllocator} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(512 << 10)
			for b.Loop() {
				m := alloc.Allocate(512 << 10)
				copy(m, src)
				alloc.Free(m)
			}
		})
	}
}
