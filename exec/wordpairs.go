package exec

// wordPairs is a set of pairs of a group and a word. Pairs are noted as they come, and those that are there twice are left out when there are many more. Where
// that shows that pairs come again and again each one is looked up in slots. Pairs of few groups with words of some range are kept as bits.
type wordPairs struct {
	log   pairLog    // what is neither in slots nor in bits; a pair may be there more than once until clean
	once  int        // how many pairs log had when it was clean
	limit int        // how many pairs in log or slots are looked at again
	slots *wordSlots // may be nil
	bits  *wordBits  // may be nil
	spare int        // bytes that bits may take early
}

// When there are so many pairs it is looked at what they are like, and again whenever there are a few times as many.
const (
	manyPairs = 16 << 10
	moreNotes = 4
	moreSlots = 2
)

func newWordPairs(spare int) wordPairs { return wordPairs{limit: manyPairs, spare: spare} }

func (s *wordPairs) size() int64 {
	n := s.log.size()
	if s.slots != nil {
		n += s.slots.size()
	}
	if s.bits != nil {
		n += s.bits.size()
	}
	return n
}

// beside is how many pairs are not in bits.
func (s *wordPairs) beside() int {
	if s.slots != nil {
		return s.log.n + s.slots.n
	}
	return s.log.n
}

// noted is how many pairs each goes through.
func (s *wordPairs) noted() int {
	if s.bits != nil {
		return s.beside() + s.bits.n
	}
	return s.beside()
}

// len is the number of pairs. It leaves each of them once.
func (s *wordPairs) len() int {
	s.clean()
	return s.noted()
}

func (s *wordPairs) clean() {
	if s.log.n != s.once {
		s.log.clean()
		s.once = s.log.n
	}
}

// addAll adds pairs.
func (s *wordPairs) addAll(words []uint64, groups []uint32) {
	switch {
	case s.bits != nil:
		s.addBits(words, groups)
	case s.slots != nil:
		s.slots.addAll(words, groups)
	default:
		s.log.addAll(words, groups)
	}
	s.fit()
}

// addGroup adds words of one group.
func (s *wordPairs) addGroup(g uint32, words []uint64) {
	if s.bits == nil && s.slots == nil {
		s.log.addGroup(g, words)
		return
	}
	for _, w := range words {
		s.add(g, w)
	}
}

func (s *wordPairs) add(g uint32, w uint64) {
	if s.bits == nil || !s.bits.set(g, w) {
		s.addBeside(g, w)
	}
}

// addBeside adds a pair that has no bit.
func (s *wordPairs) addBeside(g uint32, w uint64) {
	if s.slots != nil {
		s.slots.add(g, w)
		return
	}
	s.log.add(g, w)
}

// fit looks at the pairs when there are many more.
func (s *wordPairs) fit() {
	noted := s.beside()
	if noted < s.limit {
		return
	}
	s.clean()
	switch again := 2*s.log.n < noted && s.slots == nil; {
	case s.beside() >= manyPairs && s.tryBits():
	case again:
		s.useSlots()
	}
	if s.limit = moreNotes * s.beside(); s.slots != nil {
		s.limit = moreSlots * s.beside()
	}
	s.limit = max(s.limit, manyPairs)
}

// useSlots moves what is noted into slots.
func (s *wordPairs) useSlots() {
	slots := newWordSlots(s.log.n)
	s.log.each(slots.add)
	s.slots, s.log, s.once = &slots, pairLog{}, 0
}

// each calls f for every pair, more than once perhaps unless they are clean.
func (s *wordPairs) each(f func(g uint32, w uint64)) {
	if s.bits != nil {
		s.bits.each(f)
	}
	s.eachBeside(f)
}

// eachBeside is each of the pairs that are not in bits.
func (s *wordPairs) eachBeside(f func(g uint32, w uint64)) {
	if s.slots != nil {
		s.slots.each(f)
	}
	s.log.each(f)
}

// merge adds the pairs of the picked groups (nil: all) of another set, the i-th of which is groups[i] here. byGroup gives the other set's words by group.
func (s *wordPairs) merge(groups, picked []uint32, from *wordPairs, byGroup func() (ends []int32, words []uint64)) {
	defer s.fit()
	if picked == nil {
		s.mergeAll(groups, from)
		return
	}
	ends, words := byGroup()
	if s.bits == nil && s.slots == nil {
		s.log.addPicked(groups, picked, ends, words)
		return
	}
	for i, g := range picked {
		s.addGroup(groups[i], words[ends[g]:ends[g+1]])
	}
}

func (s *wordPairs) mergeAll(groups []uint32, from *wordPairs) {
	add := func(g uint32, w uint64) { s.add(groups[g], w) }
	switch {
	case s.bits == nil && s.slots == nil && from.bits == nil && from.slots == nil:
		s.log.addRenamed(&from.log, groups)
	case s.bits != nil && from.bits != nil && s.mergeBits(groups, from.bits):
		from.eachBeside(add)
	default:
		if s.slots != nil && s.bits == nil {
			s.slots.reserve(from.noted()) // which come in the order of their hashes, and would crowd slots that grow with them
		}
		from.each(add)
	}
}

// list lists all pairs, each once.
func (s *wordPairs) list() (groups []uint32, words []uint64) {
	n := s.len()
	groups, words = make([]uint32, 0, n), make([]uint64, 0, n)
	s.each(func(g uint32, w uint64) { groups, words = append(groups, g), append(words, w) })
	return groups, words
}
