package parquet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// Any ranges of rows, of any type, are the rows that reading everything gives.
func TestRowRanges(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	g := &gen{rnd: rand.New(rand.NewPCG(31, 1)), alloc: alloc, nulls: 0.2}
	b := randomBatch(g, testSchema(), 200)
	defer b.Release()
	file, _ := write(t, b.Schema(), parquet.WriterConfig{PageRows: 30}, b)
	f := open(t, file, parquet.ReaderConfig{Alloc: alloc})
	for _, ranges := range [][]parquet.RowRange{
		{{From: 0, To: 1}},
		{{From: 199, To: 200}},
		{{From: 30, To: 60}, {From: 60, To: 61}, {From: 150, To: 190}},
		{{From: 29, To: 31}, {From: 33, To: 33}, {From: 100, To: 105}, {From: 107, To: 141}},
		{{From: 0, To: 200}},
	} {
		got := readAll(t, f, alloc, parquet.ReadConfig{RowGroups: []int{0}, Rows: ranges, BatchRows: 17})
		var sel []int32
		for _, r := range ranges {
			for i := r.From; i < r.To; i++ {
				sel = append(sel, int32(i))
			}
		}
		want := make([]arrow.Array, len(got))
		for i := range got {
			want[i] = take(t, alloc, b.Column(i), sel)
			defer want[i].Release()
		}
		compare(t, b.Schema(), want, got)
	}
}

// spy notes what is read.
type spy struct {
	*bytes.Reader
	requests int
	bytes    int
}

func (s *spy) ReadAt(b []byte, at int64) (int, error) {
	s.requests++
	s.bytes += len(b)
	return s.Reader.ReadAt(b, at)
}

// A range of rows costs its pages, a column its chunk, and neighbours one request.
func TestReadsLittle(t *testing.T) {
	t.Parallel()
	g := &gen{rnd: rand.New(rand.NewPCG(33, 1)), alloc: memory.DefaultAllocator}
	var fields []arrow.Field
	for i := range 10 {
		fields = append(fields, arrow.Field{Name: fmt.Sprint("c", i), Type: schema.BigInt})
	}
	b := randomBatch(g, arrow.NewSchema(fields, nil), 30_000)
	file, _ := write(t, b.Schema(), parquet.WriterConfig{PageRows: 1000}, b)
	tests := []struct {
		name            string
		config          parquet.ReadConfig
		requests, bytes int
	}{
		{"all", parquet.ReadConfig{}, 1, len(file)},
		{"two neighbours", parquet.ReadConfig{Columns: []int{3, 4}}, 1, len(file)/5 + 1000},
		{"two apart", parquet.ReadConfig{Columns: []int{1, 8}}, 2, len(file)/5 + 1000},
		{"a page", parquet.ReadConfig{Columns: []int{0}, RowGroups: []int{0}, Rows: []parquet.RowRange{{From: 5000, To: 5100}}}, 1, 20_000},
		{"no column", parquet.ReadConfig{Columns: []int{}}, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &spy{Reader: bytes.NewReader(file)}
			f, err := parquet.Open(s, int64(len(file)), parquet.ReaderConfig{})
			if err != nil {
				t.Fatal(err)
			}
			if s.requests != 1 {
				t.Errorf("Open: got %d requests, want 1", s.requests)
			}
			s.requests, s.bytes = 0, 0
			rows := int64(0)
			if err := f.Read(context.Background(), tt.config, func(r arrow.RecordBatch) error { rows += r.NumRows(); return nil }); err != nil {
				t.Fatal(err)
			}
			if s.requests != tt.requests || s.bytes > tt.bytes {
				t.Errorf("got %d requests of %d bytes, want %d of at most %d", s.requests, s.bytes, tt.requests, tt.bytes)
			}
			if want := int64(30_000); tt.config.Rows == nil && rows != want {
				t.Errorf("got %d rows, want %d", rows, want)
			}
		})
	}
}

func TestKeepDictionary(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	g := &gen{rnd: rand.New(rand.NewPCG(35, 1)), alloc: alloc, nulls: 0.3, few: true}
	s := arrow.NewSchema([]arrow.Field{{Name: "s", Type: schema.String, Nullable: true}, {Name: "b", Type: schema.Binary}}, nil)
	b := randomBatch(g, s, 1000)
	defer b.Release()
	file, _ := write(t, s, parquet.WriterConfig{RowGroupRows: 700}, b)
	f := open(t, file, parquet.ReaderConfig{Alloc: alloc})
	at := 0
	err := f.Read(context.Background(), parquet.ReadConfig{BatchRows: 300, KeepDictionary: true}, func(r arrow.RecordBatch) error {
		for i, a := range r.Columns() {
			if a.DataType().ID() != arrow.DICTIONARY {
				return fmt.Errorf("column %d is %s", i, a.DataType())
			}
			for k := range a.Len() {
				if got, want := a.ValueStr(k), b.Column(i).ValueStr(at+k); got != want {
					return fmt.Errorf("column %d, row %d: got %q, want %q", i, at+k, got, want)
				}
			}
		}
		at += int(r.NumRows())
		return nil
	})
	if err != nil || at != 1000 {
		t.Errorf("%d rows, %v", at, err)
	}
}

