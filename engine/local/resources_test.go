package local_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/gold"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/silver"
)

// total is a group of the tests' aggregate.
type total struct {
	Kind *string
	Rows int64
	Sum  *int64
}

func totals(of dataset.Relation) *medallion.Table[total] {
	return gold.Table("gold.totals", dataset.SQL[total](`SELECT kind, count(*) AS rows, sum(n) AS sum FROM r GROUP BY kind`, dataset.In("r", of)))
}

// A run that has to spill gives the same rows as one that has not.
func TestSpillingChangesNothing(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&b, `{"id":%d,"kind":"kind %d of many","n":%d}`+"\n", i, i*7919%50_000, i)
	}
	run := func(bytes int64) ([]string, int64) {
		lake := medalliontest.NewLake(t)
		lake.Engine(local.New(local.Config{Memory: bytes, SpillDir: t.TempDir()}))
		lake.File("landing/1.json", b.String())
		table := totals(landing(lake))
		spilled := lake.Run(table).Tables[0].Spilled
		lake.Engine(local.New(local.Config{}))
		var rows []string
		for _, r := range medalliontest.Rows(lake, dataset.SQL[total](`SELECT * FROM t ORDER BY kind`, dataset.In("t", table))) {
			rows = append(rows, fmt.Sprint(*r.Kind, " ", r.Rows, " ", *r.Sum))
		}
		return rows, spilled
	}
	want, none := run(1 << 30)
	got, some := run(4 << 20)
	if none != 0 || some == 0 {
		t.Errorf("got %d bytes spilled with 1 GiB and %d with 4 MiB, want none and some", none, some)
	}
	if len(want) != 50_000 {
		t.Errorf("got %d groups, want 50000", len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows with 4 MiB (-want +got):\n%s", diff)
	}
}

// errOdd is the error of a Go stage.
var errOdd = errors.New("an odd row")

// Every Arrow buffer is given back, whether a run ends well or not.
func TestNoBufferIsLeaked(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		where string
		rules []quality.Expectation
		fn    func(cancel func(), in item) error
		want  error
	}{
		{name: "a good run", where: "true"},
		{name: "an error in the query", where: "1 / (n - 10) > 0", want: errAny},
		{name: "a rule that fails", where: "true", rules: []quality.Expectation{quality.Fail("f", "n > 0")}, want: errAny},
		{name: "an error in a Go stage", where: "true", fn: func(_ func(), in item) error {
			if *in.ID == 3 {
				return errOdd
			}
			return nil
		}, want: errOdd},
		{name: "a run that is cancelled", where: "true", fn: func(cancel func(), _ item) error {
			cancel()
			return nil
		}, want: context.Canceled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			alloc := memory.NewCheckedAllocator(pool.NewChecked())
			defer alloc.AssertSize(t, 0)
			lake := medalliontest.NewLake(t)
			lake.Engine(local.New(local.Config{Alloc: alloc}))
			arrive(lake, "1.json", "1 a 10", "2 b -1", "3 a 30", "3 a 31")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			stage := dataset.Map(items(landing(lake), tt.where), func(_ context.Context, in item, out []item) ([]item, error) {
				if tt.fn != nil {
					if err := tt.fn(cancel, in); err != nil {
						return out, err
					}
				}
				return append(out, in), nil
			})
			rules := append(tt.rules, quality.Quarantine("small", "n < 31"), quality.Drop("known", "kind IS NOT NULL"))
			table := silver.Table("silver.t", dataset.Latest(quality.Check(stage, rules...), "id", "n"), medallion.PartitionBy("kind"))
			_, err := lake.Pipeline.Run(ctx, totals(table))
			switch {
			case tt.want == nil && err != nil, tt.want != nil && err == nil:
				t.Errorf("got error %v, want %v", err, tt.want)
			case tt.want != nil && !errors.Is(tt.want, errAny) && !errors.Is(err, tt.want):
				t.Errorf("got error %v, want %v", err, tt.want)
			}
			if tt.want == nil {
				medalliontest.Want(lake, table, newItem(1, "a", 10), newItem(2, "b", -1), newItem(3, "a", 30))
			} else if got := len(medalliontest.Rows(lake, table)); got != 0 {
				t.Errorf("got %d rows of a run that failed, want none", got)
			}
		})
	}
}

// errAny stands for any error at all.
var errAny = errors.New("any error")

func TestMapErrorsNameTheRow(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	arrive(lake, "1.json", "1 a 10", "2 b 20", "3 c 30")
	stage := dataset.Map(items(landing(lake), "true"), func(_ context.Context, in item, out []item) ([]item, error) {
		if *in.ID == 3 {
			return nil, errOdd
		}
		return append(out, in), nil
	})
	_, err := lake.Pipeline.Run(t.Context(), silver.Table("silver.t", stage))
	if !errors.Is(err, errOdd) || !strings.Contains(err.Error(), "row 2 of the batch") {
		t.Errorf("got error %v, want the function's own with the row's place", err)
	}
}
