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

const eventTypes = "event_id STRING, event_type STRING, event_ts TIMESTAMP, seq BIGINT, user_id BIGINT, session_id STRING, status STRING, " +
	"payload STRUCT<product_id: BIGINT, quantity: BIGINT, unit_price: DOUBLE, currency: STRING, coupon: STRING, query: STRING, " +
	"device: STRUCT<os: STRING, browser: STRING, app_version: STRING>>, items ARRAY<STRUCT<sku: STRING, qty: BIGINT, price: DOUBLE>>, tags ARRAY<STRING>, " +
	"geo STRUCT<country: STRING, city: STRING, lat: DOUBLE, lon: DOUBLE>, _corrupt_record STRING, _metadata STRUCT<file_name: STRING>"

// BenchmarkNDJSON reads 32 MiB of events in one worker.
func BenchmarkNDJSON(b *testing.B) {
	var text bytes.Buffer
	for i := 0; text.Len() < 32<<20; i++ {
		if i%200 == 0 {
			text.WriteString(`{"event_id":"cut off` + "\n")
		}
		fmt.Fprintf(&text, `{"event_id":"%032x","event_type":"purchase","event_ts":"2025-03-%02dT12:34:56.%03dZ","seq":%d,"user_id":%d,"session_id":"s-%016x","status":"paid",`+
			`"payload":{"product_id":%d,"quantity":%d,"unit_price":%d.%02d,"currency":"EUR","coupon":null,"query":"läuft \"gut\"\t%d","device":{"os":"android","browser":"chrome",`+
			`"app_version":"4.%d.1"}},"items":[{"sku":"SKU-%05d","qty":2,"price":9.99}],"tags":["a","b"],"geo":{"country":"NO","city":"Oslo","lat":59.91,"lon":10.75}}`+"\n",
			i*7919, i%28+1, i%1000, i, i%100000, i*31, i%20000, i%5+1, i%500, i%100, i, i%9, i%20000)
	}
	store := memstore.New()
	if _, err := storage.Put(context.Background(), store, "a.ndjson", text.Bytes()); err != nil {
		b.Fatal(err)
	}
	src := files.In(store, "*.ndjson", files.WithDDL(eventTypes))
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		readRows(b, src)
	}
}
