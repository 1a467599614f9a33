package parquet_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
)

// Rows read singly are the rows that reading everything gives: of every flat type, over pages, dictionaries, chunks that go on without one, and nulls.
func TestSelect(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
			defer alloc.AssertSize(t, 0)
			rnd := rand.New(rand.NewPCG(seed, 71))
			g := &gen{rnd: rnd, alloc: alloc, nulls: []float64{0, 0.2, 0.95}[seed%3], few: seed%2 == 0}
			b := randomBatch(g, flatSchema(), 700)
			defer b.Release()
			file, _ := write(t, b.Schema(), parquet.WriterConfig{PageRows: 90, DictionaryBytes: 2000, RowGroupRows: 400}, b)
			f := open(t, file, parquet.ReaderConfig{Alloc: alloc})
			for _, share := range []float64{0, 0.002, 0.1, 0.5, 1} {
				selectRows(t, f, b, parquet.ReadConfig{BatchRows: 100 + rnd.IntN(200), KeepDictionary: seed%4 < 2, Ahead: rnd.IntN(3)}, share, rnd)
			}
		})
	}
}

// flatSchema is the fields of testSchema that are not nested.
func flatSchema() *arrow.Schema {
	var fields []arrow.Field
	for _, f := range testSchema().Fields() {
		if !arrow.IsNested(f.Type.ID()) {
			fields = append(fields, f)
		}
	}
	return arrow.NewSchema(fields, nil)
}

// selectRows reads a random share of the rows of want; of some batches all of them.
func selectRows(t *testing.T, f *parquet.File, want arrow.RecordBatch, c parquet.ReadConfig, share float64, rnd *rand.Rand) {
	t.Helper()
	at, base, read := 0, 0, 0
	var sel []int32
	c.Select = func(r arrow.RecordBatch) ([]int32, error) {
		base, at, sel = at, at+int(r.NumRows()), nil
		if rnd.IntN(5) == 0 {
			for i := range int32(r.NumRows()) {
				sel = append(sel, i)
			}
			return nil, sameRows(r, want, base, 0, sel)
		}
		sel = []int32{}
		for i := range int32(r.NumRows()) {
			if rnd.Float64() < share {
				sel = append(sel, i)
			}
		}
		return sel, nil
	}
	err := f.Read(context.Background(), c, func(r arrow.RecordBatch) error {
		if read++; int(r.NumRows()) != len(sel) {
			return fmt.Errorf("got %d rows, want %d", r.NumRows(), len(sel))
		}
		return sameRows(r, want, base, c.Ahead, sel)
	})
	if err != nil || at != int(want.NumRows()) || share == 1 && read == 0 {
		t.Errorf("share %g: %d rows chosen from, %d batches read, error %v", share, at, read, err)
	}
}

// sameRows compares the rows of got, whose columns are those of want from first on, with the rows base+sel; got has all rows, or these.
func sameRows(got, want arrow.RecordBatch, base, first int, sel []int32) error {
	for c, a := range got.Columns() {
		for i, s := range sel {
			if g, w := a.ValueStr(i), want.Column(first+c).ValueStr(base+int(s)); g != w {
				return fmt.Errorf("column %s, row %d: got %s, want %s", want.ColumnName(first+c), base+int(s), g, w)
			}
		}
	}
	return nil
}

func TestSelectErrors(t *testing.T) {
	t.Parallel()
	g := &gen{rnd: rand.New(rand.NewPCG(3, 3)), alloc: memory.DefaultAllocator}
	s := arrow.NewSchema([]arrow.Field{{Name: "a", Type: schema.Int}, {Name: "l", Type: arrow.ListOf(schema.Int)}}, nil)
	file, _ := write(t, s, parquet.WriterConfig{}, randomBatch(g, s, 10))
	f := open(t, file, parquet.ReaderConfig{})
	for name, c := range map[string]parquet.ReadConfig{
		"too many ahead":  {Ahead: 3},
		"negative ahead":  {Ahead: -1},
		"nested is late":  {Ahead: 1},
		"order is broken": {Columns: []int{1, 0}, Ahead: 1},
	} {
		c.Select = func(arrow.RecordBatch) ([]int32, error) { return []int32{5, 2}, nil }
		if err := f.Read(context.Background(), c, func(arrow.RecordBatch) error { return nil }); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
