package delta_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

// TestReorgPurgesDroppedColumns has files written anew that hold what was dropped, at any depth, and no others.
func TestReorgPurgesDroppedColumns(t *testing.T) {
	t.Parallel()
	const columns = "a INT, b INT, s STRUCT<x: INT, y: INT>, l ARRAY<STRUCT<x: INT, y: INT>>, m MAP<STRING, STRUCT<x: INT, y: INT>>, d ARRAY<ARRAY<STRUCT<x: INT, y: INT>>>"
	const row = `[{"a": 1, "b": 2, "s": {"x": 3, "y": 4}, "l": [{"x": 5, "y": 6}], "m": [{"key": "k", "value": {"x": 7, "y": 8}}], "d": [[{"x": 9, "y": 10}]]}]`
	for _, path := range []string{"a", "s", "s.x", "l.element.x", "m.value.y", "d.element.element.y"} {
		for _, mode := range []string{"name", "id"} {
			t.Run(path+" by "+mode, func(t *testing.T) {
				t.Parallel()
				store := memory.New()
				table := delta.Open(store, "t", testConfig())
				d := delta.Definition{Schema: ddl(t, columns), Properties: map[string]string{"delta.columnMapping.mode": mode, "delta.enableRowTracking": "true"}}
				if _, err := table.Create(t.Context(), d); err != nil {
					t.Fatal(err)
				}
				if _, err := table.Append(t.Context(), rows(t, checked(t), columns, row), delta.WriteOptions{}); err != nil {
					t.Fatal(err)
				}
				if _, err := table.DropColumns(t.Context(), strings.Split(path, ".")); err != nil {
					t.Fatal(err)
				}
				s := snapshot(t, table)
				narrow := schema.DDL(s.Schema())
				if _, err := table.Append(t.Context(), rows(t, checked(t), narrow, `[{"b": 0}]`), delta.WriteOptions{}); err != nil {
					t.Fatal(err)
				}
				want := valuesOf(t, snapshot(t, table), fieldNamesOf(s.Schema())...)
				res, err := table.Reorg(t.Context(), "", delta.OptimizeOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if n := res.Metrics["numRemovedFiles"]; n != 1 {
					t.Errorf("%d files were written anew, want the one with what was dropped", n)
				}
				again, err := table.Reorg(t.Context(), "", delta.OptimizeOptions{})
				if err != nil || again.Version != res.Version {
					t.Errorf("the second time: %+v, %v, want that nothing happens", again, err)
				}
				if diff := cmp.Diff(sortedLines(want), sortedLines(valuesOf(t, snapshot(t, table), fieldNamesOf(s.Schema())...))); diff != "" {
					t.Errorf("rows (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestRestoreBeforeColumnMapping goes back to a version whose files have the columns' own names, and on from there.
func TestRestoreBeforeColumnMapping(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := create(t, store, testConfig(), nil)
	add := func(columns, row string) {
		t.Helper()
		if _, err := table.Append(t.Context(), rows(t, checked(t), columns, row), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	add("id BIGINT, name STRING", `[{"id": 1, "name": "a"}]`)
	if _, err := table.SetProperties(t.Context(), map[string]string{"delta.columnMapping.mode": "name"}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.RenameColumn(t.Context(), []string{"name"}, "title"); err != nil {
		t.Fatal(err)
	}
	if _, err := table.AddColumns(t.Context(), delta.NewColumn{Field: ddl(t, "name INT").Field(0)}); err != nil {
		t.Fatal(err)
	}
	add("id BIGINT, title STRING, name INT", `[{"id": 2, "title": "b", "name": 3}]`)
	mapped := snapshot(t, table)
	wantMapped := valuesOf(t, mapped, "id", "title", "name")
	if _, err := table.Restore(t.Context(), at(t, table, 1), delta.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	compare := func(what string, want ...string) {
		t.Helper()
		s := snapshot(t, delta.Open(store, "t", testConfig()))
		if diff := cmp.Diff(want, sortedLines(valuesOf(t, s, fieldNamesOf(s.Schema())...))); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", what, diff)
		}
	}
	compare("restored", `1 "a"`)
	add("id BIGINT, name STRING", `[{"id": 4, "name": "d"}]`)
	compare("written on", `1 "a"`, `4 "d"`)
	if _, err := table.SetProperties(t.Context(), map[string]string{"delta.columnMapping.mode": "name"}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.DropColumns(t.Context(), []string{"name"}); err != nil {
		t.Fatal(err)
	}
	compare("mapped again", "1", "4")
	if _, err := table.Restore(t.Context(), at(t, table, mapped.Version()), delta.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	compare("forth again", wantMapped...)
	found, err := check.Table(t.Context(), store, "t", check.Options{Deep: true})
	if err != nil || len(found) > 0 {
		t.Errorf("the linter finds %v, %v", found, err)
	}
}
