package vector_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/schema"
)

// gathered takes random rows, some of them NULL, out of chunks and compares with the rows' text.
func gathered(t *testing.T, r *rand.Rand, alloc memory.Allocator, chunks []arrow.Array) arrow.Array {
	t.Helper()
	g := must(vector.NewGather(alloc, chunks))(t)
	defer g.Release()
	refs, want := make([]int64, 90), make([]string, 90)
	for i := range refs {
		refs[i], want[i] = -1, "NULL"
		if c := r.IntN(len(chunks) + 1); c < len(chunks) && chunks[c].Len() > 0 {
			row := r.IntN(chunks[c].Len())
			refs[i], want[i] = vector.Ref(c, row), text(chunks[c], row)
		}
	}
	got := must(g.Take(refs))(t)
	if g := texts(got); !slices.Equal(g, want) {
		t.Errorf("%d chunks: got %v, want %v", len(chunks), g, want)
	}
	return got
}

func TestGather(t *testing.T) {
	eachType(t, func(t *testing.T, r *rand.Rand, alloc memory.Allocator, typ arrow.DataType) {
		var chunks []arrow.Array
		for _, n := range []int{30, 0, 50} {
			c := sliced(r, alloc, typ, n)
			defer c.Release()
			chunks = append(chunks, c)
		}
		gathered(t, r, alloc, chunks[:1]).Release()
		got := gathered(t, r, alloc, chunks)
		if !arrow.TypeEqual(got.DataType(), typ) {
			t.Errorf("type: got %s, want %s", got.DataType(), typ)
		}
		got.Release()
	})
}

func TestGatherKeepsDictionaries(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	r := rand.New(rand.NewPCG(2, 2))
	a, b := dictionaryOf(r, alloc, []string{"x", "y"}, 40), dictionaryOf(r, alloc, []string{"y", "z"}, 40)
	plain := random(r, alloc, schema.String, 40)
	defer func() { a.Release(); b.Release(); plain.Release() }()
	for _, chunks := range [][]arrow.Array{{a}, {a, a}, {a, b}, {a, plain}} {
		got := gathered(t, r, alloc, chunks)
		_, isDict := got.(*array.Dictionary)
		if want := chunks[len(chunks)-1] != plain; isDict != want {
			t.Errorf("got a column of %s, want a dictionary: %v", got.DataType(), want)
		}
		got.Release()
	}
}

func TestGatherRowsOfOneChunk(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	d := dictionaryOf(rand.New(rand.NewPCG(2, 3)), alloc, []string{"x", "y"}, 10)
	defer d.Release()
	g := must(vector.NewGather(alloc, []arrow.Array{d}))(t)
	defer g.Release()
	got := must(g.TakeRows([]int32{3, -1, 3}))(t)
	defer got.Release()
	if g, want := texts(got), []string{text(d, 3), "NULL", text(d, 3)}; !slices.Equal(g, want) {
		t.Errorf("got %v, want %v", g, want)
	}
}

func TestEncode(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer alloc.AssertSize(t, 0)
	b := array.NewStringBuilder(alloc)
	defer b.Release()
	b.AppendValues([]string{"left out", "b", "", "a", "x", "b", "", "left out"}, []bool{true, true, true, true, false, true, true, true})
	whole := b.NewArray()
	defer whole.Release()
	part := array.NewSlice(whole, 1, 7)
	defer part.Release()
	got := must(vector.Encode(alloc, part))(t)
	defer got.Release()
	if g, want := texts(got), texts(part); !slices.Equal(g, want) {
		t.Errorf("got %v, want %v", g, want)
	}
	if g, want := texts(got.Dictionary()), []string{"b", "", "a"}; !slices.Equal(g, want) {
		t.Errorf("dictionary: got %q, want %q", g, want)
	}
}
