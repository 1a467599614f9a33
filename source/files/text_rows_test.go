package files_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/source/sourcetest"
	memstore "github.com/medallion-go/medallion/storage/memory"
)

const eventColumns = "id BIGINT, name STRING, payload STRUCT<quantity: INT, tags: ARRAY<STRING>>, _corrupt_record STRING, _metadata STRUCT<file_name: STRING>"

func TestNDJSONSource(t *testing.T) {
	t.Parallel()
	for name, splitBytes := range map[string]int64{"OneSplit": 1 << 20, "SmallSplits": 50} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sourcetest.Run(t, func(t *testing.T, alloc memory.Allocator) sourcetest.Fixture {
				store, n := memstore.New(), 0
				return sourcetest.Fixture{
					Source: files.In(store, "in/*.json", files.WithDDL(eventColumns), files.Allocator(alloc), files.SplitBytes(splitBytes)),
					Add: func(t *testing.T) int {
						n++
						var text strings.Builder
						for i := range 30 * n {
							fmt.Fprintf(&text, `{"id":%d,"name":"n%d","payload":{"quantity":%d,"tags":["a",null]}}`+"\n", i, n, i*n)
							if i%7 == 0 {
								fmt.Fprintf(&text, `{"id":"x%d","name":null}`+"\nno JSON %[1]d\n\n", i)
							}
						}
						put(t, store, fmt.Sprintf("in/%d.json", n), []byte(text.String()))
						return 30*n + 2*((30*n+6)/7)
					},
				}
			})
		})
	}
}

func TestCSVSource(t *testing.T) {
	t.Parallel()
	for name, splitBytes := range map[string]int64{"OneSplit": 1 << 20, "SmallSplits": 40} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sourcetest.Run(t, func(t *testing.T, alloc memory.Allocator) sourcetest.Fixture {
				store, n := memstore.New(), 0
				ddl := "name STRING, id BIGINT, price DECIMAL(8,2), missing DATE, _rescued_data STRING, _metadata STRUCT<file_block_start: BIGINT>"
				return sourcetest.Fixture{
					Source: files.In(store, "in/*.csv", files.WithDDL(ddl), files.Allocator(alloc), files.SplitBytes(splitBytes)),
					Add: func(t *testing.T) int {
						n++
						var text strings.Builder
						text.WriteString("id,name,price,other\r\n")
						for i := range 25 * n {
							fmt.Fprintf(&text, "%d,\"n \"\"%d\"\", x\",%d.5,o\r\n", i, n, i)
						}
						put(t, store, fmt.Sprintf("in/%d.csv", n), []byte(text.String()))
						return 25 * n
					},
				}
			})
		})
	}
}

