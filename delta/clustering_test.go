package delta_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

const clusteredColumns = "a BIGINT, b STRING, s STRUCT<c: INT>"

// clustered is a table that is clustered by columns, with two files of n rows together.
func clustered(t *testing.T, store storage.Store, n int, properties map[string]string, columns ...string) *delta.Table {
	t.Helper()
	c := testConfig()
	c.Alloc = checked(t)
	table := delta.Open(store, "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, clusteredColumns), ClusterBy: columns, Properties: properties}); err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(2) {
		scatter(t, table, n/2, seed)
	}
	return table
}

func scatter(t *testing.T, table *delta.Table, n int, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 2))
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, `,{"a": %d, "b": "k%05d", "s": {"c": %d}}`, random.IntN(20000), random.IntN(20000), random.IntN(20000))
	}
	if _, err := table.Append(t.Context(), rows(t, checked(t), clusteredColumns, "["+b.String()[1:]+"]"), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// added are the adds of a commit, as JSON.
func added(t *testing.T, store storage.Store, version int64) (adds []map[string]any, text string) {
	t.Helper()
	data, err := storage.ReadAll(t.Context(), store, fmt.Sprintf("t/_delta_log/%020d.json", version))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var action struct{ Add map[string]any }
		if err := json.Unmarshal([]byte(line), &action); err != nil {
			t.Fatal(err)
		}
		if action.Add != nil {
			adds = append(adds, action.Add)
		}
	}
	return adds, string(data)
}

func TestClusteredTable(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"none", "name"} {
		t.Run("mapping "+mode, func(t *testing.T) {
			t.Parallel()
			store := memory.New()
			table := clustered(t, store, 20000, map[string]string{"delta.columnMapping.mode": mode}, "A", "s.c")
			s := snapshot(t, table)
			if diff := cmp.Diff([]string{"a", "s.c"}, s.ClusteringColumns()); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
			if f := s.Features(); !slices.Contains(f, "clustering") || !slices.Contains(f, "domainMetadata") {
				t.Errorf("features %v", f)
			}
			_, text := added(t, store, 0)
			if mode == "none" && !strings.Contains(text, `"configuration":"{\"clusteringColumns\":[[\"a\"],[\"s\",\"c\"]],\"domainName\":\"delta.clustering\"}","removed":false`) {
				t.Errorf("the first commit is %s", text)
			}
			before := sortedRows(t, s)
			res, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{TargetFileBytes: s.Size() / 16})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, sortedRows(t, snapshot(t, table))); diff != "" || res.Metrics["numAddedFiles"] != 16 {
				t.Errorf("metrics %v, rows (-want +got):\n%s", res.Metrics, diff)
			}
			for _, where := range []string{"a BETWEEN 4000 AND 4100", "s.c BETWEEN 4000 AND 4100"} {
				if got := filesFor(t, table, where); got > 7 {
					t.Errorf("%s: %d of 16 files, want a few", where, got)
				}
			}
			checkCube(t, store, res.Version)
			if again, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{}); err != nil || again.Version != res.Version {
				t.Errorf("again: %+v, %v, want nothing to do", again, err)
			}
		})
	}
}

// checkCube holds that all files of a commit are in one Z-cube by the table's own names, as Spark marks them.
func checkCube(t *testing.T, store storage.Store, version int64) {
	t.Helper()
	adds, _ := added(t, store, version)
	ids := map[any]bool{}
	for _, add := range adds {
		tags, _ := add["tags"].(map[string]any)
		ids[tags["ZCUBE_ID"]] = true
		if add["clusteringProvider"] != "liquid" || tags["ZCUBE_ZORDER_BY"] != `["a","s.c"]` || add["dataChange"] != false {
			t.Errorf("add %v, want provider liquid and the columns", add)
		}
	}
	if len(ids) != 1 || ids[nil] {
		t.Errorf("Z-cubes %v, want one", ids)
	}
}

