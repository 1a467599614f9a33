package files_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
	"github.com/medallion-go/medallion/sink"
	"github.com/medallion-go/medallion/sink/files"
	"github.com/medallion-go/medallion/sink/sinktest"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
	memstore "github.com/medallion-go/medallion/storage/memory"
)

func newSink(t *testing.T, store storage.Store, prefix string, c files.Config) *files.Sink {
	t.Helper()
	s, err := files.New(store, prefix, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// objects are the contents of all objects below out/.
func objects(t *testing.T, store storage.Store) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	for info, err := range store.List(context.Background(), "out/", "") {
		if err != nil {
			t.Fatal(err)
		}
		data, err := storage.ReadAll(context.Background(), store, info.Key)
		if err != nil {
			t.Fatal(err)
		}
		found[info.Key] = data
	}
	return found
}

func fixture(format files.FileFormat, parse func(t *testing.T, data []byte) []sinktest.Row) func(t *testing.T) sinktest.Fixture {
	return func(t *testing.T) sinktest.Fixture {
		store := memstore.New()
		return sinktest.Fixture{Sink: newSink(t, store, "out", files.Config{Format: format}), Rows: func(t *testing.T) []sinktest.Row {
			var rows []sinktest.Row
			for key, data := range objects(t, store) {
				if name := strings.TrimPrefix(key, "out/"); name[0] == '.' || name[0] == '_' || strings.Contains(name, "/") {
					t.Errorf("readers would take %s for hidden", key)
				}
				rows = append(rows, parse(t, data)...)
			}
			return rows
		}}
	}
}

func TestParquet(t *testing.T) {
	t.Parallel()
	sinktest.Run(t, fixture(files.Parquet, parseParquet))
}

func TestNDJSON(t *testing.T) {
	t.Parallel()
	sinktest.Run(t, fixture(files.NDJSON, parseJSON))
}

func TestCSV(t *testing.T) {
	t.Parallel()
	sinktest.Run(t, fixture(files.CSV, parseCSV))
}

func parseParquet(t *testing.T, data []byte) (rows []sinktest.Row) {
	f, err := parquet.Open(bytes.NewReader(data), int64(len(data)), parquet.ReaderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	codec, err := schema.NewCodec[sinktest.Row](f.Schema())
	if err != nil {
		t.Fatal(err)
	}
	err = f.Read(context.Background(), parquet.ReadConfig{}, func(batch arrow.RecordBatch) error {
		rows, err = codec.Decode(batch, rows)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func parseJSON(t *testing.T, data []byte) (rows []sinktest.Row) {
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		var r sinktest.Row
		if err := d.Decode(&r); errors.Is(err, io.EOF) {
			return rows
		} else if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
}

func parseCSV(t *testing.T, data []byte) (rows []sinktest.Row) {
	lines, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"id", "name"}, lines[0]); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	for _, l := range lines[1:] {
		id, err := strconv.ParseInt(l[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		r := sinktest.Row{ID: id}
		if l[1] != "" {
			r.Name = &l[1]
		}
		rows = append(rows, r)
	}
	return rows
}

const allTypes = "n INT, dec DECIMAL(10,2), f DOUBLE, b BOOLEAN, d DATE, ts TIMESTAMP, ntz TIMESTAMP_NTZ, s STRING"

const allRows = `[{"n":1,"dec":"1.5","f":"NaN","b":true,"d":"2024-02-29","ts":"2024-02-29T01:02:03Z","ntz":"2024-02-29T01:02:03","s":""},{},{"s":" a,\"b\"\n"}]`

// delivered is the only object after a delivery of JSON rows.
func delivered(t *testing.T, format files.FileFormat, ddl, rows string) string {
	t.Helper()
	s := schematest.DDL(t, ddl)
	store := memstore.New()
	err := newSink(t, store, "/out/", files.Config{Format: format}).Deliver(context.Background(), sink.Delivery{ID: "x", Schema: s, Rows: jsonRows(t, s, rows)})
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range objects(t, store) {
		return string(data)
	}
	t.Fatal("nothing was delivered")
	return ""
}

func jsonRows(t *testing.T, s *arrow.Schema, rows string) func(func(arrow.RecordBatch, error) bool) {
	t.Helper()
	batch, _, err := array.RecordFromJSON(memory.DefaultAllocator, s, strings.NewReader(rows))
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(arrow.RecordBatch, error) bool) {
		defer batch.Release()
		yield(batch, nil)
	}
}

func TestTextOfTypes(t *testing.T) {
	t.Parallel()
	wantJSON := `{"n":1,"dec":1.50,"f":"NaN","b":true,"d":"2024-02-29","ts":"2024-02-29T01:02:03.000000Z","ntz":"2024-02-29T01:02:03.000000","s":""}` + "\n{}\n" +
		`{"s":" a,\"b\"\n"}` + "\n"
	if diff := cmp.Diff(wantJSON, delivered(t, files.NDJSON, allTypes, allRows)); diff != "" {
		t.Errorf("NDJSON (-want +got):\n%s", diff)
	}
	wantCSV := "n,dec,f,b,d,ts,ntz,s\n1,1.50,NaN,true,2024-02-29,2024-02-29T01:02:03.000000Z,2024-02-29T01:02:03.000000,\"\"\n,,,,,,,\n,,,,,,,\" a,\"\"b\"\"\n\"\n"
	if diff := cmp.Diff(wantCSV, delivered(t, files.CSV, allTypes, allRows)); diff != "" {
		t.Errorf("CSV (-want +got):\n%s", diff)
	}
	if got, want := delivered(t, files.CSV, "`a b` STRING", `[{"a b":null},{"a b":"x"}]`), "a b\n\"\"\nx\n"; got != want {
		t.Errorf("CSV of one column = %q, want %q", got, want)
	}
	nested := delivered(t, files.NDJSON, "m MAP<INT, STRING>, l ARRAY<STRUCT<x: INT, y: BINARY>>, s STRUCT<a: STRUCT<b: INT>, c: INT>",
		`[{"m":[{"key":1,"value":null},{"key":2,"value":"v"}],"l":[null,{"x":null,"y":"AP8="},{"x":1}],"s":{"a":{"b":null},"c":3}}]`)
	if diff := cmp.Diff(`{"m":{"1":null,"2":"v"},"l":[null,{"y":"AP8="},{"x":1}],"s":{"a":{},"c":3}}`+"\n", nested); diff != "" {
		t.Errorf("nested NDJSON (-want +got):\n%s", diff)
	}
}

func TestNewErrors(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"store": second(files.New(nil, "x", files.Config{})), "prefix": second(files.New(memstore.New(), "a/../b", files.Config{})),
		"format": second(files.New(memstore.New(), "", files.Config{Format: 9})),
	} {
		if err == nil {
			t.Errorf("New took a bad %s", name)
		}
	}
	s := schematest.DDL(t, "a ARRAY<INT>")
	refused := sink.Delivery{ID: "1", Schema: s, Rows: jsonRows(t, s, `[]`)}
	err := newSink(t, memstore.New(), "", files.Config{Format: files.CSV}).Deliver(context.Background(), refused)
	if err == nil || !strings.Contains(err.Error(), "column a: CSV cannot hold array<int>") {
		t.Errorf("Deliver error = %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// TestFaults fails each call of a delivery once, in each way, and then delivers again.
func TestFaults(t *testing.T) {
	t.Parallel()
	deliver := func(store storage.Store) error {
		s := newSink(t, store, "out", files.Config{Format: files.NDJSON})
		return s.Deliver(context.Background(), sinktest.Delivery(t, "1", sinktest.Rows(0, 30), 10))
	}
	for _, effect := range []faultstore.Effect{faultstore.Before, faultstore.After, faultstore.Partly} {
		for _, stop := range []bool{false, true} {
			for n := 1; ; n++ {
				inner := memstore.New()
				store := faultstore.New(inner, faultstore.Fault{At: n, Effect: effect, Stop: stop})
				err := deliver(store)
				if got := len(objects(t, inner)); err == nil && got != 1 {
					t.Fatalf("call %d, effect %d: delivered without an error, %d objects", n, effect, got)
				}
				if err := deliver(inner); err != nil {
					t.Fatal(err)
				}
				for _, data := range objects(t, inner) {
					if diff := cmp.Diff(sinktest.Rows(0, 30), parseJSON(t, data)); diff != "" {
						t.Fatalf("call %d, effect %d: rows after the second delivery (-want +got):\n%s", n, effect, diff)
					}
				}
				if !store.Fired() {
					break
				}
			}
		}
	}
}
