package delta_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// remapped is a table with one file, of which another writer's commit then says how its columns are to be found.
func remapped(t *testing.T, mode, fields string) (storage.Store, *delta.Table) {
	t.Helper()
	store := memory.New()
	c := testConfig()
	c.Alloc = checked(t)
	table := delta.Open(store, "t", c)
	const columns = "a INT, b INT, s STRUCT<x: INT, y: INT>"
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, columns)}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Append(t.Context(), rows(t, c.Alloc, columns, `[{"a": 1, "b": 2, "s": {"x": 3, "y": 4}}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	putCommit(t, store, 2, `{"protocol":{"minReaderVersion":2,"minWriterVersion":5}}`+"\n"+fmt.Sprintf(
		`{"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":%q,"partitionColumns":[],"configuration":{"delta.columnMapping.mode":%q,"delta.columnMapping.maxColumnId":"9"}}}`,
		`{"type":"struct","fields":[`+fields+`]}`, mode))
	return store, delta.Open(store, "t", c)
}

func mappedField(name, typ, physical string, id int) string {
	return fmt.Sprintf(`{"name":%q,"type":%s,"nullable":true,"metadata":{"delta.columnMapping.id":%d,"delta.columnMapping.physicalName":%q}}`, name, typ, id, physical)
}

func TestPhysicalNamesThatAreOthersLogicalOnes(t *testing.T) {
	t.Parallel()
	inner := `{"type":"struct","fields":[` + mappedField("x", `"integer"`, "y", 4) + "," + mappedField("y", `"integer"`, "x", 5) + `]}`
	_, table := remapped(t, "name", mappedField("a", `"integer"`, "b", 1)+","+mappedField("b", `"integer"`, "a", 2)+","+mappedField("S", inner, "s", 3))
	s := snapshot(t, table)
	if diff := cmp.Diff([]string{`2 1 {"x":4,"y":3}`}, valuesOf(t, s, "a", "b", "S")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	for where, want := range map[string]int{"a = 2": 1, "a = 1": 0, "b = 1 AND S.x = 4": 1, "S.x = 3": 0, "S.y = 3": 1} {
		predicate, err := s.Predicate(where)
		if err != nil {
			t.Fatal(err)
		}
		read, err := s.Scan(delta.ScanConfig{Filter: predicate})
		if err != nil {
			t.Fatal(err)
		}
		if got := lines(t, read); len(got) != want || len(read.Files) != want {
			t.Errorf("WHERE %s: %d rows of %d files, want %d", where, len(got), len(read.Files), want)
		}
	}
	if _, err := table.Update(t.Context(), map[string]string{"a": "b + 10"}, "S.y = 3", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`11 1 {"x":4,"y":3}`}, valuesOf(t, snapshot(t, table), "a", "b", "S")); diff != "" {
		t.Errorf("rows after UPDATE (-want +got):\n%s", diff)
	}
}

func TestColumnsOfNewNamesAreNull(t *testing.T) {
	t.Parallel()
	_, table := remapped(t, "name", mappedField("a", `"integer"`, "col-1", 1)+","+mappedField("b", `"integer"`, "b", 2))
	if diff := cmp.Diff([]string{"null 2"}, valuesOf(t, snapshot(t, table), "a", "b")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestFilesWithoutFieldIDs(t *testing.T) {
	t.Parallel()
	_, table := remapped(t, "id", mappedField("a", `"integer"`, "a", 1)+","+mappedField("b", `"integer"`, "b", 2))
	read, err := snapshot(t, table).Scan(delta.ScanConfig{})
	if err != nil {
		t.Fatal(err)
	}
	var corrupt *delta.CorruptError
	for _, err := range read.Records(t.Context()) {
		if !errors.As(err, &corrupt) {
			t.Errorf("reading gives %v, want a *CorruptError", err)
		}
	}
	if corrupt == nil {
		t.Error("a file without field IDs was read in mode id")
	}
}

func TestMappingThatIsIncompleteIsNotWritten(t *testing.T) {
	t.Parallel()
	_, table := remapped(t, "name", mappedField("a", `"integer"`, "a", 1)+`,{"name":"b","type":"integer","nullable":true,"metadata":{}}`)
	if diff := cmp.Diff([]string{"1 2"}, valuesOf(t, snapshot(t, table), "a", "b")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	_, err := table.Append(t.Context(), rows(t, checked(t), "a INT", `[{"a": 1}]`), delta.WriteOptions{})
	if got := refused(err, false); got != "columnMapping" {
		t.Errorf("writing: %v, want columnMapping refused", err)
	}
}
