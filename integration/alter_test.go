//go:build integration

package integration

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
	"github.com/medallion-go/medallion/storage/local"
)

// sharedTable is a table that Spark and this library change in turn.
type sharedTable struct {
	t    *testing.T
	path string
	ours *delta.Table
}

func newSharedTable(t *testing.T) *sharedTable {
	t.Helper()
	path := filepath.Join(t.TempDir(), "table")
	store, err := local.New(path)
	if err != nil {
		t.Fatal(err)
	}
	return &sharedTable{t, path, delta.Open(store, "", delta.Config{})}
}

// spark runs a statement in which {} is the table.
func (s *sharedTable) spark(statement string) answer {
	s.t.Helper()
	return shared.spark.ask(s.t, map[string]any{"op": "sql", "query": strings.ReplaceAll(statement, "{}", "delta.`"+s.path+"`")})
}

// refused runs a statement that Spark must refuse for the reason.
func (s *sharedTable) refused(statement, reason string) {
	s.t.Helper()
	_, err := shared.spark.try(map[string]any{"op": "sql", "query": strings.ReplaceAll(statement, "{}", "delta.`"+s.path+"`")})
	if err == nil || !strings.Contains(err.Error(), reason) {
		s.t.Errorf("Spark: %s: %v, want an error that says %s", statement, err, reason)
	}
}

// do takes the result of an operation of ours.
func (s *sharedTable) do(version int64, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("version %d: %v", version, err)
	}
}

// append appends rows of JSON.
func (s *sharedTable) append(columns, text string) {
	s.t.Helper()
	if err := s.tryAppend(columns, text); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sharedTable) tryAppend(columns, text string) error {
	s.t.Helper()
	_, err := s.ours.Append(s.t.Context(), jsonSource(s.t, columns, text), delta.WriteOptions{})
	return err
}

// jsonSource is rows that are written as JSON.
func jsonSource(t *testing.T, columns, text string) exec.Source {
	t.Helper()
	fields := schematest.DDL(t, columns)
	rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, fields, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return exec.NewBatches(fields, rec)
}

// check compares the table's rows as Spark reads them with those that we read, and with those that there must be.
func (s *sharedTable) check(want ...string) {
	s.t.Helper()
	ours := normal(s.t, cat(s.t, s.path))
	read := shared.spark.ask(s.t, map[string]any{"op": "read", "path": s.path})
	if diff := cmp.Diff(ours, normal(s.t, read.Rows)); diff != "" {
		s.t.Errorf("rows (-ours +Spark's):\n%s", diff)
	}
	if diff := cmp.Diff(normal(s.t, want), ours); diff != "" {
		s.t.Errorf("rows (-want +ours):\n%s", diff)
	}
}

