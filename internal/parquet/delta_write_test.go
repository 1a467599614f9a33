package parquet_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
)

// amounts is n rows of decimals of INT32 and INT64 that lie close together, some NULL, and a number that rises.
func amounts(alloc memory.Allocator, n int) arrow.RecordBatch {
	rnd := rand.New(rand.NewPCG(61, 1))
	s := arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: schema.BigInt},
		{Name: "price", Type: schema.DecimalOf(15, 2), Nullable: true},
		{Name: "tax", Type: schema.DecimalOf(9, 4), Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(alloc, s)
	defer b.Release()
	for i := range n {
		b.Field(0).(*array.Int64Builder).Append(int64(1000 + 3*i))
		for k, most := range []int64{10_000_000, 300_000} {
			d := b.Field(1 + k).(*array.Decimal128Builder)
			if rnd.IntN(10) == 0 {
				d.AppendNull()
				continue
			}
			d.Append(decimal128.FromI64(rnd.Int64N(most) - most/3))
		}
	}
	return b.NewRecordBatch()
}

// Numbers and decimals that a dictionary does not suit are written as deltas where these are smaller, and read as they were, whole and singly.
func TestDeltasOfDecimals(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	want := amounts(alloc, 30_000)
	defer want.Release()
	file, _ := write(t, want.Schema(), parquet.WriterConfig{PageRows: 7000}, want)
	f := open(t, file, parquet.ReaderConfig{Alloc: alloc})
	for i := range 3 {
		if got := f.Encodings(0, i); !slices.Contains(got, "DELTA_BINARY_PACKED") {
			t.Errorf("column %d: encodings %v", i, got)
		}
	}
	compare(t, want.Schema(), want.Columns(), readAll(t, f, alloc, parquet.ReadConfig{BatchRows: 4099}))
	for _, every := range []int{1, 3, 15, 900} {
		pickRows(t, f, want, every)
	}
}

// Version 1 of the format has neither.
func TestVersion1(t *testing.T) {
	t.Parallel()
	want := amounts(memory.DefaultAllocator, 30_000)
	defer want.Release()
	file, _ := write(t, want.Schema(), parquet.WriterConfig{PageRows: 7000, Version1: true}, want)
	f := open(t, file, parquet.ReaderConfig{})
	for i := range int(want.NumCols()) {
		for _, e := range f.Encodings(0, i) {
			if !slices.Contains([]string{"PLAIN", "RLE", "RLE_DICTIONARY"}, e) {
				t.Errorf("column %d: encoding %s", i, e)
			}
		}
	}
	compare(t, want.Schema(), want.Columns(), readAll(t, f, memory.DefaultAllocator, parquet.ReadConfig{}))
}

// pickRows reads the decimals of one row of so many.
func pickRows(t *testing.T, f *parquet.File, want arrow.RecordBatch, every int) {
	t.Helper()
	at, base := 0, 0
	var chosen []int32
	st := parquet.Stage{Columns: 1, Select: func(r arrow.RecordBatch, _ []int32) ([]int32, error) {
		base, at = at, at+int(r.NumRows())
		chosen = []int32{}
		for i := base % every; i < int(r.NumRows()); i += every {
			chosen = append(chosen, int32(i))
		}
		return chosen, nil
	}}
	err := f.Read(context.Background(), parquet.ReadConfig{BatchRows: 4099, Stages: []parquet.Stage{st}}, func(r arrow.RecordBatch) error {
		return sameRows(r, want, base, 1, chosen)
	})
	if err != nil || at != int(want.NumRows()) {
		t.Errorf("one row of %d: %d rows, error %v", every, at, err)
	}
}

// A chunk that has outgrown its dictionary goes on in whole pages.
func TestPagesAfterDictionary(t *testing.T) {
	t.Parallel()
	s := arrow.NewSchema([]arrow.Field{{Name: "id", Type: schema.BigInt}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, s)
	defer b.Release()
	var parts []arrow.RecordBatch
	for i := range int64(20_000) {
		if i < 1000 { // the first page is worth a dictionary
			b.Field(0).(*array.Int64Builder).Append(i % 100)
		} else {
			b.Field(0).(*array.Int64Builder).Append(i)
		}
		if i%100 == 99 {
			parts = append(parts, b.NewRecordBatch())
		}
	}
	file, _ := write(t, s, parquet.WriterConfig{PageRows: 1000, DictionaryBytes: 4000}, parts...)
	f := open(t, file, parquet.ReaderConfig{})
	pages, err := f.Pages(context.Background(), 0, "id")
	if err != nil || len(pages) > 22 || !slices.Contains(f.Encodings(0, 0), "RLE_DICTIONARY") {
		t.Errorf("%d pages of 20,000 rows in %v, %v", len(pages), f.Encodings(0, 0), err)
	}
}

// Numbers that rise are written as deltas though they repeat; those of a few values, and those that jump, keep their dictionary.
func TestDictionaryOrDeltas(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(63, 1))
	jumps := rnd.Perm(4000)
	tests := []struct {
		name  string
		value func(i int) int64
		want  string
	}{
		{"rising", func(i int) int64 { return int64(i / 4 * 3) }, "DELTA_BINARY_PACKED"},
		{"unique", func(i int) int64 { return int64(i * 3) }, "DELTA_BINARY_PACKED"},
		{"few, rising", func(i int) int64 { return int64(i / 100) }, "RLE_DICTIONARY"},
		{"jumping", func(int) int64 { return int64(jumps[rnd.IntN(4000)]) << 30 }, "RLE_DICTIONARY"},
	}
	for _, tt := range tests {
		s := arrow.NewSchema([]arrow.Field{{Name: "n", Type: schema.BigInt}}, nil)
		b := array.NewRecordBuilder(memory.DefaultAllocator, s)
		for i := range 20_000 {
			b.Field(0).(*array.Int64Builder).Append(tt.value(i))
		}
		want := b.NewRecordBatch()
		file, _ := write(t, s, parquet.WriterConfig{PageRows: 6000, BloomFilters: []string{"n"}}, want)
		f := open(t, file, parquet.ReaderConfig{})
		got := f.Encodings(0, 0)
		for _, e := range []string{"RLE_DICTIONARY", "DELTA_BINARY_PACKED"} {
			if slices.Contains(got, e) != (e == tt.want) {
				t.Errorf("%s: encodings %v, want %s", tt.name, got, tt.want)
			}
		}
		compare(t, s, want.Columns(), readAll(t, f, memory.DefaultAllocator, parquet.ReadConfig{}))
		want.Release()
		b.Release()
	}
}
