package exec_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/schema"
)

// numbers is a record of the int64 values from … to-1.
func numbers(t testing.TB, alloc memory.Allocator, from, to int) arrow.RecordBatch {
	b := array.NewInt64Builder(alloc)
	defer b.Release()
	for i := from; i < to; i++ {
		b.Append(int64(i))
	}
	a := b.NewArray()
	defer a.Release()
	rec := array.NewRecordBatch(columns("n", schema.BigInt), []arrow.Array{a}, int64(to-from))
	t.Cleanup(rec.Release)
	return rec
}

func TestRunReadsEveryMorselOnce(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	var recs []arrow.RecordBatch
	var want []string
	for i := range 40 {
		recs = append(recs, numbers(t, alloc, i*10, i*10+10))
	}
	for i := range 400 {
		want = append(want, fmt.Sprint(i))
	}
	slices.Sort(want)
	for _, workers := range []int{1, 4} {
		got := collect(t, &exec.Env{Alloc: alloc, Workers: workers}, exec.NewBatches(recs[0].Schema(), recs...)).sorted()
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%d workers: -want +got:\n%s", workers, d)
		}
	}
}

func TestOrderedSourceKeepsItsOrder(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	a, b := numbers(t, alloc, 0, 3), numbers(t, alloc, 3, 5)
	env := &exec.Env{Alloc: alloc, Workers: 4}
	src := exec.NewBatches(a.Schema(), a, b).InOrder()
	kept := exec.NewCollect(env, a.Schema(), true)
	into(t, env, kept, src)
	if d := cmp.Diff([]string{"0", "1", "2", "3", "4"}, collect(t, env, kept).rows); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestFirstErrorStopsTheRun(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	var recs []arrow.RecordBatch
	for i := range 100 {
		recs = append(recs, numbers(t, alloc, i, i+1))
	}
	var calls atomic.Int64
	sink := exec.SinkFunc(func(context.Context, *exec.Batch) error {
		if calls.Add(1) == 5 {
			return errTest
		}
		return nil
	})
	err := exec.Pipeline{Source: exec.NewBatches(recs[0].Schema(), recs...)}.Run(t.Context(), &exec.Env{Workers: 3}, sink)
	if !errors.Is(err, errTest) {
		t.Fatalf("got error %v, want %v", err, errTest)
	}
	if n := calls.Load(); n > 8 {
		t.Errorf("%d batches were read, want at most one more for each worker after the fifth", n)
	}
}

func TestPanicBecomesError(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	rec := numbers(t, alloc, 0, 1)
	sink := exec.SinkFunc(func(context.Context, *exec.Batch) error { panic("boom") })
	err := exec.Pipeline{Source: exec.NewBatches(rec.Schema(), rec, rec)}.Run(t.Context(), &exec.Env{Workers: 2}, sink)
	var p *exec.PanicError
	if !errors.As(err, &p) || p.Value != "boom" || len(p.Stack) == 0 {
		t.Errorf("got error %v, want a PanicError of boom with its stack", err)
	}
}

func TestCancelStopsTheRun(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	rec := numbers(t, alloc, 0, 1)
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	sink := exec.SinkFunc(func(context.Context, *exec.Batch) error {
		calls++
		cancel()
		return nil
	})
	err := exec.Pipeline{Source: exec.NewBatches(rec.Schema(), rec, rec, rec)}.Run(ctx, &exec.Env{Workers: 1}, sink)
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("got error %v after %d batches, want context.Canceled after 1", err, calls)
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	a, b := numbers(t, alloc, 0, 4), numbers(t, alloc, 4, 9)
	tests := []struct {
		n, offset int64
		want      []string
	}{
		{2, 0, []string{"0", "1"}},
		{3, 3, []string{"3", "4", "5"}},
		{0, 0, nil},
		{-1, 7, []string{"7", "8"}},
		{100, 8, []string{"8"}},
		{1, 100, nil},
	}
	for _, tt := range tests {
		src := exec.NewBatches(a.Schema(), a, b).InOrder()
		got := collect(t, &exec.Env{Alloc: alloc}, src, exec.NewLimit(a.Schema(), tt.n, tt.offset)).rows
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("limit %d offset %d: -want +got:\n%s", tt.n, tt.offset, d)
		}
	}
}

func TestLimitStopsReading(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	var recs []arrow.RecordBatch
	for i := range 50 {
		recs = append(recs, numbers(t, alloc, i, i+1))
	}
	for _, workers := range []int{1, 3} {
		src := &counting{Source: exec.NewBatches(recs[0].Schema(), recs...)}
		got := collect(t, &exec.Env{Alloc: alloc, Workers: workers}, src, exec.NewLimit(src.Schema(), 4, 0)).rows
		if len(got) != 4 {
			t.Errorf("%d workers: got %d rows, want 4", workers, len(got))
		}
		if n := src.read.Load(); n > 10 {
			t.Errorf("%d workers: %d morsels were read for 4 rows", workers, n)
		}
	}
}

// counting counts the morsels that are read.
type counting struct {
	exec.Source
	read atomic.Int64
}

func (s *counting) Morsels(ctx context.Context) ([]exec.Morsel, error) {
	ms, err := s.Source.Morsels(ctx)
	for i, m := range ms {
		ms[i] = func(ctx context.Context, yield func(*exec.Batch) error) error {
			s.read.Add(1)
			return m(ctx, yield)
		}
	}
	return ms, err
}

func TestCollectSpills(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	budget := exec.NewBudget(2 << 20)
	dir := t.TempDir()
	env := &exec.Env{Alloc: alloc, Workers: 2, Budget: budget, Spill: exec.Dir(dir)}
	rec := numbers(t, alloc, 0, 1_000_000)
	kept := exec.NewCollect(env, rec.Schema(), false)
	into(t, env, kept, exec.NewBatches(rec.Schema(), rec))
	if budget.Spilled() == 0 || budget.Peak() > budget.Limit() {
		t.Errorf("spilled %d bytes at a peak of %d in a budget of %d", budget.Spilled(), budget.Peak(), budget.Limit())
	}
	for range 2 {
		sum := int64(0)
		var n atomic.Int64
		sink := exec.SinkFunc(func(_ context.Context, b *exec.Batch) error {
			n.Add(int64(b.Len()))
			s := int64(0)
			for _, v := range b.Columns[0].(*array.Int64).Int64Values() {
				s += v
			}
			atomic.AddInt64(&sum, s)
			return nil
		})
		if err := (exec.Pipeline{Source: kept}).Run(t.Context(), env, sink); err != nil {
			t.Fatal(err)
		}
		if n.Load() != 1_000_000 || sum != 499_999_500_000 {
			t.Errorf("got %d rows with sum %d", n.Load(), sum)
		}
	}
}

// TestEnoughOfOneBranch checks that a limit in one branch of a union leaves the other branches alone.
func TestEnoughOfOneBranch(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	a, b := numbers(t, alloc, 0, 4), numbers(t, alloc, 4, 9)
	var p printer
	err := exec.Run(t.Context(), &exec.Env{Alloc: alloc}, p.sink(),
		exec.Pipeline{Source: exec.NewBatches(a.Schema(), a), Steps: []exec.Step{exec.NewLimit(a.Schema(), 1, 0)}},
		exec.Pipeline{Source: exec.NewBatches(b.Schema(), b)})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"0", "4", "5", "6", "7", "8"}, p.sorted()); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
