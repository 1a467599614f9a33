package parquet

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// handmade is a file of one column and one row group, put together from pages that our writer would not write.
type handmade struct {
	schema []meta.SchemaElement // below the root
	phys   meta.Type
	codec  meta.Codec
	rows   int64
	buf    []byte
}

func newHandmade(rows int64, phys meta.Type, schema ...meta.SchemaElement) *handmade {
	return &handmade{schema: schema, phys: phys, rows: rows, buf: []byte(magic)}
}

// page appends a page V1 or a dictionary page, uncompressed.
func (f *handmade) page(h meta.PageHeader, body ...byte) *handmade {
	h.Compressed, h.Uncompressed = int32(len(body)), int32(len(body))
	f.buf = append(h.Append(f.buf), body...)
	return f
}

func (f *handmade) bytes() []byte {
	m := meta.FileMetaData{
		Version: 1, NumRows: f.rows,
		Schema: append([]meta.SchemaElement{group("root", meta.NoRepetition, -1, 1)}, f.schema...),
		RowGroups: []meta.RowGroup{{NumRows: f.rows, Columns: []meta.ColumnChunk{{
			Type: f.phys, Codec: f.codec, DataPageOffset: 4, TotalCompressed: int64(len(f.buf) - 4), Statistics: meta.Statistics{NullCount: -1},
		}}}},
	}
	footer := m.Append(nil)
	b := append(bytes.Clone(f.buf), footer...)
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(footer))), magic...)
}

// read gives the values of the column as text.
func (f *handmade) read() (string, error) {
	b := f.bytes()
	x, err := Open(bytes.NewReader(b), int64(len(b)), ReaderConfig{})
	if err != nil {
		return "", err
	}
	var out []string
	err = x.Read(context.Background(), ReadConfig{BatchRows: 2}, func(r arrow.RecordBatch) error {
		for i := range int(r.NumRows()) {
			out = append(out, r.Column(0).ValueStr(i))
		}
		return nil
	})
	return strings.Join(out, " "), err
}

func dataPage(n int32, e meta.Encoding) meta.PageHeader {
	return meta.PageHeader{Type: meta.DataPage, NumValues: n, Encoding: e}
}

// The list of lists of the following tests, and its levels in runs.
var (
	listOfInts = []meta.SchemaElement{group("c", meta.Required, meta.ConvList, 1), group("list", meta.Repeated, -1, 1), field("element", meta.Required, meta.Int32, -1)}
	plainInts  = func(v ...byte) (b []byte) {
		for _, x := range v {
			b = append(b, x, 0, 0, 0)
		}
		return b
	}
)

