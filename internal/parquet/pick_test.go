package parquet_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// Rows read singly are the rows that reading everything gives: of every flat type, over pages, dictionaries, chunks that go on without one, and nulls.
func TestSelect(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			alloc := memory.NewCheckedAllocator(pool.NewChecked())
			defer alloc.AssertSize(t, 0)
			rnd := rand.New(rand.NewPCG(seed, 71))
			g := &gen{rnd: rnd, alloc: alloc, nulls: []float64{0, 0.2, 0.95}[seed%3], few: seed%2 == 0}
			b := randomBatch(g, flatSchema(), 700)
			defer b.Release()
			file, _ := write(t, b.Schema(), parquet.WriterConfig{PageRows: 90, DictionaryBytes: 2000, RowGroupRows: 400}, b)
			f := open(t, file, parquet.ReaderConfig{Alloc: alloc})
			for _, share := range []float64{0, 0.002, 0.1, 0.5, 1} {
				selectRows(t, f, b, parquet.ReadConfig{BatchRows: 100 + rnd.IntN(200), KeepDictionary: seed%4 < 2}, share, rnd)
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

// selectRows reads in up to three stages, each of which leaves a random share of the rows, or of some batches all of them.
func selectRows(t *testing.T, f *parquet.File, want arrow.RecordBatch, c parquet.ReadConfig, share float64, rnd *rand.Rand) {
	t.Helper()
	at, base, rows, read, ahead := 0, 0, 0, 0, 0
	var chosen []int32 // of the batch, by now
	for stage := range 1 + rnd.IntN(3) {
		st, first := parquet.Stage{Columns: rnd.IntN(3), Codes: rnd.IntN(2) == 0}, ahead
		st.Select = func(r arrow.RecordBatch, of []int32) ([]int32, error) {
			if stage == 0 {
				rows = int(r.NumRows())
				base, at, chosen = at, at+rows, upTo(rows)
			}
			given := of
			if of == nil {
				given = upTo(rows)
			}
			if err := sameRows(r, want, base, first, given); err != nil || rnd.IntN(5) == 0 && len(chosen) == rows {
				return nil, err
			}
			chosen = slices.DeleteFunc(chosen, func(int32) bool { return rnd.Float64() >= share })
			return append([]int32{}, chosen...), nil
		}
		c.Stages, ahead = append(c.Stages, st), ahead+st.Columns
	}
	err := f.Read(context.Background(), c, func(r arrow.RecordBatch) error {
		if read++; int(r.NumRows()) != len(chosen) {
			return fmt.Errorf("got %d rows, want %d", r.NumRows(), len(chosen))
		}
		return sameRows(r, want, base, ahead, chosen)
	})
	if err != nil || at != int(want.NumRows()) || share == 1 && read == 0 {
		t.Errorf("share %g: %d rows chosen from, %d batches read, error %v", share, at, read, err)
	}
}

func upTo(n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	return all
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
	broken := func(arrow.RecordBatch, []int32) ([]int32, error) { return []int32{5, 2}, nil }
	for name, c := range map[string]parquet.ReadConfig{
		"too many ahead":  {Stages: []parquet.Stage{{Columns: 1, Select: broken}, {Columns: 2, Select: broken}}},
		"negative ahead":  {Stages: []parquet.Stage{{Columns: -1, Select: broken}}},
		"nested is late":  {Stages: []parquet.Stage{{Columns: 1, Select: broken}}},
		"order is broken": {Columns: []int{1, 0}, Stages: []parquet.Stage{{Columns: 1, Select: broken}}},
	} {
		if err := f.Read(context.Background(), c, func(arrow.RecordBatch) error { return nil }); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
