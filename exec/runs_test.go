package exec

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
)

// TestKeyRuns groups batches in which rows are there several times in a row, or are not, of texts that are plain or dictionaries, selected or not.
func TestKeyRuns(t *testing.T) {
	t.Parallel()
	for _, times := range []int{1, 2, 5} {
		for _, plain := range []bool{false, true} {
			t.Run(fmt.Sprint(times, " times, plain ", plain), func(t *testing.T) {
				t.Parallel()
				alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
				defer alloc.AssertSize(t, 0)
				g, want := newTextGroups(t, alloc), keyGroups{}
				r := rand.New(rand.NewPCG(5, uint64(times)))
				for b := range 6 {
					batch := newKeyBatch(alloc, r, 300, 40, 60, plain)
					var idx, sel []int32
					for i := range int32(300 * times) {
						idx = append(idx, i/int32(times))
						if b%2 == 1 && i%7 != 0 {
							sel = append(sel, i)
						}
					}
					if b == 5 {
						sel = []int32{}
					}
					cols, err := vector.TakeAll(alloc, batch.cols, idx)
					if err != nil {
						t.Fatal(err)
					}
					ids, err := g.assign(cols, len(idx), sel)
					if err != nil {
						t.Fatal(err)
					}
					want.check(t, ids, func(i int) string { return batch.keys[idx[at(sel, i)]] })
					ok, err := g.runs.find(cols, nil, len(idx))
					if err != nil {
						t.Fatal(err)
					}
					if ok != (times > 1) || ok && len(g.runs.first) > 300 {
						t.Errorf("runs %t of %d rows, %d of them first", ok, len(idx), len(g.runs.first))
					}
					releaseAll(cols)
					releaseAll(batch.cols)
				}
				if g.len() != len(want) {
					t.Errorf("%d groups, want %d", g.len(), len(want))
				}
			})
		}
	}
}
