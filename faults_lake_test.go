package medallion_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/gold"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
)

// bank is a pipeline with every way of writing: appended bronze, a partitioned table with a quarantine, both kinds of applied changes, and totals.
type bank struct {
	raw     *medallion.Table[change]
	checked *medallion.Table[change]
	now     *medallion.Table[account]
	history *medallion.Table[version]
	totals  *medallion.Table[perCity]
}

type perCity struct {
	City     *string
	Accounts int64
}

func newBank(lake *medalliontest.Lake) bank {
	var b bank
	b.raw = bronze.Ingest[change]("bronze.changes", files.In(lake.Store, "cdc/*.json"))
	b.checked = silver.Append("silver.changes", quality.Check(b.raw, quality.Quarantine("known_op", "op IN ('I', 'U', 'D')")), medallion.PartitionBy("op"))
	b.now = silver.Merge("silver.accounts", []silver.Flow[account]{silver.ApplyChanges[account](b.checked, accounts(nil))})
	b.history = silver.Merge("silver.history", []silver.Flow[version]{silver.ApplyChanges[version](b.checked,
		accounts(silver.SCD2{Start: "valid_from", End: "valid_to", Current: "is_current"}))})
	b.totals = gold.Table("gold.cities", dataset.SQL[perCity](`SELECT city, count(*) AS accounts FROM now GROUP BY city`, dataset.In("now", b.now)))
	return b
}

func (b bank) run(ctx context.Context, lake *medalliontest.Lake) error {
	_, err := lake.Pipeline.Run(ctx, b.raw, b.checked, b.now, b.history, b.totals)
	return err
}

// bankBatches are the files of the bank's changes, in their order.
var bankBatches = []string{
	"1 I 10 new Rome\n2 I 11 new Oslo\n3 X 12 - -\n",
	"1 U 20 active Rome\n2 D 21 - -\n4 I 22 new Rome\n5 - 23 - -\n",
}

// checkBank runs the pipeline and compares every table with what the changes of both batches give.
func checkBank(t *testing.T, lake *medalliontest.Lake) {
	t.Helper()
	b := newBank(lake)
	if err := b.run(t.Context(), lake); err != nil {
		t.Fatalf("the run after the fault: %v", err)
	}
	if got := len(medalliontest.Rows(lake, b.raw)); got != 7 {
		t.Errorf("bronze: got %d rows, want 7", got)
	}
	if got := len(medalliontest.Rows(lake, b.checked)); got != 5 {
		t.Errorf("partitioned: got %d rows, want 5", got)
	}
	aside := medalliontest.Rows(lake, medallion.Existing[change]("silver.changes_quarantine"))
	if len(aside) != 2 {
		t.Errorf("quarantine: got %d rows, want 2", len(aside))
	}
	medalliontest.Want(lake, b.now, account{ptr[int64](1), ptr("active"), ptr("Rome")}, account{ptr[int64](4), ptr("new"), ptr("Rome")})
	medalliontest.Want(lake, b.history,
		version{ptr[int64](1), ptr("new"), ptr("Rome"), 10, ptr[int64](20), false},
		version{ptr[int64](1), ptr("active"), ptr("Rome"), 20, nil, true},
		version{ptr[int64](2), ptr("new"), ptr("Oslo"), 11, ptr[int64](21), false},
		version{ptr[int64](4), ptr("new"), ptr("Rome"), 22, nil, true})
	medalliontest.Want(lake, b.totals, perCity{ptr("Rome"), 2})
}

// bankLake is a lake whose first batch is done and whose second waits.
func bankLake(t *testing.T) *medalliontest.Lake {
	t.Helper()
	lake := medalliontest.NewLake(t)
	feed(lake, 0, bankBatches[0])
	if err := newBank(lake).run(t.Context(), lake); err != nil {
		t.Fatal(err)
	}
	feed(lake, 1, bankBatches[1])
	return lake
}

