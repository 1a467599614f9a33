package delta_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

// altered makes a table with one row: a = 1, s.x = 2, l = [3], d = DATE '2026-01-02'.
func altered(t *testing.T, properties map[string]string) *delta.Table {
	t.Helper()
	c := testConfig()
	c.Alloc = checked(t)
	const columns = "a SMALLINT, s STRUCT<x: TINYINT, y: STRING>, l ARRAY<INT>, d DATE, p STRING"
	table := delta.Open(memory.New(), "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, columns), PartitionBy: []string{"p"}, Properties: properties}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Append(t.Context(), rows(t, c.Alloc, columns, `[{"a": 1, "s": {"x": 2, "y": null}, "l": [3], "d": "2026-01-02", "p": "q"}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	return table
}

var (
	mappedByName = map[string]string{"delta.columnMapping.mode": "name"}
	widening     = map[string]string{"delta.enableTypeWidening": "true"}
)

func TestAlterColumns(t *testing.T) {
	t.Parallel()
	add := func(parent []string, column string, p delta.Position) func(context.Context, *delta.Table) (int64, error) {
		return func(ctx context.Context, table *delta.Table) (int64, error) {
			return table.AddColumns(ctx, delta.NewColumn{Parent: parent, Field: ddl(t, column).Field(0), Position: p})
		}
	}
	rename := func(name string, path ...string) func(context.Context, *delta.Table) (int64, error) {
		return func(ctx context.Context, table *delta.Table) (int64, error) {
			return table.RenameColumn(ctx, path, name)
		}
	}
	drop := func(path ...string) func(context.Context, *delta.Table) (int64, error) {
		return func(ctx context.Context, table *delta.Table) (int64, error) { return table.DropColumns(ctx, path) }
	}
	change := func(c delta.ColumnChange) func(context.Context, *delta.Table) (int64, error) {
		return func(ctx context.Context, table *delta.Table) (int64, error) { return table.ChangeColumn(ctx, c) }
	}
	tests := []struct {
		name       string
		properties map[string]string
		do         func(context.Context, *delta.Table) (int64, error)
		columns    string // afterwards; empty: there is an error
		rows       string
		fault      string // part of the error
	}{
		{"add", nil, add(nil, "n INT", delta.Position{}), "a SMALLINT, s STRUCT<x: TINYINT, y: STRING>, l ARRAY<INT>, d DATE, p STRING, n INT", `1 {"x":2,"y":null} [3] "2026-01-02" "q" null`, ""},
		{"add first", nil, add(nil, "n INT", delta.Position{First: true}), "n INT, a SMALLINT, s STRUCT<x: TINYINT, y: STRING>, l ARRAY<INT>, d DATE, p STRING", `null 1 {"x":2,"y":null} [3] "2026-01-02" "q"`, ""},
		{"add a field", mappedByName, add([]string{"s"}, "n INT", delta.Position{After: "X"}), "a SMALLINT, s STRUCT<x: TINYINT, n: INT, y: STRING>, l ARRAY<INT>, d DATE, p STRING", `1 {"x":2,"n":null,"y":null} [3] "2026-01-02" "q"`, ""},
		{"add what is there", nil, add([]string{"s"}, "X INT", delta.Position{}), "", "", "it is there already"},
		{"add behind nothing", nil, add(nil, "n INT", delta.Position{After: "z"}), "", "", "there is no column z"},
		{"add NOT NULL", nil, add(nil, "n INT NOT NULL", delta.Position{}), "", "", "NOT NULL"},
		{"add to no struct", nil, add([]string{"a"}, "n INT", delta.Position{}), "", "", "no struct"},
		{"rename", mappedByName, rename("b", "A"), "b SMALLINT, s STRUCT<x: TINYINT, y: STRING>, l ARRAY<INT>, d DATE, p STRING", `1 {"x":2,"y":null} [3] "2026-01-02" "q"`, ""},
		{"rename a field", mappedByName, rename("z", "s", "x"), "a SMALLINT, s STRUCT<z: TINYINT, y: STRING>, l ARRAY<INT>, d DATE, p STRING", `1 {"z":2,"y":null} [3] "2026-01-02" "q"`, ""},
		{"rename the partition column", mappedByName, rename("q", "p"), "a SMALLINT, s STRUCT<x: TINYINT, y: STRING>, l ARRAY<INT>, d DATE, q STRING", `1 {"x":2,"y":null} [3] "2026-01-02" "q"`, ""},
		{"rename to one that is there", mappedByName, rename("D", "a"), "", "", "there is a column"},
		{"rename without mapping", nil, rename("b", "a"), "", "", "delta.columnMapping.mode = name"},
		{"drop", mappedByName, drop("a"), "s STRUCT<x: TINYINT, y: STRING>, l ARRAY<INT>, d DATE, p STRING", `{"x":2,"y":null} [3] "2026-01-02" "q"`, ""},
		{"drop a field", mappedByName, drop("s", "x"), "a SMALLINT, s STRUCT<y: STRING>, l ARRAY<INT>, d DATE, p STRING", `1 {"y":null} [3] "2026-01-02" "q"`, ""},
		{"drop the partition column", mappedByName, drop("p"), "", "", "it partitions the table"},
		{"drop without mapping", nil, drop("a"), "", "", "dropping a column needs it"},
		{"drop nothing", mappedByName, drop("s", "q"), "", "", "the table does not have it"},
		{"widen", widening, change(delta.ColumnChange{Path: []string{"a"}, Type: schema.BigInt}), "a BIGINT, s STRUCT<x: TINYINT, y: STRING>, l ARRAY<INT>, d DATE, p STRING", `1 {"x":2,"y":null} [3] "2026-01-02" "q"`, ""},
		{"widen a field", widening, change(delta.ColumnChange{Path: []string{"s", "x"}, Type: schema.DecimalOf(12, 1)}), "a SMALLINT, s STRUCT<x: DECIMAL(12,1), y: STRING>, l ARRAY<INT>, d DATE, p STRING", `1 {"x":"2.0","y":null} [3] "2026-01-02" "q"`, ""},
		{"widen an element", widening, change(delta.ColumnChange{Path: []string{"l", "element"}, Type: schema.Double}), "a SMALLINT, s STRUCT<x: TINYINT, y: STRING>, l ARRAY<DOUBLE>, d DATE, p STRING", `1 {"x":2,"y":null} [3.0] "2026-01-02" "q"`, ""},
		{"widen a date", widening, change(delta.ColumnChange{Path: []string{"d"}, Type: schema.TimestampNTZType}), "a SMALLINT, s STRUCT<x: TINYINT, y: STRING>, l ARRAY<INT>, d TIMESTAMP_NTZ, p STRING", `1 {"x":2,"y":null} [3] "2026-01-02T00:00:00.000000" "q"`, ""},
		{"narrow", widening, change(delta.ColumnChange{Path: []string{"a"}, Type: schema.TinyInt}), "", "", "its type cannot change from smallint to tinyint"},
		{"to a decimal that is too small", widening, change(delta.ColumnChange{Path: []string{"a"}, Type: schema.DecimalOf(9, 0)}), "", "", "its type cannot change"},
		{"widen without the property", nil, change(delta.ColumnChange{Path: []string{"a"}, Type: schema.BigInt}), "", "", "delta.enableTypeWidening = true"},
		{"NOT NULL", nil, change(delta.ColumnChange{Path: []string{"a"}, Nullable: new(false)}), "a SMALLINT NOT NULL, s STRUCT<x: TINYINT, y: STRING>, l ARRAY<INT>, d DATE, p STRING", `1 {"x":2,"y":null} [3] "2026-01-02" "q"`, ""},
		{"NOT NULL where there is NULL", nil, change(delta.ColumnChange{Path: []string{"s", "y"}, Nullable: new(false)}), "", "", "column s.y is NOT NULL, but 1 rows"},
		{"comment and move", nil, change(delta.ColumnChange{Path: []string{"d"}, Comment: new("when"), Position: delta.Position{First: true}}), "d DATE COMMENT 'when', a SMALLINT, s STRUCT<x: TINYINT, y: STRING>, l ARRAY<INT>, p STRING", `"2026-01-02" 1 {"x":2,"y":null} [3] "q"`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			table := altered(t, tt.properties)
			_, err := tt.do(t.Context(), table)
			if tt.columns == "" {
				if err == nil || !strings.Contains(err.Error(), tt.fault) {
					t.Fatalf("error %v, want one that says %q", err, tt.fault)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			s := snapshot(t, table)
			if got := schema.DDL(s.Schema()); got != tt.columns {
				t.Errorf("columns = %s\nwant %s", got, tt.columns)
			}
			if diff := cmp.Diff([]string{tt.rows}, valuesOf(t, s, fieldNamesOf(s.Schema())...)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func fieldNamesOf(s *arrow.Schema) []string {
	var names []string
	for _, f := range s.Fields() {
		names = append(names, f.Name)
	}
	return names
}

func TestTypeChangesAreRecorded(t *testing.T) {
	t.Parallel()
	table := altered(t, widening)
	for _, c := range []delta.ColumnChange{
		{Path: []string{"a"}, Type: schema.Int}, {Path: []string{"a"}, Type: schema.BigInt}, {Path: []string{"l", "element"}, Type: schema.BigInt},
	} {
		if _, err := table.ChangeColumn(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	s := snapshot(t, table)
	for name, want := range map[string]string{
		"a": `[{"fromType":"short","toType":"integer"},{"fromType":"integer","toType":"long"}]`,
		"l": `[{"fromType":"integer","toType":"long","fieldPath":"element"}]`,
	} {
		f := s.Schema().Field(schema.Find(s.Schema().Fields(), name))
		if got, _ := f.Metadata.GetValue("delta.typeChanges"); got != want {
			t.Errorf("column %s: delta.typeChanges = %s, want %s", name, got, want)
		}
	}
	p := s.Protocol()
	if diff := cmp.Diff([]string{"typeWidening"}, p.ReaderFeatures); diff != "" {
		t.Errorf("reader features (-want +got):\n%s", diff)
	}
}

func TestTypeChangeOfOthersThatIsNone(t *testing.T) {
	t.Parallel()
	table := foreign(t, `{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["typeWidening"],"writerFeatures":["typeWidening"]}`,
		`{"delta.typeChanges":[{"fromType":"string","toType":"long"}]}`, "{}", "")
	_, err := table.Snapshot(t.Context())
	if got := refused(err, true); got != "typeWidening" {
		t.Errorf("a change from string to long: %v, want typeWidening refused", err)
	}
}

func TestProperties(t *testing.T) {
	t.Parallel()
	table := altered(t, nil)
	tests := []struct {
		name, value string
		ok          bool
	}{
		{"delta.appendOnly", "true", true},
		{"delta.appendOnly", "yes", false},
		{"delta.LOGRETENTIONDURATION", "interval 3 days", true},
		{"delta.logRetentionDuration", "1 month", false},
		{"delta.wonder", "x", false},
		{"wonder", "x", true},
		{"delta.columnMapping.maxColumnId", "7", false},
		{"delta.constraints.c", "a > 0", false},
		{"delta.feature.allowColumnDefaults", "supported", true},
		{"delta.feature.wonder", "supported", false},
		{"delta.columnMapping.mode", "id", false},
		{"delta.columnMapping.mode", "name", true},
		{"delta.columnMapping.mode", "none", false},
	}
	for _, tt := range tests {
		_, err := table.SetProperties(t.Context(), map[string]string{tt.name: tt.value})
		var property *delta.PropertyError
		if tt.ok != (err == nil) || err != nil && !errors.As(err, &property) {
			t.Errorf("%s = %s: %v, want success %v or a *PropertyError", tt.name, tt.value, err, tt.ok)
		}
	}
	s := snapshot(t, table)
	want := map[string]string{
		"delta.appendOnly": "true", "delta.logRetentionDuration": "interval 3 days", "wonder": "x", "delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": "7",
	}
	if diff := cmp.Diff(want, s.Properties()); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	p := s.Protocol()
	if diff := cmp.Diff([]string{"appendOnly", "invariants", "allowColumnDefaults", "columnMapping"}, p.WriterFeatures); diff != "" {
		t.Errorf("writer features (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{`1 {"x":2,"y":null} "q"`}, valuesOf(t, s, "a", "s", "p")); diff != "" {
		t.Errorf("rows of the table that is mapped now (-want +got):\n%s", diff)
	}
	if _, err := table.UnsetProperties(t.Context(), false, "wonder", "DELTA.appendOnly"); err != nil {
		t.Fatal(err)
	}
	if got := snapshot(t, table).Property("delta.appendOnly"); got != "" {
		t.Errorf("delta.appendOnly = %s, want it gone", got)
	}
	if _, err := table.UnsetProperties(t.Context(), false, "wonder"); err == nil {
		t.Error("a property that is not there was unset")
	}
}

func TestConstraintsAreAddedAndDropped(t *testing.T) {
	t.Parallel()
	table := altered(t, mappedByName)
	var violated *delta.ConstraintError
	if _, err := table.AddConstraint(t.Context(), "large", "a > 1"); !errors.As(err, &violated) {
		t.Errorf("a > 1: %v, want a *ConstraintError", err)
	}
	if _, err := table.AddConstraint(t.Context(), "large", "s.x > a"); err != nil {
		t.Fatal(err)
	}
	for _, path := range [][]string{{"a"}, {"s"}, {"s", "x"}} {
		if _, err := table.RenameColumn(t.Context(), path, "z"); err == nil || !strings.Contains(err.Error(), "large reads it") {
			t.Errorf("rename %v: %v, want it refused for the constraint", path, err)
		}
	}
	if _, err := table.Update(t.Context(), map[string]string{"a": "2"}, "TRUE", delta.WriteOptions{}); !errors.As(err, &violated) {
		t.Errorf("UPDATE to a = 2: %v, want a *ConstraintError", err)
	}
	if _, err := table.DropConstraint(t.Context(), false, "LARGE"); err != nil {
		t.Fatal(err)
	}
	if _, err := table.DropConstraint(t.Context(), false, "large"); err == nil {
		t.Error("a constraint that is not there was dropped")
	}
	if _, err := table.RenameColumn(t.Context(), []string{"s", "x"}, "z"); err != nil {
		t.Error(err)
	}
}

func TestAlterBesideOthers(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	table := altered(t, mappedByName)
	late := func(s *delta.Snapshot, columns, text string) error {
		tx := table.Begin(s, delta.Operation{Name: "WRITE"})
		defer func() { _ = tx.Abort(t.Context()) }()
		source := rows(t, alloc, columns, text)
		w, err := tx.NewWriter(delta.WriterConfig{Schema: source.Schema()})
		if err != nil {
			return err
		}
		if err := (exec.Pipeline{Source: source}).Run(t.Context(), &exec.Env{Alloc: alloc}, w.Sink()); err != nil {
			return err
		}
		_, err = tx.Commit(t.Context())
		return err
	}
	before := snapshot(t, table)
	if _, err := table.RenameColumn(t.Context(), []string{"a"}, "b"); err != nil {
		t.Fatal(err)
	}
	if err := late(before, "a SMALLINT", `[{"a": 5}]`); !errors.Is(err, &delta.ConflictError{Kind: delta.MetadataChanged}) {
		t.Errorf("rows by the old name behind a change of it: %v, want a conflict", err)
	}
	for range 2 { // the second time from a kept snapshot
		if _, err := table.Append(t.Context(), rows(t, alloc, "b SMALLINT", `[{"b": 5}]`), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"1", "5", "5"}, valuesOf(t, snapshot(t, table), "b")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}
