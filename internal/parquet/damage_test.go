package parquet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/parquet"
)

// counting counts what is allocated and not freed. It is quicker than memory.CheckedAllocator, which notes who allocated what.
type counting struct {
	memory.Allocator
	live atomic.Int64
}

func (c *counting) Allocate(n int) []byte {
	c.live.Add(int64(n))
	return c.Allocator.Allocate(n)
}

func (c *counting) Reallocate(n int, b []byte) []byte {
	c.live.Add(int64(n - len(b)))
	return c.Allocator.Reallocate(n, b)
}

func (c *counting) Free(b []byte) {
	c.live.Add(-int64(len(b)))
	c.Allocator.Free(b)
}

// consume does everything that can be done with a file. Files that are not Parquet must give *CorruptError or *UnsupportedError.
func consume(b []byte, c parquet.ReaderConfig) error {
	ctx := context.Background()
	c.MaxPageBytes, c.MaxPageValues = 1<<20, 1<<16
	f, err := parquet.Open(bytes.NewReader(b), int64(len(b)), c)
	if err != nil {
		return err
	}
	if f.NumRows() > 1<<16 { // claims that do no harm, but take time to refute
		return nil
	}
	ignore := func(arrow.RecordBatch) error { return nil }
	err = f.Read(ctx, parquet.ReadConfig{KeepDictionary: true, BatchRows: 100}, ignore)
	for i, g := range f.RowGroups() {
		for _, c := range f.Schema().Fields() {
			g.Stats(c.Name)
			_, perr := f.Pages(ctx, i, c.Name)
			err = errors.Join(err, perr)
		}
		if g.Rows > 20 {
			ranges := []parquet.RowRange{{From: 5, To: 7}, {From: g.Rows - 3, To: g.Rows}}
			err = errors.Join(err, f.Read(ctx, parquet.ReadConfig{RowGroups: []int{i}, Rows: ranges}, ignore))
			err = errors.Join(err, f.Read(ctx, parquet.ReadConfig{RowGroups: []int{i}, Columns: flat(f), Stages: everyFifth(), KeepDictionary: true}, ignore))
		}
	}
	return err
}

// flat are the columns of which single rows can be read.
func flat(f *parquet.File) []int {
	columns := []int{}
	for i, c := range f.Schema().Fields() {
		if !arrow.IsNested(c.Type.ID()) {
			columns = append(columns, i)
		}
	}
	return columns
}

// everyFifth picks rows, as a filter does.
func everyFifth() []parquet.Stage {
	return []parquet.Stage{{Select: func(rec arrow.RecordBatch, _ []int32) ([]int32, error) {
		picked := []int32{}
		for row := int32(2); int64(row) < rec.NumRows(); row += 5 {
			picked = append(picked, row)
		}
		return picked, nil
	}}}
}

// known says that an error is of a kind that damage may give.
func known(err error) bool {
	var c *parquet.CorruptError
	var u *parquet.UnsupportedError
	return errors.As(err, &c) || errors.As(err, &u)
}

// seeds are small files of all types: with and without compression, dictionaries, several pages and row groups.
func seeds(t testing.TB) [][]byte {
	var fields []arrow.Field
	for i, f := range testSchema().Fields() {
		if f.Name[0] == 'f' || i%13 == 2 || f.Name == "structs" || f.Name == "deep" {
			fields = append(fields, f)
		}
	}
	var files [][]byte
	for i, c := range []parquet.WriterConfig{
		{PageRows: 12, RowGroupRows: 30},
		{Compression: parquet.Uncompressed},
		{Compression: parquet.Zstd, PageRows: 30, BloomFilters: []string{"f4", "f7"}},
	} {
		g := &gen{rnd: rand.New(rand.NewPCG(5, uint64(i))), alloc: memory.DefaultAllocator, nulls: 0.2, few: i%2 == 0}
		b := randomBatch(g, arrow.NewSchema(fields, nil), 50)
		file, _ := write(t, b.Schema(), c, b)
		b.Release()
		files = append(files, file)
	}
	return files
}

func TestDamage(t *testing.T) {
	t.Parallel()
	const flips = 200
	for i, file := range seeds(t) {
		for _, unchecked := range []bool{false, true} {
			t.Run(fmt.Sprintf("file %d, unchecked=%v", i, unchecked), func(t *testing.T) {
				t.Parallel()
				rnd := rand.New(rand.NewPCG(7, uint64(i)))
				found := 0
				for range flips {
					alloc := &counting{Allocator: memory.NewGoAllocator()}
					c := parquet.ReaderConfig{Alloc: alloc}
					if unchecked {
						c = parquet.Unchecked(c)
					}
					err := consume(damaged(file, rnd), c)
					if live := alloc.live.Load(); live != 0 {
						t.Fatalf("%d bytes are not released after %v", live, err)
					}
					if err != nil && !known(err) {
						t.Fatalf("error of another kind: %v", err)
					}
					if err != nil {
						found++
					}
				}
				if !unchecked && found < flips/2 {
					t.Errorf("%d of %d damaged files gave an error; page checksums alone should find most", found, flips)
				}
			})
		}
	}
}

// damaged flips one to four bits; every other time in the last tenth, where the metadata is.
func damaged(file []byte, rnd *rand.Rand) []byte {
	b := bytes.Clone(file)
	from := 0
	if rnd.IntN(2) == 0 {
		from = len(b) / 10 * 9
	}
	for range 1 + rnd.IntN(4) {
		b[from+rnd.IntN(len(b)-from)] ^= 1 << rnd.IntN(8)
	}
	return b
}

func TestTruncated(t *testing.T) {
	t.Parallel()
	file := seeds(t)[0]
	for n := 0; n < len(file); n += 1 + len(file)/300 {
		if err := consume(file[:n], parquet.ReaderConfig{}); !known(err) {
			t.Fatalf("%d of %d bytes: got error %v, want *CorruptError", n, len(file), err)
		}
	}
}

// A page of 7 bytes that claims 2^28 values must not take memory for them.
func TestLongRunTakesNoMemory(t *testing.T) {
	t.Parallel()
	file := seeds(t)[1]
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	rnd := rand.New(rand.NewPCG(9, 9))
	for range 100 {
		_ = consume(damaged(file, rnd), parquet.Unchecked(parquet.ReaderConfig{}))
	}
	runtime.ReadMemStats(&after)
	if got, most := after.TotalAlloc-before.TotalAlloc, uint64(2<<30); got > most {
		t.Errorf("allocated %d bytes for 100 damaged files of %d bytes, want at most %d", got, len(file), most)
	}
}

func FuzzOpen(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		alloc := &counting{Allocator: memory.NewGoAllocator()}
		if err := consume(b, parquet.Unchecked(parquet.ReaderConfig{Alloc: alloc})); err != nil && !known(err) {
			t.Errorf("error of another kind: %v", err)
		}
		if live := alloc.live.Load(); live != 0 {
			t.Errorf("%d bytes are not released", live)
		}
	})
}
