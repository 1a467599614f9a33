package exec

import (
	"math/bits"
	"slices"
)

// wordBits keeps pairs where groups are few and most words lie close together, as identifiers do: a bit for each word of a range, in a row for each group.
type wordBits struct {
	first uint64 // what the first bit of each row stands for: a word with its sign moved, a multiple of 64
	width int    // words in a row
	rows  []uint64
	n     int
}

// When there are manyPairs, bits are tried for the range that most of their words lie in. They may take what slots take, or, as long as that is not more than
// spare, so many times as much: they are quicker, and pairs still to come fill them.
const (
	pairBytes  = 16
	earlyTimes = 8
	wordSample = 1 << 10
	strayWords = 50 // one in so many at either end may lie anywhere
)

func (b *wordBits) size() int64 { return 8 * int64(cap(b.rows)) }

// groups is how many groups have a row.
func (b *wordBits) groups() int { return len(b.rows) / b.width }

func (b *wordBits) row(g int) []uint64 { return b.rows[g*b.width : (g+1)*b.width] }

// last is what the last bit of each row stands for.
func (b *wordBits) last() uint64 { return b.first + 64*uint64(b.width) - 1 }

// set sets a bit, if it has a place.
func (b *wordBits) set(g uint32, w uint64) bool {
	u, row := (w^signBit)-b.first, int(g)*b.width
	if u >= 64*uint64(b.width) || row >= len(b.rows) {
		return false
	}
	x := &b.rows[row+int(u/64)]
	b.n += int(^*x >> (u % 64) & 1)
	*x |= 1 << (u % 64)
	return true
}

// each calls f for every pair.
func (b *wordBits) each(f func(g uint32, w uint64)) {
	for g := range b.groups() {
		for i, x := range b.row(g) {
			for ; x != 0; x &= x - 1 {
				f(uint32(g), (b.first+64*uint64(i)+uint64(bits.TrailingZeros64(x)))^signBit)
			}
		}
	}
}

// counts adds the number of each group's pairs to n.
func (b *wordBits) counts(n []int64) {
	for g := range b.groups() {
		for _, x := range b.row(g) {
			n[g] += int64(bits.OnesCount64(x))
		}
	}
}

// tryBits moves pairs, which are clean, to bits, or to more bits, if most words lie close together.
func (s *wordPairs) tryBits() bool {
	low, high, groups := s.bounds()
	if s.bits != nil {
		low, high = min(low, s.bits.first), max(high, s.bits.last())
	}
	return s.reach(groups, low, high)
}

// moveToBits leaves the pairs, which are clean, that have no bit.
func (s *wordPairs) moveToBits() {
	var stray pairLog
	s.eachBeside(func(g uint32, w uint64) {
		if !s.bits.set(g, w) {
			stray.add(g, w)
		}
	})
	s.slots, s.log, s.once = nil, stray, stray.n
}

// addBits adds pairs, to bits where they have one.
func (s *wordPairs) addBits(words []uint64, groups []uint32) {
	b := s.bits
	first, span, width, rows := b.first, 64*uint64(b.width), b.width, b.rows
	for i, w := range words {
		u, row := (w^signBit)-first, int(groups[i])*width
		if u >= span || row >= len(rows) {
			s.addBeside(groups[i], w)
			continue
		}
		x := &rows[row+int(u/64)]
		b.n += int(^*x >> (u % 64) & 1)
		*x |= 1 << (u % 64)
	}
}

// bounds bounds most of the words that are not in bits, by a sample of them, and their groups.
func (s *wordPairs) bounds() (low, high uint64, groups int) {
	var sample []uint64
	step, i := max(s.beside()/wordSample, 1), 0
	s.eachBeside(func(g uint32, w uint64) {
		groups = max(groups, int(g)+1)
		if i%step == 0 {
			sample = append(sample, w^signBit)
		}
		i++
	})
	slices.Sort(sample)
	stray := len(sample) / strayWords
	return sample[stray], sample[len(sample)-1-stray], groups
}

// reach makes room in bits for groups, and for words from low to high, unless that is too much.
func (s *wordPairs) reach(groups int, low, high uint64) bool {
	low &^= 63
	if s.bits != nil {
		groups = max(groups, s.bits.groups())
	}
	n := pairBytes * s.len()
	most := max(n, min(earlyTimes*n, s.spare))
	words := (high-low)/64 + 1
	if words > uint64(most)/8/uint64(groups) {
		return false
	}
	b := &wordBits{first: low, width: int(words)}
	if old := s.bits; old != nil {
		b.n = old.n
		if low == old.first && b.width == old.width {
			b.rows = old.rows
		} else {
			b.rows = make([]uint64, groups*b.width)
			for g := range old.groups() {
				copy(b.row(g)[(old.first-low)/64:], old.row(g))
			}
		}
	}
	b.rows = growTo(b.rows, groups*b.width)
	s.bits = b
	s.moveToBits()
	return true
}

// mergeBits adds another set's bits, whose group i is groups[i] here. It reports false where that takes too many.
func (s *wordPairs) mergeBits(groups []uint32, from *wordBits) bool {
	most := 1
	for _, g := range groups {
		most = max(most, int(g)+1)
	}
	if !s.reach(most, min(s.bits.first, from.first), max(s.bits.last(), from.last())) {
		return false
	}
	b := s.bits
	at := int((from.first - b.first) / 64)
	for i, g := range groups {
		if i < from.groups() {
			into := b.row(int(g))[at:]
			for k, x := range from.row(i) {
				b.n += bits.OnesCount64(x &^ into[k])
				into[k] |= x
			}
		}
	}
	return true
}
