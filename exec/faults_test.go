package exec_test

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// faults fails the n-th of all the calls that a run makes to what is outside of it: pushes into the last sink and calls to spill files.
type faults struct {
	n     int64 // which call fails, from 1
	calls atomic.Int64
	files atomic.Int64 // spill files that are open
}

func (f *faults) next() error {
	if f.calls.Add(1) == f.n {
		return errTest
	}
	return nil
}

func (f *faults) Create() (exec.SpillFile, error) {
	if err := f.next(); err != nil {
		return nil, err
	}
	file, err := exec.Dir("").Create()
	if err == nil {
		f.files.Add(1)
	}
	return &faultyFile{file, f}, err
}

type faultyFile struct {
	exec.SpillFile
	f *faults
}

func (f *faultyFile) ReadAt(p []byte, at int64) (int, error) {
	if err := f.f.next(); err != nil {
		return 0, err
	}
	return f.SpillFile.ReadAt(p, at)
}

func (f *faultyFile) WriteAt(p []byte, at int64) (int, error) {
	if err := f.f.next(); err != nil {
		return 0, err
	}
	return f.SpillFile.WriteAt(p, at)
}

func (f *faultyFile) Close() error {
	f.f.files.Add(-1)
	return f.SpillFile.Close()
}

// query is a small plan over rows of wide: what it runs and what it must close.
type query func(env *exec.Env, s *arrow.Schema, src exec.Source, last exec.Sink) (run func(context.Context) error, done func() error, err error)

// blockingQuery runs rows into an operator and the operator into the sink.
func blockingQuery[S interface {
	exec.Sink
	exec.Source
}](build func(env *exec.Env, s *arrow.Schema) (S, error)) query {
	return func(env *exec.Env, s *arrow.Schema, src exec.Source, last exec.Sink) (func(context.Context) error, func() error, error) {
		op, err := build(env, s)
		run := func(ctx context.Context) error {
			if err := (exec.Pipeline{Source: src}).Run(ctx, env, op); err != nil {
				return err
			}
			return exec.Pipeline{Source: op}.Run(ctx, env, last)
		}
		return run, op.Close, err
	}
}

func joinQuery(env *exec.Env, s *arrow.Schema, src exec.Source, last exec.Sink) (func(context.Context) error, func() error, error) {
	out := arrow.NewSchema(append(s.Fields(), s.Fields()...), nil)
	j, err := exec.NewJoin(env, exec.JoinConfig{
		Kind: exec.FullOuter, Left: s, Right: s, LeftKeys: []expr.Bound{col(s, 0)}, RightKeys: []expr.Bound{col(s, 5)}, Out: out,
	})
	run := func(ctx context.Context) error {
		if err := (exec.Pipeline{Source: src}).Run(ctx, env, j); err != nil {
			return err
		}
		return exec.Pipeline{Source: src, Steps: []exec.Step{j.Probe()}}.Run(ctx, env, last)
	}
	return run, j.Close, err
}

func queries() map[string]query {
	by := func(s *arrow.Schema) []expr.BoundSort {
		return []expr.BoundSort{{Arg: col(s, 5)}, {Arg: col(s, 6), Descending: true}}
	}
	return map[string]query{
		"aggregate": blockingQuery(func(env *exec.Env, s *arrow.Schema) (*exec.Aggregate, error) {
			keys, aggs := []expr.Bound{col(s, 0), col(s, 1)}, manyAggregates(s)
			return exec.NewAggregate(env, keys, aggs, resultSchema(keys, aggs))
		}),
		"latest": blockingQuery(func(env *exec.Env, s *arrow.Schema) (*exec.Latest, error) {
			return exec.NewLatest(env, s, []expr.Bound{col(s, 0)}, by(s))
		}),
		"sort": blockingQuery(func(env *exec.Env, s *arrow.Schema) (*exec.Sort, error) { return exec.NewSort(env, s, by(s), -1, 5) }),
		"top":  blockingQuery(func(env *exec.Env, s *arrow.Schema) (*exec.Sort, error) { return exec.NewSort(env, s, by(s), 10, 5) }),
		"collect": blockingQuery(func(env *exec.Env, s *arrow.Schema) (*exec.Collect, error) {
			return exec.NewCollect(env, s, false), nil
		}),
		"window": blockingQuery(func(env *exec.Env, s *arrow.Schema) (*exec.Window, error) {
			f := expr.BoundWindow{
				Func: "sum", Args: []expr.Bound{col(s, 3)}, PartitionBy: []expr.Bound{col(s, 0)}, OrderBy: by(s), Typ: schema.BigInt,
				Frame: expr.BoundFrame{Unit: expr.FrameRows, Start: unboundedBefore, End: current},
			}
			g := f
			g.PartitionBy = []expr.Bound{col(s, 1)}
			out := append(s.Fields(), arrow.Field{Name: "f", Type: schema.BigInt}, arrow.Field{Name: "g", Type: schema.BigInt})
			return exec.NewWindow(env, s, []expr.BoundWindow{f, g}, arrow.NewSchema(out, nil))
		}),
		"join": joinQuery,
	}
}

