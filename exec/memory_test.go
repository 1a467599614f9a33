package exec_test

import (
	"context"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// digest is a set of rows in short: what does not depend on their order.
type digest struct {
	mu             sync.Mutex
	Rows, Sum, Xor uint64
}

func (d *digest) sink() exec.SinkFunc {
	return func(_ context.Context, b *exec.Batch) error {
		hash := make([]uint64, b.Len())
		if err := vector.Hash(b.Columns, b.Selection, 1, hash); err != nil {
			return err
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, h := range hash {
			d.Rows++
			d.Sum += h
			d.Xor ^= h
		}
		return nil
	}
}

// bigQueries are operators whose result does not depend on the order of events.
func bigQueries() map[string]query {
	return map[string]query{
		"aggregate": blockingQuery(func(env *exec.Env, s *arrow.Schema) (*exec.Aggregate, error) {
			keys, aggs := []expr.Bound{col(s, 0)}, []expr.BoundAggregate{
				agg("count", schema.BigInt), agg("sum", schema.BigInt, col(s, 5)),
				distinct(agg("count", schema.BigInt, col(s, 3))), agg("median", schema.Double, col(s, 5)),
			}
			return exec.NewAggregate(env, keys, aggs, resultSchema(keys, aggs))
		}),
		"latest": blockingQuery(func(env *exec.Env, s *arrow.Schema) (*exec.Latest, error) {
			return exec.NewLatest(env, s, []expr.Bound{col(s, 0)}, []expr.BoundSort{{Arg: col(s, 2), Descending: true}})
		}),
		"sort": blockingQuery(func(env *exec.Env, s *arrow.Schema) (*exec.Sort, error) {
			return exec.NewSort(env, s, []expr.BoundSort{{Arg: col(s, 0)}, {Arg: col(s, 2)}}, -1, 0)
		}),
		"window": blockingQuery(func(env *exec.Env, s *arrow.Schema) (*exec.Window, error) {
			f := expr.BoundWindow{
				Func: "sum", Args: []expr.Bound{col(s, 5)}, PartitionBy: []expr.Bound{col(s, 0)},
				OrderBy: []expr.BoundSort{{Arg: col(s, 2)}}, Typ: schema.BigInt,
				Frame: expr.BoundFrame{Unit: expr.FrameRows, Start: unboundedBefore, End: current},
			}
			out := append(s.Fields(), arrow.Field{Name: "f", Type: schema.BigInt})
			return exec.NewWindow(env, s, []expr.BoundWindow{f}, arrow.NewSchema(out, nil))
		}),
		"join": func(env *exec.Env, s *arrow.Schema, src exec.Source, last exec.Sink) (func(context.Context) error, func() error, error) {
			j, err := exec.NewJoin(env, exec.JoinConfig{
				Kind: exec.LeftOuter, Left: s, Right: s, LeftKeys: []expr.Bound{col(s, 0)}, RightKeys: []expr.Bound{col(s, 0)}, Out: arrow.NewSchema(append(s.Fields(), s.Fields()...), nil),
			})
			run := func(ctx context.Context) error {
				if err := (exec.Pipeline{Source: src}).Run(ctx, env, j); err != nil {
					return err
				}
				return exec.Pipeline{Source: src, Steps: []exec.Step{j.Probe()}}.Run(ctx, env, last)
			}
			return run, j.Close, err
		},
	}
}

// TestResultsDoNotDependOnMemory compares runs without a bound with runs in a sixth of what the rows take.
func TestResultsDoNotDependOnMemory(t *testing.T) {
	t.Parallel()
	const n = 18_000
	for name, q := range bigQueries() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, recs := events(t, n, n/3)
			var results [2]digest
			for i, budget := range []*exec.Budget{exec.NewBudget(0), exec.NewBudget(n * 68 / 6)} {
				env := &exec.Env{Alloc: checked(t), Workers: 2, Budget: budget, Spill: exec.Dir(t.TempDir())}
				run, done, err := q(env, s, exec.NewBatches(s, recs...), results[i].sink())
				if err != nil {
					t.Fatal(err)
				}
				if err := run(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := done(); err != nil {
					t.Fatal(err)
				}
				if i == 1 && budget.Spilled() == 0 {
					t.Errorf("nothing was spilled; the peak was %d of %d bytes", budget.Peak(), budget.Limit())
				}
			}
			type plain struct{ Rows, Sum, Xor uint64 }
			a, b := plain{results[0].Rows, results[0].Sum, results[0].Xor}, plain{results[1].Rows, results[1].Sum, results[1].Xor}
			if d := cmp.Diff(a, b); d != "" || a.Rows == 0 {
				t.Errorf("without a bound and with one: -first +second:\n%s", d)
			}
		})
	}
}
