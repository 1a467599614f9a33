package parquet_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// gen makes random arrays.
type gen struct {
	rnd   *rand.Rand
	alloc memory.Allocator
	nulls float64 // share of nulls
	few   bool    // few distinct values
}

func (g *gen) array(t arrow.DataType, nullable bool, n int) arrow.Array {
	b := array.NewBuilder(g.alloc, t)
	defer b.Release()
	for range n {
		g.value(b, nullable)
	}
	return b.NewArray()
}

func (g *gen) int(most int64) int64 {
	if g.few {
		most = min(most, 7)
	}
	return g.rnd.Int64N(most)
}

func (g *gen) value(b array.Builder, nullable bool) {
	if nullable && g.rnd.Float64() < g.nulls {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.NullBuilder:
		b.AppendNull()
	case *array.BooleanBuilder:
		b.Append(g.int(2) == 1)
	case *array.Int8Builder:
		b.Append(int8(g.int(256) - 128))
	case *array.Int16Builder:
		b.Append(int16(g.int(1<<16) - 1<<15))
	case *array.Int32Builder:
		b.Append(int32(g.int(1<<32) - 1<<31))
	case *array.Int64Builder:
		b.Append(g.int(math.MaxInt64) - 1<<62)
	case *array.Date32Builder:
		b.Append(arrow.Date32(g.int(40000) - 20000))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(g.int(math.MaxInt64) - 1<<62))
	case *array.Float32Builder:
		b.Append([]float32{float32(g.rnd.NormFloat64()), float32(math.NaN()), float32(math.Copysign(0, -1)), 0, float32(math.Inf(1))}[g.int(5)])
	case *array.Float64Builder:
		b.Append([]float64{g.rnd.NormFloat64(), math.NaN(), math.Copysign(0, -1), 0, math.Inf(-1)}[g.int(5)])
	case *array.Decimal128Builder:
		v := decimal128.FromI64(g.int(1e9-1) - 5e8)
		if p := b.Type().(*arrow.Decimal128Type).Precision; p > 18 {
			v = v.Mul(decimal128.FromI64(1e18))
		} else if p > 9 {
			v = v.Mul(decimal128.FromI64(1e8))
		}
		b.Append(v)
	case *array.StringBuilder:
		b.Append(g.text())
	case *array.BinaryBuilder:
		b.Append([]byte(g.text() + "\xff\x00"))
	case *array.ListBuilder:
		b.Append(true)
		for range g.rnd.IntN(4) {
			g.value(b.ValueBuilder(), b.Type().(*arrow.ListType).ElemField().Nullable)
		}
	case *array.MapBuilder:
		b.Append(true)
		for range g.rnd.IntN(3) {
			g.value(b.KeyBuilder(), false)
			g.value(b.ItemBuilder(), b.Type().(*arrow.MapType).ItemField().Nullable)
		}
	case *array.StructBuilder:
		b.Append(true)
		for i, f := range b.Type().(*arrow.StructType).Fields() {
			g.value(b.FieldBuilder(i), f.Nullable)
		}
	default:
		panic(fmt.Sprintf("no values for %T", b))
	}
}

func (g *gen) text() string {
	n := g.int(1 << 40)
	switch n % 5 {
	case 0:
		return ""
	case 1:
		return fmt.Sprint(n)
	case 2:
		return fmt.Sprintf("straße %d with some more text behind it", n)
	}
	return fmt.Sprintf("v%d", n%1000)
}

// flatTypes is every type that a leaf can have.
var flatTypes = []arrow.DataType{
	schema.Boolean, schema.TinyInt, schema.SmallInt, schema.Int, schema.BigInt, schema.Float, schema.Double, schema.String, schema.Binary, schema.DateType,
	schema.Timestamp, schema.TimestampNTZType, schema.DecimalOf(9, 2), schema.DecimalOf(18, 4), schema.DecimalOf(38, 10),
}