// A row of a page V1 may go on in the next page.
func TestRowAcrossPages(t *testing.T) {
	t.Parallel()
	f := newHandmade(3, meta.Int32, listOfInts...)
	// Repetition levels in bit-packed groups of 8: rows [1 2 3 4] [5] [6].
	f.page(dataPage(2, meta.Plain), append([]byte{2, 0, 0, 0, 3, 0b10, 2, 0, 0, 0, 4, 1}, plainInts(1, 2)...)...)
	f.page(dataPage(2, meta.Plain), append([]byte{2, 0, 0, 0, 3, 0b11, 2, 0, 0, 0, 4, 1}, plainInts(3, 4)...)...)
	f.page(dataPage(2, meta.Plain), append([]byte{2, 0, 0, 0, 3, 0b00, 2, 0, 0, 0, 4, 1}, plainInts(5, 6)...)...)
	got, err := f.read()
	if want := "[1,2,3,4] [5] [6]"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestBitPackedValidity(t *testing.T) {
	t.Parallel()
	f := newHandmade(4, meta.Int32, field("c", meta.Optional, meta.Int32, -1))
	h := dataPage(4, meta.Plain)
	h.Compressed, h.Uncompressed = 9, 9
	b := h.Append(nil)
	i := bytes.LastIndex(b, []byte{0x15, byte(meta.RLE) << 1, 0x15, byte(meta.RLE) << 1}) // the encodings of the levels
	b[i+1] = byte(meta.BitPacked) << 1
	f.buf = append(append(f.buf, append(b, 0b10010000)...), plainInts(7, 8)...)
	got, err := f.read()
	if want := "7 (null) (null) 8"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// Few bytes that claim many values are an error where the values would have to be in memory, and damage is named for what it is.
func TestHandmadeDamage(t *testing.T) {
	t.Parallel()
	const many = 1<<31 - 1
	run := binary.AppendUvarint(nil, many<<1)
	levels := func(value byte) []byte {
		b := append(bytes.Clone(run), value)
		return append([]byte{byte(len(b)), 0, 0, 0}, b...)
	}
	flat := field("c", meta.Required, meta.Int32, -1)
	str := field("c", meta.Required, meta.ByteArray, meta.ConvUTF8)
	dict := meta.PageHeader{Type: meta.DictionaryPage, NumValues: 1, Encoding: meta.Plain}
	tests := []struct {
		name string
		file *handmade
		want string
	}{
		{"a list of 2^31 elements", newHandmade(1, meta.Int32, listOfInts...).page(dataPage(many, meta.Plain), append(levels(1), levels(1)...)...), "the limit is 16777216"},
		{"deltas of 2^31 values", newHandmade(many, meta.Int32, flat).page(dataPage(many, meta.DeltaBinaryPacked), 128, 1, 4, 255, 255, 255, 255, 7, 0), "the limit is 16777216"},
		{"more rows than the row group", newHandmade(2, meta.Int32, flat).page(dataPage(3, meta.Plain), plainInts(1, 2, 3)...), "a page of 3 rows where 2 are left"},
		{"fewer rows than the row group", newHandmade(2, meta.Int32, flat).page(dataPage(1, meta.Plain), plainInts(1)...), "the chunk ends before the row group does"},
		{"fewer values than levels", newHandmade(2, meta.Int32, flat).page(dataPage(2, meta.Plain), plainInts(1)...), "fewer values than its levels say"},
		{"index outside of the dictionary", newHandmade(2, meta.Int32, flat).page(dict, plainInts(1)...).page(dataPage(2, meta.RLEDictionary), 1, 4, 1), "dictionary index 1 of 1"},
		{"string index outside of the dictionary", newHandmade(2, meta.ByteArray, str).page(dict, 0, 0, 0, 0).page(dataPage(2, meta.RLEDictionary), 1, 4, 1), "dictionary index 1 of 1"},
		{"no dictionary", newHandmade(2, meta.Int32, flat).page(dataPage(2, meta.RLEDictionary), 1, 4, 0), "without a dictionary"},
		{"two dictionaries", newHandmade(2, meta.Int32, flat).page(dict, plainInts(1)...).page(dict, plainInts(1)...), "a second dictionary"},
		{"a dictionary larger than its page", newHandmade(2, meta.Int32, flat).page(meta.PageHeader{Type: meta.DictionaryPage, NumValues: many}, plainInts(1)...), "a dictionary of 2147483647 values"},
		{"a string longer than its page", newHandmade(1, meta.ByteArray, str).page(dataPage(1, meta.Plain), 255, 0, 0, 0, 'x'), "fewer values than its levels say"},
		{"a level above the highest", newHandmade(1, meta.Int32, listOfInts...).page(dataPage(1, meta.Plain), 2, 0, 0, 0, 2, 2, 2, 0, 0, 0, 2, 1), "wider than its bits"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tt.file.read()
			var c *CorruptError
			if !errors.As(err, &c) || !strings.Contains(c.Reason, tt.want) {
				t.Errorf("got error %v, want *CorruptError with %q", err, tt.want)
			}
		})
	}
}

// What is sound but not known is refused by its name.
func TestHandmadeUnsupported(t *testing.T) {
	t.Parallel()
	flat := field("c", meta.Required, meta.Int32, -1)
	for _, tt := range []struct {
		codec    meta.Codec
		encoding meta.Encoding
		want     string
	}{
		{meta.Brotli, meta.Plain, "the codec BROTLI"},
		{meta.LZ4, meta.Plain, "the codec LZ4"},
		{meta.LZO, meta.Plain, "the codec LZO"},
		{meta.Uncompressed, meta.DeltaByteArray, "INT32 encoded as DELTA_BYTE_ARRAY"},
	} {
		f := newHandmade(1, meta.Int32, flat).page(dataPage(1, tt.encoding), plainInts(1)...)
		f.codec = tt.codec
		_, err := f.read()
		var u *UnsupportedError
		if !errors.As(err, &u) || u.What != tt.want || u.Column != "c" {
			t.Errorf("%s: got error %v", tt.want, err)
		}
	}
}

// A chunk that is larger than what may be held is read in windows, and gives the same.
func TestWindows(t *testing.T) {
	t.Parallel()
	const pages, perPage = 10, 10_000
	f := newHandmade(pages*perPage, meta.Int32, field("c", meta.Required, meta.Int32, -1))
	for p := range pages {
		var body []byte
		for i := range perPage {
			body = binary.LittleEndian.AppendUint32(body, uint32(p*perPage+i))
		}
		f.page(dataPage(perPage, meta.Plain), body...)
	}
	b := f.bytes()
	x, err := Open(bytes.NewReader(b), int64(len(b)), ReaderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	err = x.Read(context.Background(), ReadConfig{FetchBytes: 1}, func(r arrow.RecordBatch) error {
		for i := range int(r.NumRows()) {
			if got := r.Column(0).ValueStr(i); got != fmt.Sprint(at) {
				return fmt.Errorf("row %d: got %s", at, got)
			}
			at++
		}
		return nil
	})
	if err != nil || at != pages*perPage {
		t.Errorf("%d rows, %v", at, err)
	}
}