// TestFaultAtEveryCall fails the calls of a run that merges, partitions and sets rows aside, one at a time and for good: the next run is right.
func TestFaultAtEveryCall(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault faultstore.Fault
		step  int // which calls: every one, or one in some under the race detector's eyes
	}{
		{"not done", faultstore.Fault{Effect: faultstore.Before}, 7},
		{"response lost", faultstore.Fault{Of: faultstore.Changes, Effect: faultstore.After}, 1},
		{"half done", faultstore.Fault{Effect: faultstore.Partly}, 7},
		{"plug pulled before", faultstore.Fault{Of: faultstore.Changes, Effect: faultstore.Before, Stop: true}, 2},
		{"plug pulled after", faultstore.Fault{Of: faultstore.Changes, Effect: faultstore.After, Stop: true}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for n := 1; ; n += tt.step {
				lake := bankLake(t)
				inner, fault := lake.Store, tt.fault
				fault.At = n
				faulty := faultstore.New(inner, fault)
				onStore(lake, faulty)
				err := newBank(lake).run(t.Context(), lake)
				if !faulty.Fired() {
					break
				}
				if err != nil && !errors.Is(err, faultstore.ErrInjected) && !errors.Is(err, faultstore.ErrStopped) {
					t.Errorf("call %d: got error %v, want the fault itself", n, err)
				}
				onStore(lake, inner)
				checkBank(t, lake)
				if t.Failed() {
					t.Fatalf("call %d (%v): see above", n, faulty.Calls()[n-1])
				}
			}
		})
	}
}

// cutOff is a store whose caller gives up at its n-th call.
type cutOff struct {
	storage.Store
	left   atomic.Int64
	cancel context.CancelFunc
}

func (c *cutOff) count() {
	if c.left.Add(-1) == 0 {
		c.cancel()
	}
}

func (c *cutOff) Open(ctx context.Context, key string) (storage.Object, error) {
	c.count()
	return c.Store.Open(ctx, key)
}

func (c *cutOff) Create(ctx context.Context, key string) (storage.Writer, error) {
	c.count()
	return c.Store.Create(ctx, key)
}

func (c *cutOff) PutIfAbsent(ctx context.Context, key string, data []byte) error {
	c.count()
	return c.Store.PutIfAbsent(ctx, key, data)
}

// TestCancelledRuns cancels runs at 200 seeded points, one to three of them in a row over each lake: then each row is there exactly once.
func TestCancelledRuns(t *testing.T) {
	t.Parallel()
	for worker := range uint64(4) {
		t.Run(fmt.Sprint(worker), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(worker, 1))
			for points := 0; points < 50; {
				lake := medalliontest.NewLake(t)
				for i, text := range bankBatches {
					feed(lake, i, text)
				}
				runners := 1 + random.IntN(3)
				for points += runners; runners > 0; runners-- {
					cancelled(t, lake, 1+random.Int64N(150))
				}
				checkBank(t, lake)
				if t.Failed() {
					t.Fatalf("worker %d, %d points: see above", worker, points)
				}
			}
		})
	}
}

// cancelled runs the bank until the n-th call.
func cancelled(t *testing.T, lake *medalliontest.Lake, n int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	inner := lake.Store
	c := &cutOff{Store: inner, cancel: cancel}
	c.left.Store(n)
	onStore(lake, c)
	defer onStore(lake, inner)
	if err := newBank(lake).run(ctx, lake); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled at call %d: got error %v, want context.Canceled", n, err)
	}
}

// TestRunnersOnOneDisk: runners of one pipeline over a lake on the disk do every file once between them.
func TestRunnersOnOneDisk(t *testing.T) {
	t.Parallel()
	const count = 50
	for _, runners := range []int{2, 8} {
		t.Run(fmt.Sprint(runners), func(t *testing.T) {
			t.Parallel()
			lake := diskLake(t)
			var want []string
			for i := range count {
				lake.File(fmt.Sprintf("landing/%02d.json", i), orderLine(fmt.Sprintf("o%02d", i)))
				want = append(want, fmt.Sprintf("o%02d", i))
			}
			var wg sync.WaitGroup
			for range runners {
				wg.Go(func() {
					p := lake.Pipeline
					p.NewID = nil
					raw := bronze.Ingest[rawOrder]("bronze.orders", files.In(lake.Store, "landing/*", files.MaxFilesPerTrigger(10)))
					if _, err := p.Run(t.Context(), raw); err != nil {
						t.Errorf("run: %v", err)
					}
				})
			}
			wg.Wait()
			if diff := cmp.Diff(want, orderIDs(lake, newBronze(lake))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}
