package exec

import "github.com/apache/arrow-go/v18/arrow/decimal128"

// What shortSums can do without a sum leaving 64 bits: so many rows of numbers below 2^shortBits.
const (
	shortRows   = 4096
	shortBits   = 50
	shortGroups = 128 // while their sums stay in the first cache
)

// shortSums adds up short decimals for few groups, some thousand rows at a time, in 64 bits. Each group has two sums that take rows in turn, as rows of one
// group often follow each other and one sum would wait for itself.
type shortSums struct {
	sums, counts [2 * shortGroups]int64
}

// add adds rows to the groups' totals. It does nothing and reports false where a value is too long.
func (s *shortSums) add(of []total, src []decimal128.Num, groups []uint32, rows []int32) bool {
	clear(s.sums[:2*len(of)])
	clear(s.counts[:2*len(of)])
	high, wide := int64(0), int64(0) // bits that some value has
	if rows == nil {
		src = src[:len(groups)]
		for i, g := range groups {
			lo := int64(src[i].LowBits())
			high |= src[i].HighBits() ^ lo>>63
			wide |= lo ^ lo>>63
			k := (2*g + uint32(i&1)) % uint32(len(s.sums))
			s.sums[k] += lo
			s.counts[k]++
		}
	} else {
		for i, g := range groups {
			v := &src[rows[i]]
			lo := int64(v.LowBits())
			high |= v.HighBits() ^ lo>>63
			wide |= lo ^ lo>>63
			k := (2*g + uint32(i&1)) % uint32(len(s.sums))
			s.sums[k] += lo
			s.counts[k]++
		}
	}
	if high != 0 || wide>>shortBits != 0 {
		return false
	}
	for g := range of {
		for k := 2 * g; k < 2*g+2; k++ {
			of[g].addLong(s.sums[k], s.counts[k])
		}
	}
	return true
}
