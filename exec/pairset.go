package exec

import (
	"github.com/medallion-go/medallion/exec/vector"
)

// pairSet is a set of pairs of a group and a key, which is a word or bytes.
type pairSet struct {
	wide  bool
	words wordPairs
	bytes bytePairs
}

func newPairSet(words bool, spare int) pairSet {
	if words {
		return pairSet{words: newWordPairs(spare)}
	}
	return pairSet{wide: true, bytes: bytePairs{slots: make([]uint64, firstSlots), pos: []int64{0}}}
}

func (s *pairSet) size() int64 { return s.words.size() + s.bytes.size() }

// len is the number of pairs.
func (s *pairSet) len() int { return s.words.len() + len(s.bytes.group) }

func (s *pairSet) addKeys(k *keys, groups []uint32) {
	if s.wide {
		for i, g := range groups {
			s.bytes.add(g, k.data[k.pos[i]:k.pos[i]+int64(k.size[i])])
		}
		return
	}
	s.words.addAll(k.words, groups)
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

// counts adds the number of each group's pairs to n.
func (s *pairSet) counts(n []int64) {
	for _, g := range s.bytes.group {
		n[g]++
	}
	s.words.clean()
	if s.words.bits != nil {
		s.words.bits.counts(n)
	}
	s.words.eachBeside(func(g uint32, _ uint64) { n[g]++ })
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
