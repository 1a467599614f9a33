package exec_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// TestWindowTop compares the top rows of a window that may leave out others with those of one that keeps all, in plenty of memory and in little.
func TestWindowTop(t *testing.T) {
	t.Parallel()
	s, recs := events(t, 300_000, 500)
	for _, function := range []string{"row_number", "rank", "dense_rank"} {
		for _, memory := range []int64{0, 4 << 20} {
			t.Run(fmt.Sprintf("%s in %d bytes", function, memory), func(t *testing.T) {
				t.Parallel()
				ts := expr.BoundSort{Arg: col(s, 2), Descending: true} // tells all rows apart
				order := []expr.BoundSort{{Arg: col(s, 5)}}
				if function == "row_number" {
					order = append(order, ts)
				}
				f := expr.BoundWindow{Func: function, PartitionBy: []expr.Bound{col(s, 3), col(s, 4)}, OrderBy: order, Typ: schema.Int}
				all, _ := topOf(t, s, recs, f, 0, memory)
				top, given := topOf(t, s, recs, f, 3, memory)
				if diff := cmp.Diff(all, top); diff != "" {
					t.Errorf("-all +top\n%s", diff)
				}
				if len(all) < 3*24*13 || given > 200_000 {
					t.Errorf("got %d rows, of which %d are at the top", given, len(all))
				}
			})
		}
	}
}

// topOf gives the ids and numbers of the rows that are numbered 3 or less, and how many rows the window gave. Where keep is not 0 it may leave out others.
func topOf(t *testing.T, s *arrow.Schema, recs []arrow.RecordBatch, f expr.BoundWindow, keep, budget int64) (top []string, given int) {
	t.Helper()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	env := &exec.Env{Alloc: alloc, Workers: 2, Spill: exec.Dir(t.TempDir())}
	if budget > 0 {
		env.Budget = exec.NewBudget(budget)
	}
	out := arrow.NewSchema(append(s.Fields(), arrow.Field{Name: "n", Type: schema.Int}), nil)
	w, err := exec.NewWindow(env, s, []expr.BoundWindow{f}, out)
	if err == nil && keep > 0 {
		err = w.KeepTop(0, keep)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := (exec.Pipeline{Source: exec.NewBatches(s, recs...)}).Run(t.Context(), env, w); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	err = exec.Pipeline{Source: w}.Run(t.Context(), env, exec.SinkFunc(func(_ context.Context, b *exec.Batch) error {
		mu.Lock()
		defer mu.Unlock()
		given += b.Len()
		ts, n := b.Columns[2].(*array.Int64), b.Columns[6].(*array.Int32)
		for i := range b.Len() {
			row := i
			if b.Selection != nil {
				row = int(b.Selection[i])
			}
			if n.Value(row) <= 3 {
				top = append(top, fmt.Sprint(ts.Value(row), " ", n.Value(row)))
			}
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(top)
	return top, given
}
