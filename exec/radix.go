package exec

import (
	"cmp"
	"slices"
)

// radixSorter sorts a permutation by words, stably, from the lowest digit up.
type radixSorter struct {
	perm, spare []uint32
	keys, other []uint64
}

const (
	digitBits = 11
	digits    = 1 << digitBits
)

func (s *radixSorter) sort(words []uint64) {
	n := len(s.perm)
	if n < 512 {
		slices.SortStableFunc(s.perm, func(a, b uint32) int { return cmp.Compare(words[a], words[b]) })
		return
	}
	s.keys, s.other, s.spare = resize(s.keys, n), resize(s.other, n), resize(s.spare, n)
	varying, first := uint64(0), words[0]
	for i, p := range s.perm {
		s.keys[i] = words[p]
		varying |= words[p] ^ first
	}
	for shift := 0; shift < 64; shift += digitBits {
		if varying>>shift&(digits-1) != 0 {
			s.pass(shift)
		}
	}
}

func (s *radixSorter) pass(shift int) {
	var ends [digits]uint32
	for _, k := range s.keys {
		ends[k>>shift&(digits-1)]++
	}
	at := uint32(0)
	for d, n := range ends {
		ends[d] = at
		at += n
	}
	for i, k := range s.keys {
		d := k >> shift & (digits - 1)
		to := ends[d]
		ends[d]++
		s.other[to], s.spare[to] = k, s.perm[i]
	}
	s.keys, s.other = s.other, s.keys
	s.perm, s.spare = s.spare, s.perm
}
