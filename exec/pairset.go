package exec

import (
	"sync"

	"github.com/medallion-go/medallion/exec/vector"
)

// pairSet is a set of pairs of a group and a key, which is a word or bytes.
type pairSet struct {
	wide  bool
	words wordPairs
	bytes bytePairs
}

func newPairSet(words bool) pairSet {
	if words {
		return pairSet{words: wordPairs{slots: make([]wordPair, firstSlots)}}
	}
	return pairSet{wide: true, bytes: bytePairs{slots: make([]uint64, firstSlots), pos: []int64{0}}}
}

func (s *pairSet) size() int64 { return s.words.size() + s.bytes.size() }

// len is the number of pairs.
func (s *pairSet) len() int { return s.words.n + len(s.bytes.group) }

func (s *pairSet) addKeys(k *keys, groups []uint32) {
	if s.wide {
		for i, g := range groups {
			s.bytes.add(g, k.data[k.pos[i]:k.pos[i]+int64(k.size[i])])
		}
		return
	}
	for from := 0; from < len(groups); from += stride {
		to := min(from+stride, len(groups))
		s.words.warm(k.words[from:to], groups[from:to])
		for i := from; i < to; i++ {
			s.words.add(groups[i], k.words[i])
		}
	}
}

// addAll adds the pairs of another set, whose group i is groups[i] here.
func (s *pairSet) addAll(from *pairSet, groups []uint32) {
	if s.wide {
		b := &from.bytes
		for i, g := range b.group {
			s.bytes.add(groups[g], b.key(i))
		}
		return
	}
	s.words.reserve(from.words.n)
	for _, x := range from.words.slots {
		if x.group > 0 {
			s.words.add(groups[x.group-1], x.word)
		}
	}
}

// pairs lists all pairs: the group of each, and its key in k, to be decoded. Hashes serve only to tell a NULL there, and there is none among them.
func (s *pairSet) pairs(k *keys) (groups []uint32) {
	if !s.wide {
		groups, k.words = s.words.list()
		k.hash = make([]uint64, len(groups))
		return groups
	}
	b := &s.bytes
	k.hash, k.data, k.pos, k.size = make([]uint64, len(b.group)), b.data, b.pos[:len(b.group)], make([]int32, len(b.group))
	for i := range k.size {
		k.size[i] = int32(b.pos[i+1] - b.pos[i])
	}
	return b.group
}

// wordPairs keeps pairs in the slots themselves: a look-up touches one place.
type wordPairs struct {
	slots []wordPair // a power of two
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

func (s *wordPairs) size() int64 { return 16 * int64(cap(s.slots)) }

// warm touches the slots of a stride of pairs, as table.warm does.
func (s *wordPairs) warm(words []uint64, groups []uint32) {
	if len(s.slots) < bigTable {
		return
	}
	mask, sum := uint64(len(s.slots)-1), uint64(0)
	for i, w := range words {
		sum += s.slots[hashPair(w, groups[i])&mask].word
	}
	s.sum += sum
}

func (s *wordPairs) add(g uint32, w uint64) {
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

func (s *wordPairs) fit() {
	if 8*s.n > 5*len(s.slots) {
		s.resize(2 * len(s.slots))
	}
}

// reserve makes room for n more pairs. Pairs that come in another set's order, which is that of their hashes, would crowd a table that grows with them.
func (s *wordPairs) reserve(n int) {
	size := len(s.slots)
	for 8*(s.n+n) > 5*size {
		size *= 2
	}
	if size > len(s.slots) {
		s.resize(size)
	}
}

func (s *wordPairs) resize(n int) {
	old := s.slots
	s.slots = make([]wordPair, n)
	mask := uint64(len(s.slots) - 1)
	for _, x := range old {
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

func (s *wordPairs) list() (groups []uint32, words []uint64) {
	groups, words = make([]uint32, 0, s.n), make([]uint64, 0, s.n)
	for _, x := range s.slots {
		if x.group > 0 {
			groups, words = append(groups, x.group-1), append(words, x.word)
		}
	}
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
	if s.n == set.n && len(s.ends) == groups+1 {
		return s.ends, s.words
	}
	s.n, s.ends, s.words = set.n, make([]int32, groups+1), make([]uint64, set.n)
	next := make([]int32, groups+1)
	for _, x := range set.slots {
		if x.group > 0 {
			s.ends[x.group]++
		}
	}
	for g := range groups {
		s.ends[g+1] += s.ends[g]
		next[g+1] = s.ends[g]
	}
	for _, x := range set.slots {
		if x.group > 0 {
			s.words[next[x.group]] = x.word
			next[x.group]++
		}
	}
	return s.ends, s.words
}

// counts adds the number of each group's pairs to n.
func (s *pairSet) counts(n []int64) {
	if s.wide {
		for _, g := range s.bytes.group {
			n[g]++
		}
		return
	}
	for _, x := range s.words.slots {
		if x.group > 0 {
			n[x.group-1]++
		}
	}
}

// bytePairs keeps keys in an arena. Pairs are numbered in the order in which they came.
type bytePairs struct {
	slots []uint64 // as in table
	group []uint32
	hash  []uint64
	pos   []int64
	data  []byte
}

func (s *bytePairs) size() int64 {
	return 8*int64(cap(s.slots)+cap(s.hash)+cap(s.pos)) + 4*int64(cap(s.group)) + int64(cap(s.data))
}

func (s *bytePairs) key(i int) []byte { return s.data[s.pos[i]:s.pos[i+1]] }

// add gives the pair's number.
func (s *bytePairs) add(g uint32, key []byte) int {
	h := vector.HashWord(vector.HashBytes(key), uint64(g))
	mask := uint64(len(s.slots) - 1)
	for p := h & mask; ; p = (p + 1) & mask {
		x := s.slots[p]
		if x == 0 {
			s.hash, s.group = append(doubled(s.hash, 1), h), append(doubled(s.group, 1), g)
			s.data = append(doubled(s.data, len(key)), key...)
			s.pos = append(doubled(s.pos, 1), int64(len(s.data)))
			s.slots[p] = h>>32<<32 | uint64(len(s.hash))
			if 2*len(s.hash) > len(s.slots) {
				s.slots = slotsFor(s.hash, 2*len(s.slots))
			}
			return len(s.hash) - 1
		}
		if id := uint32(x) - 1; x>>32 == h>>32 && s.group[id] == g && string(s.key(int(id))) == string(key) {
			return int(id)
		}
	}
}
