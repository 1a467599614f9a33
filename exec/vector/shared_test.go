package vector_test

import (
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
)

// A column of a batch that several workers read, as those of a relation that is computed once, is not changed by reading: the race detector tells.
func TestDictionariesAreShared(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	b := array.NewStringBuilder(alloc)
	defer b.Release()
	b.AppendValues([]string{"a", "b"}, nil)
	values := b.NewArray()
	defer values.Release()
	made := vector.NewDictionary(alloc, []int32{0, 1, -1}, values)
	defer made.Release()
	taken, err := vector.Take(alloc, made, []int32{2, 1})
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Release()
	for _, d := range []*array.Dictionary{made, taken.(*array.Dictionary)} {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if n := d.Dictionary().Len(); n != 2 {
					t.Errorf("got %d values, want 2", n)
				}
			})
		}
		wg.Wait()
	}
}
