package delta_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

func updateOrInsertAll(m *delta.Merge) *delta.Merge {
	return m.WhenMatched("").UpdateAll().WhenNotMatched("").InsertAll()
}

// TestMergeWithSchemaEvolution grows tables as Spark does; the rows and columns wanted are Spark's.
func TestMergeWithSchemaEvolution(t *testing.T) {
	t.Parallel()
	const nested = "id BIGINT, st STRUCT<a: INT, b: STRING>"
	for name, c := range map[string]struct {
		columns, rows   string
		source, changes string
		build           func(*delta.Merge) *delta.Merge
		wantColumns     string
		want            []string
	}{
		"a new column": {
			"id BIGINT, v STRING", `[{"id": 1, "v": "a"}, {"id": 2, "v": "b"}]`, "ID INT, v STRING, n INT", `[{"ID": 1, "v": "x", "n": 7}, {"ID": 3, "v": "y", "n": 8}]`,
			updateOrInsertAll, "id BIGINT, v STRING, n INT",
			[]string{`1 "x" 7`, `2 "b" null`, `3 "y" 8`},
		},
		"a column that the source does not have": {
			"id BIGINT, v STRING", `[{"id": 1, "v": "a"}, {"id": 2, "v": "b"}]`, "id BIGINT, n INT", `[{"id": 1, "n": 7}, {"id": 3, "n": 8}]`,
			updateOrInsertAll, "id BIGINT, v STRING, n INT",
			[]string{`1 "a" 7`, `2 "b" null`, `3 null 8`},
		},
		"columns that clauses name": {
			"id BIGINT, v STRING", `[{"id": 1, "v": "a"}, {"id": 2, "v": "b"}]`, "id BIGINT, n INT, z INT", `[{"id": 1, "n": 7, "z": 9}, {"id": 3, "n": 8, "z": 9}]`,
			func(m *delta.Merge) *delta.Merge {
				return m.WhenMatched("").Update(map[string]string{"n": "n + 1"}).WhenNotMatched("").Insert(map[string]string{"id": "source.id", "n": "source.n"})
			}, "id BIGINT, v STRING, n INT",
			[]string{`1 "a" 8`, `2 "b" null`, `3 null 8`},
		},
		"nothing to add": {
			"id BIGINT, v STRING", `[{"id": 1, "v": "a"}, {"id": 2, "v": "b"}]`, "id BIGINT, n INT", `[{"id": 1, "n": 7}]`,
			func(m *delta.Merge) *delta.Merge { return m.WhenMatched("").Delete() }, "id BIGINT, v STRING",
			[]string{`2 "b"`},
		},
		"a field of a struct": {
			nested, `[{"id": 1, "st": {"a": 1, "b": "x"}}, {"id": 2, "st": null}, {"id": 5, "st": {"a": 5, "b": "five"}}, {"id": 6, "st": null}]`, "id BIGINT, st STRUCT<b: STRING, c: DOUBLE>",
			`[{"id": 1, "st": {"b": "y", "c": 2.5}}, {"id": 2, "st": {"b": "n", "c": 1.5}}, {"id": 3, "st": {"b": "z", "c": 3.5}}, {"id": 4, "st": null}, {"id": 5, "st": null}, {"id": 6, "st": null}]`,
			updateOrInsertAll, "id BIGINT, st STRUCT<a: INT, b: STRING, c: DOUBLE>",
			[]string{
				`1 {"a":1,"b":"y","c":2.5}`, `2 {"a":null,"b":"n","c":1.5}`, `3 {"a":null,"b":"z","c":3.5}`, `4 null`, `5 {"a":5,"b":null,"c":null}`, `6 null`,
			},
		},
		"a field further down": {
			"id BIGINT, st STRUCT<a: INT, n: STRUCT<x: INT, y: INT>>", `[{"id": 1, "st": {"a": 1, "n": {"x": 1, "y": 2}}}, {"id": 2, "st": null}]`,
			"id BIGINT, st STRUCT<n: STRUCT<y: INT, z: INT>>", `[{"id": 1, "st": {"n": {"y": 5, "z": 6}}}, {"id": 2, "st": {"n": {"y": 5, "z": 6}}}, {"id": 3, "st": {"n": null}}]`,
			updateOrInsertAll, "id BIGINT, st STRUCT<a: INT, n: STRUCT<x: INT, y: INT, z: INT>>",
			[]string{`1 {"a":1,"n":{"x":1,"y":5,"z":6}}`, `2 {"a":null,"n":{"x":null,"y":5,"z":6}}`, `3 {"a":null,"n":null}`},
		},
		"a struct that a clause names": {
			nested, `[{"id": 1, "st": {"a": 1, "b": "x"}}]`, "id BIGINT, st STRUCT<b: STRING, c: INT>", `[{"id": 1, "st": {"b": "y", "c": 3}}]`,
			func(m *delta.Merge) *delta.Merge {
				return m.WhenMatched("").Update(map[string]string{"st": "source.st"})
			},
			"id BIGINT, st STRUCT<a: INT, b: STRING, c: INT>",
			[]string{`1 {"a":null,"b":"y","c":3}`},
		},
		"structs in an array": {
			"id BIGINT, st ARRAY<STRUCT<a: INT, b: STRING>>", `[{"id": 1, "st": [{"a": 1, "b": "x"}]}]`,
			"id BIGINT, st ARRAY<STRUCT<b: STRING, c: DOUBLE>>", `[{"id": 1, "st": [{"b": "y", "c": 2.5}, null]}, {"id": 3, "st": null}]`,
			updateOrInsertAll, "id BIGINT, st ARRAY<STRUCT<a: INT, b: STRING, c: DOUBLE>>",
			[]string{`1 [{"a":null,"b":"y","c":2.5},null]`, `3 null`},
		},
		"structs in a map": {
			"id BIGINT, m MAP<STRING, STRUCT<a: INT>>", `[{"id": 1, "m": [{"key": "k", "value": {"a": 1}}]}]`,
			"id BIGINT, m MAP<STRING, STRUCT<c: INT>>", `[{"id": 1, "m": [{"key": "q", "value": {"c": 2}}]}]`,
			updateOrInsertAll, "id BIGINT, m MAP<STRING, STRUCT<a: INT, c: INT>>",
			[]string{`1 [["q",{"a":null,"c":2}]]`},
		},
		"types that are assigned": {
			"id BIGINT, v INT", `[{"id": 1, "v": 5}]`, "id BIGINT, v BIGINT, n STRING", `[{"id": 1, "v": 7, "n": "k"}, {"id": 2, "v": 9, "n": "m"}]`,
			updateOrInsertAll, "id BIGINT, v INT, n STRING",
			[]string{`1 7 "k"`, `2 9 "m"`},
		},
	} {
		for _, vectors := range []string{"true", "false"} {
			t.Run(name+", vectors "+vectors, func(t *testing.T) {
				t.Parallel()
				alloc := checked(t)
				table := filledWith(t, alloc, map[string]string{withVectors: vectors}, c.columns, c.rows)
				merge := c.build(table.Merge(rows(t, alloc, c.source, c.changes), "target.id = source.id").WithSchemaEvolution())
				if _, err := merge.Run(t.Context(), delta.WriteOptions{}); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.wantColumns, schema.DDL(snapshot(t, table).Schema())); diff != "" {
					t.Errorf("columns (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.want, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
					t.Errorf("rows (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestMergeMatchesFieldsByName sets structs whose fields come in another order, and refuses those that lack one.
func TestMergeMatchesFieldsByName(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	table := filledWith(t, alloc, nil, "id BIGINT, st STRUCT<a: STRING, b: STRING>", `[{"id": 1, "st": {"a": "a", "b": "b"}}]`)
	source := rows(t, alloc, "id BIGINT, st STRUCT<B: STRING, a: STRING>", `[{"id": 1, "st": {"B": "new b", "a": "new a"}}]`)
	if _, err := updateOrInsertAll(table.Merge(source, "target.id = source.id")).Run(t.Context(), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`1 {"a":"new a","b":"new b"}`}, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if _, err := table.Update(t.Context(), map[string]string{"st": "named_struct('b', 'B', 'a', 'A')"}, "true", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`1 {"a":"A","b":"B"}`}, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	source = rows(t, alloc, "id BIGINT, st STRUCT<b: STRING>", `[{"id": 1, "st": {"b": "y"}}]`)
	_, err := updateOrInsertAll(table.Merge(source, "target.id = source.id")).Run(t.Context(), delta.WriteOptions{})
	var refused *expr.Error
	if !errors.As(err, &refused) || refused.Class != "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST" {
		t.Errorf("a struct without a field: %v, want it refused", err)
	}
}
