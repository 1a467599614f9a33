package parquet_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
)

// oneColumn is a batch of one column "c" that fill builds.
func oneColumn[B array.Builder](t arrow.DataType, fill func(B)) arrow.RecordBatch {
	b := array.NewBuilder(memory.DefaultAllocator, t)
	defer b.Release()
	fill(b.(B))
	a := b.NewArray()
	defer a.Release()
	return array.NewRecordBatch(arrow.NewSchema([]arrow.Field{{Name: "c", Type: t, Nullable: true}}, nil), []arrow.Array{a}, int64(a.Len()))
}

func TestFooterStats(t *testing.T) {
	t.Parallel()
	nan, negZero := math.NaN(), math.Copysign(0, -1)
	long := strings.Repeat("é", 1000)
	tests := []struct {
		name  string
		batch arrow.RecordBatch
		want  parquet.ColumnStats
	}{
		{
			"int", oneColumn(schema.Int, func(b *array.Int32Builder) { b.AppendValues([]int32{3, -5, 9, 0}, []bool{true, true, true, false}) }),
			parquet.ColumnStats{Values: 4, NullCount: 1, Min: int64(-5), Max: int64(9), MinExact: true, MaxExact: true},
		},
		{
			"bool", oneColumn(schema.Boolean, func(b *array.BooleanBuilder) { b.AppendValues([]bool{true, true}, nil) }),
			parquet.ColumnStats{Values: 2, Min: true, Max: true, MinExact: true, MaxExact: true},
		},
		{
			"all null", oneColumn(schema.BigInt, func(b *array.Int64Builder) { b.AppendNulls(3) }),
			parquet.ColumnStats{Values: 3, NullCount: 3},
		},
		{
			"NaN", oneColumn(schema.Double, func(b *array.Float64Builder) { b.AppendValues([]float64{1, nan, -2}, nil) }),
			parquet.ColumnStats{Values: 3, Min: -2.0, Max: 1.0, MinExact: true, MaxExact: true, HasNaN: true},
		},
		{
			"only NaN", oneColumn(schema.Float, func(b *array.Float32Builder) { b.AppendValues([]float32{float32(nan)}, nil) }),
			parquet.ColumnStats{Values: 1, HasNaN: true},
		},
		{
			"zeros", oneColumn(schema.Double, func(b *array.Float64Builder) { b.AppendValues([]float64{0, 0}, nil) }),
			parquet.ColumnStats{Values: 2, Min: negZero, Max: 0.0, MinExact: true, MaxExact: true},
		},
		{
			"negative zeros", oneColumn(schema.Float, func(b *array.Float32Builder) { b.AppendValues([]float32{float32(negZero)}, nil) }),
			parquet.ColumnStats{Values: 1, Min: float32(negZero), Max: float32(0), MinExact: true, MaxExact: true},
		},
		{
			"strings", oneColumn(schema.String, func(b *array.StringBuilder) { b.AppendValues([]string{"b", "", "a"}, nil) }),
			parquet.ColumnStats{Values: 3, Min: []byte{}, Max: []byte("b"), MinExact: true, MaxExact: true},
		},
		{
			"long string", oneColumn(schema.String, func(b *array.StringBuilder) { b.Append(long) }),
			parquet.ColumnStats{Values: 1, Min: []byte(long[:1024]), Max: []byte(long[:1022] + "ê")},
		},
		{
			"long bytes", oneColumn(schema.Binary, func(b *array.BinaryBuilder) { b.Append([]byte(strings.Repeat("\xff", 2000))) }),
			parquet.ColumnStats{Values: 1, Min: []byte(strings.Repeat("\xff", 1024))},
		},
		{
			"small decimal", oneColumn(schema.DecimalOf(9, 2), func(b *array.Decimal128Builder) { b.Append(decimal128.FromI64(-7)); b.Append(decimal128.FromI64(7)) }),
			parquet.ColumnStats{Values: 2, Min: decimal128.FromI64(-7), Max: decimal128.FromI64(7), MinExact: true, MaxExact: true},
		},
		{
			"large decimal", oneColumn(schema.DecimalOf(38, 0), func(b *array.Decimal128Builder) { b.Append(decimal128.FromI64(-7)); b.Append(decimal128.New(5, 1)) }),
			parquet.ColumnStats{Values: 2, Min: decimal128.FromI64(-7), Max: decimal128.New(5, 1), MinExact: true, MaxExact: true},
		},
		{
			"timestamp", oneColumn(schema.Timestamp, func(b *array.TimestampBuilder) { b.Append(77) }),
			parquet.ColumnStats{Values: 1, Min: int64(77), Max: int64(77), MinExact: true, MaxExact: true},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file, footer := write(t, tt.batch.Schema(), parquet.WriterConfig{}, tt.batch)
			tt.want.Path, tt.want.Type = []string{"c"}, tt.batch.Column(0).DataType()
			opts := cmp.Options{cmpopts.IgnoreFields(parquet.ColumnStats{}, "Type"), cmp.Comparer(sameFloat[float64]), cmp.Comparer(sameFloat[float32]), cmp.AllowUnexported(decimal128.Num{})}
			if d := cmp.Diff(tt.want, footer.Columns[0], opts); d != "" {
				t.Errorf("Footer (-want +got):\n%s", d)
			}
			if footer.Bytes != int64(len(file)) || footer.Rows != tt.batch.NumRows() {
				t.Errorf("Footer: got %d bytes and %d rows, want %d and %d", footer.Bytes, footer.Rows, len(file), tt.batch.NumRows())
			}
			f := open(t, file, parquet.ReaderConfig{})
			got, ok := f.RowGroups()[0].Stats("c")
			if tt.want.HasNaN { // the footer's own statistics keep silent about a chunk with NaN
				tt.want.Min, tt.want.Max, tt.want.MinExact, tt.want.MaxExact = nil, nil, false, false
			}
			if floats := tt.want.Type.ID() == arrow.FLOAT32 || tt.want.Type.ID() == arrow.FLOAT64; floats {
				tt.want.HasNaN = true // statistics do not tell
			}
			if d := cmp.Diff(tt.want, got, opts); !ok || d != "" {
				t.Errorf("Stats: %v (-want +got):\n%s", ok, d)
			}
		})
	}
}

