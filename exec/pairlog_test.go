package exec

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// TestPairLogKeepsEachPairOnce cleans logs of one part and of many, in which pairs are there once, twice or very often.
func TestPairLogKeepsEachPairOnce(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 63, 64, 65, partPairs, 3 * blockPairs, 150_000} {
		for _, words := range []uint64{1, 100, 1 << 40} {
			r := rand.New(rand.NewPCG(uint64(n), words))
			var l pairLog
			want := map[pair]bool{}
			for range 2 {
				for range n / 2 {
					p := pair{r.Uint32N(20), r.Uint64N(words) << 20}
					l.add(p.group, p.word)
					want[p] = true
				}
				l.clean()
			}
			got := map[pair]bool{}
			l.each(func(g uint32, w uint64) { got[pair{g, w}] = true })
			if l.n != len(want) || !cmp.Equal(got, want, cmp.AllowUnexported(pair{})) {
				t.Errorf("%d pairs of %d words: %d noted, %d different, want %d", n, words, l.n, len(got), len(want))
			}
		}
	}
}

// TestGroupedWordsKeepTheirOrder puts words of several blocks together by group.
func TestGroupedWordsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	var l, renamed pairLog
	want := make([][]uint64, 7)
	for i := range uint64(2*blockPairs + 100) {
		g := uint32(i * i % 5)
		l.add(g, i)
		want[g] = append(want[g], i)
	}
	check := func(l *pairLog, want [][]uint64) {
		t.Helper()
		ends, words := new(groupedWords).of(l.n, len(want), l.each)
		for g, w := range want {
			if got := words[ends[g]:ends[g+1]]; !slices.Equal(got, w) {
				t.Errorf("group %d has %d words, want %d, or others", g, len(got), len(w))
			}
		}
	}
	check(&l, want)
	renamed.addRenamed(&l, []uint32{6, 5, 4, 3, 2, 1, 0})
	slices.Reverse(want)
	check(&renamed, want)
}

// TestDistinctStatesFollowUpdates asks for states and counts between updates that leave as many notes as there were pairs before.
func TestDistinctStatesFollowUpdates(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	acc, err := newAccumulator((&Env{Alloc: alloc}).withDefaults(), expr.BoundAggregate{
		Func: "count", Distinct: true, Args: []expr.Bound{expr.BoundColumn{Typ: schema.BigInt}}, Typ: schema.BigInt,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer acc.release()
	acc.grow(2)
	for _, step := range []struct {
		groups []uint32
		words  []int64
		want   [][]int64
	}{
		{[]uint32{0, 0, 1, 0}, []int64{5, 5, 5, 6}, [][]int64{{5, 6}, {5}}},
		{[]uint32{1}, []int64{7}, [][]int64{{5, 6}, {5, 7}}},
		{[]uint32{1, 1, 0}, []int64{7, 7, -1}, [][]int64{{-1, 5, 6}, {5, 7}}},
	} {
		b := array.NewInt64Builder(alloc)
		b.AppendValues(step.words, nil)
		col := b.NewArray()
		b.Release()
		if err := acc.update(step.groups, nil, []arrow.Array{col}); err != nil {
			t.Fatal(err)
		}
		col.Release()
		if got := stateWords(t, acc); !cmp.Equal(got, step.want) {
			t.Errorf("state is %v, want %v", got, step.want)
		}
		n, err := acc.result(nil)
		if err != nil {
			t.Fatal(err)
		}
		for g, n := range arrow.GetValues[int64](n.Data(), 1) {
			if int(n) != len(step.want[g]) {
				t.Errorf("group %d counts %d, want %d", g, n, len(step.want[g]))
			}
		}
		n.Release()
	}
}

// stateWords are the words of a state's lists, in order.
func stateWords(t *testing.T, acc accumulator) [][]int64 {
	t.Helper()
	state, err := acc.state(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer releaseAll(state)
	offs, child := vector.Lists(state[0])
	all := arrow.GetValues[int64](child.Data(), 1)
	var out [][]int64
	for g := range state[0].Len() {
		words := slices.Clone(all[offs[g]:offs[g+1]])
		slices.Sort(words)
		out = append(out, words)
	}
	return out
}
