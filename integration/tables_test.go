//go:build integration

package integration

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/local"
)

// TestQuickstartIsReadAlike runs the quickstart and has every reader read every table: the rows and columns are those that we read, and the statistics hold.
func TestQuickstartIsReadAlike(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	cmd := exec.Command(shared.quick, "-lake", lake, "-landing", inRepository("examples", "quickstart", "landing"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("quickstart: %v\n%s", err, out)
	}
	tables := tablesUnder(t, lake)
	for _, want := range []string{"bronze/customers", "bronze/orders", "bronze/products", "silver/orders", "silver/orders_quarantine", "gold/revenue", "gold/top_products", "_medallion/event_log"} {
		if !slices.Contains(tables, want) {
			t.Errorf("the quickstart left no table %s, but %v", want, tables)
		}
	}
	for _, name := range tables {
		t.Run(name, func(t *testing.T) { checkReadAlike(t, filepath.Join(lake, name)) })
	}
}

// tablesUnder is the path of every Delta table in a lake, relative to it.
func tablesUnder(t *testing.T, lake string) []string {
	t.Helper()
	var tables []string
	err := filepath.WalkDir(lake, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "_delta_log" {
			return err
		}
		name, err := filepath.Rel(lake, filepath.Dir(path))
		tables = append(tables, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

func checkReadAlike(t *testing.T, path string) {
	t.Helper()
	rows := normal(t, cat(t, path))
	types, declared := columnsOf(t, path)
	for _, engine := range []string{"deltalake", "duckdb", "polars"} {
		a := shared.readers.ask(t, map[string]any{"op": "read", "engine": engine, "path": path})
		compareTable(t, engine, rows, types, a)
	}
	compareTable(t, "spark", rows, types, shared.spark.ask(t, map[string]any{"op": "read", "path": path}))
	if diff := cmp.Diff(declared, shared.readers.ask(t, map[string]any{"op": "schema", "path": path}).Columns); diff != "" {
		t.Errorf("columns, their types and nullability by delta-rs (-want +got):\n%s", diff)
	}
	statistics := shared.readers.ask(t, map[string]any{"op": "statistics", "path": path})
	if statistics.Checked == 0 || len(statistics.Violations) > 0 {
		t.Errorf("of %d statistics, these do not hold: %s", statistics.Checked, strings.Join(statistics.Violations, "\n"))
	}
}

func compareTable(t *testing.T, engine string, rows []string, types map[string]any, a answer) {
	t.Helper()
	if diff := cmp.Diff(types, a.Columns); diff != "" {
		t.Errorf("columns by %s (-want +got):\n%s", engine, diff)
	}
	got := normal(t, a.Rows)
	if slices.Equal(got, rows) {
		return
	}
	if len(got) != len(rows) {
		t.Errorf("%s reads %d rows, we read %d", engine, len(got), len(rows))
	}
	for i := range min(len(got), len(rows)) {
		if got[i] != rows[i] {
			t.Errorf("rows differ, sorted, at %d:\n%s: %s\n ours: %s", i, engine, got[i], rows[i])
			return
		}
	}
}

// columnsOf is a table's columns as we read them from the log: name and type, and with the nullability.
func columnsOf(t *testing.T, path string) (types, declared map[string]any) {
	t.Helper()
	store, err := local.New(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := delta.Open(store, "", delta.Config{}).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	types, declared = map[string]any{}, map[string]any{}
	for _, f := range s.Schema().Fields() {
		name := strings.ToLower(schema.Name(f.Type))
		types[f.Name], declared[f.Name] = name, []any{name, f.Nullable}
	}
	return types, declared
}

// normal sorts rows of JSON and their keys, and writes numbers alike, as 1, 1.0 and 1e0 are the same.
func normal(t *testing.T, lines []string) []string {
	t.Helper()
	out := make([]string, len(lines))
	for i, line := range lines {
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber()
		var row map[string]any
		if err := d.Decode(&row); err != nil {
			t.Fatalf("row %d: %v: %s", i, err, line)
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(normalValue(row)); err != nil {
			t.Fatal(err)
		}
		out[i] = b.String()
	}
	slices.Sort(out)
	return out
}

func normalValue(v any) any {
	switch v := v.(type) {
	case json.Number:
		if _, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return v
		}
		f, err := v.Float64()
		if err != nil {
			return v
		}
		return json.Number(strconv.FormatFloat(f, 'f', -1, 64))
	case map[string]any:
		for k, x := range v {
			v[k] = normalValue(x)
		}
	case []any:
		for i, x := range v {
			v[i] = normalValue(x)
		}
	}
	return v
}
