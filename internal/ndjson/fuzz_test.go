package ndjson_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/ndjson"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema/schematest"
)

const fuzzDDL = `s STRING, i BIGINT, t TINYINT, f DOUBLE, d DECIMAL(10,2), b BOOLEAN, at TIMESTAMP, day DATE, x BINARY, l ARRAY<ARRAY<STRING>>,
	p STRUCT<s: STRING, q: STRUCT<i: INT>>, m MAP<STRING, STRUCT<i: INT>>, r STRING, c STRING`

// FuzzParse checks against encoding/json which lines are malformed and what strings and whole numbers are, that nothing but valid UTF-8 and JSON comes out,
// and that text means the same in one piece and in two.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"s":"a\u00e9\ud83d\ude00","i":-12,"t":300,"f":1.5e3,"d":"1.005","b":true,"at":"2024-01-02T03:04:05Z","day":"2024-01-02","x":"AP8="}`,
		`{"l":[["a"],[1]],"p":{"s":{},"q":{"i":"x","z":1}},"m":{"k":{"i":1},"k":{"i":2}},"new":[{}]}` + "\n{\"s\":\"\xff\"",
		"\ufeff{}\r\n\n {\"s\":null}\n[1]\nx", `{"s":"a","s":"b","i":1,"i":99999999999999999999}`, `{"f":NaN,"s":-INF}`, "{\"s\":\"\x00\"}", `{"i":1e2,"i":01}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		lines := linesOf(text)
		got := fuzzParse(t, text)
		if len(got) != len(lines) {
			t.Fatalf("%d rows of %d lines", len(got), len(lines))
		}
		for i, line := range lines {
			checkLine(t, line, got[i])
		}
		cut := bytes.IndexByte(text, '\n') + 1
		if cut == 0 || bytes.Contains(text, []byte("\ufeff")) {
			return // one piece, or a byte order mark that counts only at the beginning of the first
		}
		pieces := append(fuzzParse(t, text[:cut]), fuzzParse(t, text[cut:])...)
		if !slices.Equal(rowTexts(pieces), rowTexts(got)) {
			t.Errorf("in pieces %q\nwhole %q", rowTexts(pieces), rowTexts(got))
		}
	})
}

// fuzzRow is what is checked of a row.
type fuzzRow struct {
	text             string
	s, i             any
	rescued, corrupt string
}

func rowTexts(rows []fuzzRow) (texts []string) {
	for _, r := range rows {
		texts = append(texts, r.text)
	}
	return texts
}

func linesOf(text []byte) (lines [][]byte) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	for _, line := range bytes.Split(text, []byte{'\n'}) {
		if len(bytes.Trim(line, " \t\r")) > 0 {
			lines = append(lines, line)
		}
	}
	return lines
}

func fuzzParse(t *testing.T, text []byte) (rows []fuzzRow) {
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	p, err := ndjson.New(ndjson.Config{Schema: schematest.DDL(t, fuzzDDL), Rescued: "r", Corrupt: "c", CaseSensitive: true, BatchRows: 3, Alloc: alloc})
	if err != nil {
		t.Fatal(err)
	}
	err = p.Parse(bytes.Clone(text)[:len(text):len(text)], 1, func(b arrow.RecordBatch, _ ndjson.Counts) error {
		for _, c := range b.Columns() {
			if v, ok := c.(interface{ ValidateFull() error }); ok {
				if err := v.ValidateFull(); err != nil {
					t.Errorf("column of type %s: %v", c.DataType(), err)
				}
			}
		}
		n := int(b.NumCols())
		s, i := b.Column(0).(*array.String), b.Column(1).(*array.Int64)
		rescued, corrupt := b.Column(n-2).(*array.String), b.Column(n-1).(*array.String)
		for row := range int(b.NumRows()) {
			r := fuzzRow{text: rowText(b, row)}
			if s.IsValid(row) {
				r.s = strings.Clone(s.Value(row))
			}
			if i.IsValid(row) {
				r.i = i.Value(row)
			}
			r.rescued, r.corrupt = strings.Clone(rescued.Value(row)), strings.Clone(corrupt.Value(row))
			rows = append(rows, r)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// rowText is the row as Arrow prints it.
func rowText(b arrow.RecordBatch, row int) string {
	var out strings.Builder
	for _, c := range b.Columns() {
		out.WriteString(c.ValueStr(row) + "|")
	}
	return out.String()
}

func checkLine(t *testing.T, line []byte, got fuzzRow) {
	if !utf8.ValidString(got.text) || !utf8.ValidString(got.rescued) || !utf8.ValidString(got.corrupt) {
		t.Errorf("%q: ill-formed UTF-8 came out: %q", line, got.text)
	}
	special := bytes.Contains(line, []byte("NaN")) || bytes.Contains(line, []byte("INF")) || bytes.Contains(line, []byte("Infinity"))
	if got.rescued != "" && !special && !json.Valid([]byte(got.rescued)) {
		t.Errorf("%q: rescued data is no JSON: %s", line, got.rescued)
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var want map[string]any
	valid := json.Valid(line) && decoder.Decode(&want) == nil && want != nil
	if bytes.Count(line, []byte{'['})+bytes.Count(line, []byte{'{'}) >= 500 {
		return
	}
	if valid != (got.corrupt == "") && !(special && !valid) {
		t.Fatalf("%q: a JSON object: %v, corrupt record: %q", line, valid, got.corrupt)
	}
	if !valid {
		return
	}
	if s, ok := want["s"].(string); ok && utf8.Valid(line) && got.s != s {
		t.Errorf("%q: s = %q, want %q", line, got.s, s)
	}
	if want["s"] == nil && got.s != nil {
		t.Errorf("%q: s = %q, want NULL", line, got.s)
	}
	if n, ok := want["i"].(json.Number); ok {
		if v, err := n.Int64(); err == nil && got.i != v || err != nil && got.i != nil {
			t.Errorf("%q: i = %v, want %s", line, got.i, n)
		}
	}
}
