package delta_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	arrowmem "github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/local"
	"github.com/medallion-go/medallion/storage/memory"
)

const customerColumns = "customer_id BIGINT, name STRING, email STRING, country STRING, segment STRING, signup_date DATE, birth_year BIGINT, " +
	"credit_limit DECIMAL(12,2), is_active BOOLEAN, updated_at TIMESTAMP"

// customers makes n rows as the benchmark's specification has them; the id of row i is id(i).
func customers(b testing.TB, n int, id func(int) int64, op bool) *exec.Batches {
	columns := customerColumns
	if op {
		columns += ", op STRING"
	}
	s := ddl(b, columns)
	var recs []arrow.RecordBatch
	for from := 0; from < n; from += exec.MaxRows {
		r := array.NewRecordBuilder(arrowmem.DefaultAllocator, s)
		for i := from; i < min(n, from+exec.MaxRows); i++ {
			k := id(i)
			r.Field(0).(*array.Int64Builder).Append(k)
			r.Field(1).(*array.StringBuilder).Append(fmt.Sprint("Customer Name ", k))
			r.Field(2).(*array.StringBuilder).Append(fmt.Sprint("customer", k, "@example.com"))
			r.Field(3).(*array.StringBuilder).Append([]string{"DE", "FR", "US", "GB", "PL", "SE"}[i%6])
			r.Field(4).(*array.StringBuilder).Append([]string{"consumer", "business", "public"}[i%3])
			r.Field(5).(*array.Date32Builder).Append(arrow.Date32(18000 + i%2000))
			r.Field(6).(*array.Int64Builder).Append(int64(1940 + i%60))
			r.Field(7).(*array.Decimal128Builder).Append(decimal128.FromI64(int64(i%1_000_000) * 7))
			r.Field(8).(*array.BooleanBuilder).Append(i%7 != 0)
			r.Field(9).(*array.TimestampBuilder).Append(arrow.Timestamp(1_700_000_000_000_000 + int64(i)*1_000_003))
			if op {
				r.Field(10).(*array.StringBuilder).Append([]string{"U", "I", "U", "D"}[i%4])
			}
		}
		recs = append(recs, r.NewRecordBatch())
		r.Release()
	}
	return exec.NewBatches(s, recs...)
}

