package exec

import (
	"github.com/medallion-go/medallion/exec/vector"
)

// wordSlots is a hash table of pairs that keeps them in the slots themselves: a look-up touches one place. While all words have 32 bits a slot has 64, and a
// wider word makes all slots wide.
type wordSlots struct {
	short []uint64   // a power of two: the word, then one more than the group, 0 in a free slot; nil once they are wide
	wide  []wordPair // a power of two
	n     int
	sum   uint64 // keeps the loads of warm alive
}

// wordPair is a pair; group is one more than the group, 0 in a free slot.
type wordPair struct {
	word  uint64
	group uint32
}

// hashPair spreads the groups over the word before both are mixed: user 5 of group 4 is not to meet user 4 of group 5.
func hashPair(word uint64, group uint32) uint64 {
	return vector.HashWord(word, uint64(group)*0x9e3779b97f4a7c15)
}

func shortPair(word uint64, group uint32) uint64 { return word<<32 | uint64(group+1) }

// newWordSlots has room for n pairs.
func newWordSlots(n int) wordSlots {
	s := wordSlots{short: make([]uint64, firstSlots)}
	s.reserve(n)
	return s
}

func (s *wordSlots) size() int64 { return 8*int64(cap(s.short)) + 16*int64(cap(s.wide)) }

// room is how many slots there are.
func (s *wordSlots) room() int { return len(s.short) + len(s.wide) }

// warm touches the slots of a stride of pairs, as table.warm does.
func (s *wordSlots) warm(words []uint64, groups []uint32) {
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
			sum += s.wide[hashPair(w, groups[i])&mask].word
		}
	}
	s.sum += sum
}

// addAll adds pairs.
func (s *wordSlots) addAll(words []uint64, groups []uint32) {
	for from := 0; from < len(groups); from += stride {
		to := min(from+stride, len(groups))
		s.warm(words[from:to], groups[from:to])
		for i := from; i < to; i++ {
			s.add(groups[i], words[i])
		}
	}
}

func (s *wordSlots) add(g uint32, w uint64) {
	if s.short != nil {
		if w>>32 == 0 {
			s.addShort(g, w)
			return
		}
		s.widen()
	}
	mask := uint64(len(s.wide) - 1)
	for p := hashPair(w, g) & mask; ; p = (p + 1) & mask {
		switch x := &s.wide[p]; {
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

func (s *wordSlots) addShort(g uint32, w uint64) {
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

func (s *wordSlots) fit() {
	if 8*s.n > 5*s.room() {
		s.resize(2 * s.room())
	}
}

// reserve makes room for n more pairs. Pairs that come in another set's order, which is that of their hashes, would crowd a table that grows with them.
func (s *wordSlots) reserve(n int) {
	size := s.room()
	for 8*(s.n+n) > 5*size {
		size *= 2
	}
	if size > s.room() {
		s.resize(size)
	}
}

func (s *wordSlots) resize(n int) {
	if s.short == nil {
		s.place(s.wide, n)
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
func (s *wordSlots) place(pairs []wordPair, n int) {
	s.wide = make([]wordPair, n)
	mask := uint64(n - 1)
	for _, x := range pairs {
		if x.group == 0 {
			continue
		}
		p := hashPair(x.word, x.group-1) & mask
		for s.wide[p].group != 0 {
			p = (p + 1) & mask
		}
		s.wide[p] = x
	}
}

// widen makes the slots wide.
func (s *wordSlots) widen() {
	pairs := make([]wordPair, 0, s.n)
	s.each(func(g uint32, w uint64) { pairs = append(pairs, wordPair{w, g + 1}) })
	n := len(s.short)
	s.short = nil
	s.place(pairs, n)
}

func (s *wordSlots) each(f func(g uint32, w uint64)) {
	for _, x := range s.short {
		if x != 0 {
			f(uint32(x)-1, x>>32)
		}
	}
	for _, x := range s.wide {
		if x.group > 0 {
			f(x.group-1, x.word)
		}
	}
}
