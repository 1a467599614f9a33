package exec

import (
	"math"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

func wordColumn(t *testing.T, values ...int64) arrow.Array {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	defer b.Release()
	b.AppendValues(values, nil)
	a := b.NewArray()
	t.Cleanup(a.Release)
	return a
}

func decimalColumn(t *testing.T, precision int32, values ...int64) arrow.Array {
	b := array.NewDecimal128Builder(memory.DefaultAllocator, &arrow.Decimal128Type{Precision: precision})
	defer b.Release()
	for _, v := range values {
		b.Append(decimal128.FromI64(v))
	}
	a := b.NewArray()
	t.Cleanup(a.Release)
	return a
}

// TestKeyWordsFit checks which keys become words, up to ranges that just fit together and that just do not.
func TestKeyWordsFit(t *testing.T) {
	t.Parallel()
	float := array.NewFloat64Builder(memory.DefaultAllocator)
	defer float.Release()
	float.AppendValues([]float64{1, 2}, nil)
	floats := float.NewArray()
	t.Cleanup(floats.Release)
	none := array.NewNull(2)
	t.Cleanup(none.Release)
	for _, tt := range []struct {
		name string
		cols []arrow.Array
		fits bool
		high int64
	}{
		{"one of all values", []arrow.Array{wordColumn(t, math.MinInt64, math.MaxInt64)}, true, math.MaxInt64},
		{"two", []arrow.Array{wordColumn(t, 1, 10), wordColumn(t, -5, 4)}, true, 99},
		{"just fit", []arrow.Array{wordColumn(t, 0, 1<<32-1), wordColumn(t, math.MinInt64, math.MinInt64+1<<31-2)}, true, (1<<31-1)<<32 - 1},
		{"just do not", []arrow.Array{wordColumn(t, 0, 1<<32-1), wordColumn(t, math.MinInt64, math.MinInt64+1<<31-1)}, false, 0},
		{"all values beside one", []arrow.Array{wordColumn(t, 3, 3), wordColumn(t, math.MinInt64, math.MaxInt64)}, false, 0},
		{"all values but one", []arrow.Array{wordColumn(t, 3, 3), wordColumn(t, math.MinInt64+1, math.MaxInt64)}, false, 0},
		{"a product that wraps around to 0", []arrow.Array{wordColumn(t, 0, 1<<32-1), wordColumn(t, 0, 1<<32-1)}, false, 0},
		{"NULL alone beside integers", []arrow.Array{none, wordColumn(t, 7, 9)}, true, 2},
		{"decimals", []arrow.Array{decimalColumn(t, 18, -999, 1000), wordColumn(t, 0, 9)}, true, 19999},
		{"wide decimals", []arrow.Array{decimalColumn(t, 19, -999, 1000), wordColumn(t, 0, 9)}, false, 0},
		{"floats", []arrow.Array{wordColumn(t, 0, 9), floats}, false, 0},
	} {
		var types []arrow.DataType
		for _, c := range tt.cols {
			types = append(types, c.DataType())
		}
		codec, err := newKeyCodec(types)
		if err != nil {
			t.Fatal(err)
		}
		k, err := newKeyWords(codec, [][]arrow.Array{tt.cols})
		if err != nil || (k != nil) != tt.fits || k != nil && k.high != tt.high {
			t.Errorf("%s: got %+v, %v, want words %v up to %d", tt.name, k, err, tt.fits, tt.high)
		}
	}
}

// TestKeyWordsOutside checks words of a probe side whose values lie around the build side's, where distances overflow too.
func TestKeyWordsOutside(t *testing.T) {
	t.Parallel()
	codec, err := newKeyCodec([]arrow.DataType{arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Int64})
	if err != nil {
		t.Fatal(err)
	}
	k, err := newKeyWords(codec, [][]arrow.Array{{wordColumn(t, -3, 2), wordColumn(t, math.MaxInt64-4, math.MaxInt64)}})
	if err != nil || k == nil {
		t.Fatalf("got %v, %v", k, err)
	}
	seen := map[uint64]bool{noWord: true}
	a, b := []int64{math.MinInt64, -4, -3, -1, 0, 2, 3, math.MaxInt64}, []int64{math.MinInt64, 0, math.MaxInt64 - 5, math.MaxInt64 - 4, math.MaxInt64}
	for _, x := range a {
		for _, y := range b {
			var got keys
			if err := k.fill([]arrow.Array{wordColumn(t, 0, x), wordColumn(t, 0, y)}, 2, []int32{1}, &got); err != nil {
				t.Fatal(err)
			}
			w, inside := got.words[0], x >= -3 && x <= 2 && y >= math.MaxInt64-4
			if inside == (w == noWord) || inside && (seen[w] || w > uint64(k.high)) {
				t.Errorf("the word of %d and %d is %d", x, y, w)
			}
			seen[w] = true
		}
	}
}