// sameFloat tells zeros apart.
func sameFloat[T float32 | float64](a, b T) bool {
	return math.Float64bits(float64(a)) == math.Float64bits(float64(b))
}

// A null struct counts in each of its leaves.
func TestNullStructCounts(t *testing.T) {
	t.Parallel()
	st := arrow.StructOf(arrow.Field{Name: "a", Type: schema.Int}, arrow.Field{Name: "b", Type: schema.String, Nullable: true})
	b := oneColumn(st, func(b *array.StructBuilder) {
		for i := range 10 {
			if i%3 == 0 {
				b.AppendNull()
				continue
			}
			b.Append(true)
			b.FieldBuilder(0).(*array.Int32Builder).Append(int32(i))
			b.FieldBuilder(1).AppendNull()
		}
	})
	_, footer := write(t, b.Schema(), parquet.WriterConfig{}, b)
	if got := []int64{footer.Columns[0].NullCount, footer.Columns[1].NullCount}; !cmp.Equal(got, []int64{4, 10}) {
		t.Errorf("null counts: got %v, want [4 10]", got)
	}
	if d := cmp.Diff([]string{"c", "b"}, footer.Columns[1].Path); d != "" {
		t.Error(d)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	b := oneColumn(schema.BigInt, func(b *array.Int64Builder) {
		for i := range 250 {
			if i >= 100 && i < 200 {
				b.AppendNull()
				continue
			}
			b.Append(int64(i))
		}
	})
	file, _ := write(t, b.Schema(), parquet.WriterConfig{PageRows: 100}, b)
	got, err := open(t, file, parquet.ReaderConfig{}).Pages(context.Background(), 0, "c")
	if err != nil {
		t.Fatal(err)
	}
	type page struct {
		From, To, Values, Nulls int64
		Min, Max                any
	}
	var short []page
	for _, p := range got {
		short = append(short, page{p.Rows.From, p.Rows.To, p.Values, p.NullCount, p.Min, p.Max})
	}
	want := []page{{0, 100, 100, 0, int64(0), int64(99)}, {100, 200, 100, 100, nil, nil}, {200, 250, 50, 0, int64(200), int64(249)}}
	if d := cmp.Diff(want, short); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// The bounds of every page of every leaf hold for random values, cut strings and maximums included.
func TestPageBoundsHold(t *testing.T) {
	t.Parallel()
	b := oneColumn(schema.String, func(b *array.StringBuilder) {
		for i := range 1000 {
			b.Append(strings.Repeat(string(rune('a'+i%7)), i%130) + strings.Repeat("\U0010FFFF", i%15))
		}
	})
	file, _ := write(t, b.Schema(), parquet.WriterConfig{PageRows: 50}, b)
	pages, err := open(t, file, parquet.ReaderConfig{}).Pages(context.Background(), 0, "c")
	if err != nil {
		t.Fatal(err)
	}
	col := b.Column(0).(*array.String)
	for _, p := range pages {
		for i := p.Rows.From; i < p.Rows.To; i++ {
			if v := col.Value(int(i)); v < string(p.Min.([]byte)) || v > string(p.Max.([]byte)) {
				t.Fatalf("row %d: %q is not in [%q, %q]", i, v, p.Min, p.Max)
			}
		}
	}
	if len(pages) != 20 {
		t.Errorf("got %d pages, want 20", len(pages))
	}
}
