package kernel

import (
	"math/bits"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// MightContain is a function that no query can write: MightContain(name, key) tells whether a key is among those that a KeySet of that name holds. It may
// say so of a key that is not; without a set of the name it says so of all. It is NULL for NULL. Engines put it into plans while these run, to leave out
// rows early that a join would leave out.
const MightContain = "might_contain"

// MightContainCall is the condition that key is in the set called name.
func MightContainCall(name string, key expr.Bound) expr.Bound {
	text := expr.BoundLiteral{Value: name, Typ: arrow.BinaryTypes.String}
	return expr.BoundCall{Func: MightContain, Args: []expr.Bound{text, key}, Typ: arrow.FixedWidthTypes.Boolean, Null: key.Nullable()}
}

// KeySets holds sets of keys by name, for the expressions of one run. It is safe for concurrent use.
type KeySets struct {
	mu   sync.Mutex
	sets map[string]*KeySet
}

// Put makes a set known under a name that none has yet.
func (k *KeySets) Put(name string, set *KeySet) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.sets == nil {
		k.sets = map[string]*KeySet{}
	}
	k.sets[name] = set
}

// Drop forgets a set.
func (k *KeySets) Drop(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.sets, name)
}

func (k *KeySets) get(name string) *KeySet {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.sets[name]
}

// KeySet is a set of integers, dates, timestamps or texts: one bit for each number between the least and the greatest where that is not too much, else a
// Bloom filter of one word per lookup. NULL is in no set.
type KeySet struct {
	keys      int   // that were added; in a Bloom filter equal ones several times
	low, high int64 // of integers; low > high: there are none
	dense     []uint64
	bloom     []uint64
}

const (
	denseBits = 64      // a key, that a dense set may take
	bloomBits = 16      // a key, that a Bloom filter takes
	freeDense = 1 << 23 // bits, that it may take however few keys there are: what still stays in a cache
	maxDense  = 1 << 28 // bits
)

// NewKeySet is the set of the rows of a column, given in pieces. It is nil where the type has no sets.
func NewKeySet(pieces []arrow.Array) (*KeySet, error) {
	if len(pieces) == 0 {
		return &KeySet{low: 1}, nil
	}
	t := pieces[0].DataType()
	if !isInteger(t) && t.ID() != arrow.STRING && t.ID() != arrow.DICTIONARY {
		return nil, nil
	}
	s := &KeySet{low: 1}
	for _, p := range pieces {
		s.keys += p.Len() - p.NullN()
	}
	if isInteger(t) {
		s.addIntegers(pieces)
		return s, nil
	}
	return s, s.addHashes(pieces)
}

// Keys is about how many keys there are, and at least as many.
func (s *KeySet) Keys() int { return s.keys }

// Range is the least and the greatest key of a set of integers; ok is false for others.
func (s *KeySet) Range() (low, high int64, ok bool) { return s.low, s.high, s.low <= s.high }

func (s *KeySet) addIntegers(pieces []arrow.Array) {
	first := true
	each(pieces, func(v int64) {
		if first || v < s.low {
			s.low = v
		}
		if first || v > s.high {
			s.high = v
		}
		first = false
	})
	span := uint64(s.high) - uint64(s.low)
	if first {
		return
	}
	if span < maxDense && span <= uint64(s.keys)*denseBits+freeDense {
		s.dense = make([]uint64, span/64+1)
		each(pieces, func(v int64) {
			d := uint64(v) - uint64(s.low)
			s.dense[d/64] |= 1 << (d % 64)
		})
		s.keys = 0
		for _, w := range s.dense {
			s.keys += bits.OnesCount64(w)
		}
		return
	}
	s.makeBloom()
	each(pieces, func(v int64) { s.add(hashInteger(v)) })
}

func hashInteger(v int64) uint64 { return vector.HashWord(uint64(v), 0) }

// each calls f with every value that is not NULL.
func each(pieces []arrow.Array, f func(int64)) {
	for _, p := range pieces {
		null := vector.RowNulls(p)
		integers(vec{arr: p}, func(at func(int) int64) {
			for i := range p.Len() {
				if null == nil || !null(i) {
					f(at(i))
				}
			}
		})
	}
}

// integers hands a column of integers over as int64.
func integers(v vec, use func(at func(int) int64)) {
	switch v.arr.DataType().ID() {
	case arrow.INT8:
		a := valuesOf[int8](v)
		use(func(i int) int64 { return int64(a.at(i)) })
	case arrow.INT16:
		a := valuesOf[int16](v)
		use(func(i int) int64 { return int64(a.at(i)) })
	case arrow.INT32, arrow.DATE32:
		a := valuesOf[int32](v)
		use(func(i int) int64 { return int64(a.at(i)) })
	default:
		a := valuesOf[int64](v)
		use(a.at)
	}
}

func (s *KeySet) addHashes(pieces []arrow.Array) error {
	s.makeBloom()
	for _, p := range pieces {
		hashes := make([]uint64, p.Len())
		if err := vector.Hash([]arrow.Array{p}, nil, 0, hashes); err != nil {
			return err
		}
		null := vector.RowNulls(p)
		for i, h := range hashes {
			if null == nil || !null(i) {
				s.add(h)
			}
		}
	}
	return nil
}

func (s *KeySet) makeBloom() {
	words := max(uint64(s.keys)*bloomBits/64, 1)
	s.bloom = make([]uint64, 1<<bits.Len64(words-1))
}

// add sets four bits of one word: the upper bits of the hash choose the word, the lower ones the bits.
func (s *KeySet) add(h uint64) { s.bloom[s.word(h)] |= bloomPattern(h) }

func (s *KeySet) word(h uint64) uint64 { return h >> 32 & uint64(len(s.bloom)-1) }

func bloomPattern(h uint64) uint64 {
	return 1<<(h&63) | 1<<(h>>6&63) | 1<<(h>>12&63) | 1<<(h>>18&63)
}

func (s *KeySet) hasHash(h uint64) bool {
	p := bloomPattern(h)
	return s.bloom[s.word(h)]&p == p
}

func (s *KeySet) hasInteger(v int64) bool {
	if v < s.low || v > s.high {
		return false
	}
	if s.dense == nil {
		return s.hasHash(hashInteger(v))
	}
	d := uint64(v) - uint64(s.low)
	return s.dense[d/64]>>(d%64)&1 != 0
}