// BenchmarkMerge is S2a of the benchmark's specification: 300,000 changes into 1,000,000 customers.
func BenchmarkMerge(b *testing.B) {
	source := customers(b, 300_000, func(i int) int64 { return int64(i) * 7919 % 1_050_000 }, true)
	for b.Loop() {
		b.StopTimer()
		store, err := local.New(b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		table := delta.Open(store, "", delta.Config{})
		if _, err := table.Create(b.Context(), delta.Definition{Schema: ddl(b, customerColumns)}); err != nil {
			b.Fatal(err)
		}
		if _, err := table.Append(b.Context(), customers(b, 1_000_000, func(i int) int64 { return int64(i) }, false), delta.WriteOptions{}); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		_, err = table.Merge(source, "target.customer_id = source.customer_id").
			WhenMatched("source.op = 'D'").Delete().WhenMatched("").UpdateAll().WhenNotMatched("source.op <> 'D'").InsertAll().
			Run(b.Context(), delta.WriteOptions{})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMergeHistory is S2b: 300,000 new versions into a dimension of 1,000,000 current rows, in one MERGE whose inserts have no key.
func BenchmarkMergeHistory(b *testing.B) {
	const columns = "customer_id BIGINT, name STRING, valid_from TIMESTAMP, valid_to TIMESTAMP, is_current BOOLEAN"
	const n, changed = 1_000_000, 300_000
	dimension := historyRows(b, columns, n, func(i int) (key, id int64, from int64) { return 0, int64(i), 0 })
	changes := historyRows(b, "merge_key BIGINT, "+columns, 2*changed, func(i int) (key, id int64, from int64) {
		id = int64(i/2) * 7919 % n
		if i%2 == 0 {
			return id, id, 1000 // closes the current row
		}
		return -1, id, 1000 // the new version
	})
	for b.Loop() {
		b.StopTimer()
		table := delta.Open(memory.New(), "t", delta.Config{})
		if _, err := table.Create(b.Context(), delta.Definition{Schema: ddl(b, columns)}); err != nil {
			b.Fatal(err)
		}
		if _, err := table.Append(b.Context(), dimension, delta.WriteOptions{}); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		_, err := table.Merge(changes, "target.customer_id = source.merge_key AND target.is_current").
			WhenMatched("").Update(map[string]string{"valid_to": "source.valid_from", "is_current": "false"}).
			WhenNotMatched("").InsertAll().Run(b.Context(), delta.WriteOptions{})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// historyRows makes rows of a slowly changing dimension; a key of -1 is NULL.
func historyRows(b testing.TB, columns string, n int, row func(int) (key, id, from int64)) *exec.Batches {
	s := ddl(b, columns)
	keyed := s.NumFields() - 5
	var recs []arrow.RecordBatch
	for start := 0; start < n; start += exec.MaxRows {
		r := array.NewRecordBuilder(arrowmem.DefaultAllocator, s)
		for i := start; i < min(n, start+exec.MaxRows); i++ {
			key, id, from := row(i)
			switch {
			case keyed == 1 && key < 0:
				r.Field(0).AppendNull()
			case keyed == 1:
				r.Field(0).(*array.Int64Builder).Append(key)
			}
			r.Field(keyed).(*array.Int64Builder).Append(id)
			r.Field(keyed + 1).(*array.StringBuilder).Append(fmt.Sprint("Customer Name ", id))
			r.Field(keyed + 2).(*array.TimestampBuilder).Append(arrow.Timestamp(from))
			r.Field(keyed + 3).AppendNull()
			r.Field(keyed + 4).(*array.BooleanBuilder).Append(true)
		}
		recs = append(recs, r.NewRecordBatch())
		r.Release()
	}
	return exec.NewBatches(s, recs...)
}

// BenchmarkWrite writes 1,000,000 customers, whole or in 70 partitions.
func BenchmarkWrite(b *testing.B) {
	source := customers(b, 1_000_000, func(i int) int64 { return int64(i) }, false)
	for name, by := range map[string][]string{"whole": nil, "partitioned": {"birth_year"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				table := delta.Open(memory.New(), "t", delta.Config{})
				if _, err := table.Create(b.Context(), delta.Definition{Schema: ddl(b, customerColumns), PartitionBy: by}); err != nil {
					b.Fatal(err)
				}
				if _, err := table.Append(b.Context(), source, delta.WriteOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAppend is A1: commits of 100 rows by one writer that keeps its handle. On a disk the flushes decide; in memory the work does.
func BenchmarkAppend(b *testing.B) {
	disk, err := local.New(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	for name, store := range map[string]storage.Store{"disk": disk, "memory": memory.New()} {
		b.Run(name, func(b *testing.B) { benchmarkAppend(b, store) })
	}
}

func benchmarkAppend(b *testing.B, store storage.Store) {
	table := delta.Open(store, "", delta.Config{})
	if _, err := table.Create(b.Context(), delta.Definition{Schema: ddl(b, "id BIGINT, v DOUBLE")}); err != nil && !errors.Is(err, delta.ErrTableExists) {
		b.Fatal(err)
	}
	r := array.NewRecordBuilder(arrowmem.DefaultAllocator, ddl(b, "id BIGINT, v DOUBLE"))
	for i := range 100 {
		r.Field(0).(*array.Int64Builder).Append(int64(i))
		r.Field(1).(*array.Float64Builder).Append(float64(i) / 3)
	}
	source := exec.NewBatches(ddl(b, "id BIGINT, v DOUBLE"), r.NewRecordBatch())
	for b.Loop() {
		if _, err := table.Append(b.Context(), source, delta.WriteOptions{Env: &exec.Env{Workers: 1}}); err != nil {
			b.Fatal(err)
		}
	}
}

// logOf writes n commits of one file each, as delta-rs writes them.
func logOf(b *testing.B, store storage.Store, n int) {
	b.Helper()
	const head = `{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
{"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":[],"configuration":{}}}
`
	for i := range n {
		text := fmt.Sprintf(`{"add":{"path":"part-%05d-5f6e7d8c-0000-4000-8000-000000000000-c000.snappy.parquet","partitionValues":{},"size":%d,"modificationTime":1700000000000,`+
			`"dataChange":true,"stats":"{\"numRecords\":100,\"minValues\":{\"id\":%d},\"maxValues\":{\"id\":%d},\"nullCount\":{\"id\":0}}","tags":null,"deletionVector":null,`+
			`"baseRowId":null,"defaultRowCommitVersion":null,"clusteringProvider":null}}
{"commitInfo":{"timestamp":1700000000000,"operation":"WRITE","operationParameters":{"mode":"Append"},"clientVersion":"delta-rs.py-1.6.6","operationMetrics":{"num_added_files":1}}}
`, i, 1000+i, i*100, i*100+99)
		if i == 0 {
			text = head + text
		}
		if err := store.PutIfAbsent(b.Context(), fmt.Sprintf("t/_delta_log/%020d.json", i), []byte(text)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReplay is META_json without the disk: 10,000 commits, no checkpoint.
func BenchmarkReplay(b *testing.B) {
	store := memory.New()
	logOf(b, store, 10_000)
	for b.Loop() {
		s, err := delta.Open(store, "t", delta.Config{}).Snapshot(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if s.NumFiles() != 10_000 {
			b.Fatal(s.NumFiles())
		}
	}
}

// BenchmarkCheckpoint writes and reads a checkpoint of 100,000 files.
func BenchmarkCheckpoint(b *testing.B) {
	store := memory.New()
	table := create(b, store, delta.Config{CheckpointInterval: -1}, nil)
	var files []*delta.File
	for i := range 100_000 {
		f := file(fmt.Sprintf("p=%d/part-%05d-5f6e7d8c-0000-4000-8000-%012d-c000.snappy.parquet", i%100, i, i),
			fmt.Sprintf(`{"numRecords":100,"minValues":{"id":%d,"name":"%s"},"maxValues":{"id":%d,"name":"z"},"nullCount":{"id":0,"name":0}}`, i, strings.Repeat("a", i%30), i+99))
		f.PartitionValues = []delta.PartitionValue{{Column: "p", Value: fmt.Sprint(i % 100)}}
		files = append(files, f)
	}
	if _, err := commitFiles(b.Context(), table, files); err != nil {
		b.Fatal(err)
	}
	s := snapshot(b, table)
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			if err := table.Checkpoint(b.Context(), s); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			s, err := delta.Open(store, "t", delta.Config{}).Snapshot(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			if s.NumFiles() != 100_000 {
				b.Fatal(s.NumFiles())
			}
		}
	})
}
