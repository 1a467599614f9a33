package local_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/source/files"
)

// wider is item with a column more, in its middle, and its columns in another order.
type wider struct {
	N    *int64
	Note *string
	Kind *string
	ID   *int64
}

// strict is item with a new column that has no room for NULL.
type strict struct {
	ID   *int64
	Kind *string
	N    *int64
	Flag bool
}

// retyped is item with another type.
type retyped struct {
	ID   *int64
	Kind *string
	N    *string
}

func TestNewColumnIsNullInOldRows(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	arrive(lake, "1.json", "1 a 10")
	lake.Run(bronze.Append("bronze.t", items(landing(lake), "true")))
	arrive(lake, "2.json", "2 b 20")
	table := bronze.Append("bronze.t", dataset.SQL[wider](`SELECT n, 'new' AS note, kind, id FROM r`, dataset.In("r", landing(lake))))
	lake.Run(table)
	medalliontest.Want(lake, table,
		wider{N: ptr[int64](10), Kind: ptr("a"), ID: ptr[int64](1)}, wider{ptr[int64](20), ptr("new"), ptr("b"), ptr[int64](2)})

	s := snapshot(t, lake, "bronze/t")
	var names []string
	for _, f := range s.Schema().Fields() {
		names = append(names, f.Name)
	}
	if got, want := strings.Join(names, " "), "id kind n note"; got != want {
		t.Errorf("got columns %s, want the new one behind those that were there: %s", got, want)
	}
	arrive(lake, "3.json", "3 c 30")
	narrow := bronze.Append("bronze.t", items(landing(lake), "true"))
	lake.Run(narrow)
	medalliontest.Want(lake, narrow, newItem(1, "a", 10), newItem(2, "b", 20), newItem(3, "c", 30))
}

func TestAppendFlowRefusesOtherSchemas(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		table func(*medalliontest.Lake) medallion.AnyTable
		want  string
	}{
		{"new column without room for NULL", func(l *medalliontest.Lake) medallion.AnyTable {
			return bronze.Append("bronze.t", dataset.SQL[strict](`SELECT id, kind, n, true AS flag FROM r`, dataset.In("r", landing(l))))
		}, "flag, which is declared NOT NULL"},
		{"other type", func(l *medalliontest.Lake) medallion.AnyTable {
			return bronze.Append("bronze.t", dataset.SQL[retyped](`SELECT id, kind, CAST(n AS STRING) AS n FROM r`, dataset.In("r", landing(l))))
		}, "column n of type bigint, the declaration says string"},
		{"other partitions", func(l *medalliontest.Lake) medallion.AnyTable {
			return bronze.Append("bronze.t", items(landing(l), "true"), medallion.PartitionBy("kind"))
		}, "is partitioned by (), the declaration says (kind)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			lake := medalliontest.NewLake(t)
			arrive(lake, "1.json", "1 a 10")
			table := bronze.Append("bronze.t", items(landing(lake), "true"))
			lake.Run(table)
			arrive(lake, "2.json", "2 b 20")
			_, err := lake.Pipeline.Run(t.Context(), tt.table(lake))
			var other *flow.SchemaError
			if !errors.As(err, &other) || other.Table != "bronze.t" || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want *flow.SchemaError with %q", err, tt.want)
			}
			medalliontest.Want(lake, table, newItem(1, "a", 10))
			lake.Run(table) // as it was: the rows that were refused come in
			medalliontest.Want(lake, table, newItem(1, "a", 10), newItem(2, "b", 20))
		})
	}
}

func TestTableTakesAnySchema(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	all := bronze.Append("bronze.all", items(landing(lake), "true"))
	arrive(lake, "1.json", "1 a 10", "2 b 20")
	lake.Run(silver.Table("silver.t", items(all, "true")))
	changed := silver.Table("silver.t", dataset.SQL[retyped](`SELECT id, kind, CAST(n AS STRING) AS n FROM r`, dataset.In("r", all)), medallion.PartitionBy("kind"))
	tr := lake.Run(changed).Table("silver.t")
	if tr.Mode != "overwrite" || !strings.Contains(tr.Why, "query has changed") {
		t.Errorf("got %s because %q, want it overwritten because its query has changed", tr.Mode, tr.Why)
	}
	medalliontest.Want(lake, changed, retyped{ptr[int64](1), ptr("a"), ptr("10")}, retyped{ptr[int64](2), ptr("b"), ptr("20")})
	if got := snapshot(t, lake, "silver/t").PartitionColumns(); len(got) != 1 || got[0] != "kind" {
		t.Errorf("got partitions %v, want kind", got)
	}
	lake.Run(silver.Table("silver.t", items(all, "true")))
	if got := snapshot(t, lake, "silver/t").PartitionColumns(); len(got) != 0 {
		t.Errorf("got partitions %v, want none", got)
	}
}

