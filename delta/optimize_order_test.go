package delta_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/internal/deletionvector"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// scattered is a table of n rows in four files, whose columns a and b have nothing to do with each other or with the files.
func scattered(t testing.TB, n int) *delta.Table {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	texts := make([]string, 4)
	for i := range texts {
		var b strings.Builder
		for r := range n / 4 {
			fmt.Fprintf(&b, `,{"a": %d, "b": "k%05d", "s": {"c": %d}, "p": "x"}`, random.IntN(n), random.IntN(n), r)
		}
		texts[i] = "[" + b.String()[1:] + "]"
	}
	return filled(t, checked(t), "a BIGINT, b STRING, s STRUCT<c: INT>, p STRING", []string{"p"}, texts...)
}

// filesFor is how many files have to be read for a condition.
func filesFor(t testing.TB, table *delta.Table, where string) int {
	t.Helper()
	s := snapshot(t, table)
	p, err := s.Predicate(where)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := s.Scan(delta.ScanConfig{Filter: p})
	if err != nil {
		t.Fatal(err)
	}
	return len(plan.Files)
}

// TestZOrder orders by two columns: a condition on either of them then needs few of the files, in memory and with next to none.
func TestZOrder(t *testing.T) {
	t.Parallel()
	for name, env := range map[string]*exec.Env{"in memory": nil, "spilled": {Budget: exec.NewBudget(64 << 10), Spill: exec.Dir(t.TempDir())}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := scattered(t, 20000)
			if env != nil {
				env.Alloc = checked(t)
			}
			before, size := lines(t, scan(t, table, delta.ScanConfig{})), snapshot(t, table).Size()
			res, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{ZOrderBy: []string{"B", "a"}, TargetFileBytes: size / 16, Env: env})
			if err != nil {
				t.Fatal(err)
			}
			if got := snapshot(t, table).NumFiles(); got != 16 || res.Metrics["numAddedFiles"] != 16 || res.Metrics["numRemovedFiles"] != 4 {
				t.Errorf("%d files, metrics %v, want 16 for 4", got, res.Metrics)
			}
			if env != nil && env.Budget.Spilled() == 0 {
				t.Error("nothing was spilled")
			}
			after := lines(t, scan(t, table, delta.ScanConfig{}))
			slices.Sort(before)
			slices.Sort(after)
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			for _, where := range []string{"a BETWEEN 4000 AND 4100", "b BETWEEN 'k10000' AND 'k10100'"} {
				if got := filesFor(t, table, where); got > 6 {
					t.Errorf("%s: %d of 16 files, want a few", where, got)
				}
			}
			if got := filesFor(t, table, "a BETWEEN 4000 AND 4100 AND b BETWEEN 'k10000' AND 'k10100'"); got > 2 {
				t.Errorf("both: %d of 16 files, want one or two", got)
			}
			history, err := table.History(t.Context(), 1)
			if err != nil || history[0].Parameters["zOrderBy"] != `["b","a"]` {
				t.Errorf("%v, zOrderBy %s", err, history[0].Parameters["zOrderBy"])
			}
		})
	}
}

// TestZOrderOfEveryType orders by one column after the other: the files' ranges then do not overlap.
func TestZOrderOfEveryType(t *testing.T) {
	t.Parallel()
	const columns = "i8 TINYINT, i16 SMALLINT, i32 INT, i64 BIGINT, f32 FLOAT, f64 DOUBLE, d DATE, t TIMESTAMP, m DECIMAL(30,2), s STRING, g STRING, n STRUCT<x: BIGINT>"
	var b strings.Builder
	for i := range 200 {
		v := (i*37)%200 - 100
		fmt.Fprintf(&b, `,{"i8": %d, "i16": %d, "i32": %d, "i64": %d, "f32": %d.5, "f64": %d.25, "d": "2020-01-%02d", "t": "2020-01-01T00:%02d:00Z", "m": "%d.25", "s": "%06d", "g": "g%d", "n": {"x": %d}}`,
			v, v, v, v, v, v, (v+100)%28+1, (v+100)%60, v, v+100, i%3, v)
	}
	b.WriteString(`,{"i8": null, "s": null, "n": null}`)
	for _, c := range []string{"i8", "i16", "i32", "i64", "f32", "f64", "d", "t", "m", "s", "g", "n.x"} {
		t.Run(c, func(t *testing.T) {
			t.Parallel()
			table := filled(t, checked(t), columns, nil, "["+b.String()[1:]+"]")
			before := lines(t, scan(t, table, delta.ScanConfig{}))
			if _, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{ZOrderBy: []string{c}, TargetFileBytes: snapshot(t, table).Size() / 2}); err != nil {
				t.Fatal(err)
			}
			after := lines(t, scan(t, table, delta.ScanConfig{}))
			slices.Sort(before)
			slices.Sort(after)
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			first, second := columnOf(t, table, c, 0), columnOf(t, table, c, 1)
			if overlap := slices.ContainsFunc(first, func(v string) bool { return slices.Contains(second, v) }); overlap && c != "d" && c != "t" && c != "g" {
				t.Errorf("the files share values: %v and %v", first, second)
			}
			if len(first) < 90 || len(second) < 90 {
				t.Errorf("files of %d and %d rows, want halves", len(first), len(second))
			}
		})
	}
}

// columnOf is the values of a column in one of the files.
func columnOf(t testing.TB, table *delta.Table, column string, file int) []string {
	t.Helper()
	s := snapshot(t, table)
	files := slices.Collect(s.Files())
	at, err := s.Columns(strings.Split(column, ".")[0])
	if err != nil {
		t.Fatal(err)
	}
	return lines(t, scan(t, table, delta.ScanConfig{Columns: at, Files: files[file : file+1]}))
}

