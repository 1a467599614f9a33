package files_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/storage"
	memstore "github.com/medallion-go/medallion/storage/memory"
)

type change struct {
	Op       string
	ID       int64
	Name     string
	Price    float64
	Quantity int32
	Note     *string
}

// BenchmarkParquet reads a file as it is, and with _metadata and wider numbers.
func BenchmarkParquet(b *testing.B) {
	const rows = 1 << 18
	s, err := schema.Of[change]()
	if err != nil {
		b.Fatal(err)
	}
	codec, err := schema.NewCodec[change](s)
	if err != nil {
		b.Fatal(err)
	}
	var file bytes.Buffer
	w, err := parquet.NewWriter(&file, s, parquet.WriterConfig{})
	if err != nil {
		b.Fatal(err)
	}
	for first := 0; first < rows; first += 1 << 14 {
		part := make([]change, 1<<14)
		for i := range part {
			part[i] = change{"IUD"[i%3 : i%3+1], int64(first + i), fmt.Sprint("name ", (first+i)*7919%100000), float64(i) / 3, int32(i), nil}
		}
		batch, err := codec.Encode(memory.DefaultAllocator, part)
		if err != nil {
			b.Fatal(err)
		}
		if err := w.Write(batch.Columns(), len(part), nil); err != nil {
			b.Fatal(err)
		}
		batch.Release()
	}
	if _, err := w.Close(); err != nil {
		b.Fatal(err)
	}
	store := memstore.New()
	if _, err := storage.Put(context.Background(), store, "a.parquet", file.Bytes()); err != nil {
		b.Fatal(err)
	}
	for name, ddl := range map[string]string{
		"AsItIs": schema.DDL(s), "Metadata": schema.DDL(s) + ", _metadata " + schema.TypeDDL(files.MetadataType),
		"Wider": "op STRING, id DECIMAL(20,0), name STRING, price DOUBLE, quantity BIGINT, note STRING",
	} {
		b.Run(name, func(b *testing.B) {
			src := files.In(store, "*.parquet", files.WithDDL(ddl))
			for b.Loop() {
				if n := readRows(b, src); n != rows {
					b.Fatalf("%d rows, want %d", n, rows)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
		})
	}
}

func readRows(b *testing.B, src *files.Source) int {
	batch, err := src.Plan(context.Background(), nil, source.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for _, split := range batch.Splits {
		_, err := split.Read(context.Background(), nil, func(rec arrow.RecordBatch) error {
			n += int(rec.NumRows())
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return n
}
