package exec

import "math/bits"

// wordBits keeps pairs where groups are few and words lie close together, as identifiers mostly do: a bit for each word between the least and the greatest,
// in a row for each group.
type wordBits struct {
	first uint64 // what the first bit of each row stands for: a word with its sign moved, a multiple of 64
	width int    // words in a row
	rows  []uint64
}

// From so many pairs on bits are tried. They may take so many bytes a pair, which is what slots take.
const (
	manyPairs = 16 << 10
	pairBytes = 16
)

func (b *wordBits) size() int64 { return 8 * int64(cap(b.rows)) }

// groups is how many groups have a row.
func (b *wordBits) groups() int { return len(b.rows) / b.width }

// spread returns the width of rows from the first word to the last, and whether so many rows may be that wide.
func (s *wordPairs) spread(groups int, first, last uint64) (width int, ok bool) {
	words := (last-first)/64 + 1
	most := uint64(max(s.spare, pairBytes*s.n)) / 8 / uint64(max(groups, 1))
	return int(words), words <= most
}

// retryBits goes over to bits if there are enough pairs by now and they lie close together.
func (s *wordPairs) retryBits() {
	if s.bits != nil || s.n < max(s.retry, manyPairs) {
		return
	}
	s.retry = 2 * s.n
	low, high, groups := ^uint64(0), uint64(0), 0
	s.each(func(g uint32, w uint64) {
		low, high, groups = min(low, w^signBit), max(high, w^signBit), max(groups, int(g)+1)
	})
	low &^= 63
	width, ok := s.spread(groups, low, high)
	if !ok {
		return
	}
	b := &wordBits{first: low, width: width, rows: make([]uint64, groups*width)}
	s.each(func(g uint32, w uint64) {
		u := w ^ signBit - low
		b.rows[int(g)*width+int(u/64)] |= 1 << (u % 64)
	})
	s.bits, s.short, s.slots = b, nil, nil
}

// addBits adds pairs. It returns how many it came through: all, or those before one that bits are too many for, and then the pairs are in slots.
func (s *wordPairs) addBits(words []uint64, groups []uint32) int {
	b := s.bits
	for i, w := range words {
		u, row := (w^signBit)-b.first, int(groups[i])*b.width
		if u >= 64*uint64(b.width) || row >= len(b.rows) {
			if !s.reach(int(groups[i])+1, w^signBit, w^signBit) {
				s.leaveBits()
				return i
			}
			u, row = (w^signBit)-b.first, int(groups[i])*b.width
		}
		x := &b.rows[row+int(u/64)]
		s.n += int(^*x >> (u % 64) & 1)
		*x |= 1 << (u % 64)
	}
	return len(words)
}

// reach makes room for groups, and for words from low to high, unless that is too much. Rows that must be wider become half as wide again if they may.
func (s *wordPairs) reach(groups int, low, high uint64) bool {
	b := s.bits
	groups = max(groups, b.groups())
	first, last := min(b.first, low&^63), max(b.first+64*uint64(b.width)-1, high)
	width, ok := s.spread(groups, first, last)
	if !ok {
		return false
	}
	if width > b.width {
		more := uint64(b.width) / 2 * 64
		if first < b.first {
			first -= min(more, first)
		} else {
			last += min(more, ^uint64(0)-last)
		}
		if wider, ok := s.spread(groups, first, last); ok {
			width = wider
		} else {
			first = min(b.first, low&^63)
		}
		s.relay(first, width)
	}
	b.rows = growTo(b.rows, groups*b.width)
	return true
}

// relay lays the rows out anew.
func (s *wordPairs) relay(first uint64, width int) {
	b := s.bits
	rows := make([]uint64, b.groups()*width)
	for g := range b.groups() {
		copy(rows[g*width+int((b.first-first)/64):], b.row(g))
	}
	b.first, b.width, b.rows = first, width, rows
}

func (b *wordBits) row(g int) []uint64 { return b.rows[g*b.width : (g+1)*b.width] }

// leaveBits goes back to slots.
func (s *wordPairs) leaveBits() {
	b, n := s.bits, s.n
	*s = newWordPairs(s.spare)
	s.retry = 2 * n
	s.reserve(n)
	b.each(s.add)
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

// mergeBits adds the pairs of the picked groups (nil: all) of another set of bits, the i-th of which is groups[i] here. It reports false where rows would
// be too wide.
func (s *wordPairs) mergeBits(groups, picked []uint32, from *wordBits) bool {
	most := 0
	for _, g := range groups {
		most = max(most, int(g)+1)
	}
	if !s.reach(most, from.first, from.first+64*uint64(from.width)-1) {
		return false
	}
	b := s.bits
	at := int((from.first - b.first) / 64)
	for i, g := range groups {
		if p := pick(picked, i); p < from.groups() {
			into := b.row(int(g))[at:]
			for k, x := range from.row(p) {
				s.n += bits.OnesCount64(x &^ into[k])
				into[k] |= x
			}
		}
	}
	return true
}
