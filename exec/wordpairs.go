package exec

import (
	"sync"

	"github.com/medallion-go/medallion/exec/vector"
)

// wordPairs keeps pairs in the slots themselves: a look-up touches one place. While all words have 32 bits a slot has 64, and a wider word makes all slots wide.
// Pairs of few groups with words of some range are kept as bits instead.
type wordPairs struct {
	short []uint64   // a power of two: the word, then one more than the group, 0 in a free slot; nil once they are wide
	slots []wordPair // a power of two
	n     int        // in slots
	sum   uint64     // keeps the loads of warm alive
	bits  *wordBits  // may be nil
	retry int        // pairs in slots from which on bits are tried again
	spare int        // bytes that bits may take early
}

// wordPair is a pair; group is one more than the group, 0 in a free slot.
type wordPair struct {
	word  uint64
	group uint32
}

func newWordPairs(spare int) wordPairs {
	return wordPairs{short: make([]uint64, firstSlots), spare: spare}
}

// hashPair spreads the groups over the word before both are mixed: user 5 of group 4 is not to meet user 4 of group 5.
func hashPair(word uint64, group uint32) uint64 {
	return vector.HashWord(word, uint64(group)*0x9e3779b97f4a7c15)
}

func shortPair(word uint64, group uint32) uint64 { return word<<32 | uint64(group+1) }

func (s *wordPairs) size() int64 {
	n := 8*int64(cap(s.short)) + 16*int64(cap(s.slots))
	if s.bits != nil {
		n += s.bits.size()
	}
	return n
}

// len is the number of pairs.
func (s *wordPairs) len() int {
	if s.bits != nil {
		return s.n + s.bits.n
	}
	return s.n
}

// room is how many slots there are.
func (s *wordPairs) room() int { return len(s.short) + len(s.slots) }

// warm touches the slots of a stride of pairs, as table.warm does.
func (s *wordPairs) warm(words []uint64, groups []uint32) {
	if s.room() < bigTable {
		return
	}
	mask, sum := uint64(s.room()-1), uint64(0)
	if s.short != nil {
		for i, w := range words {
			sum += s.short[hashPair(w, groups[i])&mask]
		}
	} else {
		for i, w := range words {
			sum += s.slots[hashPair(w, groups[i])&mask].word
		}
	}
	s.sum += sum
}

// addAll adds pairs.
func (s *wordPairs) addAll(words []uint64, groups []uint32) {
	s.tryBits()
	if s.bits != nil {
		s.addBits(words, groups)
		return
	}
	for from := 0; from < len(groups); from += stride {
		to := min(from+stride, len(groups))
		s.warm(words[from:to], groups[from:to])
		for i := from; i < to; i++ {
			s.addSlot(groups[i], words[i])
		}
	}
}

// add adds a pair.
func (s *wordPairs) add(g uint32, w uint64) {
	if s.bits == nil || !s.bits.set(g, w) {
		s.addSlot(g, w)
	}
}

func (s *wordPairs) addSlot(g uint32, w uint64) {
	if s.short != nil {
		if w>>32 == 0 {
			s.addShort(g, w)
			return
		}
		s.widen()
	}
	mask := uint64(len(s.slots) - 1)
	for p := hashPair(w, g) & mask; ; p = (p + 1) & mask {
		switch x := &s.slots[p]; {
		case x.group == 0:
			*x = wordPair{w, g + 1}
			s.n++
			s.fit()
			return
		case x.word == w && x.group == g+1:
			return
		}
	}
}

func (s *wordPairs) addShort(g uint32, w uint64) {
	mask, pair := uint64(len(s.short)-1), shortPair(w, g)
	for p := hashPair(w, g) & mask; ; p = (p + 1) & mask {
		switch s.short[p] {
		case 0:
			s.short[p] = pair
			s.n++
			s.fit()
			return
		case pair:
			return
		}
	}
}

func (s *wordPairs) fit() {
	if 8*s.n > 5*s.room() {
		s.resize(2 * s.room())
	}
}

