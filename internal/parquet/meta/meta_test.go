package meta_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

func example() *meta.FileMetaData {
	long := strings.Repeat("x", 300)
	m := &meta.FileMetaData{
		Version: 2, NumRows: 1 << 40, CreatedBy: "test", Orders: []meta.ColumnOrder{meta.TypeOrder, meta.UnknownOrder, meta.TypeOrder},
		KeyValue: []meta.KeyValue{{Key: "k", Value: long}, {Key: "", Value: ""}},
		Schema: []meta.SchemaElement{
			{Type: meta.NoType, Repetition: meta.NoRepetition, Name: "root", NumChildren: 4, Converted: meta.NoConverted},
			{
				Type: meta.Int64, Repetition: meta.Optional, Name: "ts", Converted: meta.ConvMicros, HasFieldID: true,
				Logical: meta.LogicalType{Kind: meta.LogicalTimestamp, UTC: true, Unit: meta.Micros},
			},
			{
				Type: meta.FixedLenByteArray, TypeLength: 16, Repetition: meta.Required, Name: "d", Converted: meta.ConvDecimal, Precision: 38, Scale: 10,
				FieldID: -5, HasFieldID: true, Logical: meta.LogicalType{Kind: meta.LogicalDecimal, Precision: 38, Scale: 10},
			},
			{Type: meta.Int32, Repetition: meta.Required, Name: "i", Converted: meta.ConvInt8, Logical: meta.LogicalType{Kind: meta.LogicalInt, Bits: 8, Signed: true}},
			{
				Type: meta.NoType, Repetition: meta.Optional, Name: "v", NumChildren: 1, Converted: meta.NoConverted,
				Logical: meta.LogicalType{Kind: meta.LogicalVariant},
			},
			{Type: meta.ByteArray, Repetition: meta.Required, Name: "value", Converted: meta.NoConverted},
		},
	}
	for g := range 2 {
		rg := meta.RowGroup{NumRows: 7, TotalByteSize: 1 << 33, FileOffset: int64(g), TotalCompressed: 9}
		for range 20 {
			rg.Columns = append(rg.Columns, meta.ColumnChunk{
				Type: meta.ByteArray, Encodings: []meta.Encoding{meta.Plain, meta.RLEDictionary}, Codec: meta.Zstd, NumValues: 12,
				TotalUncompressed: 100, TotalCompressed: 50, DataPageOffset: 1 << 50, DictionaryPageOffset: 3, BloomOffset: 77, BloomLength: 8,
				OffsetIndexOffset: 11, OffsetIndexLength: 12, ColumnIndexOffset: 13, ColumnIndexLength: 14,
				Statistics:    meta.Statistics{NullCount: 0, MinValue: []byte{}, MaxValue: []byte(long), MaxExact: meta.Inexact, MinExact: meta.Exact},
				EncodingStats: []meta.EncodingStats{{Page: meta.DictionaryPage, Encoding: meta.Plain, Count: 1}, {Page: meta.DataPage, Encoding: meta.RLEDictionary, Count: 9}},
			})
		}
		m.RowGroups = append(m.RowGroups, rg)
	}
	return m
}

