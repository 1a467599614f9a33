//go:build integration

package parquet_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	arrowparquet "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/internal/pool"
)

// What we write, arrow-go reads as the same values, types and field ids.
func TestArrowReadsOurs(t *testing.T) {
	t.Parallel()
	for i, c := range []parquet.WriterConfig{{}, {Compression: parquet.Zstd, PageRows: 50, RowGroupRows: 150}, {Compression: parquet.Uncompressed, PageBytes: 200}} {
		g := &gen{rnd: rand.New(rand.NewPCG(11, uint64(i))), alloc: memory.DefaultAllocator, nulls: 0.3, few: i == 1}
		want := randomBatch(g, testSchema(), 400)
		b, _ := write(t, want.Schema(), c, want)
		got := arrowRead(t, b)
		for k, f := range want.Schema().Fields() {
			if !array.ApproxEqual(want.Column(k), got[k], array.WithNaNsEqual(true), array.WithAbsTolerance(0)) {
				t.Errorf("config %d, column %s %s: values differ", i, f.Name, f.Type)
			}
		}
	}
}

// Decimals as deltas too.
func TestArrowReadsDeltas(t *testing.T) {
	t.Parallel()
	want := amounts(memory.DefaultAllocator, 30_000)
	b, _ := write(t, want.Schema(), parquet.WriterConfig{}, want)
	for k, got := range arrowRead(t, b) {
		if !array.Equal(want.Column(k), got) {
			t.Errorf("column %s: values differ", want.ColumnName(k))
		}
	}
}

func arrowRead(t *testing.T, b []byte) []arrow.Array {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	ar, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	tb, err := ar.ReadTable(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var out []arrow.Array
	for i := range int(tb.NumCols()) {
		a, err := array.Concatenate(tb.Column(i).Data().Chunks(), memory.DefaultAllocator)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}

// What arrow-go writes, in both page versions and all codecs and encodings it has, we read as the same values.
func TestWeReadArrows(t *testing.T) {
	t.Parallel()
	codecs := []compress.Compression{compress.Codecs.Uncompressed, compress.Codecs.Snappy, compress.Codecs.Gzip, compress.Codecs.Zstd, compress.Codecs.Lz4Raw}
	for i, codec := range codecs {
		for _, version := range []arrowparquet.DataPageVersion{arrowparquet.DataPageV1, arrowparquet.DataPageV2} {
			for _, dict := range []bool{false, true} {
				t.Run(fmt.Sprintf("%v, V%d, dictionary=%v", codec, version+1, dict), func(t *testing.T) {
					t.Parallel()
					checkArrows(t, uint64(i), arrowparquet.WithCompression(codec), arrowparquet.WithDataPageVersion(version),
						arrowparquet.WithDictionaryDefault(dict), arrowparquet.WithDataPageSize(700), arrowparquet.WithStoreDecimalAsInteger(dict))
				})
			}
		}
	}
	for _, e := range []struct {
		encoding arrowparquet.Encoding
		types    string
	}{
		{arrowparquet.Encodings.DeltaBinaryPacked, "int"},
		{arrowparquet.Encodings.DeltaByteArray, "bytes"},
		{arrowparquet.Encodings.DeltaLengthByteArray, "bytes"},
		{arrowparquet.Encodings.ByteStreamSplit, "numbers"},
	} {
		t.Run(fmt.Sprint(e.encoding), func(t *testing.T) {
			t.Parallel()
			checkEncoding(t, e.encoding, e.types)
		})
	}
}

func checkArrows(t *testing.T, seed uint64, opts ...arrowparquet.WriterProperty) {
	t.Helper()
	g := &gen{rnd: rand.New(rand.NewPCG(13, seed)), alloc: memory.DefaultAllocator, nulls: 0.3}
	fields := testSchema().Fields()
	s := arrow.NewSchema(fields[:len(fields)-1], nil) // without void
	want := randomBatch(g, s, 300)
	defer want.Release()
	checkOurs(t, want, opts...)
}

func checkOurs(t *testing.T, want arrow.RecordBatch, opts ...arrowparquet.WriterProperty) {
	t.Helper()
	var buf bytes.Buffer
	w, err := pqarrow.NewFileWriter(want.Schema(), &buf, arrowparquet.NewWriterProperties(opts...), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(want); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	for _, c := range []parquet.ReadConfig{{BatchRows: 37}, {}} {
		f := open(t, buf.Bytes(), parquet.ReaderConfig{Alloc: alloc})
		compare(t, want.Schema(), want.Columns(), readAll(t, f, alloc, c))
	}
}

func checkEncoding(t *testing.T, e arrowparquet.Encoding, types string) {
	t.Helper()
	match := map[string][]arrow.Type{
		"int":     {arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.DATE32, arrow.TIMESTAMP},
		"bytes":   {arrow.STRING, arrow.BINARY},
		"numbers": {arrow.INT32, arrow.INT64, arrow.FLOAT32, arrow.FLOAT64},
	}[types]
	var fields []arrow.Field
	for i, typ := range flatTypes {
		for _, m := range match {
			if typ.ID() == m {
				fields = append(fields, arrow.Field{Name: fmt.Sprintf("f%d", i), Type: typ, Nullable: true}, arrow.Field{Name: fmt.Sprintf("r%d", i), Type: typ})
			}
		}
	}
	for i := range 20 {
		g := &gen{rnd: rand.New(rand.NewPCG(15, uint64(i))), alloc: memory.DefaultAllocator, nulls: 0.3, few: i%2 == 0}
		want := randomBatch(g, arrow.NewSchema(fields, nil), 1+20*i*i)
		checkOurs(t, want, arrowparquet.WithEncoding(e), arrowparquet.WithDictionaryDefault(false), arrowparquet.WithDataPageSize(5000))
		want.Release()
	}
}
