package exec

import (
	"math/bits"
	"sync"
)

// pairLog keeps pairs of a group and a word in the order in which they come, in blocks that are not moved once they are long.
type pairLog struct {
	blocks []pairBlock
	n      int
}

// pairBlock are some pairs: of the i-th word and the i-th group.
type pairBlock struct {
	words  []uint64
	groups []uint32
}

// The first block begins short, unless it is known to become longer, and becomes four times as long whenever it is full. Others are long.
const (
	firstPairs = 64
	blockPairs = 16 << 10
)

func (l *pairLog) size() int64 {
	n := int64(0)
	for i := range l.blocks {
		n += 12 * int64(cap(l.blocks[i].words))
	}
	return n
}

// space is the block that the next pair goes to.
func (l *pairLog) space() *pairBlock {
	last := len(l.blocks) - 1
	if last < 0 {
		return l.begin(firstPairs)
	}
	b := &l.blocks[last]
	switch {
	case len(b.words) < cap(b.words):
		return b
	case cap(b.words) >= blockPairs:
		return l.begin(blockPairs)
	}
	room := min(4*cap(b.words), blockPairs)
	*b = pairBlock{append(make([]uint64, 0, room), b.words...), append(make([]uint32, 0, room), b.groups...)}
	return b
}

// begin begins a block.
func (l *pairLog) begin(room int) *pairBlock {
	l.blocks = append(l.blocks, pairBlock{make([]uint64, 0, room), make([]uint32, 0, room)})
	return &l.blocks[len(l.blocks)-1]
}

// reserve has the first n pairs lie in one block.
func (l *pairLog) reserve(n int) {
	if len(l.blocks) == 0 && n > 0 {
		l.begin(n)
	}
}

func (l *pairLog) add(g uint32, w uint64) {
	b := l.space()
	b.words, b.groups = append(b.words, w), append(b.groups, g)
	l.n++
}

func (l *pairLog) addAll(words []uint64, groups []uint32) {
	l.n += len(groups)
	for len(groups) > 0 {
		b := l.space()
		n := min(len(groups), cap(b.words)-len(b.words))
		b.words, b.groups = append(b.words, words[:n]...), append(b.groups, groups[:n]...)
		words, groups = words[n:], groups[n:]
	}
}

// addGroup adds words of one group.
func (l *pairLog) addGroup(g uint32, words []uint64) {
	l.n += len(words)
	for len(words) > 0 {
		b := l.space()
		n := min(len(words), cap(b.words)-len(b.words))
		b.words = append(b.words, words[:n]...)
		for range n {
			b.groups = append(b.groups, g)
		}
		words = words[n:]
	}
}

// addPicked adds the words of the picked groups, words[ends[p]:ends[p+1]] each, the i-th of which is groups[i] here.
func (l *pairLog) addPicked(groups, picked []uint32, ends []int32, words []uint64) {
	n := 0
	for _, p := range picked {
		n += int(ends[p+1] - ends[p])
	}
	l.reserve(n)
	for i, p := range picked {
		l.addGroup(groups[i], words[ends[p]:ends[p+1]])
	}
}

// addRenamed adds the pairs of another log, whose group i is groups[i] here.
func (l *pairLog) addRenamed(from *pairLog, groups []uint32) {
	renamed := make([]uint32, 0, blockPairs)
	for _, b := range from.blocks {
		renamed = renamed[:0]
		for _, g := range b.groups {
			renamed = append(renamed, groups[g])
		}
		l.addAll(b.words, renamed)
	}
}

func (l *pairLog) each(f func(g uint32, w uint64)) {
	for _, b := range l.blocks {
		for i, g := range b.groups {
			f(g, b.words[i])
		}
	}
}

// What is there twice is found in parts that stay in the cache: pairs are dealt by the upper bits of their hashes to so many parts at most, of about so many
// pairs each.
const (
	mostParts = 512
	partPairs = 2 << 10
)

// clean leaves each pair once, in no order.
func (l *pairLog) clean() {
	if l.n == 0 {
		return
	}
	shift := 64 - min(bits.Len(uint(l.n/partPairs)), bits.Len(uint(mostParts-1)))
	all, ends := l.dealt(shift)
	most := 0
	for p := range ends[1:] {
		most = max(most, ends[p+1]-ends[p])
	}
	slots := make([]uint32, 1<<bits.Len(uint(2*most)))
	n := 0
	for p := range ends[1:] {
		part := slots[:1<<bits.Len(uint(2*(ends[p+1]-ends[p])))]
		clear(part)
		n = all.keepOnce(ends[p], ends[p+1], n, part)
	}
	l.n, l.blocks = n, []pairBlock{{all.words[:n], all.groups[:n]}}
}

// dealt are all pairs by the bits of their hashes above shift: those of part p are ends[p] … ends[p+1]-1.
func (l *pairLog) dealt(shift int) (all pairBlock, ends []int) {
	ends = make([]int, 1<<(64-shift)+1)
	for _, b := range l.blocks {
		for i, g := range b.groups {
			ends[hashPair(b.words[i], g)>>shift+1]++
		}
	}
	for p := range ends[1:] {
		ends[p+1] += ends[p]
	}
	next := append([]int(nil), ends...)
	all = pairBlock{make([]uint64, l.n), make([]uint32, l.n)}
	for _, b := range l.blocks {
		for i, g := range b.groups {
			w := b.words[i]
			p := hashPair(w, g) >> shift
			all.words[next[p]], all.groups[next[p]] = w, g
			next[p]++
		}
	}
	return all, ends
}

// keepOnce moves those of the pairs from … to-1 that were not there before to place n and those that follow, and returns the place behind them. slots are
// empty, a power of two and more than the pairs.
func (b *pairBlock) keepOnce(from, to, n int, slots []uint32) int {
	mask := uint64(len(slots) - 1)
next:
	for i := from; i < to; i++ {
		w, g := b.words[i], b.groups[i]
		p := hashPair(w, g) & mask
		for ; slots[p] != 0; p = (p + 1) & mask {
			if at := slots[p] - 1; b.words[at] == w && b.groups[at] == g {
				continue next
			}
		}
		b.words[n], b.groups[n] = w, g
		n++
		slots[p] = uint32(n)
	}
	return n
}

// groupedWords are the words of pairs, put together by group when they are first asked for, and again when there are more. Words of one group stay in the
// order in which they came. Several goroutines may ask.
type groupedWords struct {
	mu    sync.Mutex
	ends  []int32 // where each group's words begin, and the end
	words []uint64
}

// of returns the words of group g as words[ends[g]:ends[g+1]]. each goes through n pairs of so many groups.
func (s *groupedWords) of(n, groups int, each func(func(g uint32, w uint64))) (ends []int32, words []uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.words) == n && len(s.ends) == groups+1 {
		return s.ends, s.words
	}
	s.ends, s.words = make([]int32, groups+1), make([]uint64, n)
	each(func(g uint32, _ uint64) { s.ends[g+1]++ })
	for g := range groups {
		s.ends[g+1] += s.ends[g]
	}
	next := append([]int32(nil), s.ends...)
	each(func(g uint32, w uint64) {
		s.words[next[g]] = w
		next[g]++
	})
	return s.ends, s.words
}

// forget is for when there are other pairs, perhaps as many.
func (s *groupedWords) forget() { s.ends = nil }
