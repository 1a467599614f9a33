package parquet_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/cputime"
	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
)

const (
	benchRows  = 1_000_000
	benchBatch = 1 << 16
)

func benchSchema() *arrow.Schema {
	st := arrow.StructOf(
		arrow.Field{Name: "page", Type: schema.String, Nullable: true}, arrow.Field{Name: "ms", Type: schema.Int, Nullable: true})
	return arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: schema.BigInt},
		{Name: "uuid", Type: schema.String, Nullable: true},
		{Name: "kind", Type: schema.String, Nullable: true},
		{Name: "country", Type: schema.String, Nullable: true},
		{Name: "city", Type: schema.String, Nullable: true},
		{Name: "name", Type: schema.String, Nullable: true},
		{Name: "at", Type: schema.Timestamp, Nullable: true},
		{Name: "amount", Type: schema.DecimalOf(18, 2), Nullable: true},
		{Name: "score", Type: schema.Double, Nullable: true},
		{Name: "quantity", Type: schema.Int, Nullable: true},
		{Name: "ok", Type: schema.Boolean, Nullable: true},
		{Name: "tags", Type: schema.ArrayOf(schema.String, true), Nullable: true},
		{Name: "payload", Type: st, Nullable: true},
	}, nil)
}

// benchBatches is a table of 13 columns and 14 leaves with strings of 12 to 1,000,000 distinct values, made once.
var benchBatches = sync.OnceValue(func() []arrow.RecordBatch {
	rnd := rand.New(rand.NewPCG(3, 4))
	b := array.NewRecordBuilder(memory.DefaultAllocator, benchSchema())
	defer b.Release()
	var out []arrow.RecordBatch
	for i := range benchRows {
		benchRow(b, rnd, i)
		if i%benchBatch == benchBatch-1 || i == benchRows-1 {
			out = append(out, b.NewRecordBatch())
		}
	}
	return out
})

func benchRow(b *array.RecordBuilder, r *rand.Rand, i int) {
	b.Field(0).(*array.Int64Builder).Append(int64(i) + 1000)
	str := func(k int, s string) { b.Field(k).(*array.StringBuilder).Append(s) }
	str(1, fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<16), r.Int64N(1<<48)))
	str(2, [...]string{"view", "click", "buy", "cart", "search", "login", "logout", "share", "like", "open", "close", "error"}[r.IntN(12)])
	str(3, fmt.Sprintf("C%02d", r.IntN(60)))
	str(4, fmt.Sprintf("city-%04d", r.IntN(4000)))
	str(5, fmt.Sprintf("customer %d", r.IntN(300_000)))
	b.Field(6).(*array.TimestampBuilder).Append(arrow.Timestamp(1_700_000_000_000_000 + int64(i)*950_000 + r.Int64N(900_000)))
	if amount := b.Field(7).(*array.Decimal128Builder); r.IntN(20) == 0 {
		amount.AppendNull()
	} else {
		amount.Append(decimal128.FromI64(r.Int64N(1_000_000)))
	}
	if score := b.Field(8).(*array.Float64Builder); r.IntN(10) == 0 {
		score.AppendNull()
	} else {
		score.Append(r.Float64())
	}
	b.Field(9).(*array.Int32Builder).Append(int32(r.IntN(100)))
	b.Field(10).(*array.BooleanBuilder).Append(r.IntN(3) > 0)
	tags := b.Field(11).(*array.ListBuilder)
	tags.Append(true)
	for range r.IntN(4) {
		tags.ValueBuilder().(*array.StringBuilder).Append(fmt.Sprintf("tag%d", r.IntN(50)))
	}
	payload := b.Field(12).(*array.StructBuilder)
	payload.Append(true)
	payload.FieldBuilder(0).(*array.StringBuilder).Append(fmt.Sprintf("/shop/page/%d", r.IntN(60_000)))
	payload.FieldBuilder(1).(*array.Int32Builder).Append(int32(r.IntN(5000)))
}

type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// cpu starts a clock of processor time, garbage collection included; the function that it gives reports what an operation took.
func cpu(b *testing.B) func() {
	from := cputime.Process()
	return func() { b.ReportMetric(float64((cputime.Process()-from).Microseconds())/1e3/float64(b.N), "cpu-ms/op") }
}

func writeBench(b *testing.B, w io.Writer, c parquet.WriterConfig, batches []arrow.RecordBatch) {
	x, err := parquet.NewWriter(w, benchSchema(), c)
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range batches {
		if err := x.Write(r.Columns(), int(r.NumRows()), nil); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := x.Close(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkWrite(b *testing.B) {
	for name, c := range map[string]parquet.WriterConfig{"snappy": {}, "zstd": {Compression: parquet.Zstd}} {
		b.Run(name, func(b *testing.B) {
			batches := benchBatches()
			var n counter
			b.ReportAllocs()
			report := cpu(b)
			for b.Loop() {
				n = 0
				writeBench(b, &n, c, batches)
			}
			report()
			b.ReportMetric(float64(n)/1e6, "fileMB")
		})
	}
}

// BenchmarkWriteColumn writes one column at a time, to see where the time goes.
func BenchmarkWriteColumn(b *testing.B) {
	for i, f := range benchSchema().Fields() {
		b.Run(f.Name, func(b *testing.B) {
			batches := benchBatches()
			var n counter
			report := cpu(b)
			for b.Loop() {
				n = 0
				x, err := parquet.NewWriter(&n, arrow.NewSchema([]arrow.Field{f}, nil), parquet.WriterConfig{})
				if err != nil {
					b.Fatal(err)
				}
				for _, r := range batches {
					if err := x.Write(r.Columns()[i:i+1], int(r.NumRows()), nil); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := x.Close(); err != nil {
					b.Fatal(err)
				}
			}
			report()
			b.ReportMetric(float64(n)/1e6, "fileMB")
		})
	}
}

var benchFile = sync.OnceValue(func() []byte {
	var buf bytes.Buffer
	writeBench(nil, &buf, parquet.WriterConfig{}, benchBatches())
	return buf.Bytes()
})

func BenchmarkRead(b *testing.B) {
	tests := map[string]parquet.ReadConfig{
		"all":       {},
		"all, kept": {KeepDictionary: true},
		"11 flat":   {Columns: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		"3":         {Columns: []int{0, 3, 7}},
		"list":      {Columns: []int{11}},
		"struct":    {Columns: []int{12}},
	}
	for name, c := range tests {
		b.Run(name, func(b *testing.B) {
			file := benchFile()
			b.ReportAllocs()
			report := cpu(b)
			for b.Loop() {
				f, err := parquet.Open(bytes.NewReader(file), int64(len(file)), parquet.ReaderConfig{})
				if err != nil {
					b.Fatal(err)
				}
				if err := f.Read(context.Background(), c, func(arrow.RecordBatch) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			report()
		})
	}
}