// TestClusteringLeavesCubesAlone appends after a table was clustered: small Z-cubes are merged with what is new, large ones stay.
func TestClusteringLeavesCubesAlone(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		target  int64
		removed int64
	}{"small": {1 << 20, 2}, "large": {50, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := clustered(t, memory.New(), 1000, nil, "b")
			if _, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{TargetFileBytes: 1 << 20}); err != nil {
				t.Fatal(err)
			}
			scatter(t, table, 100, 7)
			before := sortedRows(t, snapshot(t, table))
			res, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{TargetFileBytes: tt.target})
			if err != nil || res.Metrics["numRemovedFiles"] != tt.removed {
				t.Errorf("%+v, %v, want %d files removed", res, err, tt.removed)
			}
			if diff := cmp.Diff(before, sortedRows(t, snapshot(t, table))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestClusterBy(t *testing.T) {
	t.Parallel()
	table := clustered(t, memory.New(), 100, nil, "a")
	optimize := func(full bool) int64 {
		t.Helper()
		res, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{Full: full})
		if err != nil {
			t.Fatal(err)
		}
		return res.Metrics["numRemovedFiles"]
	}
	if got := optimize(false); got != 2 {
		t.Errorf("%d files clustered, want 2", got)
	}
	if _, err := table.ClusterBy(t.Context(), "b", "s.c"); err != nil {
		t.Fatal(err)
	}
	history, err := table.History(t.Context(), 1)
	if diff := cmp.Diff(map[string]string{"oldClusteringColumns": "a", "newClusteringColumns": "b,s.c"}, history[0].Parameters); err != nil || diff != "" {
		t.Errorf("%v, history (-want +got):\n%s", err, diff)
	}
	if got := optimize(false); got != 0 {
		t.Errorf("%d files that are clustered otherwise were rewritten, want none", got)
	}
	if got := optimize(true); got != 1 {
		t.Errorf("%d files clustered anew, want 1", got)
	}
	if _, err := table.ClusterBy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := snapshot(t, table).ClusteringColumns(); len(got) > 0 {
		t.Errorf("clustered by %v, want none", got)
	}
	var e *expr.Error
	if _, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{Full: true}); !errors.As(err, &e) || e.Class != "DELTA_OPTIMIZE_FULL_NOT_SUPPORTED" {
		t.Errorf("%v, want DELTA_OPTIMIZE_FULL_NOT_SUPPORTED", err)
	}
}

func TestClusteringRefuses(t *testing.T) {
	t.Parallel()
	table := clustered(t, memory.New(), 10, nil, "a")
	tests := map[string]func() error{
		"DELTA_CLUSTERING_WITH_PARTITION_PREDICATE": func() error { _, err := table.Optimize(t.Context(), "true", delta.OptimizeOptions{}); return err },
		"DELTA_CLUSTERING_WITH_ZORDER_BY": func() error {
			_, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{ZOrderBy: []string{"a"}})
			return err
		},
		"DELTA_CLUSTER_BY_WITH_PARTITIONED_BY": func() error {
			d := delta.Definition{Schema: ddl(t, opColumns), PartitionBy: []string{"p"}, ClusterBy: []string{"v"}}
			_, err := delta.Open(memory.New(), "t", testConfig()).Create(t.Context(), d)
			return err
		},
		"DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS": func() error { _, err := table.ClusterBy(t.Context(), "a", "b", "s.c", "x", "y"); return err },
		"DELTA_CLUSTERING_COLUMN_MISSING_STATS": func() error {
			d := delta.Definition{Schema: ddl(t, opColumns), Properties: map[string]string{"delta.dataSkippingNumIndexedCols": "1"}, ClusterBy: []string{"v"}}
			_, err := delta.Open(memory.New(), "t", testConfig()).Create(t.Context(), d)
			return err
		},
		"DELTA_CLUSTERING_COLUMNS_DATATYPE_NOT_SUPPORTED": func() error { _, err := table.ClusterBy(t.Context(), "s"); return err },
	}
	for class, run := range tests {
		var e *expr.Error
		if err := run(); !errors.As(err, &e) || e.Class != class {
			t.Errorf("%v, want %s", err, class)
		}
	}
	for _, columns := range [][]string{{"nope"}, {"a", "A"}} {
		var wrong *delta.SchemaError
		if _, err := table.ClusterBy(t.Context(), columns...); !errors.As(err, &wrong) {
			t.Errorf("%v: %v, want a SchemaError", columns, err)
		}
	}
}

// TestClusteringColumnsHaveStatistics takes the statistics of all columns away: those of the clustering columns stay.
func TestClusteringColumnsHaveStatistics(t *testing.T) {
	t.Parallel()
	table := clustered(t, memory.New(), 10, nil, "b", "s.c")
	if _, err := table.SetProperties(t.Context(), map[string]string{"delta.dataSkippingNumIndexedCols": "0"}); err != nil {
		t.Fatal(err)
	}
	scatter(t, table, 10, 3)
	files := slices.Collect(snapshot(t, table).Files())
	var stats struct{ MinValues map[string]any }
	if err := json.Unmarshal([]byte(files[len(files)-1].Stats), &stats); err != nil {
		t.Fatal(err)
	}
	if inner, _ := stats.MinValues["s"].(map[string]any); len(stats.MinValues) != 2 || stats.MinValues["b"] == nil || inner["c"] == nil {
		t.Errorf("statistics %v, want those of b and s.c", stats.MinValues)
	}
}

// TestReplaceEndsClustering replaces a clustered table by one that is not.
func TestReplaceEndsClustering(t *testing.T) {
	t.Parallel()
	table := clustered(t, memory.New(), 10, nil, "b")
	if _, err := table.Replace(t.Context(), delta.Definition{Schema: ddl(t, "x INT")}, nil, delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := snapshot(t, table).ClusteringColumns(); len(got) > 0 {
		t.Errorf("clustered by %v, want none", got)
	}
}
