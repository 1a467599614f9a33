//go:build integration

package parquet_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	pg "github.com/parquet-go/parquet-go"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
)

// What we write, parquet-go reads: page index, checksums, bounds of pages and bloom filters included.
func TestParquetGoReadsOurs(t *testing.T) {
	t.Parallel()
	g := &gen{rnd: rand.New(rand.NewPCG(51, 1)), alloc: memory.DefaultAllocator, nulls: 0.2}
	fields := testSchema().Fields()
	b := randomBatch(g, arrow.NewSchema(fields[:len(fields)-1], nil), 500) // without void
	file, footer := write(t, b.Schema(), parquet.WriterConfig{PageRows: 100, RowGroupRows: 300, BloomFilters: []string{"f4", "r7"}}, b)
	f, err := pg.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if f.NumRows() != 500 || len(f.Root().Columns()) != len(fields)-1 {
		t.Errorf("got %d rows and %d columns", f.NumRows(), len(f.Root().Columns()))
	}
	values := make([]int64, len(footer.Columns))
	nulls := make([]int64, len(footer.Columns))
	for _, rg := range f.RowGroups() {
		for i, c := range rg.ColumnChunks() {
			v, n := countPages(t, c)
			values[i] += v
			nulls[i] += n
		}
	}
	for i, c := range footer.Columns {
		if values[i] != c.Values || nulls[i] != c.NullCount {
			t.Errorf("%v: parquet-go finds %d values with %d nulls, the footer says %d with %d", c.Path, values[i], nulls[i], c.Values, c.NullCount)
		}
	}
	checkBloom(t, f, b)
}

func countPages(t *testing.T, c pg.ColumnChunk) (values, nulls int64) {
	t.Helper()
	index, err := c.ColumnIndex()
	if err != nil && c.Type().Kind() != pg.Float && c.Type().Kind() != pg.Double { // a page of NaN only has no bounds
		t.Fatal(err)
	}
	pages := c.Pages()
	defer pages.Close()
	for i := 0; ; i++ {
		p, err := pages.ReadPage()
		if err == io.EOF {
			return values, nulls
		}
		if err != nil {
			t.Fatal(err)
		}
		values += p.NumValues()
		nulls += p.NumNulls()
		if lo, hi, ok := p.Bounds(); ok && index != nil && c.Type().Kind() < pg.ByteArray { // bounds of strings may be cut; parquet-go compares long decimals as bytes
			if c.Type().Compare(index.MinValue(i), lo) > 0 || c.Type().Compare(index.MaxValue(i), hi) < 0 {
				t.Errorf("page %d: bounds [%v, %v] where the values are in [%v, %v]", i, index.MinValue(i), index.MaxValue(i), lo, hi)
			}
		}
		pg.Release(p)
	}
}

// Every value is in its row group's filter; of others, few are.
func checkBloom(t *testing.T, f *pg.File, b arrow.RecordBatch) {
	t.Helper()
	col := b.Schema().FieldIndices("r7")[0]
	strs := b.Column(col).(*array.String)
	leaf := 0
	for i, p := range f.Schema().Columns() {
		if p[0] == "r7" {
			leaf = i
		}
	}
	wrong, row := 0, 0
	for _, rg := range f.RowGroups() {
		filter := rg.ColumnChunks()[leaf].BloomFilter()
		if filter == nil {
			t.Fatal("no bloom filter")
		}
		for range rg.NumRows() {
			if ok, err := filter.Check(pg.ByteArrayValue([]byte(strs.Value(row)))); !ok || err != nil {
				t.Fatalf("row %d: %v, %v", row, ok, err)
			}
			if ok, _ := filter.Check(pg.ByteArrayValue([]byte(fmt.Sprint("absent ", row)))); ok {
				wrong++
			}
			row++
		}
	}
	if wrong > row/20 {
		t.Errorf("%d of %d absent values pass the filter", wrong, row)
	}
}