func TestMalformedNDJSON(t *testing.T) {
	t.Parallel()
	const text = "\xef\xbb\xbf" + `{"id":1,"name":"a","payload":{"quantity":2,"tags":["t"]},"more":true}` + "\r\n" +
		`{"id":"u-1","name":"b","payload":{"quantity":"three"}}` + "\n\n" + `{"id":4,"na`
	store := memstore.New()
	put(t, store, "e.json", []byte(text))
	corrupt := []string{
		`{"id":1,"name":"a","payload":{"quantity":2,"tags":["t"]},"_corrupt_record":null,"_metadata":{"file_name":"e.json"}}`,
		`{"id":null,"name":"b","payload":{"quantity":null,"tags":null},"_corrupt_record":"{\"id\":\"u-1\",\"name\":\"b\",\"payload\":{\"quantity\":\"three\"}}",` +
			`"_metadata":{"file_name":"e.json"}}`,
		`{"id":null,"name":null,"payload":null,"_corrupt_record":"{\"id\":4,\"na","_metadata":{"file_name":"e.json"}}`,
	}
	if diff := cmp.Diff(corrupt, rowsOf(t, files.In(store, "*.json", files.WithDDL(eventColumns)))); diff != "" {
		t.Errorf("with _corrupt_record (-want +got):\n%s", diff)
	}
	s := files.In(store, "*.json", files.WithDDL("id BIGINT, name STRING, _rescued_data STRING"))
	rescued := rowsOf(t, s)
	parts := [][]string{
		{`"id":1`, `\"more\":true`, `_file_path\":\"e.json`}, {`"id":null`, `"name":"b"`, `\"id\":\"u-1\"`}, {`"id":null`, `"name":null`, `na`},
	}
	for i, want := range parts {
		for _, part := range want {
			if !strings.Contains(rescued[i], part) {
				t.Errorf("with _rescued_data, row %d = %s, want %s in it", i, rescued[i], part)
			}
		}
	}
	b, err := s.Plan(context.Background(), nil, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	counts, err := b.Splits[0].Read(context.Background(), nil, func(arrow.RecordBatch) error { return nil })
	if err != nil || counts.Rows != 3 || counts.Rescued != 3 || counts.Bytes < int64(len(text)) {
		t.Errorf("counts = %+v, %v", counts, err)
	}
}

func TestMalformedCSV(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	put(t, store, "c.csv", []byte("ID,name,active\n1,a,true\nx,b,maybe\n3\n"))
	want := []string{
		`{"id":1,"name":"a","active":true,"_corrupt_record":null}`,
		`{"id":null,"name":"b","active":null,"_corrupt_record":"x,b,maybe"}`,
		`{"id":3,"name":null,"active":null,"_corrupt_record":"3"}`,
	}
	if diff := cmp.Diff(want, rowsOf(t, files.In(store, "*.csv", files.WithDDL("id BIGINT, name STRING, active BOOLEAN, _corrupt_record STRING")))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestCSVOptions(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	put(t, store, "c.txt", []byte("1;'a\nb';NA\n2;'';x\n"))
	s := files.In(store, "c.txt", files.Format(files.CSV), files.WithDDL("id INT, name STRING, note STRING, _corrupt_record STRING"),
		files.CSVOptions(files.CSVConfig{NoHeader: true, Comma: ';', Quote: '\'', MultiLine: true, Null: "NA"}))
	want := []string{`{"id":1,"name":"a\nb","note":null,"_corrupt_record":null}`, `{"id":2,"name":"","note":"x","_corrupt_record":null}`}
	if diff := cmp.Diff(want, rowsOf(t, s)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	put(t, store, "t.tsv", []byte("id\tname\n1\ta,b\n"))
	tabs := files.In(store, "t.tsv", files.WithDDL("id INT, _rescued_data STRING, name STRING"))
	if diff := cmp.Diff([]string{`{"id":1,"_rescued_data":null,"name":"a,b"}`}, rowsOf(t, tabs)); diff != "" {
		t.Errorf("tab-separated rows (-want +got):\n%s", diff)
	}
}

func TestCutMultiLineCSV(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	whole := gzipped(t, "a,b\n"+strings.Repeat("1,\"x\ny\"\n", 3000))
	s := func(key string) *files.Source {
		return files.In(store, key, files.WithDDL("a INT, b STRING, _corrupt_record STRING"), files.CSVOptions(files.CSVConfig{MultiLine: true}))
	}
	put(t, store, "whole.csv.gz", whole)
	if rows := rowsOf(t, s("whole.csv.gz")); len(rows) != 3000 {
		t.Errorf("%d rows, want 3000", len(rows))
	}
	put(t, store, "cut.csv.gz", whole[:len(whole)-20])
	if _, err := readAll(s("cut.csv.gz")); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "cut.csv.gz") {
		t.Errorf("error = %v, want an unexpected end of cut.csv.gz", err)
	}
}

func TestTextInference(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	put(t, store, "a.json", []byte(`{"id":1,"p":{"q":1.5}}`+"\n"))
	put(t, store, "b.json.gz", gzipped(t, `{"id":2,"tags":["x"]}`+"\n"))
	put(t, store, "c.csv", []byte("id,name\n1,x\n"))
	tests := []struct {
		pattern string
		typed   bool
		want    string
	}{
		{"*.json*", false, "id STRING, p STRUCT<q: STRING>, tags ARRAY<STRING>, _rescued_data STRING"},
		{"*.json*", true, "id BIGINT, p STRUCT<q: DOUBLE>, tags ARRAY<STRING>, _rescued_data STRING"},
		{"*.csv", false, "id STRING, name STRING, _rescued_data STRING"},
		{"*.csv", true, "id INT, name STRING, _rescued_data STRING"},
	}
	for _, tt := range tests {
		var options []files.Option
		if tt.typed {
			options = append(options, files.InferColumnTypes())
		}
		expectSchema(t, files.In(store, tt.pattern, options...), tt.want)
	}
}

func TestNewColumnsInText(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	put(t, store, "a.json", []byte(`{"id":"x","p":{"q":1,"r":2},"s":3}`+"\n"))
	var newColumns *files.NewColumnsError
	_, err := readAll(files.In(store, "*.json", files.WithDDL("id INT, p STRUCT<q: INT>, _corrupt_record STRING"), files.Evolution(files.FailOnNewColumns)))
	if !errors.As(err, &newColumns) || !cmp.Equal(newColumns.Columns, []string{"p.r", "s"}) {
		t.Errorf("error = %v, want a *NewColumnsError for p.r and s", err)
	}
	s := files.In(store, "*.json")
	if rows := rowsOf(t, s); len(rows) != 1 {
		t.Errorf("rows = %v", rows)
	}
	put(t, store, "b.json", []byte(`{"t":1}`+"\n"))
	if _, err := readAll(s); !errors.As(err, &newColumns) || !newColumns.Added {
		t.Errorf("error = %v, want a *NewColumnsError", err)
	}
}

// TestNewColumnsThatAreNotInferred has columns behind the part of a file that a schema is inferred from: to run again is then no advice.
func TestNewColumnsThatAreNotInferred(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	put(t, store, "a.json", []byte(`{"p":{"q":1}}`+"\n"+`{"p":{"r":2}}`+"\n"))
	read := func(bytes int64) error {
		_, err := readAll(files.In(store, "*.json", files.Sample(1, bytes)))
		return err
	}
	var newColumns *files.NewColumnsError
	if err := read(5); !errors.As(err, &newColumns) || newColumns.Added || !strings.Contains(err.Error(), "files.Sample") {
		t.Errorf("error = %v, want a *NewColumnsError that says what the schema is inferred from", err)
	}
	if err := read(1 << 10); err != nil {
		t.Errorf("with a larger sample: %v", err)
	}
}

// TestRaggedCSV has records that are longer than the header, or than the first record where there is none.
func TestRaggedCSV(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	put(t, store, "a.csv", []byte("x,,z\n1,2,3\n4,5,6,7,8\n"))
	want := []string{
		`{"x":"1","_c1":"2","z":"3","_rescued_data":null}`,
		`{"x":"4","_c1":"5","z":"6","_rescued_data":"{\"_c3\":\"7\",\"_c4\":\"8\",\"_file_path\":\"a.csv\"}"}`,
	}
	if diff := cmp.Diff(want, rowsOf(t, files.In(store, "a.csv"))); diff != "" {
		t.Errorf("with a header (-want +got):\n%s", diff)
	}
	var newColumns *files.NewColumnsError
	if _, err := readAll(files.In(store, "a.csv", files.WithDDL("x INT, _rescued_data STRING"), files.Evolution(files.FailOnNewColumns))); !errors.As(err, &newColumns) ||
		!cmp.Equal(newColumns.Columns, []string{"_c1", "z"}) {
		t.Errorf("error = %v, want a *NewColumnsError for the columns of the header", err)
	}
	put(t, store, "b.csv", []byte("1,2\n3,4,5\n"))
	want = []string{
		`{"_c0":"1","_c1":"2","_c2":null,"_rescued_data":"{\"_corrupt_record\":\"1,2\",\"_file_path\":\"b.csv\"}"}`,
		`{"_c0":"3","_c1":"4","_c2":"5","_rescued_data":null}`,
	}
	if diff := cmp.Diff(want, rowsOf(t, files.In(store, "b.csv", files.CSVOptions(files.CSVConfig{NoHeader: true})))); diff != "" {
		t.Errorf("without a header (-want +got):\n%s", diff)
	}
}

// TestFieldsNamedAsOwnColumns has fields with the names of columns that the source itself gives: they are kept beside, whatever they hold.
func TestFieldsNamedAsOwnColumns(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	put(t, store, "a.json", []byte(`{"a":1,"_rescued_data":2,"_metadata":{"x":1},"_corrupt_record":[3]}`+"\n"))
	put(t, store, "b.csv", []byte("a,_metadata\n1,2\n"))
	put(t, store, "c.parquet", parquetFile(t, "a INT, _rescued_data STRING", `[{"a":1,"_rescued_data":"older"}]`, parquet.WriterConfig{}))
	for name, want := range map[string]string{
		"a.json":    `{"a":1,"_rescued_data":"{\"_rescued_data\":2,\"_metadata\":{\"x\":1},\"_corrupt_record\":[3],\"_file_path\":\"a.json\"}"}`,
		"b.csv":     `{"a":1,"_rescued_data":"{\"_metadata\":\"2\",\"_file_path\":\"b.csv\"}"}`,
		"c.parquet": `{"a":1,"_rescued_data":"{\"_rescued_data\":\"older\",\"_file_path\":\"c.parquet\"}"}`,
	} {
		if diff := cmp.Diff([]string{want}, rowsOf(t, files.In(store, name, files.InferColumnTypes()))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func expectSchema(t *testing.T, s *files.Source, want string) {
	t.Helper()
	got, err := s.Schema(context.Background())
	if err != nil {
		t.Error(err)
	} else if got := schema.DDL(got); got != want {
		t.Errorf("%s: schema = %s, want %s", s.Name(), got, want)
	}
}