func TestReadStops(t *testing.T) {
	t.Parallel()
	b := oneColumn(schema.Int, func(b *array.Int32Builder) { b.AppendValues(make([]int32, 100), nil) })
	file, _ := write(t, b.Schema(), parquet.WriterConfig{}, b)
	f := open(t, file, parquet.ReaderConfig{})
	stop := errors.New("stop")
	n := 0
	err := f.Read(context.Background(), parquet.ReadConfig{BatchRows: 10}, func(arrow.RecordBatch) error {
		if n++; n == 3 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || n != 3 {
		t.Errorf("got %d batches and error %v, want 3 and %v", n, err, stop)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n = 0
	err = f.Read(ctx, parquet.ReadConfig{BatchRows: 10}, func(arrow.RecordBatch) error { n++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || n != 1 {
		t.Errorf("got %d batches and error %v, want 1 and %v", n, err, context.Canceled)
	}
}

// brokenReader fails where the pages are.
type brokenReader struct{ r io.ReaderAt }

var errBroken = errors.New("connection reset")

func (b brokenReader) ReadAt(p []byte, at int64) (int, error) {
	if at < 10 {
		return 0, errBroken
	}
	return b.r.ReadAt(p, at)
}

// An error of the store is not taken for damage.
func TestReadErrorIsNotDamage(t *testing.T) {
	t.Parallel()
	b := oneColumn(schema.Binary, func(b *array.BinaryBuilder) { b.Append(make([]byte, 100_000)) })
	file, _ := write(t, b.Schema(), parquet.WriterConfig{Compression: parquet.Uncompressed}, b)
	f, err := parquet.Open(brokenReader{bytes.NewReader(file)}, int64(len(file)), parquet.ReaderConfig{Name: "x.parquet"})
	if err != nil {
		t.Fatal(err)
	}
	err = f.Read(context.Background(), parquet.ReadConfig{}, func(arrow.RecordBatch) error { return nil })
	if !errors.Is(err, errBroken) || known(err) {
		t.Errorf("got error %v, want %v and no *CorruptError", err, errBroken)
	}
}

func TestReadConfigErrors(t *testing.T) {
	t.Parallel()
	b := oneColumn(schema.Int, func(b *array.Int32Builder) { b.AppendValues(make([]int32, 100), nil) })
	file, _ := write(t, b.Schema(), parquet.WriterConfig{RowGroupRows: 50}, b)
	f := open(t, file, parquet.ReaderConfig{})
	for name, c := range map[string]parquet.ReadConfig{
		"row group":        {RowGroups: []int{2}},
		"column":           {Columns: []int{1}},
		"column twice":     {Columns: []int{0, 0}},
		"ranges of two":    {Rows: []parquet.RowRange{{From: 0, To: 1}}},
		"range outside":    {RowGroups: []int{0}, Rows: []parquet.RowRange{{From: 0, To: 51}}},
		"ranges unordered": {RowGroups: []int{0}, Rows: []parquet.RowRange{{From: 5, To: 9}, {From: 0, To: 1}}},
	} {
		if err := f.Read(context.Background(), c, func(arrow.RecordBatch) error { return nil }); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestNotParquet(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"":                             "parquet: x: file is damaged: 0 bytes are no Parquet file",
		"some text, long enough":       "parquet: x: file is damaged: it does not end in PAR1",
		"PAR1....\xff\xff\x00\x00PAR1": "parquet: x: file is damaged: a footer of 65535 bytes in a file of 16",
		"PAR1....\x00\x00\x00\x00PARE": "parquet: x: an encrypted footer is not supported",
	}
	for in, want := range tests {
		_, err := parquet.Open(bytes.NewReader([]byte(in)), int64(len(in)), parquet.ReaderConfig{Name: "x"})
		if err == nil {
			t.Errorf("%q: no error", in)
		} else if d := cmp.Diff(want, err.Error()); d != "" {
			t.Error(d)
		}
	}
}