// runFaulty runs a query in which the n-th call fails, and checks that all is given back. It reports whether the fault was reached.
func runFaulty(t *testing.T, q query, budget int64, n int64) bool {
	t.Helper()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	f := &faults{n: n}
	env := &exec.Env{Alloc: alloc, Workers: 2, Budget: exec.NewBudget(budget), Spill: f}
	s, recs := wide(t, memory.DefaultAllocator, 300)
	last := exec.SinkFunc(func(context.Context, *exec.Batch) error { return f.next() })
	run, done, err := q(env, s, exec.NewBatches(s, recs...), last)
	if err != nil {
		t.Fatal(err)
	}
	err = run(t.Context())
	reached := f.calls.Load() >= n
	if reached != errors.Is(err, errTest) || !reached && err != nil {
		t.Errorf("call %d of %d fails: got error %v", n, f.calls.Load(), err)
	}
	if err := done(); err != nil {
		t.Errorf("call %d fails: close: %v", n, err)
	}
	alloc.AssertSize(t, 0)
	if f.files.Load() != 0 {
		t.Errorf("call %d fails: %d spill files are left", n, f.files.Load())
	}
	if used := env.Budget.Used(); used != 0 {
		t.Errorf("call %d fails: %d bytes are still reserved", n, used)
	}
	return reached
}

func TestEveryFaultGivesEverythingBack(t *testing.T) {
	t.Parallel()
	for name, q := range queries() {
		for _, budget := range []int64{1 << 40, 4000} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				step := int64(1) // with a budget there are hundreds of calls: all of the first, then ever fewer
				for n := int64(1); runFaulty(t, q, budget, n); n += step {
					if n > 8 {
						step *= 2
					}
				}
			})
		}
	}
}

// TestCancelGivesEverythingBack ends the context at the n-th push into the last sink.
func TestCancelGivesEverythingBack(t *testing.T) {
	t.Parallel()
	for name, q := range queries() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alloc := checked(t)
			env := &exec.Env{Alloc: alloc, Workers: 2, Budget: exec.NewBudget(4000), Spill: exec.Dir(t.TempDir())}
			s, recs := wide(t, memory.DefaultAllocator, 300)
			ctx, cancel := context.WithCancel(t.Context())
			last := exec.SinkFunc(func(context.Context, *exec.Batch) error { cancel(); return nil })
			run, done, err := q(env, s, exec.NewBatches(s, recs...), last)
			if err != nil {
				t.Fatal(err)
			}
			if err := run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("got error %v", err)
			}
			if err := done(); err != nil {
				t.Error(err)
			}
			if used := env.Budget.Used(); used != 0 {
				t.Errorf("%d bytes are still reserved", used)
			}
		})
	}
}

// limitedAllocator panics at its n-th allocation, as an allocator out of memory does.
type limitedAllocator struct {
	memory.Allocator
	left atomic.Int64
}

func (a *limitedAllocator) Allocate(size int) []byte {
	if a.left.Add(-1) == 0 {
		panic("no memory")
	}
	return a.Allocator.Allocate(size)
}

// TestAllocationFailureIsAnError checks that a run in which an allocation panics ends with an error and can be closed.
func TestAllocationFailureIsAnError(t *testing.T) {
	t.Parallel()
	for name, q := range queries() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := int64(1); ; n = 2*n + 1 {
				alloc := &limitedAllocator{Allocator: memory.DefaultAllocator}
				alloc.left.Store(n)
				env := &exec.Env{Alloc: alloc, Workers: 2, Budget: exec.NewBudget(4000), Spill: exec.Dir("")}
				s, recs := wide(t, memory.DefaultAllocator, 300)
				run, done, err := q(env, s, exec.NewBatches(s, recs...), exec.SinkFunc(func(context.Context, *exec.Batch) error { return nil }))
				if err != nil {
					t.Fatal(err)
				}
				err = run(t.Context())
				var p *exec.PanicError
				if reached := alloc.left.Load() <= 0; reached != errors.As(err, &p) {
					t.Errorf("allocation %d fails: got error %v", n, err)
				}
				if err := done(); err != nil {
					t.Errorf("allocation %d fails: close: %v", n, err)
				}
				if alloc.left.Load() > 0 {
					return
				}
			}
		})
	}
}

func TestSpillFilesAreRemoved(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	dir := t.TempDir()
	env := &exec.Env{Alloc: alloc, Budget: exec.NewBudget(1000), Spill: exec.Dir(dir)}
	s, recs := wide(t, alloc, 900)
	c := exec.NewCollect(env, s, false)
	if err := (exec.Pipeline{Source: exec.NewBatches(s, recs...)}).Run(t.Context(), env, c); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 || env.Budget.Spilled() == 0 {
		t.Errorf("spilled %d bytes; left in the directory: %v, error %v", env.Budget.Spilled(), left, err)
	}
}
