package delta_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

const mappedColumns = "id BIGINT, `a b` STRING, s STRUCT<id: BIGINT, l: ARRAY<STRUCT<x: INT>>, m: MAP<STRING, STRUCT<x: INT>>>"

// mapped makes a table of a column mapping mode, partitioned by a column, with two files.
func mapped(t *testing.T, store storage.Store, mode string) *delta.Table {
	t.Helper()
	c := testConfig()
	c.Alloc = checked(t)
	table := delta.Open(store, "t", c)
	d := delta.Definition{
		Schema: ddl(t, mappedColumns), PartitionBy: []string{"a b"},
		Properties: map[string]string{"delta.columnMapping.mode": mode, "delta.checkpoint.writeStatsAsStruct": "true", "delta.checkpoint.writeStatsAsJson": "false"},
	}
	if _, err := table.Create(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		text := fmt.Sprintf(`[{"id": %d, "a b": "p%d", "s": {"id": %d, "l": [{"x": 1}, null], "m": [{"key": "k", "value": {"x": %d}}]}}]`, i, i, 10+i, i)
		if _, err := table.Append(t.Context(), rows(t, c.Alloc, mappedColumns, text), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return table
}

// fileLeaves are the leaves of a data file: path and field ID.
func fileLeaves(t *testing.T, store storage.Store, f *delta.File) []string {
	t.Helper()
	o, err := store.Open(t.Context(), "t/"+strings.ReplaceAll(f.Path, "%20", " "))
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	p, err := parquet.Open(o, o.Info().Size, parquet.ReaderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	var walk func(prefix string, fields []arrow.Field)
	walk = func(prefix string, fields []arrow.Field) {
		for _, field := range fields {
			id, ok := field.Metadata.GetValue("PARQUET:field_id")
			if ok {
				list = append(list, prefix+field.Name+" "+id)
			}
			if n, ok := field.Type.(arrow.NestedType); ok {
				walk(prefix+field.Name+".", n.Fields())
			}
		}
	}
	walk("", p.Schema().Fields())
	return list
}

func TestColumnMappingIsWritten(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"name", "id"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			store := memory.New()
			table := mapped(t, store, mode)
			s := snapshot(t, table)
			if p := s.Protocol(); p.MinReaderVersion != 2 || p.MinWriterVersion != 5 {
				t.Errorf("protocol = %+v, want the versions 2 and 5", p)
			}
			if got := s.Property("delta.columnMapping.maxColumnId"); got != "8" {
				t.Errorf("maxColumnId = %s, want 8", got)
			}
			names := regexp.MustCompile(`col-[0-9-]{32}(\d{4})`)
			short := func(text string) string { return names.ReplaceAllString(text, "c$1") }
			for f := range s.Files() {
				if len(f.PartitionValues) != 1 || !strings.HasPrefix(f.PartitionValues[0].Column, "col-") {
					t.Errorf("partition values = %v, want them under a physical name", f.PartitionValues)
				}
				got := short(strings.Join(fileLeaves(t, store, f), "\n"))
				want := "c0003 1\nc0005 3\nc0005.c0006 4\nc0005.c0007 5\nc0005.c0007.element.c0008 6\nc0005.c0009 7\nc0005.c0009.key_value.value.c0010 8"
				if got = strings.ReplaceAll(got, "entries", "key_value"); got != want {
					t.Errorf("the file's columns and their IDs:\n%s\nwant\n%s", got, want)
				}
				if !regexp.MustCompile(`^\{"numRecords":1,"minValues":\{"c\d+":\d,"c\d+":\{"c\d+":1\d\}\}`).MatchString(short(f.Stats)) {
					t.Errorf("statistics = %s, want physical names in them", short(f.Stats))
				}
			}
			if err := table.Checkpoint(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			checkMappedReads(t, delta.Open(store, "t", testConfig()))
		})
	}
}

// checkMappedReads reads with predicates that statistics, partition values and row groups decide.
func checkMappedReads(t *testing.T, table *delta.Table) {
	t.Helper()
	for _, tt := range []struct {
		where string
		files int
		rows  int
	}{{"TRUE", 2, 2}, {"id = 0", 1, 1}, {"s.id = 11", 1, 1}, {"`a b` = 'p1'", 1, 1}, {"`a b` = 'p1' AND s.id = 10", 0, 0}} {
		s := snapshot(t, table)
		predicate, err := s.Predicate(tt.where)
		if err != nil {
			t.Fatal(err)
		}
		read, err := s.Scan(delta.ScanConfig{Filter: predicate})
		if err != nil {
			t.Fatal(err)
		}
		if got := lines(t, read); len(got) != tt.rows || len(read.Files) != tt.files {
			t.Errorf("WHERE %s: %d rows of %d files, want %d of %d: %v", tt.where, len(got), len(read.Files), tt.rows, tt.files, got)
		}
	}
}

func TestColumnsOfAMappedTableKeepTheirNamesInFiles(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	table := mapped(t, memory.New(), "name")
	before := snapshot(t, table).Schema()
	source := rows(t, alloc, "id BIGINT, s STRUCT<id: BIGINT, added: STRING>, more INT", `[{"id": 5, "s": {"id": 1, "added": "x"}, "more": 7}]`)
	if _, err := table.Append(t.Context(), source, delta.WriteOptions{Writer: delta.WriterConfig{MergeSchema: true}}); err != nil {
		t.Fatal(err)
	}
	s := snapshot(t, table)
	if !schema.EqualFields(before.Fields()[:2], s.Schema().Fields()[:2], schema.Metadata) {
		t.Errorf("columns = %v, want those that there were, %v", s.Schema(), before)
	}
	if got := s.Property("delta.columnMapping.maxColumnId"); got != "10" {
		t.Errorf("maxColumnId = %s, want 10", got)
	}
	want := []string{`0 {"id":10,"added":null} null`, `1 {"id":11,"added":null} null`, `5 {"id":1,"added":"x"} 7`}
	got := valuesOf(t, s, "id", "s", "more")
	for i := range got {
		got[i] = regexp.MustCompile(`"l":.*"m":[^a]*,"added"`).ReplaceAllString(got[i], `"added"`)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if _, err := table.Update(t.Context(), map[string]string{"more": "CAST(id + 1 AS INT)"}, "id < 2", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"0 1", "1 2", "5 7"}, valuesOf(t, snapshot(t, table), "id", "more")); diff != "" {
		t.Errorf("rows after UPDATE (-want +got):\n%s", diff)
	}
}

// valuesOf reads columns, as lines does.
func valuesOf(t *testing.T, s *delta.Snapshot, names ...string) []string {
	t.Helper()
	columns, err := s.Columns(names...)
	if err != nil {
		t.Fatal(err)
	}
	read, err := s.Scan(delta.ScanConfig{Columns: columns})
	if err != nil {
		t.Fatal(err)
	}
	return lines(t, read)
}

func TestColumnMappingModes(t *testing.T) {
	t.Parallel()
	var property *delta.PropertyError
	table := delta.Open(memory.New(), "t", testConfig())
	_, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, "a INT"), Properties: map[string]string{"delta.columnMapping.mode": "foo"}})
	if !errors.As(err, &property) || property.Name != "delta.columnMapping.mode" {
		t.Errorf("mode foo: %v, want a *PropertyError", err)
	}
}