// TestColumnsAreMappedAlike has Spark and this library write and alter one table with column mapping, by name and by ID.
func TestColumnsAreMappedAlike(t *testing.T) {
	for _, mode := range []string{"name", "id"} {
		t.Run(mode, func(t *testing.T) {
			const columns = "id BIGINT, `p q` STRING, s STRUCT<x: INT, l: ARRAY<STRUCT<y: INT>>>"
			s := newSharedTable(t)
			fields := schematest.DDL(t, columns)
			s.do(s.ours.Create(t.Context(), delta.Definition{Schema: fields, PartitionBy: []string{"p q"}, Properties: map[string]string{"delta.columnMapping.mode": mode}}))
			s.append(columns, `[{"id": 1, "p q": "a", "s": {"x": 1, "l": [{"y": 1}, {"y": null}]}}, {"id": 2, "p q": "b", "s": null}]`)
			s.spark("INSERT INTO {} VALUES (3, 'a', named_struct('x', 3, 'l', array(named_struct('y', 3))))")
			s.check(`{"id":1,"p q":"a","s":{"x":1,"l":[{"y":1},{"y":null}]}}`, `{"id":2,"p q":"b","s":null}`, `{"id":3,"p q":"a","s":{"x":3,"l":[{"y":3}]}}`)
			s.spark("ALTER TABLE {} RENAME COLUMN s.x TO id")
			s.do(s.ours.RenameColumn(t.Context(), []string{"id"}, "key"))
			s.do(s.ours.RenameColumn(t.Context(), []string{"s", "l", "element", "y"}, "s"))
			s.do(s.ours.AddColumns(t.Context(), delta.NewColumn{Parent: []string{"s"}, Field: mustField(t, "x STRING"), Position: delta.Position{First: true}}))
			s.spark("ALTER TABLE {} ADD COLUMNS (id DOUBLE)")
			s.spark("INSERT INTO {} VALUES (4, 'b', named_struct('x', 'new', 'id', 4, 'l', NULL), 4.5)")
			s.do(s.ours.DropColumns(t.Context(), []string{"s", "id"}))
			if _, err := s.ours.Update(t.Context(), map[string]string{"id": "key / 2"}, "key < 3", delta.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			s.spark("DELETE FROM {} WHERE key = 3")
			s.spark("ALTER TABLE {} RENAME COLUMN `p q` TO p")
			s.append("p STRING, key BIGINT", `[{"key": 5, "p": "c"}]`)
			s.check(`{"key":1,"p":"a","s":{"x":null,"l":[{"s":1},{"s":null}]},"id":0.5}`, `{"key":2,"p":"b","s":null,"id":1.0}`,
				`{"key":4,"p":"b","s":{"x":"new","l":null},"id":4.5}`, `{"key":5,"p":"c","s":null,"id":null}`)
		})
	}
}

func mustField(t *testing.T, column string) arrow.Field {
	t.Helper()
	s := schematest.DDL(t, column)
	return s.Field(0)
}

// TestTablesAreAlteredAlike has Spark go on with a table whose types, properties and constraints we have changed.
func TestTablesAreAlteredAlike(t *testing.T) {
	const columns = "id INT, s STRUCT<x: SMALLINT>, l ARRAY<FLOAT>, m MAP<STRING, DATE>, d DECIMAL(6,2)"
	s := newSharedTable(t)
	fields := schematest.DDL(t, columns)
	s.do(s.ours.Create(t.Context(), delta.Definition{Schema: fields}))
	s.append(columns, `[{"id": 1, "s": {"x": 1}, "l": [1.5], "m": [{"key": "k", "value": "2026-01-02"}], "d": "1.25"}]`)
	s.do(s.ours.SetProperties(t.Context(), map[string]string{"delta.enableTypeWidening": "true", "mine": "x"}))
	for _, c := range []delta.ColumnChange{
		{Path: []string{"id"}, Type: schema.BigInt},
		{Path: []string{"s", "x"}, Type: schema.Double},
		{Path: []string{"l", "element"}, Type: schema.Double},
		{Path: []string{"m", "value"}, Type: schema.TimestampNTZType},
		{Path: []string{"d"}, Type: schema.DecimalOf(10, 4)},
		{Path: []string{"id"}, Comment: new("the key"), Nullable: new(false)},
	} {
		s.do(s.ours.ChangeColumn(t.Context(), c))
	}
	s.refused("INSERT INTO {} VALUES (NULL, NULL, NULL, NULL, NULL)", "NOT_NULL")
	s.do(s.ours.AddConstraint(t.Context(), "positive", "id > 0"))
	s.refused("INSERT INTO {} VALUES (-1, NULL, NULL, NULL, NULL)", "CHECK constraint positive")
	s.spark("INSERT INTO {} VALUES (3000000000, named_struct('x', 2.5D), array(2.5D), map('k', TIMESTAMP_NTZ '2026-01-02 03:04:05'), 123456.7891)")
	s.spark("ALTER TABLE {} ALTER COLUMN d TYPE DECIMAL(12,4)")
	s.do(s.ours.DropConstraint(t.Context(), false, "positive"))
	s.append("id INT, d DECIMAL(6,2)", `[{"id": -5, "d": "2.50"}]`)
	s.check(`{"id":1,"s":{"x":1.0},"l":[1.5],"m":[["k","2026-01-02T00:00:00.000000"]],"d":"1.2500"}`,
		`{"id":3000000000,"s":{"x":2.5},"l":[2.5],"m":[["k","2026-01-02T03:04:05.000000"]],"d":"123456.7891"}`,
		`{"id":-5,"s":null,"l":null,"m":null,"d":"2.5000"}`)
}

// TestColumnsAreValuedAlike has Spark go on with identities, defaults and generated columns where we stopped, and us where it did.
func TestColumnsAreValuedAlike(t *testing.T) {
	s := newSharedTable(t)
	f := []arrow.Field{
		delta.WithIdentity(mustField(t, "id BIGINT"), 10, 5, false), mustField(t, "a INT"), delta.WithDefault(mustField(t, "note STRING"), "'none'"),
		delta.WithGeneration(mustField(t, "twice BIGINT"), "CAST(a * 2 AS BIGINT)"), delta.WithIdentity(mustField(t, "down BIGINT"), -1, -1, true),
	}
	s.do(s.ours.Create(t.Context(), delta.Definition{Schema: arrow.NewSchema(f, nil)}))
	s.append("a INT", `[{"a": 1}]`)
	s.spark("INSERT INTO {} (a) VALUES (2)")
	s.append("a INT, note STRING, down BIGINT", `[{"a": 3, "note": null, "down": 7}]`)
	s.refused("INSERT INTO {} (id, a) VALUES (1, 1)", "IDENTITY")
	s.refused("INSERT INTO {} (a, twice) VALUES (1, 1)", "CHECK constraint")
	if _, err := s.ours.Update(t.Context(), map[string]string{"a": "a + 10"}, "a < 3", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	s.spark("MERGE INTO {} t USING (SELECT explode(array(3, 4)) AS a) s ON s.a = t.a WHEN MATCHED THEN UPDATE SET note = 'none' WHEN NOT MATCHED THEN INSERT (a, note) VALUES (s.a, 's')")
	s.append("a INT", `[{"a": 5}]`)
	ids := map[string]bool{}
	for _, row := range cat(t, s.path) {
		var r struct{ ID, A, Twice, Down int64 }
		if err := json.Unmarshal([]byte(row), &r); err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprint(r.ID)
		if ids[key] || r.ID < 10 || (r.ID-10)%5 != 0 || r.Twice != 2*r.A {
			t.Errorf("row %s: its number must be new, from 10 by 5, and twice = 2 * a", row)
		}
		ids[key] = true
	}
	read := shared.spark.ask(t, map[string]any{"op": "sql", "query": "SELECT a, note, twice FROM delta.`" + s.path + "`"})
	want := []string{`{"a":11,"note":"none","twice":22}`, `{"a":12,"note":"none","twice":24}`, `{"a":3,"note":"none","twice":6}`, `{"a":4,"note":"s","twice":8}`, `{"a":5,"note":"none","twice":10}`}
	if diff := cmp.Diff(normal(t, want), normal(t, read.Rows)); diff != "" {
		t.Errorf("rows by Spark (-want +got):\n%s", diff)
	}
}

// TestFeaturesAreDroppedAlike drops features here and there; the other goes on, and reads versions that needed them.
func TestFeaturesAreDroppedAlike(t *testing.T) {
	s := newSharedTable(t)
	fields := schematest.DDL(t, "id INT, p STRING")
	s.do(s.ours.Create(t.Context(), delta.Definition{Schema: fields, PartitionBy: []string{"p"}, Properties: map[string]string{
		"delta.columnMapping.mode": "name", "delta.enableDeletionVectors": "true", "delta.enableTypeWidening": "true",
	}}))
	s.append("id INT, p STRING", `[{"id": 1, "p": "a"}, {"id": 2, "p": "a"}, {"id": 3, "p": "b"}]`)
	s.do(s.ours.RenameColumn(t.Context(), []string{"p"}, "q"))
	s.do(s.ours.ChangeColumn(t.Context(), delta.ColumnChange{Path: []string{"id"}, Type: schema.BigInt}))
	s.spark("DELETE FROM {} WHERE id = 2")
	before, err := s.ours.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, feature := range []string{"deletionVectors", "typeWidening"} {
		s.do(s.ours.DropFeature(t.Context(), feature))
	}
	s.spark("INSERT INTO {} VALUES (3000000000, 'c')")
	old := s.spark(fmt.Sprintf("SELECT * FROM {} VERSION AS OF %d", before.Version()))
	if diff := cmp.Diff(normal(t, []string{`{"id":1,"q":"a"}`, `{"id":3,"q":"b"}`}), normal(t, old.Rows)); diff != "" {
		t.Errorf("rows of a version before, by Spark (-want +got):\n%s", diff)
	}
	s.do(s.ours.DropFeature(t.Context(), "columnMapping"))
	s.append("id BIGINT, q STRING", `[{"id": 5, "q": null}]`)
	s.spark("INSERT INTO {} VALUES (6, 'c')")
	s.check(`{"id":1,"q":"a"}`, `{"id":3,"q":"b"}`, `{"id":3000000000,"q":"c"}`, `{"id":5,"q":null}`, `{"id":6,"q":"c"}`)
	s.spark("ALTER TABLE {} SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
	s.spark("DELETE FROM {} WHERE id = 6")
	s.spark("ALTER TABLE {} DROP FEATURE deletionVectors")
	s.append("id BIGINT, q STRING", `[{"id": 7, "q": "a"}]`)
	s.check(`{"id":1,"q":"a"}`, `{"id":3,"q":"b"}`, `{"id":3000000000,"q":"c"}`, `{"id":5,"q":null}`, `{"id":7,"q":"a"}`)
}