type person struct {
	ID      int64                  `parquet:"id,delta"`
	Name    *string                `parquet:"name,optional,dict"`
	Code    string                 `parquet:"code,delta"`
	Score   float64                `parquet:"score,split"`
	Small   uint16                 `parquet:"small"`
	At      time.Time              `parquet:"at,timestamp(nanosecond)"`
	Tags    []string               `parquet:"tags,list"`
	Bare    []int32                `parquet:"bare"`
	Prices  map[string]float64     `parquet:"prices"`
	Friends []struct{ A, B int32 } `parquet:"friends,list"`
}

// What parquet-go writes, in its own choice of encodings and both page versions, we read.
func TestWeReadParquetGos(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(53, 1))
	people := make([]person, 1000)
	for i := range people {
		p := &people[i]
		*p = person{ID: int64(i) * 7, Code: fmt.Sprintf("code-%05d", i/3), Score: rnd.NormFloat64(), Small: uint16(rnd.Uint32()), At: time.UnixMicro(int64(i)).UTC()}
		if i%4 > 0 {
			s := fmt.Sprint("n", i%9)
			p.Name = &s
		}
		for k := range i % 4 {
			p.Tags = append(p.Tags, fmt.Sprint("t", k))
			p.Bare = append(p.Bare, int32(k))
			p.Friends = append(p.Friends, struct{ A, B int32 }{int32(i), int32(k)})
		}
		if i%3 == 0 {
			p.Prices = map[string]float64{fmt.Sprint(i): 1.5}
		}
	}
	for _, opts := range [][]pg.WriterOption{
		{pg.DataPageVersion(1), pg.PageBufferSize(2000)},
		{pg.DataPageVersion(2), pg.PageBufferSize(2000), pg.Compression(&pg.Zstd)},
		{pg.DataPageVersion(2), pg.Compression(&pg.Gzip)},
		{pg.DataPageVersion(1), pg.Compression(&pg.Lz4Raw)},
		{pg.DataPageVersion(1), pg.Compression(&pg.Snappy)},
	} {
		var buf bytes.Buffer
		w := pg.NewGenericWriter[person](&buf, opts...)
		if _, err := w.Write(people); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		checkPeople(t, people, buf.Bytes())
	}
}

func checkPeople(t *testing.T, people []person, file []byte) {
	t.Helper()
	f := open(t, file, parquet.ReaderConfig{})
	if got := f.Schema().Field(7).Type; !arrow.TypeEqual(got, schema.ArrayOf(schema.Int, false)) {
		t.Errorf("bare repeated field: got %s", got)
	}
	at := 0
	err := f.Read(context.Background(), parquet.ReadConfig{BatchRows: 77}, func(r arrow.RecordBatch) error {
		for i := range int(r.NumRows()) {
			p := people[at]
			at++
			want := []string{fmt.Sprint(p.ID), "(null)", p.Code, fmt.Sprint(p.Score), fmt.Sprint(p.Small)}
			if p.Name != nil {
				want[1] = *p.Name
			}
			for k, w := range want {
				if got := r.Column(k).ValueStr(i); got != w {
					return fmt.Errorf("row %d, column %d: got %s, want %s", at-1, k, got, w)
				}
			}
			if got := r.Column(5).(*array.Timestamp).Value(i); int64(got) != p.At.UnixMicro() {
				return fmt.Errorf("row %d: timestamp %d, want %d", at-1, got, p.At.UnixMicro())
			}
			for k, n := range []int{len(p.Tags), len(p.Bare), len(p.Prices), len(p.Friends)} {
				from, to := r.Column(6 + k).(array.ListLike).ValueOffsets(i)
				if int(to-from) != n {
					return fmt.Errorf("row %d: column %d has %d elements, want %d", at-1, 6+k, to-from, n)
				}
			}
		}
		return nil
	})
	if err != nil || at != len(people) {
		t.Errorf("%d rows, %v", at, err)
	}
}
