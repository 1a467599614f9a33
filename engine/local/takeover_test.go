package local_test

import (
	"errors"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/schema"
)

// stampedItem is an item in a table that an engine writes through SQL.
type stampedItem struct {
	ID    *int64
	Kind  *string
	N     *int64
	Batch *int64 `delta:"_medallion_batch"`
}

// TestBatchOfASQLEngineIsTakenOver has a batch whose rows another engine has written without saying so, or with the property that says so. Either way its
// rows are there once.
func TestBatchOfASQLEngineIsTakenOver(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		said    bool
		commits int
	}{{"before it said so", false, 1}, {"after it said so", true, 0}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			lake := medalliontest.NewLake(t)
			table := bronze.Append("bronze.t", items(landing(lake), "true"))
			arrive(lake, "1.json", "1 a 10")
			lake.Run(table)
			arrive(lake, "2.json", "2 b 20")
			claim(t, lake)
			writeAsSQL(t, lake, tt.said, newItem(2, "b", 20))

			report := lake.Run(table).Table("bronze.t")
			if report.Commits != tt.commits {
				t.Errorf("got %d commits, want %d", report.Commits, tt.commits)
			}
			medalliontest.Want(lake, table, newItem(1, "a", 10), newItem(2, "b", 20))
			arrive(lake, "3.json", "3 c 30")
			lake.Run(table)
			medalliontest.Want(lake, table, newItem(1, "a", 10), newItem(2, "b", 20), newItem(3, "c", 30))
		})
	}
}

// claim has the next batch of bronze.t planned, and not done.
func claim(t *testing.T, lake *medalliontest.Lake) {
	t.Helper()
	_, err := lake.Pipeline.Run(t.Context(), bronze.Append("bronze.t", quality.Check(items(landing(lake), "true"), quality.Fail("none", "false"))))
	var failed *quality.FailedError
	if !errors.As(err, &failed) {
		t.Fatalf("got error %v, want *quality.FailedError", err)
	}
}

// writeAsSQL appends rows of batch 1 as a SQL engine does, and says so where it had the time.
func writeAsSQL(t *testing.T, lake *medalliontest.Lake, said bool, rows ...item) {
	t.Helper()
	one := int64(1)
	stamped := make([]stampedItem, len(rows))
	for i, r := range rows {
		stamped[i] = stampedItem{r.ID, r.Kind, r.N, &one}
	}
	s, err := schema.Of[stampedItem]()
	if err != nil {
		t.Fatal(err)
	}
	codec, err := schema.NewCodec[stampedItem](s)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := codec.Encode(memory.DefaultAllocator, stamped)
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Release()
	table := delta.Open(lake.Store, lake.Pipeline.Lake.Path("bronze.t"), delta.Config{Clock: lake.Pipeline.Now, NewID: lake.Pipeline.NewID})
	if _, err := table.Append(t.Context(), exec.NewBatches(s, rec), delta.WriteOptions{Writer: delta.WriterConfig{MergeSchema: true}}); err != nil {
		t.Fatal(err)
	}
	if !said {
		return
	}
	now, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m := now.Metadata()
	m.Configuration[flow.PropertyPrefix+"bronze.t"] = "1"
	tx := table.Begin(now, delta.Operation{Name: "SET TBLPROPERTIES"})
	if err := tx.SetMetadata(now.Schema(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}