// TestOrderedRowsKeepTheirIDs orders rows of a table that tracks them.
func TestOrderedRowsKeepTheirIDs(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	c := testConfig()
	c.Alloc = alloc
	table := delta.Open(memory.New(), "t", c)
	d := delta.Definition{Schema: ddl(t, opColumns), PartitionBy: []string{"p"}, Properties: map[string]string{"delta.enableRowTracking": "true"}}
	if _, err := table.Create(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{opRows1, opRows2, `[{"id": 0, "p": "a", "v": 70}]`} {
		if _, err := table.Append(t.Context(), rows(t, alloc, opColumns, text), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	ids := func() []string {
		list := lines(t, scan(t, table, delta.ScanConfig{RowTracking: true}))
		slices.Sort(list)
		return list
	}
	before := ids()
	if _, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{ZOrderBy: []string{"id", "v"}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, ids()); diff != "" || len(before) != 6 {
		t.Errorf("rows with IDs and versions (-want +got):\n%s", diff)
	}
}

func TestZOrderRefuses(t *testing.T) {
	t.Parallel()
	table := filled(t, checked(t), "a BIGINT, l ARRAY<INT>, p STRING, z INT", []string{"p"}, `[{"a": 1, "l": [1], "p": "x", "z": 1}]`)
	setProperties(t, table, map[string]string{"delta.dataSkippingNumIndexedCols": "2"})
	for column, class := range map[string]string{
		"p": "DELTA_ZORDERING_ON_PARTITION_COLUMN", "l": "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "z": "DELTA_ZORDERING_ON_COLUMN_WITHOUT_STATS",
	} {
		_, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{ZOrderBy: []string{column}})
		var e *expr.Error
		if !errors.As(err, &e) || e.Class != class {
			t.Errorf("%s: %v, want %s", column, err, class)
		}
	}
	var unknown *delta.SchemaError
	if _, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{ZOrderBy: []string{"a.b"}}); !errors.As(err, &unknown) || unknown.Column != "a.b" {
		t.Errorf("%v, want a SchemaError of a.b", err)
	}
}

// vectored is a table of one file that has a deletion vector: of five rows the second and the fourth are deleted.
func vectored(t *testing.T) *delta.Table {
	t.Helper()
	table, _ := vectoredIn(t)
	return table
}

func vectoredIn(t *testing.T) (*delta.Table, storage.Store) {
	t.Helper()
	c := testConfig()
	c.Alloc = checked(t)
	store := memory.New()
	table := delta.Open(store, "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, "id BIGINT")}); err != nil {
		t.Fatal(err)
	}
	source := rows(t, c.Alloc, "id BIGINT", `[{"id": 0}, {"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]`)
	if _, err := table.Append(t.Context(), source, delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	var vectors deletionvector.File
	offset, size, err := vectors.Add(deletionvector.Of(1, 3))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.PutIfAbsent(t.Context(), "t/deletion_vector_61d16c75-6994-46b7-a15b-8b538852e50e.bin", vectors.Bytes()); err != nil {
		t.Fatal(err)
	}
	f := slices.Collect(snapshot(t, table).Files())[0]
	putCommit(t, store, 2, fmt.Sprintf(`{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors"]}}
{"remove":{"path":%q,"deletionTimestamp":1,"dataChange":true}}
{"add":{"path":%q,"partitionValues":{},"size":%d,"modificationTime":1,"dataChange":true,"stats":%q,"deletionVector":{"storageType":"u","pathOrInlineDv":"vBn[lx{q8@P<9BNH/isA","offset":%d,"sizeInBytes":%d,"cardinality":2}}}`,
		f.Path, f.Path, f.Size, f.Stats, offset, size))
	return table, store
}

func setProperties(t *testing.T, table *delta.Table, properties map[string]string) {
	t.Helper()
	s := snapshot(t, table)
	tx := table.Begin(s, delta.Operation{Name: "SET TBLPROPERTIES"})
	m := s.Metadata()
	m.Configuration = properties
	if err := tx.SetMetadata(s.Schema(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestOptimizeAndReorgPurge(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		run   func(*delta.Table) (*delta.Result, error)
		files int64 // removed
	}{
		"REORG": {func(table *delta.Table) (*delta.Result, error) {
			return table.Reorg(t.Context(), "", delta.OptimizeOptions{})
		}, 1},
		"OPTIMIZE, many deleted": {func(table *delta.Table) (*delta.Result, error) {
			return table.Optimize(t.Context(), "", delta.OptimizeOptions{})
		}, 1},
		"OPTIMIZE, not enough deleted": {func(table *delta.Table) (*delta.Result, error) {
			return table.Optimize(t.Context(), "", delta.OptimizeOptions{MaxDeletedRows: 0.5})
		}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := vectored(t)
			before := lines(t, scan(t, table, delta.ScanConfig{}))
			res, err := tt.run(table)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" || len(before) != 3 {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			m := res.Metrics
			if m["numRemovedFiles"] != tt.files || m["numDeletionVectorsRemoved"] != tt.files || m["numDeletionVectorRowsRemoved"] != 2*tt.files {
				t.Errorf("metrics %v, want %d files", m, tt.files)
			}
			if again, err := table.Reorg(t.Context(), "", delta.OptimizeOptions{}); tt.files > 0 && (err != nil || again.Version != res.Version) {
				t.Errorf("a second purge: %+v, %v, want nothing to do", again, err)
			}
		})
	}
}
