package vector_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

func structType() arrow.DataType {
	return arrow.StructOf(arrow.Field{Name: "a", Type: schema.BigInt, Nullable: true}, arrow.Field{Name: "b", Type: schema.String, Nullable: true})
}

// allTypes are the types of package schema, nested and not.
func allTypes() []arrow.DataType {
	return []arrow.DataType{
		schema.Void, schema.Boolean, schema.TinyInt, schema.SmallInt, schema.Int, schema.BigInt, schema.Float, schema.Double, schema.DecimalOf(20, 3),
		schema.String, schema.Binary, schema.DateType, schema.Timestamp, schema.TimestampNTZType, schema.ArrayOf(schema.String, true),
		schema.MapOf(schema.String, schema.Int, true), structType(), schema.ArrayOf(structType(), true),
	}
}

// fill appends one random value: few distinct ones, so that equal rows and NULLs occur often.
func fill(r *rand.Rand, b array.Builder) {
	if r.IntN(5) == 0 {
		b.AppendNull()
		return
	}
	v := r.IntN(7) - 3
	switch b := b.(type) {
	case *array.NullBuilder:
		b.AppendNull()
	case *array.BooleanBuilder:
		b.Append(v > 0)
	case *array.Int8Builder:
		b.Append(int8(v * 40))
	case *array.Int16Builder:
		b.Append(int16(v * 4000))
	case *array.Int32Builder:
		b.Append(int32(v) << 27)
	case *array.Int64Builder:
		b.Append(int64(v) << 60)
	case *array.Float32Builder:
		b.Append([]float32{0, float32(math.Copysign(0, -1)), float32(math.NaN()), float32(math.Inf(1)), -1.5, 1.5, 2}[v+3])
	case *array.Float64Builder:
		b.Append([]float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(-1), -1.5, 1.5, 2}[v+3])
	case *array.Decimal128Builder:
		b.Append(decimal128.New(int64(v), uint64(r.IntN(2))))
	case *array.StringBuilder:
		b.Append(strings.Repeat("añb", v+3))
	case *array.BinaryBuilder:
		b.Append(bytes.Repeat([]byte{0, 255}, v+3))
	case *array.Date32Builder:
		b.Append(arrow.Date32(v * 1000))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(v * 1e9))
	case *array.MapBuilder:
		b.Append(true)
		for k := range r.IntN(3) {
			b.KeyBuilder().(*array.StringBuilder).Append(fmt.Sprint("k", k))
			fill(r, b.ItemBuilder())
		}
	case *array.ListBuilder:
		b.Append(true)
		for range r.IntN(3) {
			fill(r, b.ValueBuilder())
		}
	case *array.StructBuilder:
		b.Append(true)
		for i := range b.NumField() {
			fill(r, b.FieldBuilder(i))
		}
	}
}

func random(r *rand.Rand, alloc memory.Allocator, t arrow.DataType, n int) arrow.Array {
	b := array.NewBuilder(alloc, t)
	defer b.Release()
	for range n {
		fill(r, b)
	}
	return b.NewArray()
}

// sliced is a random array that does not begin at its buffers' beginning.
func sliced(r *rand.Rand, alloc memory.Allocator, t arrow.DataType, n int) arrow.Array {
	whole := random(r, alloc, t, n+13)
	defer whole.Release()
	return array.NewSlice(whole, 9, int64(9+n))
}

// dictionaryOf is a random dictionary column over distinct strings, with NULLs among its indices.
func dictionaryOf(r *rand.Rand, alloc memory.Allocator, words []string, n int) arrow.Array {
	b := array.NewStringBuilder(alloc)
	defer b.Release()
	b.AppendValues(words, nil)
	values := b.NewArray()
	defer values.Release()
	codes := make([]int32, n)
	for i := range codes {
		codes[i] = int32(r.IntN(len(words)+1)) - 1
	}
	return vector.NewDictionary(alloc, codes, values)
}

func text(a arrow.Array, i int) string {
	if a.IsNull(i) || a.DataType().ID() == arrow.NULL {
		return "NULL"
	}
	return strings.Clone(a.ValueStr(i))
}