func TestPartitionedTables(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	flat := bronze.Append("bronze.t", items(landing(lake), "true"), medallion.PartitionBy("kind"))
	arrive(lake, "1.json", "1 a 10", "2 b 20")
	lake.Run(flat)
	arrive(lake, "2.json", "3 b 30")
	lake.Run(flat)
	medalliontest.Want(lake, flat, newItem(1, "a", 10), newItem(2, "b", 20), newItem(3, "b", 30))
	s := snapshot(t, lake, "bronze/t")
	perKind := map[string]int{}
	for f := range s.Files() {
		perKind[strings.Split(f.Path, "/")[0]]++
	}
	if perKind["kind=a"] != 1 || perKind["kind=b"] != 2 || len(perKind) != 2 {
		t.Errorf("got files %v, want one of kind a and two of kind b", perKind)
	}
	onlyA := silver.Table("silver.a", items(flat, "kind = 'a'"))
	if tr := lake.Run(onlyA).Table("silver.a"); tr.FilesIn != 1 || tr.RowsIn != 1 {
		t.Errorf("got %d files and %d rows read, want those of kind a alone", tr.FilesIn, tr.RowsIn)
	}
	merged := silver.Merge("silver.m", []silver.Flow[item]{silver.Upsert(items(landing(lake), "true"), "id")}, medallion.PartitionBy("kind"))
	lake.Run(merged)
	arrive(lake, "3.json", "1 c 11") // the row moves to another partition
	lake.Run(merged)
	medalliontest.Want(lake, merged, newItem(1, "c", 11), newItem(2, "b", 20), newItem(3, "b", 30))
}

func TestChangedQueryIsRecomputed(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	all := bronze.Append("bronze.all", items(landing(lake), "true"))
	arrive(lake, "1.json", "1 a 10", "2 b 20")
	lake.Run(silver.Table("silver.t", items(all, "n > 10")))
	changed := silver.Table("silver.t", items(all, "n > 5"))
	if tr := lake.Run(changed).Table("silver.t"); tr.Mode != "overwrite" || tr.RowsIn != 2 {
		t.Errorf("got %s of %d rows (%s), want both read again", tr.Mode, tr.RowsIn, tr.Why)
	}
	medalliontest.Want(lake, changed, newItem(1, "a", 10), newItem(2, "b", 20))
}

// A flow that has read a table goes on with that table alone: another one under its name may lack rows, or have them again.
func TestAnotherTableUnderTheInputsName(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	input := medallion.Existing[item]("bronze.in")
	medalliontest.Given(lake, input, newItem(1, "a", 10))
	table := silver.Append("silver.t", items(input, "true"))
	lake.Refresh(table)
	remove(t, lake, "lake/bronze/in/")
	medalliontest.Given(lake, input, newItem(2, "b", 20))
	_, err := lake.Pipeline.Refresh(t.Context(), table)
	if err == nil || !strings.Contains(err.Error(), "bronze.in is another table than the one that was read so far") {
		t.Errorf("got error %v, want the input that was replaced", err)
	}
	medalliontest.Want(lake, table, newItem(1, "a", 10))

	replaced := silver.Table("silver.all", items(input, "true")) // equals its query, whatever its input is
	lake.Refresh(replaced)
	medalliontest.Want(lake, replaced, newItem(2, "b", 20))
}

// An append flow refuses an input whose rows were changed, rather than miss the change.
func TestChangedRowsUnderAStream(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	input := medallion.Existing[item]("bronze.in")
	medalliontest.Given(lake, input, newItem(1, "a", 10), newItem(2, "b", 20))
	table := silver.Append("silver.t", items(input, "true"))
	lake.Refresh(table)
	if _, err := delta.Open(lake.Store, "lake/bronze/in", delta.Config{}).Delete(t.Context(), "id = 1", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := lake.Pipeline.Refresh(t.Context(), table); err == nil || !strings.Contains(err.Error(), "rows were changed or removed after version") {
		t.Errorf("got error %v, want that rows were removed", err)
	}
}

// A file set that is bounded is worked off in several batches of one run.
func TestBatchesAreBounded(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	for _, f := range []string{"1.json", "2.json", "3.json"} {
		arrive(lake, f, f[:1]+" a 10")
	}
	table := bronze.Append("bronze.t", items(landing(lake, files.MaxFilesPerTrigger(2)), "true"))
	tr := lake.Run(table).Tables[0]
	if tr.Commits != 2 || tr.FilesIn != 3 || tr.RowsOut != 3 {
		t.Errorf("got %d commits, %d files, %d rows, want 2, 3, 3", tr.Commits, tr.FilesIn, tr.RowsOut)
	}
}

func snapshot(t *testing.T, lake *medalliontest.Lake, table string) *delta.Snapshot {
	t.Helper()
	s, err := delta.Open(lake.Store, "lake/"+table, delta.Config{}).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// remove deletes every object under a prefix.
func remove(t *testing.T, lake *medalliontest.Lake, prefix string) {
	t.Helper()
	var keys []string
	for info, err := range lake.Store.List(t.Context(), prefix, "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	if err := lake.Store.Delete(t.Context(), keys...); err != nil {
		t.Fatal(err)
	}
}
