package local_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/storage/faultstore"
)

// setAside is what the tests keep of a quarantined row.
type setAside struct {
	ID    *int64
	Batch *int64 `delta:"_batch"`
}

func checked(lake *medalliontest.Lake, more ...quality.Expectation) *medallion.Table[item] {
	return bronze.Append("bronze.t", quality.Check(items(landing(lake), "true"), append(more, quality.Quarantine("positive", "n > 0"))...))
}

// A batch of an append flow that is stopped anywhere and run again leaves its rows once in the table and once in the quarantine, beside other batches'.
func TestQuarantineOfABatchThatIsRunAgain(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		lake := medalliontest.NewLake(t)
		arrive(lake, "1.json", "1 a 10", "2 b -1")
		lake.Run(checked(lake))
		arrive(lake, "2.json", "3 a 10", "4 b -1")
		inner := lake.Store
		faulty := faultstore.New(inner, faultstore.Fault{At: n, Of: faultstore.Changes, Effect: faultstore.After, Stop: true})
		lake.Pipeline.Lake = medallion.LakeIn(faulty, "lake")
		_, _ = lake.Pipeline.Run(t.Context(), checked(lake)) // may fail or not: the next one has to be right
		lake.Pipeline.Lake = medallion.LakeIn(inner, "lake")
		lake.Run(checked(lake))
		medalliontest.Want(lake, checked(lake), newItem(1, "a", 10), newItem(3, "a", 10))
		medalliontest.Want(lake, medallion.Existing[setAside]("bronze.t_quarantine"),
			setAside{ptr[int64](2), ptr[int64](0)}, setAside{ptr[int64](4), ptr[int64](1)})
		if t.Failed() {
			t.Fatalf("call %d: see above", n)
		}
		if !faulty.Fired() {
			break
		}
	}
}

func TestQuarantineOfAnAppendFlowKeepsItsBatch(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	table := checked(lake, quality.QuarantineTo("ops.bad", "id"))
	arrive(lake, "1.json", "1 a -1")
	_, err := lake.Pipeline.Run(t.Context(), table)
	if err == nil { // without rows of an earlier batch there is nothing to replace
		arrive(lake, "2.json", "2 a -1")
		_, err = lake.Pipeline.Run(t.Context(), table)
	}
	var other *flow.SchemaError
	if !errors.As(err, &other) || !strings.Contains(err.Error(), "does not keep _batch") {
		t.Errorf("got error %v, want *flow.SchemaError for the missing _batch", err)
	}
}

func TestTwoChecksThatQuarantine(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	arrive(lake, "1.json", "1 a 10")
	twice := quality.Check(quality.Check(items(landing(lake), "true"), quality.Quarantine("a", "n > 0")), quality.Quarantine("b", "n < 100"))
	_, err := lake.Pipeline.Run(t.Context(), silver.Table("silver.t", twice))
	if err == nil || !strings.Contains(err.Error(), "put their rules into one check") {
		t.Errorf("got error %v, want the two checks", err)
	}
}

func TestTwoWritersOfOneTable(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	a := silver.Table("silver.t", items(landing(lake), "true"))
	tests := []struct {
		name   string
		tables []medallion.AnyTable
		want   string
	}{
		{"two declarations", []medallion.AnyTable{a, silver.Table("silver.t", items(landing(lake), "true"))}, "silver.t is written by"},
		{"a quarantine that is a table", []medallion.AnyTable{a, checked(lake, quality.QuarantineTo("silver.t", ""))}, "which is a table of its own"},
		{"two quarantines", []medallion.AnyTable{
			checked(lake, quality.QuarantineTo("ops.bad", "")),
			silver.Table("silver.o", quality.Check(items(landing(lake), "true"), quality.Quarantine("q", "n > 0"), quality.QuarantineTo("ops.bad", ""))),
		}, "ops.bad is written by"},
	}
	for _, tt := range tests {
		err := lake.Pipeline.Validate(t.Context(), tt.tables...)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Count(err.Error(), "_test.go:") != 2 {
			t.Errorf("%s: got error %v, want %q and both places", tt.name, err, tt.want)
		}
	}
}

// timed is a row with its time.
type timed struct{ At time.Time }

func TestFreshnessGoesByTheLakesClock(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	input := medallion.Existing[timed]("bronze.in")
	medalliontest.Given(lake, input, timed{medalliontest.Start})
	fresh := func(name string) *medallion.Table[timed] {
		return silver.Table(name, input, medallion.Expect(quality.Freshness("at", time.Hour)))
	}
	lake.SetClock(medalliontest.Start.Add(time.Hour))
	lake.Refresh(fresh("silver.a"))
	lake.SetClock(medalliontest.Start.Add(time.Hour + time.Second))
	var failed *quality.FailedError
	if _, err := lake.Pipeline.Refresh(t.Context(), fresh("silver.b")); !errors.As(err, &failed) {
		t.Errorf("got error %v a second later, want *quality.FailedError", err)
	}
}

// TestElementsThatMayBeNull reads an array whose elements may be NULL in the table under a row type that has none.
func TestElementsThatMayBeNull(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	arrive(lake, "1.json", "1 a -10")
	lake.Run(bronze.Append("bronze.t", quality.Check(items(landing(lake), "true"), quality.Quarantine("positive", "n > 0"))))
	medalliontest.Want(lake, medallion.Existing[violation]("bronze.t_quarantine"), violation{ptr[int64](1), []string{"positive"}})
}

// violation is what a quarantined row broke.
type violation struct {
	ID    *int64
	Rules []string `delta:"_rules"`
}
