package exec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/schema"
)

// keyBatch is a batch of keys: a text, a BIGINT and a DOUBLE, and how each row's key is to be told from others.
type keyBatch struct {
	cols []arrow.Array
	keys []string
}

// newKeyBatch has n rows of so many texts and numbers, NULLs among them. Each batch has a dictionary of its own, with NULL as a value; plain has none.
func newKeyBatch(alloc memory.Allocator, r *rand.Rand, n, texts, numbers int, plain bool) keyBatch {
	values := array.NewStringBuilder(alloc)
	defer values.Release()
	words := []string{"NULL"}
	values.AppendNull()
	for _, w := range r.Perm(texts) {
		words = append(words, fmt.Sprint("text ", w))
		values.Append(words[len(words)-1])
	}
	ints, doubles := array.NewInt64Builder(alloc), array.NewFloat64Builder(alloc)
	defer ints.Release()
	defer doubles.Release()
	codes := make([]int32, n)
	out := keyBatch{}
	for i := range codes {
		key := "NULL"
		if codes[i] = int32(r.IntN(texts+2)) - 1; codes[i] >= 0 {
			key = words[codes[i]]
		}
		if k := r.IntN(numbers); k == 0 {
			ints.AppendNull()
			key += " NULL"
		} else {
			ints.Append(int64(k) - 5)
			key += fmt.Sprint(" ", k)
		}
		zero := r.IntN(4)
		doubles.Append([]float64{0, math.Copysign(0, -1), math.NaN(), -math.NaN()}[zero])
		out.keys = append(out.keys, fmt.Sprint(key, " ", zero/2))
	}
	dictionary := values.NewArray()
	defer dictionary.Release()
	var text arrow.Array = vector.NewDictionary(alloc, codes, dictionary)
	if plain {
		defer text.Release()
		flat, err := vector.Flat(alloc, text)
		if err != nil {
			panic(err)
		}
		text = flat
	}
	out.cols = []arrow.Array{text, ints.NewArray(), doubles.NewArray()}
	return out
}

// keyGroups are the groups of keys by a test's own lights: numbered as they come.
type keyGroups map[string]uint32

// check holds the groups that a batch's rows were given against them.
func (k keyGroups) check(t *testing.T, ids []uint32, key func(i int) string) {
	t.Helper()
	for i, id := range ids {
		want, there := k[key(i)]
		if !there {
			want = uint32(len(k))
			k[key(i)] = want
		}
		if id != want {
			t.Fatalf("row %d: %q is in group %d, want %d", i, key(i), id, want)
		}
	}
}

// newTextGroups are groups by a text, a BIGINT and a DOUBLE.
func newTextGroups(t *testing.T, alloc memory.Allocator) *groups {
	t.Helper()
	codec, err := newKeyCodec([]arrow.DataType{schema.String, schema.BigInt, schema.Double})
	if err != nil {
		t.Fatal(err)
	}
	g, err := newGroups((&Env{Alloc: alloc}).withDefaults(), codec, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestNumberedKeys groups batches of dictionaries that differ, with plain texts among them, and rows selected or not: rows are of one group when their keys
// are equal, whether they were numbered or not.
func TestNumberedKeys(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		texts, numbers int
		batches        int
		numbered       bool // to the end
	}{
		{"groups of many rows", 30, 50, 40, true},
		{"groups of few rows", 500, 20_000, 40, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
			defer alloc.AssertSize(t, 0)
			g := newTextGroups(t, alloc)
			g.numbering = newNumbering(g.codec)
			r, want := rand.New(rand.NewPCG(7, uint64(tt.texts))), keyGroups{}
			for b := range tt.batches {
				batch := newKeyBatch(alloc, r, 1000, tt.texts, tt.numbers, b%5 == 1)
				var sel []int32
				switch {
				case b == 4:
					sel = []int32{}
				case b%3 == 2:
					for i := int32(b); i < 1000; i += 1 + i%3 {
						sel = append(sel, i)
					}
				}
				ids, err := g.assign(batch.cols, len(batch.keys), sel)
				if err != nil {
					t.Fatal(err)
				}
				want.check(t, ids, func(i int) string { return batch.keys[at(sel, i)] })
				releaseAll(batch.cols)
			}
			if g.len() != len(want) {
				t.Errorf("%d groups, want %d", g.len(), len(want))
			}
			if got := g.numbering != nil && g.numbering.words.len() > 1000; got != tt.numbered {
				t.Errorf("numbered %t, want %t", got, tt.numbered)
			}
			if g.size() <= g.table.size() && tt.numbered {
				t.Error("what numbers take does not count")
			}
		})
	}
}

// TestNumberingStopsAtTooManyValues groups by more columns than there are bits for, of more and more values.
func TestNumberingStopsAtTooManyValues(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	var types []arrow.DataType
	for range 30 {
		types = append(types, schema.BigInt)
	}
	codec, err := newKeyCodec(types)
	if err != nil {
		t.Fatal(err)
	}
	g, err := newGroups((&Env{Alloc: alloc}).withDefaults(), codec, nil)
	if err != nil {
		t.Fatal(err)
	}
	g.numbering = newNumbering(codec)
	for _, values := range []int64{3, 4, 5, 9} {
		b := array.NewInt64Builder(alloc)
		for i := range int64(100) {
			b.Append(i % values * 1_000_003)
		}
		col := b.NewArray()
		b.Release()
		cols := make([]arrow.Array, len(types))
		for i := range cols {
			cols[i] = col
		}
		ids, err := g.assign(cols, 100, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range ids {
			if int64(id) != int64(i)%values {
				t.Fatalf("of %d values row %d is in group %d", values, i, id)
			}
		}
		if got := g.numbering != nil; got != (values <= 4) {
			t.Errorf("of %d values, with two bits each: numbered %t", values, got)
		}
		col.Release()
	}
}
