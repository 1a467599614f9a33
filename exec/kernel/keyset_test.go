package kernel_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
)

// numbers is a column of an integer type; every third row is NULL if nulls is set.
func numbers(t arrow.DataType, nulls bool, values ...int64) arrow.Array {
	b := array.NewBuilder(memory.DefaultAllocator, t)
	for i, v := range values {
		if nulls && i%3 == 2 {
			b.AppendNull()
			continue
		}
		switch b := b.(type) {
		case *array.Int8Builder:
			b.Append(int8(v))
		case *array.Int16Builder:
			b.Append(int16(v))
		case *array.Int32Builder:
			b.Append(int32(v))
		case *array.Int64Builder:
			b.Append(v)
		case *array.Date32Builder:
			b.Append(arrow.Date32(v))
		case *array.TimestampBuilder:
			b.Append(arrow.Timestamp(v))
		case *array.StringBuilder:
			b.Append(fmt.Sprint("text ", v))
		}
	}
	return b.NewArray()
}

// passing are the rows of a column that a set may contain.
func passing(t *testing.T, set *kernel.KeySet, column arrow.Array) []int32 {
	t.Helper()
	env := &kernel.Env{Alloc: memory.DefaultAllocator, KeySets: &kernel.KeySets{}}
	typ := column.DataType()
	if d, ok := typ.(*arrow.DictionaryType); ok {
		typ = d.ValueType
	}
	cond, err := kernel.Compile(kernel.MightContainCall("a", expr.BoundColumn{Name: "k", Typ: typ, Null: true}))
	if err != nil {
		t.Fatal(err)
	}
	if set != nil {
		env.KeySets.Put("a", set)
		defer env.KeySets.Drop("a")
	}
	rows, err := cond.Select(env, []arrow.Array{column}, column.Len(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func newSet(t *testing.T, pieces ...arrow.Array) *kernel.KeySet {
	t.Helper()
	set, err := kernel.NewKeySet(pieces)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestKeySetHasItsKeys checks, for every type, that rows with the keys pass and NULLs and, in dense sets, others do not.
func TestKeySetHasItsKeys(t *testing.T) {
	t.Parallel()
	for _, typ := range []arrow.DataType{
		arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64,
		arrow.FixedWidthTypes.Date32, arrow.FixedWidthTypes.Timestamp_us, arrow.BinaryTypes.String,
	} {
		set := newSet(t, numbers(typ, true, -5, 9, 100, 30), numbers(typ, false, 7)) // 100 is NULL
		want := []int32{0, 1, 3, 4}
		if diff := cmp.Diff(want, passing(t, set, numbers(typ, true, 9, -5, 9, 30, 7))); diff != "" {
			t.Errorf("%s: rows that pass (-want +got):\n%s", typ, diff)
		}
		if typ.ID() == arrow.STRING {
			continue
		}
		if got := passing(t, set, numbers(typ, false, 8, -6, 100, 31, 0)); len(got) > 0 {
			t.Errorf("%s: rows %v pass, which have no key", typ, got)
		}
		if low, high, ok := set.Range(); low != -5 || high != 30 || !ok || set.Keys() != 4 {
			t.Errorf("%s: got %d keys from %d to %d, %v, want 4 from -5 to 30", typ, set.Keys(), low, high, ok)
		}
	}
}

// TestKeySetOfFarKeys checks a Bloom filter: no key is missed, few others pass, and the range stands at the ends of the type.
func TestKeySetOfFarKeys(t *testing.T) {
	t.Parallel()
	keys, others := make([]int64, 5000), make([]int64, 5000)
	for i := range keys {
		keys[i], others[i] = int64(i)*1_000_003_000, int64(i)*1_000_003_000+1
	}
	keys = append(keys, math.MinInt64, math.MaxInt64)
	set := newSet(t, numbers(arrow.PrimitiveTypes.Int64, false, keys...))
	if got := len(passing(t, set, numbers(arrow.PrimitiveTypes.Int64, false, keys...))); got != len(keys) {
		t.Errorf("%d of %d keys pass", got, len(keys))
	}
	if got := len(passing(t, set, numbers(arrow.PrimitiveTypes.Int64, false, others...))); got > 500 {
		t.Errorf("%d of %d others pass", got, len(others))
	}
}

// TestKeySetOfDictionary checks that texts by dictionary are looked up like plain ones.
func TestKeySetOfDictionary(t *testing.T) {
	t.Parallel()
	typ := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	codes := array.NewInt32Builder(memory.DefaultAllocator)
	codes.AppendValues([]int32{1, 0, 1, 2}, []bool{true, true, true, false})
	column := array.NewDictionaryArray(typ, codes.NewArray(), numbers(arrow.BinaryTypes.String, false, 1, 2, 3))
	plain := newSet(t, numbers(arrow.BinaryTypes.String, false, 2))
	if diff := cmp.Diff([]int32{0, 2}, passing(t, plain, column)); diff != "" {
		t.Errorf("rows that pass (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int32{0, 1}, passing(t, newSet(t, column), numbers(arrow.BinaryTypes.String, false, 1, 2))); diff != "" {
		t.Errorf("rows that pass a set of a dictionary's (-want +got):\n%s", diff)
	}
}

// TestKeySetAbsent checks that a set that is empty keeps nothing, one that is unknown everything but NULL, and that some types have none.
func TestKeySetAbsent(t *testing.T) {
	t.Parallel()
	column := numbers(arrow.PrimitiveTypes.Int64, true, 1, 2, 3)
	if got := passing(t, newSet(t), column); len(got) > 0 {
		t.Errorf("rows %v pass an empty set", got)
	}
	if diff := cmp.Diff([]int32{0, 1}, passing(t, nil, column)); diff != "" {
		t.Errorf("rows that pass an unknown set (-want +got):\n%s", diff)
	}
	if set := newSet(t, array.MakeArrayOfNull(memory.DefaultAllocator, arrow.PrimitiveTypes.Float64, 1)); set != nil {
		t.Error("DOUBLE has a set")
	}
}