// reserve makes room for n more pairs. Pairs that come in another set's order, which is that of their hashes, would crowd a table that grows with them.
func (s *wordPairs) reserve(n int) {
	size := s.room()
	for 8*(s.n+n) > 5*size {
		size *= 2
	}
	if size > s.room() {
		s.resize(size)
	}
}

func (s *wordPairs) resize(n int) {
	if s.short == nil {
		s.place(s.slots, n)
		return
	}
	old, mask := s.short, uint64(n-1)
	s.short = make([]uint64, n)
	for _, x := range old {
		if x == 0 {
			continue
		}
		p := hashPair(x>>32, uint32(x)-1) & mask
		for s.short[p] != 0 {
			p = (p + 1) & mask
		}
		s.short[p] = x
	}
}

// place puts pairs into n wide slots.
func (s *wordPairs) place(pairs []wordPair, n int) {
	s.slots = make([]wordPair, n)
	mask := uint64(n - 1)
	for _, x := range pairs {
		if x.group == 0 {
			continue
		}
		p := hashPair(x.word, x.group-1) & mask
		for s.slots[p].group != 0 {
			p = (p + 1) & mask
		}
		s.slots[p] = x
	}
}

// widen makes the slots wide.
func (s *wordPairs) widen() {
	pairs := make([]wordPair, 0, s.n)
	s.eachSlot(func(g uint32, w uint64) { pairs = append(pairs, wordPair{w, g + 1}) })
	n := len(s.short)
	s.short = nil
	s.place(pairs, n)
}

// each calls f for every pair.
func (s *wordPairs) each(f func(g uint32, w uint64)) {
	if s.bits != nil {
		s.bits.each(f)
	}
	s.eachSlot(f)
}

func (s *wordPairs) eachSlot(f func(g uint32, w uint64)) {
	for _, x := range s.short {
		if x != 0 {
			f(uint32(x)-1, x>>32)
		}
	}
	for _, x := range s.slots {
		if x.group > 0 {
			f(x.group-1, x.word)
		}
	}
}

// merge adds the pairs of the picked groups (nil: all) of another set, the i-th of which is groups[i] here. byGroup gives the other set's words by group.
func (s *wordPairs) merge(groups, picked []uint32, from *wordPairs, byGroup func() (ends []int32, words []uint64)) {
	s.tryBits()
	if picked == nil {
		add := func(g uint32, w uint64) { s.add(groups[g], w) }
		if s.bits != nil && from.bits != nil && s.mergeBits(groups, from.bits) {
			s.reserve(from.n)
			from.eachSlot(add)
			return
		}
		s.reserve(from.len())
		from.each(add)
		return
	}
	ends, words := byGroup()
	n := 0
	for _, g := range picked {
		n += int(ends[g+1] - ends[g])
	}
	if s.bits == nil {
		s.reserve(n)
	}
	for i, g := range picked {
		for _, w := range words[ends[g]:ends[g+1]] {
			s.add(groups[i], w)
		}
	}
}

func (s *wordPairs) list() (groups []uint32, words []uint64) {
	groups, words = make([]uint32, 0, s.len()), make([]uint64, 0, s.len())
	s.each(func(g uint32, w uint64) { groups, words = append(groups, g), append(words, w) })
	return groups, words
}

// groupedWords are the words of a set's pairs, put together by group when they are first asked for. Several goroutines may ask.
type groupedWords struct {
	mu    sync.Mutex
	n     int
	ends  []int32 // where each group's words begin, and the end
	words []uint64
}

func (s *groupedWords) of(set *wordPairs, groups int) (ends []int32, words []uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n == set.len() && len(s.ends) == groups+1 {
		return s.ends, s.words
	}
	s.n, s.ends, s.words = set.len(), make([]int32, groups+1), make([]uint64, set.len())
	next := make([]int32, groups+1)
	set.each(func(g uint32, _ uint64) { s.ends[g+1]++ })
	for g := range groups {
		s.ends[g+1] += s.ends[g]
		next[g+1] = s.ends[g]
	}
	set.each(func(g uint32, w uint64) {
		s.words[next[g+1]] = w
		next[g+1]++
	})
	return s.ends, s.words
}
