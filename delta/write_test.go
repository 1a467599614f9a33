package delta_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	arrowmem "github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// rows makes a source of JSON rows, in a checked allocator.
func rows(t testing.TB, alloc arrowmem.Allocator, columns string, text string) exec.Source {
	t.Helper()
	s := ddl(t, columns)
	rec, _, err := array.RecordFromJSON(alloc, s, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rec.Release)
	return exec.NewBatches(s, rec)
}

// checked is an allocator that must be empty when the test ends.
func checked(t testing.TB) arrowmem.Allocator {
	t.Helper()
	a := arrowmem.NewCheckedAllocator(arrowmem.NewGoAllocator())
	t.Cleanup(func() { a.AssertSize(t, 0) })
	return a
}

func TestAppendWritesPartitionsAndStatistics(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	c := testConfig()
	c.Alloc = alloc
	table := delta.Open(memory.New(), "t", c)
	definition := delta.Definition{Schema: ddl(t, "id BIGINT NOT NULL, at TIMESTAMP, p STRING, d DATE"), PartitionBy: []string{"p", "d"}}
	if _, err := table.Create(t.Context(), definition); err != nil {
		t.Fatal(err)
	}
	source := rows(t, alloc, "ID BIGINT, p STRING, d DATE, at TIMESTAMP", `[
		{"ID": 1, "p": "a b", "d": "2026-01-02", "at": "2026-01-01T00:00:00.000001Z"},
		{"ID": 2, "p": "", "d": null, "at": null},
		{"ID": 3, "p": "a b", "d": "2026-01-02", "at": "2026-01-01T00:00:00.001Z"},
		{"ID": 4, "p": null, "d": null, "at": null}]`)
	version, err := table.Append(t.Context(), source, delta.WriteOptions{})
	if err != nil || version != 1 {
		t.Fatalf("Append = %d, %v", version, err)
	}
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for f := range s.Files() {
		directory, _, _ := strings.Cut(f.Path, "/part-")
		got[directory] = f.Stats
	}
	want := map[string]string{
		"p=a%20b/d=2026-01-02": `{"numRecords":2,"minValues":{"id":1,"at":"2026-01-01T00:00:00.000Z"},` +
			`"maxValues":{"id":3,"at":"2026-01-01T00:00:00.001Z"},"nullCount":{"id":0,"at":0}}`,
		"p=__HIVE_DEFAULT_PARTITION__/d=__HIVE_DEFAULT_PARTITION__": `{"numRecords":2,"minValues":{"id":2},"maxValues":{"id":4},"nullCount":{"id":0,"at":2}}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statistics by directory (-want +got):\n%s", diff)
	}
	if n, exact := s.NumRows(); n != 4 || !exact {
		t.Errorf("NumRows = %d, %v, want 4, true", n, exact)
	}
}

func TestAppendRefusesRows(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, columns, rows string
		want                any
	}{
		{"null in NOT NULL", "id BIGINT, name STRING", `[{"id": null, "name": "x"}]`, new(*delta.NotNullError)},
		{"missing NOT NULL column", "name STRING", `[{"name": "x"}]`, new(*delta.SchemaError)},
		{"extra column", "id BIGINT, more INT", `[{"id": 1, "more": 1}]`, new(*delta.SchemaError)},
		{"narrowing", "id DOUBLE", `[{"id": 1.5}]`, new(*delta.SchemaError)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			alloc := checked(t)
			store := memory.New()
			c := testConfig()
			c.Alloc = alloc
			table := delta.Open(store, "t", c)
			if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, "id BIGINT NOT NULL, name STRING")}); err != nil {
				t.Fatal(err)
			}
			_, err := table.Append(t.Context(), rows(t, alloc, tt.columns, tt.rows), delta.WriteOptions{})
			if !errors.As(err, tt.want) {
				t.Errorf("Append = %v, want a %T", err, tt.want)
			}
			for info, err := range store.List(t.Context(), "t/part-", "") {
				t.Errorf("a data file was left: %v, %v", info, err)
			}
		})
	}
}

func TestNestedNotNull(t *testing.T) {
	t.Parallel()
	required := arrow.NewSchema([]arrow.Field{
		{Name: "s", Type: arrow.StructOf(arrow.Field{Name: "x", Type: schema.BigInt}), Nullable: true},
		{Name: "l", Type: schema.ArrayOf(schema.BigInt, false), Nullable: true},
		{Name: "m", Type: schema.MapOf(schema.String, schema.BigInt, false), Nullable: true},
	}, nil)
	tests := []struct{ rows, want string }{
		{`[{"s": {"x": 1}, "l": [1], "m": [{"key": "a", "value": 1}]}, {"s": null, "l": null, "m": null}]`, ""},
		{`[{"s": {"x": null}}]`, "s.x"},
		{`[{"l": [1, 2]}, {"l": [3, null, null]}]`, "l.element"},
		{`[{"m": [{"key": "a", "value": null}]}]`, "m.value"},
	}
	for _, tt := range tests {
		alloc := checked(t)
		c := testConfig()
		c.Alloc = alloc
		table := delta.Open(memory.New(), "t", c)
		if _, err := table.Create(t.Context(), delta.Definition{Schema: required}); err != nil {
			t.Fatal(err)
		}
		_, err := table.Append(t.Context(), rows(t, alloc, "s STRUCT<x: BIGINT>, l ARRAY<BIGINT>, m MAP<STRING, BIGINT>", tt.rows), delta.WriteOptions{})
		var violated *delta.NotNullError
		if tt.want == "" && err != nil || tt.want != "" && (!errors.As(err, &violated) || violated.Column != tt.want) {
			t.Errorf("%s: %v, want a violation of %q", tt.rows, err, tt.want)
		}
	}
}

func TestChecksumFile(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := grow(t, store, testConfig(), nil, 5)
	if ok, err := snapshot(t, delta.Open(store, "t", testConfig())).Verify(t.Context()); !ok || err != nil {
		t.Errorf("Verify = %v, %v, want the checksum file to agree", ok, err)
	}
	if _, err := storage.Put(t.Context(), store, "t/_delta_log/00000000000000000005.crc", []byte(`{"numFiles":9,"tableSizeBytes":1}`)); err != nil {
		t.Fatal(err)
	}
	var corrupt *delta.CorruptError
	if _, err := snapshot(t, table).Verify(t.Context()); !errors.As(err, &corrupt) {
		t.Errorf("Verify = %v, want a *CorruptError", err)
	}
}

func TestAppendSeesOtherWritersColumns(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	store := memory.New()
	table := create(t, store, testConfig(), nil)
	other := delta.Open(store, "t", testConfig())
	if _, err := other.Append(t.Context(), rows(t, alloc, "id BIGINT, more INT", `[{"id": 1, "more": 2}]`), delta.WriteOptions{Writer: delta.WriterConfig{MergeSchema: true}}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Append(t.Context(), rows(t, alloc, "id BIGINT, more INT", `[{"id": 2, "more": 3}]`), delta.WriteOptions{}); err != nil {
		t.Errorf("Append = %v, want the new column to be known", err)
	}
}

func TestAppendWidensAndMerges(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	c := testConfig()
	c.Alloc = alloc
	table := delta.Open(memory.New(), "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, "id BIGINT, s STRUCT<a: INT>")}); err != nil {
		t.Fatal(err)
	}
	source := rows(t, alloc, "id INT, s STRUCT<a: INT, b: STRING>, more DATE", `[{"id": 1, "s": {"a": 1, "b": "x"}, "more": "2026-01-01"}]`)
	if _, err := table.Append(t.Context(), source, delta.WriteOptions{Writer: delta.WriterConfig{MergeSchema: true}}); err != nil {
		t.Fatal(err)
	}
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := ddl(t, "id BIGINT, s STRUCT<a: INT, b: STRING>, more DATE"); !arrow.TypeEqual(arrow.StructOf(s.Schema().Fields()...), arrow.StructOf(want.Fields()...)) {
		t.Errorf("schema = %v, want %v", s.Schema(), want)
	}
}

func TestApplicationVersionIsWrittenOnce(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	table := create(t, memory.New(), testConfig(), nil)
	for range 2 {
		if _, err := table.Append(t.Context(), rows(t, alloc, "id BIGINT", `[{"id": 1}]`), delta.WriteOptions{AppID: "app", AppVersion: 1}); err != nil {
			t.Fatal(err)
		}
	}
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.NumFiles() != 1 || s.Version() != 1 {
		t.Errorf("%d files at version %d, want the repeated write to do nothing", s.NumFiles(), s.Version())
	}
}
