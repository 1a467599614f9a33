package files_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/source/sourcetest"
	"github.com/medallion-go/medallion/storage"
	memstore "github.com/medallion-go/medallion/storage/memory"
)

// parquetFile is a file of the rows, which are JSON lines.
func parquetFile(t *testing.T, ddl, rows string, c parquet.WriterConfig) []byte {
	t.Helper()
	s := schematest.DDL(t, ddl)
	batch, _, err := array.RecordFromJSON(memory.DefaultAllocator, s, strings.NewReader(rows))
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Release()
	for _, c := range batch.Columns() {
		withoutNumbers(c)
	}
	var b bytes.Buffer
	w, err := parquet.NewWriter(&b, s, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(batch.Columns(), int(batch.NumRows()), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withoutNumbers puts what JSON has no numbers for in the place of 91 to 94.
func withoutNumbers(c arrow.Array) {
	instead := map[float64]float64{91: math.NaN(), 92: math.Inf(1), 93: math.Inf(-1), 94: math.Copysign(0, -1)}
	switch c := c.(type) {
	case *array.Float32:
		for i, v := range c.Float32Values() {
			if x, ok := instead[float64(v)]; ok {
				c.Float32Values()[i] = float32(x)
			}
		}
	case *array.Float64:
		for i, v := range c.Float64Values() {
			if x, ok := instead[v]; ok {
				c.Float64Values()[i] = x
			}
		}
	}
}

func put(t *testing.T, store storage.Store, key string, data []byte) {
	t.Helper()
	if _, err := storage.Put(context.Background(), store, key, data); err != nil {
		t.Fatal(err)
	}
}

// rowsOf reads everything that the source has, as JSON lines.
func rowsOf(t *testing.T, s source.Source) []string {
	t.Helper()
	rows, err := readAll(s)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func readAll(s source.Source) (rows []string, err error) {
	b, err := s.Plan(context.Background(), nil, source.Limits{})
	for _, split := range b.Splits {
		_, readErr := split.Read(context.Background(), nil, func(batch arrow.RecordBatch) error {
			for i := range int(batch.NumRows()) {
				rows = append(rows, string(schema.AppendRowJSON(nil, batch, i)))
			}
			return nil
		})
		err = errors.Join(err, readErr)
	}
	return rows, err
}

func TestParquetSource(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, func(t *testing.T, alloc memory.Allocator) sourcetest.Fixture {
		store, n := memstore.New(), 0
		ddl := "id BIGINT, name STRING, extra INT, _metadata STRUCT<file_name: STRING, file_block_start: BIGINT>, _rescued_data STRING"
		return sourcetest.Fixture{
			Source: files.In(store, "in/*.parquet", files.WithDDL(ddl), files.Allocator(alloc), files.SplitBytes(100)),
			Add: func(t *testing.T) int {
				n++
				var rows []string
				for i := range 40 * n {
					rows = append(rows, fmt.Sprintf(`{"id":%d,"name":"n%d","other":%d.5}`, i, i%3, n))
				}
				data := parquetFile(t, "id INT, name STRING, other DOUBLE", "["+strings.Join(rows, ",")+"]", parquet.WriterConfig{RowGroupRows: 16})
				put(t, store, fmt.Sprintf("in/%d.parquet", n), data)
				return len(rows)
			},
		}
	})
}

func TestParquetColumns(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	data := parquetFile(t,
		"ID INT, s STRUCT<A: SMALLINT, z: STRING>, l ARRAY<STRUCT<x: INT>>, m MAP<STRING, INT>, at TIMESTAMP_NTZ, d DATE, dec DECIMAL(5,1), f FLOAT, "+
			"bad STRING, new ARRAY<INT>, void INT",
		`[{"ID":1,"s":{"A":2,"z":"q"},"l":[{"x":3},null],"m":[{"key":"k","value":4}],"at":"2024-02-29T01:02:03.5","d":"2024-02-29",
		   "dec":"1.5","f":0.5,"bad":"x","new":[7]},
		  {"bad":null}]`, parquet.WriterConfig{})
	put(t, store, "a.parquet", data)
	s := files.In(store, "*.parquet", files.WithDDL("id BIGINT NOT NULL, s STRUCT<b: INT, a: BIGINT>, l ARRAY<STRUCT<x: DOUBLE>>, m MAP<STRING, DECIMAL(12,2)>, "+
		"at TIMESTAMP, d TIMESTAMP_NTZ, dec DECIMAL(7,2), f DOUBLE, bad INT, missing STRING, _rescued_data STRING, _corrupt_record STRING"))
	want := []string{
		`{"id":1,"s":{"b":null,"a":2},"l":[{"x":3.0},null],"m":[["k","4.00"]],"at":"2024-02-29T01:02:03.500000Z",` +
			`"d":"2024-02-29T00:00:00.000000","dec":"1.50","f":0.5,"bad":null,"missing":null,` +
			`"_rescued_data":"{\"s\":{\"A\":2,\"z\":\"q\"},\"bad\":\"x\",\"new\":[7],\"_file_path\":\"a.parquet\"}","_corrupt_record":null}`,
		`{"id":null,"s":null,"l":null,"m":null,"at":null,"d":null,"dec":null,"f":null,"bad":null,"missing":null,"_rescued_data":null,"_corrupt_record":null}`,
	}
	if diff := cmp.Diff(want, rowsOf(t, s)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestEmptyAndDamagedParquet(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	put(t, store, "a.parquet", nil)
	put(t, store, "b.parquet", parquetFile(t, "a INT", `[]`, parquet.WriterConfig{}))
	if rows := rowsOf(t, files.In(store, "*", files.WithDDL("a INT"))); len(rows) != 0 {
		t.Errorf("rows = %v, want none", rows)
	}
	put(t, store, "c.parquet", []byte("no Parquet at all"))
	var corrupt *parquet.CorruptError
	if _, err := readAll(files.In(store, "*", files.WithDDL("a INT"))); !errors.As(err, &corrupt) || corrupt.File != "c.parquet" {
		t.Errorf("error = %v, want a *parquet.CorruptError that names c.parquet", err)
	}
}

func TestParquetWithoutRescue(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	put(t, store, "a.parquet", parquetFile(t, "a BIGINT, b STRING", `[{"a":1,"b":"x"}]`, parquet.WriterConfig{}))
	if diff := cmp.Diff([]string{`{"a":1}`}, rowsOf(t, files.In(store, "*", files.WithDDL("a BIGINT")))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	var typeError *files.TypeError
	if _, err := readAll(files.In(store, "*", files.WithDDL("a INT"))); !errors.As(err, &typeError) || typeError.Column != "a" || typeError.Have != "bigint" {
		t.Errorf("error = %v, want a *TypeError for column a", err)
	}
	var newColumns *files.NewColumnsError
	_, err := readAll(files.In(store, "*", files.WithDDL("a BIGINT"), files.Evolution(files.FailOnNewColumns)))
	if !errors.As(err, &newColumns) || !cmp.Equal(newColumns.Columns, []string{"b"}) || newColumns.Added {
		t.Errorf("error = %v, want a *NewColumnsError for column b", err)
	}
}

func TestParquetInference(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	put(t, store, "a.parquet", parquetFile(t, "a INT NOT NULL, s STRUCT<x: INT>", `[{"a":1,"s":{"x":1}}]`, parquet.WriterConfig{}))
	put(t, store, "b.parquet", parquetFile(t, "A BIGINT, s STRUCT<y: STRING>, c DATE", `[{"A":2}]`, parquet.WriterConfig{}))
	s := files.In(store, "*.parquet")
	got, err := s.Schema(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := schema.DDL(got), "a BIGINT, s STRUCT<x: INT, y: STRING>, c DATE, _rescued_data STRING"; got != want {
		t.Errorf("schema = %s, want %s", got, want)
	}
	if rows := rowsOf(t, s); len(rows) != 2 {
		t.Errorf("rows = %v", rows)
	}
	put(t, store, "c.parquet", parquetFile(t, "d INT", `[{"d":1}]`, parquet.WriterConfig{}))
	var newColumns *files.NewColumnsError
	if _, err := readAll(s); !errors.As(err, &newColumns) || !newColumns.Added {
		t.Errorf("error = %v, want a *NewColumnsError that a new source mends", err)
	}
	if rows := rowsOf(t, files.In(store, "*.parquet")); len(rows) != 3 {
		t.Errorf("rows of a new source = %v", rows)
	}
	if _, err := files.In(store, "none/*").Schema(context.Background()); err == nil || !strings.Contains(err.Error(), "no file matches") {
		t.Errorf("error = %v, want that no file matches", err)
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 3, 1, 12, 0, 0, 123456000, time.UTC)
	store := memstore.Config{Now: func() time.Time { return at }}.New()
	data := parquetFile(t, "a INT", `[{"a":1}]`, parquet.WriterConfig{})
	put(t, store, "x/a b.parquet", data)
	s := files.In(store, "x/", files.WithDDL("_metadata "+schema.TypeDDL(files.MetadataType)))
	want := []string{fmt.Sprintf(`{"_metadata":{"file_path":"x/a b.parquet","file_name":"a b.parquet","file_size":%d,`+
		`"file_modification_time":"2025-03-01T12:00:00.123456Z","file_block_start":0,"file_block_length":%[1]d}}`, len(data))}
	if diff := cmp.Diff(want, rowsOf(t, s)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func schemaOf[R any](t *testing.T) *arrow.Schema {
	t.Helper()
	s, err := schema.Of[R]()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
