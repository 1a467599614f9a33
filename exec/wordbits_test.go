package exec

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"testing"
)

type pair struct {
	group uint32
	word  uint64
}

// pairsOf are a set's pairs, none of which may be there twice.
func pairsOf(t *testing.T, s *wordPairs) map[pair]bool {
	t.Helper()
	all := map[pair]bool{}
	groups, words := s.list()
	for i, g := range groups {
		if all[pair{g, words[i]}] {
			t.Errorf("word %d of group %d is there twice", words[i], g)
		}
		all[pair{g, words[i]}] = true
	}
	return all
}

// fill adds pairs to a set in batches, and to a map.
func fill(s *wordPairs, batches, rows int, next func(batch, row int) pair) map[pair]bool {
	all := map[pair]bool{}
	for b := range batches {
		words, groups := make([]uint64, rows), make([]uint32, rows)
		for i := range rows {
			p := next(b, i)
			words[i], groups[i] = p.word, p.group
			all[p] = true
		}
		s.addAll(words, groups)
	}
	return all
}

// TestWordPairs fills sets that become bits, in whole or in part, or slots, or only notes, and merges each into some of them.
func TestWordPairs(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 9))
	type filled struct {
		name  string
		set   *wordPairs
		want  map[pair]bool
		bits  bool
		slots bool
	}
	var all []filled
	add := func(name string, bits bool, batches int, next func(batch, row int) pair) {
		s := newWordPairs(1 << 20)
		want := fill(&s, batches, 10_000, next)
		all = append(all, filled{name: name, set: &s, want: want, bits: bits})
	}
	addSlots := func(name string, batches int, next func(batch, row int) pair) {
		add(name, false, batches, next)
		all[len(all)-1].slots = true
	}
	random := func(groups uint32, from, to int64) func(int, int) pair {
		return func(int, int) pair { return pair{rnd.Uint32N(groups), uint64(from + rnd.Int64N(to-from))} }
	}
	add("few pairs", false, 1, random(3, 0, 100_000))
	add("one group", true, 3, random(1, 0, 200_000))
	add("below zero", true, 3, random(20, -60_000, 70_000))
	add("far apart", false, 2, random(20, math.MinInt64/4, math.MaxInt64/4))
	add("many groups", false, 2, random(40_000, 0, 1_000_000))
	add("rising", true, 3, func(b, i int) pair { return pair{uint32(i % 7), uint64(b*10_000 + i)} })
	add("falling", true, 3, func(b, i int) pair { return pair{uint32(b), uint64(-b*10_000 - i)} })
	add("close but for one", true, 3, func(b, i int) pair {
		if b == 2 && i == 9000 {
			return pair{2, math.MaxUint64 / 3}
		}
		return pair{uint32(i % 3), uint64(b*9000 + i)}
	})
	addSlots("again and again", 4, func(b, i int) pair { return pair{uint32(i % 5), uint64(i%3000) << 20} })
	addSlots("again, wide", 6, func(b, i int) pair { return pair{uint32(i % 5), uint64((b/5*7000)+i%3000) << 40} })
	for _, x := range all {
		if got := pairsOf(t, x.set); len(got) != x.set.len() || len(got) != len(x.want) || !maps.Equal(got, x.want) {
			t.Errorf("%s: %d pairs, n is %d, want %d", x.name, len(got), x.set.len(), len(x.want))
		}
		if got := x.set.bits != nil; got != x.bits {
			t.Errorf("%s: bits %t, want %t", x.name, got, x.bits)
		}
		if got := x.set.slots != nil; got != x.slots {
			t.Errorf("%s: slots %t, want %t", x.name, got, x.slots)
		}
	}
	for _, from := range all {
		for i, into := range append(all[:4:4], all[len(all)-2:]...) {
			t.Run(fmt.Sprint(from.name, " into ", into.name), func(t *testing.T) { mergePairs(t, from.set, from.want, into.want, i%2 == 0) })
		}
	}
}

// mergePairs merges a set into another one of the pairs of into, all groups or every second one, with group g as 2g.
func mergePairs(t *testing.T, from *wordPairs, pairs, into map[pair]bool, whole bool) {
	s := newWordPairs(1 << 20)
	want := map[pair]bool{}
	for p := range into {
		s.addAll([]uint64{p.word}, []uint32{p.group})
		want[p] = true
	}
	n := uint32(0)
	for p := range pairs {
		n = max(n, p.group+1)
	}
	var groups, picked []uint32
	if !whole {
		picked = []uint32{}
	}
	for g := uint32(0); g < n; g++ {
		if whole || g%2 == 1 {
			groups = append(groups, 2*g)
			if !whole {
				picked = append(picked, g)
			}
		}
	}
	for p := range pairs {
		if whole || p.group%2 == 1 {
			want[pair{2 * p.group, p.word}] = true
		}
	}
	s.merge(groups, picked, from, func() ([]int32, []uint64) { return new(groupedWords).of(from.noted(), int(n), from.each) })
	if got := pairsOf(t, &s); len(got) != s.len() || !maps.Equal(got, want) {
		t.Errorf("%d pairs, n is %d, want %d", len(got), s.len(), len(want))
	}
	counts, wanted := make([]int64, 2*n+40_000), make([]int64, 2*n+40_000)
	(&pairSet{words: s}).counts(counts)
	for p := range want {
		wanted[p.group]++
	}
	for g, n := range counts {
		if n != wanted[g] {
			t.Fatalf("group %d has %d words, want %d", g, n, wanted[g])
		}
	}
}
