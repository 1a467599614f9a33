package delta_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// unlogged is a store with the data files of tables of ours, and none of their logs; the folder of each table is a part of t's.
func unlogged(t *testing.T, tables map[string]string) storage.Store {
	t.Helper()
	store := memory.New()
	for folder, columns := range tables {
		c := testConfig()
		c.Alloc = checked(t)
		table := delta.Open(store, "t/"+folder, c)
		name, columns, _ := strings.Cut(columns, "|")
		if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, name)}); err != nil {
			t.Fatal(err)
		}
		if _, err := table.Append(t.Context(), rows(t, c.Alloc, name, columns), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		for o, err := range store.List(t.Context(), "t/"+folder+"/_delta_log/", "") {
			if err != nil {
				t.Fatal(err)
			}
			if err := store.Delete(t.Context(), o.Key); err != nil {
				t.Fatal(err)
			}
		}
	}
	return store
}

func TestConvert(t *testing.T) {
	t.Parallel()
	store := unlogged(t, map[string]string{
		"p=a%2Fb/q=1":                        `id INT, s STRUCT<x: BIGINT>, name STRING|[{"id": 1, "s": {"x": 1}, "name": "one"}, {"id": 2, "s": null, "name": null}]`,
		"p=__HIVE_DEFAULT_PARTITION__/q=2":   `ID INT, s STRUCT<x: BIGINT, y: DOUBLE>|[{"ID": 3, "s": {"x": 3, "y": 0.5}}]`,
		"p=c/q=__HIVE_DEFAULT_PARTITION__/z": `id INT, l ARRAY<INT>|[{"id": 4, "l": [4]}]`,
		"_hidden":                            `id STRING|[{"id": "x"}]`,
	})
	table := delta.Open(store, "t", testConfig())
	o := delta.ConvertOptions{
		PartitionBy: ddl(t, "p STRING, q INT").Fields(), Properties: map[string]string{"x": "y"},
	}
	res, err := table.Convert(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if res.Version != 0 || res.Metrics["numConvertedFiles"] != 3 {
		t.Errorf("%+v, want version 0 of 3 files", res)
	}
	s := snapshot(t, table)
	var names []string
	for _, f := range s.Schema().Fields() {
		names = append(names, f.Name+" "+f.Type.String())
	}
	if len(names) != 6 || !slices.Equal(s.PartitionColumns(), []string{"p", "q"}) || s.Property("x") != "y" {
		t.Errorf("columns %v, partition columns %v", names, s.PartitionColumns())
	}
	at, err := s.Columns("id", "name", "p", "q")
	if err != nil {
		t.Fatal(err)
	}
	got := lines(t, scan(t, table, delta.ScanConfig{Columns: at}))
	slices.Sort(got)
	want := []string{`1 "one" "a/b" 1`, `2 null "a/b" 1`, `3 null null 2`, `4 null "c" null`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	for f := range s.Files() {
		checkConvertedStats(t, f)
	}
	if got := filesFor(t, table, "id > 3"); got != 1 {
		t.Errorf("%d files for id > 3, want 1", got)
	}
	if again, err := table.Convert(t.Context(), o); err != nil || again.Version != 0 || snapshot(t, table).Version() != 0 {
		t.Errorf("again: %+v, %v, want that nothing happens", again, err)
	}
}

func checkConvertedStats(t *testing.T, f *delta.File) {
	t.Helper()
	var stats struct {
		NumRecords int64
		MinValues  map[string]any
		NullCount  map[string]any
	}
	if err := json.Unmarshal([]byte(f.Stats), &stats); err != nil {
		t.Fatal(err)
	}
	if stats.NumRecords < 1 || stats.NullCount["name"] == nil {
		t.Errorf("file %s: statistics %s, want rows, and NULLs of name", f.Path, f.Stats)
	}
}

func TestConvertRefuses(t *testing.T) {
	t.Parallel()
	p := ddl(t, "p INT").Fields()
	tests := map[string]struct {
		tables  map[string]string
		options delta.ConvertOptions
		message string
	}{
		"no file":      {nil, delta.ConvertOptions{}, "there is no file"},
		"two types":    {map[string]string{"a": `x INT|[{"x": 1}]`, "b": `x STRING|[{"x": "1"}]`}, delta.ConvertOptions{}, "it is string in one file and int in another: write the files anew"},
		"a wider type": {map[string]string{"a": `s STRUCT<x: INT>|[{"s": {"x": 1}}]`, "b": `s STRUCT<x: BIGINT>|[{"s": {"x": 1}}]`}, delta.ConvertOptions{}, "or give the table delta.enableTypeWidening = true, with which it is bigint"},
		"types of which none is wider": {
			map[string]string{"a": `x BIGINT|[{"x": 1}]`, "b": `x DOUBLE|[{"x": 1}]`}, delta.ConvertOptions{Properties: widening}, "it is double in one file and bigint in another: write the files anew",
		},
		"a folder nobody told of": {map[string]string{"p=1": `x INT|[{"x": 1}]`}, delta.ConvertOptions{}, "does not tell of"},
		"a folder that is not":    {map[string]string{"x": `x INT|[{"x": 1}]`}, delta.ConvertOptions{PartitionBy: p}, "does not lie in a folder of the partition column p"},
		"a value that is none":    {map[string]string{"p=x": `x INT|[{"x": 1}]`}, delta.ConvertOptions{PartitionBy: p}, "whose value is no int"},
		"mapped columns": {
			map[string]string{"x": `x INT|[{"x": 1}]`},
			delta.ConvertOptions{Properties: map[string]string{"delta.columnMapping.mode": "name"}},
			"columnMapping",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := unlogged(t, tt.tables)
			_, err := delta.Open(store, "t", testConfig()).Convert(t.Context(), tt.options)
			if err == nil || !strings.Contains(err.Error(), tt.message) {
				t.Errorf("%v, want %q in it", err, tt.message)
			}
			if _, err := delta.Open(store, "t", testConfig()).Snapshot(t.Context()); !errors.Is(err, delta.ErrNotTable) {
				t.Errorf("%v, want that there is no table", err)
			}
		})
	}
	store := memory.New()
	putObjects(t, store, "broken.parquet")
	if _, err := delta.Open(store, "t", testConfig()).Convert(t.Context(), delta.ConvertOptions{}); err == nil || !strings.Contains(err.Error(), "broken.parquet") {
		t.Errorf("%v, want that broken.parquet is damaged", err)
	}
}

// TestConvertWithoutStatistics has the numbers of rows alone.
func TestConvertWithoutStatistics(t *testing.T) {
	t.Parallel()
	table := delta.Open(unlogged(t, map[string]string{"a": `x INT|[{"x": 1}, {"x": 2}]`}), "t", testConfig())
	if _, err := table.Convert(t.Context(), delta.ConvertOptions{NoStatistics: true}); err != nil {
		t.Fatal(err)
	}
	for f := range snapshot(t, table).Files() {
		if want := `{"numRecords":2,"minValues":{},"maxValues":{},"nullCount":{}}`; f.Stats != want {
			t.Errorf("statistics %s, want %s", f.Stats, want)
		}
	}
}

func TestRepair(t *testing.T) {
	t.Parallel()
	store := memory.New()
	c := testConfig()
	c.Alloc = checked(t)
	table := delta.Open(store, "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, opColumns), PartitionBy: []string{"p"}}); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{opRows1, opRows2} {
		if _, err := table.Append(t.Context(), rows(t, c.Alloc, opColumns, text), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if res, err := table.Repair(t.Context(), delta.RepairOptions{}); err != nil || res.Version != 2 || len(res.Files) > 0 {
		t.Errorf("nothing is gone: %+v, %v", res, err)
	}
	gone := paths(snapshot(t, table))[1]
	if err := store.Delete(t.Context(), "t/"+gone); err != nil {
		t.Fatal(err)
	}
	for _, dry := range []bool{true, false} {
		res, err := table.Repair(t.Context(), delta.RepairOptions{DryRun: dry})
		want := &delta.RepairResult{Version: map[bool]int64{true: 2, false: 3}[dry], Files: []string{gone}}
		if diff := cmp.Diff(want, res); err != nil || diff != "" {
			t.Errorf("dry run %v: %v, (-want +got):\n%s", dry, err, diff)
		}
	}
	if got := lines(t, scan(t, table, delta.ScanConfig{})); len(got) != 4 {
		t.Errorf("rows %v, want 4", got)
	}
}

// TestRepairLeavesFilesWithoutTheirVectors does not bring deleted rows back, nor others away.
func TestRepairLeavesFilesWithoutTheirVectors(t *testing.T) {
	t.Parallel()
	table, store := vectoredIn(t)
	if err := store.Delete(t.Context(), "t/deletion_vector_61d16c75-6994-46b7-a15b-8b538852e50e.bin"); err != nil {
		t.Fatal(err)
	}
	res, err := table.Repair(t.Context(), delta.RepairOptions{})
	if err != nil || res.Version != 2 || len(res.Files) > 0 || len(res.Vectors) != 1 {
		t.Errorf("%+v, %v, want one file that stays", res, err)
	}
}

func TestManifest(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	store := localStore(t)
	c := testConfig()
	c.Alloc = alloc
	table := delta.Open(store, "a b", c)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, opColumns), PartitionBy: []string{"p"}}); err != nil {
		t.Fatal(err)
	}
	appended := func(text string) {
		t.Helper()
		if _, err := table.Append(t.Context(), rows(t, alloc, opColumns, text), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	appended(opRows1)
	if got := manifests(t, store); len(got) > 0 {
		t.Errorf("manifests %v before any was asked for", got)
	}
	if err := table.GenerateManifest(t.Context()); err != nil {
		t.Fatal(err)
	}
	check := func(folders ...string) {
		t.Helper()
		want := map[string]string{}
		for f := range snapshot(t, table).Files() {
			p, _ := f.Partition("p")
			want["p="+p] += "file://" + store.Root() + "/a b/" + f.Path + "\n"
		}
		got := manifests(t, store)
		if diff := cmp.Diff(want, got); diff != "" || len(got) != len(folders) {
			t.Errorf("manifests (-want +got):\n%s", diff)
		}
	}
	check("p=a", "p=b")
	if _, err := table.SetProperties(t.Context(), map[string]string{"delta.compatibility.symlinkFormatManifest.enabled": "true"}); err != nil {
		t.Fatal(err)
	}
	appended(opRows2)
	check("p=a", "p=b", "p=c")
	if _, err := table.Delete(t.Context(), "p = 'a'", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	check("p=b", "p=c")
}

// manifests are the contents of all manifests, by the partition's folder.
func manifests(t *testing.T, store storage.Store) map[string]string {
	t.Helper()
	found := map[string]string{}
	for o, err := range store.List(t.Context(), "a b/_symlink_format_manifest/", "") {
		if err != nil {
			t.Fatal(err)
		}
		data, err := storage.ReadAll(t.Context(), store, o.Key)
		if err != nil {
			t.Fatal(err)
		}
		found[strings.TrimSuffix(strings.TrimPrefix(o.Key, "a b/_symlink_format_manifest/"), "/manifest")] = string(data)
	}
	return found
}

func TestManifestRefuses(t *testing.T) {
	t.Parallel()
	var unsupported *delta.UnsupportedError
	if err := vectored(t).GenerateManifest(t.Context()); !errors.As(err, &unsupported) || unsupported.Feature != "deletionVectors" {
		t.Errorf("%v, want that deletion vectors are refused", err)
	}
	mapped := create(t, memory.New(), testConfig(), map[string]string{"delta.columnMapping.mode": "name"})
	if err := mapped.GenerateManifest(t.Context()); !errors.As(err, &unsupported) || unsupported.Feature != "columnMapping" {
		t.Errorf("%v, want that column mapping is refused", err)
	}
}

// TestConvertWidens makes one table of files whose columns are of several types.
func TestConvertWidens(t *testing.T) {
	t.Parallel()
	store := unlogged(t, map[string]string{
		"a": `n SMALLINT, d DATE, s STRUCT<x: INT>, l ARRAY<INT>, m MAP<INT, FLOAT>|[{"n": 1, "d": "2026-01-01", "s": {"x": 1}, "l": [1, null], "m": [{"key": 1, "value": 0.5}]}]`,
		"b": `n INT, d DATE, s STRUCT<x: INT>, l ARRAY<INT>, m MAP<INT, FLOAT>|[{"n": 70000, "d": "2026-01-02", "s": {"x": 2}, "l": null, "m": null}]`,
		"c": `n BIGINT, d TIMESTAMP_NTZ, s STRUCT<x: BIGINT>, l ARRAY<BIGINT>, m MAP<BIGINT, DOUBLE>|[{"n": 5000000000, "d": "2026-01-03T01:02:03", "s": {"x": 5000000000}, "l": [5000000000], "m": [{"key": 5000000000, "value": 0.1}]}]`,
		"d": `n TINYINT, d DATE, s STRUCT<x: SMALLINT>, l ARRAY<TINYINT>, m MAP<TINYINT, FLOAT>|[{"n": 4, "d": "2026-01-04", "s": {"x": 4}, "l": [4], "m": [{"key": 4, "value": 4}]}]`,
	})
	table := delta.Open(store, "t", testConfig())
	if _, err := table.Convert(t.Context(), delta.ConvertOptions{Properties: widening}); err != nil {
		t.Fatal(err)
	}
	s := snapshot(t, table)
	const columns = "n BIGINT, d TIMESTAMP_NTZ, s STRUCT<x: BIGINT>, l ARRAY<BIGINT>, m MAP<BIGINT, DOUBLE>"
	if got := schema.DDL(s.Schema()); got != columns {
		t.Errorf("columns = %s\nwant %s", got, columns)
	}
	if p := s.Protocol(); !slices.Contains(p.ReaderFeatures, "typeWidening") {
		t.Errorf("protocol = %+v, want typeWidening", p)
	}
	want := []string{
		`1 "2026-01-01T00:00:00.000000" {"x":1} [1,null] [[1,0.5]]`, `4 "2026-01-04T00:00:00.000000" {"x":4} [4] [[4,4.0]]`,
		`5000000000 "2026-01-03T01:02:03.000000" {"x":5000000000} [5000000000] [[5000000000,0.1]]`, `70000 "2026-01-02T00:00:00.000000" {"x":2} null null`,
	}
	rows := valuesOf(t, s, fieldNamesOf(s.Schema())...)
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	found, err := check.Table(t.Context(), store, "t", check.Options{Deep: true})
	if err != nil || len(found) > 0 {
		t.Errorf("the linter finds %v, %v", found, err)
	}
	if _, err := table.DropFeature(t.Context(), "typeWidening"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows, valuesOf(t, snapshot(t, table), fieldNamesOf(s.Schema())...)); diff != "" {
		t.Errorf("rows once all files are written anew (-want +got):\n%s", diff)
	}
}