func TestFileMetaData(t *testing.T) {
	t.Parallel()
	want := example()
	got, err := meta.DecodeFileMetaData(want.Append(nil))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(meta.RowGroup{}, "Ordinal")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// Wherever the metadata ends early, the error says so.
func TestCutShort(t *testing.T) {
	t.Parallel()
	b := example().Append(nil)
	for n := 0; n < len(b); n += 7 {
		if _, err := meta.DecodeFileMetaData(b[:n]); !errors.Is(err, meta.ErrShort) {
			t.Fatalf("%d of %d bytes: got error %v, want %v", n, len(b), err, meta.ErrShort)
		}
	}
}

func TestPageHeader(t *testing.T) {
	t.Parallel()
	for _, want := range []meta.PageHeader{
		{Type: meta.DataPage, Uncompressed: 1 << 30, Compressed: 5, HasCRC: true, NumValues: 3, Encoding: meta.DeltaBinaryPacked, HasData: true},
		{Type: meta.DictionaryPage, Uncompressed: 7, Compressed: 5, CRC: 1 << 31, HasCRC: true, NumValues: 3, Encoding: meta.Plain, HasDictionary: true},
	} {
		b := want.Append([]byte("front"))[5:]
		got, n, err := meta.DecodePageHeader(append(b, 1, 2, 3))
		if err != nil || n != len(b) {
			t.Fatalf("got %d of %d bytes, %v", n, len(b), err)
		}
		want.IsCompressed = true
		if want.HasData {
			want.DefEncoding, want.RepEncoding = meta.RLE, meta.RLE
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

func TestIndexes(t *testing.T) {
	t.Parallel()
	want := &meta.ColumnIndex{
		NullPages: []bool{false, true}, MinValues: [][]byte{{1}, {}}, MaxValues: [][]byte{{2}, {}}, Order: meta.Descending, NullCounts: []int64{0, 300},
	}
	got, err := meta.DecodeColumnIndex(want.Append(nil))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	pages := []meta.PageLocation{{Offset: 4, Size: 1000, FirstRow: 0}, {Offset: 1004, Size: 1 << 30, FirstRow: 1 << 40}}
	locations, err := meta.DecodeOffsetIndex(meta.AppendOffsetIndex(nil, pages))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(pages, locations); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// Unknown fields of every type are passed over.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	b := []byte{
		0x15, 0x04, // 1: version, i32 2
		0x08, 0xC8, 0x01, 0x02, 'h', 'i', // 100: binary
		0x11,                         // 101: true
		0x17, 1, 2, 3, 4, 5, 6, 7, 8, // 102: double
		0x19, 0x21, 0x01, 0x02, // 103: list of two booleans
		0x1B, 0x01, 0x58, 0x02, 0x01, 'v', // 104: map of i32 to binary
		0x1C, 0x13, 0x07, 0x00, // 105: struct with an i8
		0x1A, 0x14, 0x08, // 106: set of one i16
		0x00,
	}
	m, err := meta.DecodeFileMetaData(b)
	if err != nil || m.Version != 2 {
		t.Errorf("got %+v, %v", m, err)
	}
}

// Lengths beyond the input, endless nesting and wrong types are errors, and take no memory.
func TestLies(t *testing.T) {
	t.Parallel()
	tests := map[string][]byte{
		"a list of 2^31 row groups":    {0x49, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x00},
		"a string of 2^40 bytes":       {0x68, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01},
		"structs without end":          []byte(strings.Repeat("\x1c", 10_000)),
		"lists without end":            append([]byte{0x09, 0xC8, 0x01}, strings.Repeat("\x19", 10_000)...),
		"an i32 that is a string":      {0x18, 0x01, 'x', 0x00},
		"a number of more than 32 bit": {0x15, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00},
		"an unknown type":              {0x1F, 0x00},
		"a map of 2^31 entries":        {0x0B, 0xC8, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x33},
	}
	for name, b := range tests {
		if m, err := meta.DecodeFileMetaData(b); err == nil {
			t.Errorf("%s: got %+v, want an error", name, m)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	got := []string{meta.Int96.String(), meta.RLEDictionary.String(), meta.LZ4Raw.String(), meta.DataPageV2.String(), meta.Codec(99).String(), meta.NoType.String()}
	if d := cmp.Diff([]string{"INT96", "RLE_DICTIONARY", "LZ4_RAW", "DATA_PAGE_V2", "99", "-1"}, got); d != "" {
		t.Error(d)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(example().Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := meta.DecodeFileMetaData(b); err == nil {
			if _, err := meta.DecodeFileMetaData(m.Append(nil)); err != nil {
				t.Errorf("what was decoded does not decode again: %v", err)
			}
		}
		_, _, _ = meta.DecodePageHeader(b)
		_, _ = meta.DecodeColumnIndex(b)
		_, _ = meta.DecodeOffsetIndex(b)
	})
}
