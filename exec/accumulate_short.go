package exec

import "github.com/apache/arrow-go/v18/arrow/decimal128"

// What shortSums can do without a sum leaving 64 bits: so many rows of numbers below 2^shortBits.
const (
	shortRows   = 4096
	shortBits   = 50
	shortGroups = 128 // while their sums stay in the first cache
	shortLanes  = 4
)

// shortSums adds up short decimals for few groups, some thousand rows at a time, in 64 bits. Each group has several sums that take rows in turn, as rows of
// one group often follow each other and one sum would wait for itself.
type shortSums [shortLanes * shortGroups]int64

// lane is the sum that takes the i-th row, of group g.
func lane(g uint32, i int) uint32 {
	return (shortLanes*g + uint32(i%shortLanes)) % (shortLanes * shortGroups)
}

// add adds rows to the groups' totals, without counting them. It does nothing and reports false where a value is too long.
func (s *shortSums) add(of []total, src []decimal128.Num, groups []uint32, rows []int32) bool {
	clear(s[:shortLanes*len(of)])
	high, wide := int64(0), int64(0) // bits that some value has
	if rows == nil {
		src = src[:len(groups)]
		for i, g := range groups {
			lo := int64(src[i].LowBits())
			high |= src[i].HighBits() ^ lo>>63
			wide |= lo ^ lo>>63
			s[lane(g, i)] += lo
		}
	} else {
		rows = rows[:len(groups)]
		for i, g := range groups {
			v := &src[rows[i]]
			lo := int64(v.LowBits())
			high |= v.HighBits() ^ lo>>63
			wide |= lo ^ lo>>63
			s[lane(g, i)] += lo
		}
	}
	if high != 0 || wide>>shortBits != 0 {
		return false
	}
	for g := range of {
		for _, sum := range s[shortLanes*g:][:shortLanes] {
			of[g].addLong(sum, 0)
		}
	}
	return true
}

// tally counts the rows of each of few groups, once for all aggregates over the same rows.
type tally struct {
	groups []uint32 // of the batch at hand
	known  bool
	n      [shortGroups]int64
}

// begin takes the groups of a batch's rows.
func (t *tally) begin(groups []uint32) { t.groups, t.known = groups, false }

// of gives the number of rows of each group.
func (t *tally) of(groups []uint32) *[shortGroups]int64 {
	if t == nil || len(groups) == 0 || len(groups) != len(t.groups) || &groups[0] != &t.groups[0] {
		other := &tally{}
		other.count(groups)
		return &other.n
	}
	if !t.known {
		t.count(groups)
		t.known = true
	}
	return &t.n
}

func (t *tally) count(groups []uint32) {
	var s shortSums
	for i, g := range groups {
		s[lane(g, i)]++
	}
	for g := range t.n {
		t.n[g] = 0
		for _, n := range s[shortLanes*g:][:shortLanes] {
			t.n[g] += n
		}
	}
}