// testSchema has each type flat, required, in lists, maps and structs, and nestings of these.
func testSchema() *arrow.Schema {
	var fields, inner []arrow.Field
	add := func(name string, t arrow.DataType, nullable bool) {
		fields = append(fields, arrow.Field{Name: name, Type: t, Nullable: nullable})
	}
	for i, t := range flatTypes {
		add(fmt.Sprintf("f%d", i), t, true)
		add(fmt.Sprintf("r%d", i), t, false)
		add(fmt.Sprintf("l%d", i), schema.ArrayOf(t, i%2 == 0), i%3 == 0)
		add(fmt.Sprintf("m%d", i), schema.MapOf(schema.String, t, i%2 == 1), i%3 != 0)
		inner = append(inner, arrow.Field{Name: fmt.Sprintf("s%d", i), Type: t, Nullable: i%2 == 0})
	}
	st := arrow.StructOf(inner...)
	add("struct", st, true)
	add("required_struct", st, false)
	add("structs", schema.ArrayOf(st, true), true)
	add("deep", schema.ArrayOf(schema.ArrayOf(schema.MapOf(schema.Int, schema.ArrayOf(arrow.StructOf(
		arrow.Field{Name: "a", Type: schema.String, Nullable: true},
		arrow.Field{Name: "b", Type: schema.ArrayOf(schema.BigInt, false)}), true), true), true), false), true)
	add("void", schema.Void, true)
	return arrow.NewSchema(fields, nil)
}

func randomBatch(g *gen, s *arrow.Schema, n int) arrow.RecordBatch {
	cols := make([]arrow.Array, s.NumFields())
	for i, f := range s.Fields() {
		cols[i] = g.array(f.Type, f.Nullable, n)
		defer cols[i].Release()
	}
	return array.NewRecordBatch(s, cols, int64(n))
}

func write(t testing.TB, s *arrow.Schema, c parquet.WriterConfig, batches ...arrow.RecordBatch) ([]byte, *parquet.Footer) {
	t.Helper()
	var buf bytes.Buffer
	w, err := parquet.NewWriter(&buf, s, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		if err := w.Write(b.Columns(), int(b.NumRows()), nil); err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), f
}

func open(t testing.TB, b []byte, c parquet.ReaderConfig) *parquet.File {
	t.Helper()
	f, err := parquet.Open(bytes.NewReader(b), int64(len(b)), c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// readAll reads everything into one array per column. The caller releases them.
func readAll(t testing.TB, f *parquet.File, alloc memory.Allocator, c parquet.ReadConfig) []arrow.Array {
	t.Helper()
	var parts [][]arrow.Array
	err := f.Read(context.Background(), c, func(b arrow.RecordBatch) error {
		if parts == nil {
			parts = make([][]arrow.Array, b.NumCols())
		}
		for i, a := range b.Columns() {
			a.Retain()
			parts[i] = append(parts[i], a)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var out []arrow.Array
	for _, p := range parts {
		a, err := array.Concatenate(p, alloc)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range p {
			x.Release()
		}
		out = append(out, a)
	}
	return out
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		config parquet.WriterConfig
		nulls  float64
		few    bool
	}{
		{"snappy", parquet.WriterConfig{}, 0, false},
		{"snappy, dictionaries", parquet.WriterConfig{PageRows: 100}, 0.3, true},
		{"zstd", parquet.WriterConfig{Compression: parquet.Zstd, PageRows: 53}, 0.3, false},
		{"uncompressed", parquet.WriterConfig{Compression: parquet.Uncompressed, PageRows: 40, RowGroupRows: 67}, 0.1, false},
		{"small pages", parquet.WriterConfig{PageBytes: 100, RowGroupBytes: 100_000}, 0.3, false},
		{"all null", parquet.WriterConfig{PageRows: 100}, 1, true},
	}
	s := testSchema()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			alloc := memory.NewCheckedAllocator(pool.NewChecked())
			defer alloc.AssertSize(t, 0)
			g := &gen{rnd: rand.New(rand.NewPCG(1, 2)), alloc: alloc, nulls: tt.nulls, few: tt.few}
			b := randomBatch(g, s, 150)
			defer b.Release()
			file, _ := write(t, s, tt.config, b)
			f := open(t, file, parquet.ReaderConfig{Alloc: alloc, Name: "test"})
			for _, rows := range []int{0, 77} {
				compare(t, s, b.Columns(), readAll(t, f, alloc, parquet.ReadConfig{BatchRows: rows}))
			}
		})
	}
}

// compare wants the same values in got as in want, and releases got.
func compare(t testing.TB, s *arrow.Schema, want, got []arrow.Array) {
	t.Helper()
	for i := range want {
		if !array.ApproxEqual(want[i], got[i], array.WithNaNsEqual(true), array.WithAbsTolerance(0)) {
			t.Errorf("column %s: %s\ngot  %.300v\nwant %.300v", s.Field(i).Name, s.Field(i).Type, got[i], want[i])
		}
		got[i].Release()
	}
}
