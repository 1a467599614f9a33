package csv_test

import (
	"bytes"
	"context"
	stdcsv "encoding/csv"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/csv"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema/schematest"
)

// FuzzRead checks fields against encoding/csv where that takes the text, that all of a text is accounted for, and that it means the same in one piece and
// in a stream, with and without lines that are joined.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"a,b,c\n1,2,3\n", "\ufeff\"a\"\"\",\"b\nb\",\r\n\r\n,,\n", "\"a\"b\n\"open", "1,2,3,4\n5\n", "\xff,\"\xff\"\n", strings.Repeat("\"", 40)} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, multiLine bool) {
		c := csv.Config{Schema: schematest.DDL(t, "a STRING, b STRING, i TINYINT, r STRING, c STRING"), Rescued: "r", Corrupt: "c", MultiLine: multiLine, BatchRows: 2}
		parsed := fuzzRead(t, c, func(r *csv.Reader, yield func(arrow.RecordBatch, csv.Counts) error) error {
			return r.Parse(bytes.Clone(text)[:len(text):len(text)], 1, yield)
		})
		streamed := fuzzRead(t, c, func(r *csv.Reader, yield func(arrow.RecordBatch, csv.Counts) error) error {
			return r.Read(context.Background(), iotest.OneByteReader(bytes.NewReader(text)), yield)
		})
		if !slices.EqualFunc(parsed, streamed, slices.Equal[[]string]) {
			t.Fatalf("in one piece %q\nstreamed %q", parsed, streamed)
		}
		for _, row := range parsed {
			if !utf8.ValidString(strings.Join(row, "")) {
				t.Errorf("ill-formed UTF-8 came out: %q", row)
			}
		}
		compare(t, text, multiLine, parsed)
	})
}

func fuzzRead(t *testing.T, c csv.Config, run func(*csv.Reader, func(arrow.RecordBatch, csv.Counts) error) error) (rows [][]string) {
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	c.Alloc = alloc
	r, err := csv.New(c)
	if err != nil {
		t.Fatal(err)
	}
	err = run(r, func(b arrow.RecordBatch, _ csv.Counts) error {
		for row := range int(b.NumRows()) {
			var values []string
			for _, column := range b.Columns() {
				if s, ok := column.(*array.String); ok {
					values = append(values, strings.Clone(s.Value(row)))
				}
			}
			rows = append(rows, values)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// compare checks the first two fields of each record. Carriage returns and lines of blanks are read otherwise by encoding/csv.
func compare(t *testing.T, text []byte, multiLine bool, got [][]string) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !multiLine || !utf8.Valid(text) || bytes.ContainsAny(text, "\r ") {
		return
	}
	want := stdcsv.NewReader(bytes.NewReader(text))
	want.FieldsPerRecord = -1
	records, err := want.ReadAll()
	if err != nil {
		return
	}
	if len(records) != len(got) {
		t.Fatalf("%q: %d records, want %d", text, len(got), len(records))
	}
	for i, record := range records {
		for k := range min(2, len(record)) {
			if got[i][k] != record[k] {
				t.Errorf("%q: field %d of record %d is %q, want %q", text, k, i, got[i][k], record[k])
			}
		}
		if short := len(record) < 3; short != (got[i][3] != "") {
			t.Errorf("%q: record %d has %d fields, corrupt record %q", text, i, len(record), got[i][3])
		}
	}
}