func texts(a arrow.Array) []string {
	out := make([]string, a.Len())
	for i := range out {
		out[i] = text(a, i)
	}
	return out
}

func checked(t *testing.T) *memory.CheckedAllocator {
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	t.Cleanup(func() { alloc.AssertSize(t, 0) })
	return alloc
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func eachType(t *testing.T, test func(t *testing.T, r *rand.Rand, alloc memory.Allocator, typ arrow.DataType)) {
	t.Parallel()
	for i, typ := range allTypes() {
		t.Run(typ.String(), func(t *testing.T) {
			t.Parallel()
			test(t, rand.New(rand.NewPCG(7, uint64(i))), checked(t), typ)
		})
	}
}

func TestTake(t *testing.T) {
	eachType(t, func(t *testing.T, r *rand.Rand, alloc memory.Allocator, typ arrow.DataType) {
		src := sliced(r, alloc, typ, 100)
		defer src.Release()
		idx, want := make([]int32, 57), make([]string, 57)
		for i := range idx {
			idx[i] = int32(r.IntN(101)) - 1
			want[i] = "NULL"
			if idx[i] >= 0 {
				want[i] = text(src, int(idx[i]))
			}
		}
		got := must(vector.Take(alloc, src, idx))(t)
		defer got.Release()
		if g := texts(got); !slices.Equal(g, want) {
			t.Errorf("take: got %v, want %v", g, want)
		}
		if !arrow.TypeEqual(got.DataType(), typ) {
			t.Errorf("type: got %s, want %s", got.DataType(), typ)
		}
	})
}

func TestConcat(t *testing.T) {
	eachType(t, func(t *testing.T, r *rand.Rand, alloc memory.Allocator, typ arrow.DataType) {
		var parts []arrow.Array
		var want []string
		for _, n := range []int{3, 0, 17, 64} {
			p := sliced(r, alloc, typ, n)
			defer p.Release()
			parts, want = append(parts, p), append(want, texts(p)...)
		}
		got := must(vector.Concat(alloc, parts))(t)
		defer got.Release()
		if g := texts(got); !slices.Equal(g, want) {
			t.Errorf("concat: got %v, want %v", g, want)
		}
	})
}

func TestSpillFormat(t *testing.T) {
	eachType(t, func(t *testing.T, r *rand.Rand, alloc memory.Allocator, typ arrow.DataType) {
		var file bytes.Buffer
		var want [][]string
		var enc vector.Encoder
		for _, n := range []int{0, 1, 70} {
			cols := []arrow.Array{sliced(r, alloc, typ, n), dictionaryOf(r, alloc, []string{"x", "", "yy"}, n)}
			want = append(want, texts(cols[0]), texts(cols[1]))
			if _, err := enc.WriteBatch(&file, cols, n); err != nil {
				t.Fatal(err)
			}
			cols[0].Release()
			cols[1].Release()
		}
		for i := 0; ; i += 2 {
			cols, n, err := vector.ReadBatch(&file, alloc, []arrow.DataType{typ, schema.String})
			if errors.Is(err, io.EOF) && i == len(want) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := texts(cols[0]); !slices.Equal(got, want[i]) || n != len(want[i]) {
				t.Errorf("batch %d: got %d rows %v, want %v", i, n, got, want[i])
			}
			if got := texts(cols[1]); !slices.Equal(got, want[i+1]) {
				t.Errorf("batch %d dictionary: got %v, want %v", i, got, want[i+1])
			}
			if _, ok := cols[1].(*array.Dictionary); ok != (n == 70) {
				t.Errorf("%d rows: got a column of %s, want a dictionary only where it is smaller", n, cols[1].DataType())
			}
			cols[0].Release()
			cols[1].Release()
		}
	})
}

func TestDamagedFrames(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	r := rand.New(rand.NewPCG(1, 2))
	col := random(r, alloc, structType(), 40)
	defer col.Release()
	var enc vector.Encoder
	frame := slices.Clone(must(enc.Encode([]arrow.Array{col}, 40))(t))
	for n := range frame {
		if _, _, err := vector.DecodeBatch(frame[:n], alloc, []arrow.DataType{structType()}); err == nil {
			t.Fatalf("a frame cut to %d of %d bytes was read", n, len(frame))
		}
	}
	if _, _, err := vector.DecodeBatch(frame, alloc, []arrow.DataType{structType(), schema.Int}); err == nil {
		t.Error("a frame of one column was read as two")
	}
}

// TestHashAgreesWithEqual checks that rows are equal exactly when they hash alike, over slices, selections and column combinations.
func TestHashAgreesWithEqual(t *testing.T) {
	eachType(t, func(t *testing.T, r *rand.Rand, alloc memory.Allocator, typ arrow.DataType) {
		a, b := sliced(r, alloc, typ, 60), random(r, alloc, typ, 40)
		defer a.Release()
		defer b.Release()
		sel := []int32{0, 3, 5, 8, 13, 21, 34, 39}
		ha, hb := make([]uint64, 60), make([]uint64, len(sel))
		if err := errors.Join(vector.Hash([]arrow.Array{a}, nil, 5, ha), vector.Hash([]arrow.Array{b}, sel, 5, hb)); err != nil {
			t.Fatal(err)
		}
		for i := range ha {
			for k, j := range sel {
				equal := must(vector.Equal(a, i, b, int(j)))(t)
				if (ha[i] == hb[k]) != equal {
					t.Errorf("%s and %s: equal is %v, hashes %x and %x", text(a, i), text(b, int(j)), equal, ha[i], hb[k])
				}
			}
		}
	})
}

func TestHashOfDictionary(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	d := dictionaryOf(rand.New(rand.NewPCG(1, 1)), alloc, []string{"a", "bc", "", "a longer string than sixteen"}, 100)
	defer d.Release()
	flat := must(vector.Flat(alloc, d))(t)
	defer flat.Release()
	x, y := make([]uint64, 100), make([]uint64, 100)
	if err := errors.Join(vector.Hash([]arrow.Array{d}, nil, 0, x), vector.Hash([]arrow.Array{flat}, nil, 0, y)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(x, y) {
		t.Error("a dictionary hashes differently from its values")
	}
	if got, want := texts(flat), texts(d); !slices.Equal(got, want) {
		t.Errorf("flat: got %v, want %v", got, want)
	}
}

func TestConcatDictionaries(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	r := rand.New(rand.NewPCG(3, 1))
	many := make([]string, 4000)
	for i := range many {
		many[i] = fmt.Sprint("word", i)
	}
	one, two, wide := dictionaryOf(r, alloc, []string{"a", "b"}, 50), dictionaryOf(r, alloc, []string{"b", "c", "a"}, 50), dictionaryOf(r, alloc, many, 10)
	plain := random(r, alloc, schema.String, 10)
	defer func() { one.Release(); two.Release(); wide.Release(); plain.Release() }()
	tests := []struct {
		name   string
		in     []arrow.Array
		values int // in the dictionary; -1: plain
	}{
		{"the same", []arrow.Array{one, one}, 2},
		{"merged", []arrow.Array{one, two, one}, 3},
		{"too many values for the rows", []arrow.Array{one, wide}, -1},
		{"with plain values", []arrow.Array{one, plain}, -1},
	}
	for _, tt := range tests {
		got := must(vector.Concat(alloc, tt.in))(t)
		var want []string
		for _, a := range tt.in {
			want = append(want, texts(a)...)
		}
		if g := texts(got); !slices.Equal(g, want) {
			t.Errorf("%s: got %v, want %v", tt.name, g, want)
		}
		values := -1
		if d, ok := got.(*array.Dictionary); ok {
			values = d.Dictionary().Len()
		}
		if values != tt.values {
			t.Errorf("%s: got %d dictionary values, want %d", tt.name, values, tt.values)
		}
		got.Release()
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	tests := []struct {
		typ  arrow.DataType
		json string // ascending
	}{
		{schema.Boolean, `[false, true]`},
		{schema.TinyInt, `[-128, -1, 0, 127]`},
		{schema.BigInt, `[-9000000000, -1, 0, 9000000000]`},
		{schema.DecimalOf(38, 2), `["-99999999999999999999.00", "-0.01", "0.00", "0.01", "99999999999999999999.00"]`},
		{schema.String, `["", "Z", "a", "aa", "b", "é"]`},
		{schema.ArrayOf(schema.Int, true), `[[], [null], [1], [1, 2], [2]]`},
		{structType(), `[{"a": null, "b": "z"}, {"a": 1, "b": null}, {"a": 1, "b": "a"}, {"a": 2, "b": "a"}]`},
	}
	floats := array.NewFloat64Builder(alloc)
	defer floats.Release()
	floats.AppendValues([]float64{math.Inf(-1), -1, 0, 1, math.Inf(1), math.NaN()}, nil)
	f := floats.NewArray()
	defer f.Release()
	checkAscending(t, f)
	for _, tt := range tests {
		a, _, err := array.FromJSON(alloc, tt.typ, strings.NewReader(tt.json))
		if err != nil {
			t.Fatal(err)
		}
		checkAscending(t, a)
		a.Release()
	}
}

func checkAscending(t *testing.T, a arrow.Array) {
	t.Helper()
	up, down := must(vector.NewCompare(a, a, false, true))(t), must(vector.NewCompare(a, a, true, true))(t)
	for i := range a.Len() {
		for j := range a.Len() {
			if got, want := sign(up(i, j)), sign(i-j); got != want {
				t.Errorf("compare %s with %s: got %d, want %d", text(a, i), text(a, j), got, want)
			}
			if got, want := sign(down(i, j)), sign(j-i); got != want {
				t.Errorf("descending compare %s with %s: got %d, want %d", text(a, i), text(a, j), got, want)
			}
		}
	}
}

func sign(n int) int { return max(-1, min(n, 1)) }

func TestCompareNulls(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	a, _, err := array.FromJSON(alloc, schema.Int, strings.NewReader(`[null, 1]`))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Release()
	for _, descending := range []bool{false, true} {
		for _, first := range []bool{false, true} {
			c := must(vector.NewCompare(a, a, descending, first))(t)
			want := 1
			if first {
				want = -1
			}
			if c(0, 1) != want || c(1, 0) != -want || c(0, 0) != 0 {
				t.Errorf("descending %v, NULLs first %v: got %d, %d, %d", descending, first, c(0, 1), c(1, 0), c(0, 0))
			}
		}
	}
}

func TestSizeCountsSlices(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	b := array.NewStringBuilder(alloc)
	defer b.Release()
	for range 100 {
		b.Append("0123456789")
	}
	whole := b.NewArray()
	defer whole.Release()
	part := array.NewSlice(whole, 10, 20)
	defer part.Release()
	if got, want := vector.Size(whole), int64(4*101+1000); got != want {
		t.Errorf("whole: got %d bytes, want %d", got, want)
	}
	if got, want := vector.Size(part), int64(4*11+100); got != want {
		t.Errorf("slice: got %d bytes, want %d", got, want)
	}
}

func TestSizerCountsSharedDictionariesOnce(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	r := rand.New(rand.NewPCG(4, 4))
	a, other := dictionaryOf(r, alloc, []string{"some", "words"}, 100), dictionaryOf(r, alloc, []string{"other", "words"}, 100)
	defer a.Release()
	defer other.Release()
	values := vector.Size(a.(*array.Dictionary).Dictionary())
	var s vector.Sizer
	first, second, third := s.Size([]arrow.Array{a}), s.Size([]arrow.Array{a}), s.Size([]arrow.Array{other})
	if first != vector.Size(a) || second != first-values || third != vector.Size(other) {
		t.Errorf("got %d, %d and %d bytes, want %d, %d and %d", first, second, third, vector.Size(a), first-values, vector.Size(other))
	}
}

func TestUnsupportedTypes(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	b := array.NewLargeStringBuilder(alloc)
	defer b.Release()
	b.Append("x")
	a := b.NewArray()
	defer a.Release()
	if _, err := vector.Take(alloc, a, []int32{0}); err == nil {
		t.Error("take of a type outside of package schema succeeded")
	}
	if err := vector.Hash([]arrow.Array{a}, nil, 0, make([]uint64, 1)); err == nil {
		t.Error("hash of a type outside of package schema succeeded")
	}
}
