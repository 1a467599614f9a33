package exec

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// distinct feeds another accumulator with each distinct row of arguments once per group. Rows with a NULL among the arguments do not count. Counting
// alone needs no other accumulator.
type distinct struct {
	env   *Env
	codec *keyCodec
	agg   expr.BoundAggregate // without DISTINCT
	count bool

	groups int
	seen   pairSet
	hash   []uint64
	keys   keys
}

func newDistinct(env *Env, a expr.BoundAggregate) (accumulator, error) {
	if len(a.Args) == 0 {
		return nil, fmt.Errorf("exec: %s(DISTINCT) without arguments", a.Func)
	}
	d := &distinct{env: env, agg: a, count: a.Func == "count"}
	d.agg.Distinct = false
	if a.Func == "collect_set" {
		d.agg.Func = "collect_list"
	}
	if !d.count {
		probe, err := newAccumulator(env, d.agg)
		if err != nil {
			return nil, err
		}
		probe.release()
	}
	types := make([]arrow.DataType, d.arity())
	for i := range types {
		types[i] = a.Args[i].Type()
	}
	codec, err := newKeyCodec(types)
	if err != nil {
		return nil, err
	}
	d.codec = codec
	d.seen = newPairSet(codec.mode == oneWord || codec.mode == packedWord)
	return d, nil
}

// arity is how many arguments make a row distinct: a percentile's percentage is a constant.
func (d *distinct) arity() int {
	if d.agg.Func == "percentile" {
		return 1
	}
	return len(d.agg.Args)
}

func (d *distinct) grow(n int) { d.groups = max(d.groups, n) }

func (d *distinct) update(groups []uint32, rows []int32, args []arrow.Array) error {
	args = args[:d.arity()]
	n := len(groups)
	if null := anyNull(args); null != nil {
		kept, of := make([]int32, 0, n), make([]uint32, 0, n)
		for i, g := range groups {
			if r := at(rows, i); !null(r) {
				kept, of = append(kept, int32(r)), append(of, g)
			}
		}
		rows, groups = kept, of
	}
	if len(groups) == 0 {
		return nil
	}
	if err := d.codec.encode(args, n, rows, &d.keys); err != nil {
		return err
	}
	d.seen.addKeys(&d.keys, groups)
	return nil
}

// The state is the list of a group's distinct keys, encoded.
func (d *distinct) stateTypes() []arrow.DataType {
	if d.seen.wide {
		return []arrow.DataType{arrow.ListOfNonNullable(arrow.BinaryTypes.Binary)}
	}
	return []arrow.DataType{arrow.ListOfNonNullable(arrow.PrimitiveTypes.Uint64)}
}

func (d *distinct) state(picked []uint32) ([]arrow.Array, error) {
	order, ends := grouped(d.seen.group, d.groups)
	b := array.NewListBuilder(d.env.Alloc, d.stateTypes()[0].(*arrow.ListType).Elem())
	defer b.Release()
	for i := range pickedLen(picked, d.groups) {
		g := pick(picked, i)
		b.Append(true)
		for _, e := range order[ends[g]:ends[g+1]] {
			if d.seen.wide {
				b.ValueBuilder().(*array.BinaryBuilder).Append(d.seen.bytes(int(e)))
			} else {
				b.ValueBuilder().(*array.Uint64Builder).Append(d.seen.words[e])
			}
		}
	}
	return []arrow.Array{b.NewArray()}, nil
}

func (d *distinct) absorb(groups []uint32, state []arrow.Array) error {
	offs, child := vector.Lists(state[0])
	if d.seen.wide {
		at, data := vector.Strings(child)
		for i, g := range groups {
			for e := offs[i]; e < offs[i+1]; e++ {
				d.seen.addBytes(g, data[at[e]:at[e+1]])
			}
		}
		return nil
	}
	words := arrow.GetValues[uint64](child.Data(), 1)
	for i, g := range groups {
		for _, w := range words[offs[i]:offs[i+1]] {
			d.seen.addWord(g, w)
		}
	}
	return nil
}

func (d *distinct) result(picked []uint32) (arrow.Array, error) {
	if d.count {
		n := make([]int64, d.groups)
		for _, g := range d.seen.group {
			n[g]++
		}
		return int64s(d.env.Alloc, pickedLen(picked, d.groups), func(i int) int64 { return n[pick(picked, i)] }), nil
	}
	inner, err := newAccumulator(d.env, d.agg)
	if err != nil {
		return nil, err
	}
	defer inner.release()
	inner.grow(d.groups)
	var k keys
	d.seen.keys(&k)
	args, err := d.codec.decode(d.env.Alloc, &k)
	if err != nil {
		return nil, err
	}
	defer releaseAll(args)
	if err := inner.update(d.seen.group, nil, args); err != nil {
		return nil, err
	}
	return inner.result(picked)
}

func (d *distinct) size() int64 { return d.seen.size() }
func (d *distinct) release()    {}

// pairSet is a set of pairs of a group and a key, which is a word or bytes. Pairs are numbered in the order in which they came.
type pairSet struct {
	slots []uint64 // as in table
	group []uint32
	hash  []uint64
	words []uint64
	pos   []int64
	data  []byte
	wide  bool
}

func newPairSet(words bool) pairSet {
	return pairSet{slots: make([]uint64, firstSlots), wide: !words, pos: []int64{0}}
}

func (s *pairSet) size() int64 {
	return 8*int64(cap(s.slots)+cap(s.hash)+cap(s.words)+cap(s.pos)) + 4*int64(cap(s.group)) + int64(cap(s.data))
}

func (s *pairSet) bytes(i int) []byte { return s.data[s.pos[i]:s.pos[i+1]] }

func (s *pairSet) addKeys(k *keys, groups []uint32) {
	for i, g := range groups {
		if s.wide {
			s.addBytes(g, k.data[k.pos[i]:k.pos[i]+int64(k.size[i])])
		} else {
			s.addWord(g, k.words[i])
		}
	}
}

func (s *pairSet) addWord(g uint32, w uint64) {
	h := vector.HashWord(w, uint64(g))
	mask := uint64(len(s.slots) - 1)
	for p := h & mask; ; p = (p + 1) & mask {
		x := s.slots[p]
		if x == 0 {
			s.add(p, h, g)
			s.words = append(s.words, w)
			s.fit()
			return
		}
		if id := uint32(x) - 1; x>>32 == h>>32 && s.words[id] == w && s.group[id] == g {
			return
		}
	}
}

func (s *pairSet) addBytes(g uint32, key []byte) {
	h := vector.HashWord(vector.HashBytes(key), uint64(g))
	mask := uint64(len(s.slots) - 1)
	for p := h & mask; ; p = (p + 1) & mask {
		x := s.slots[p]
		if x == 0 {
			s.add(p, h, g)
			s.data = append(s.data, key...)
			s.pos = append(s.pos, int64(len(s.data)))
			s.fit()
			return
		}
		if id := uint32(x) - 1; x>>32 == h>>32 && s.group[id] == g && string(s.bytes(int(id))) == string(key) {
			return
		}
	}
}

func (s *pairSet) add(slot, h uint64, g uint32) {
	s.hash, s.group = append(s.hash, h), append(s.group, g)
	s.slots[slot] = h>>32<<32 | uint64(len(s.hash))
}

func (s *pairSet) fit() {
	if 2*len(s.hash) > len(s.slots) {
		s.slots = slotsFor(s.hash, 2*len(s.slots))
	}
}

// keys points k at the keys without their groups, to be decoded. Hashes serve only to tell a NULL there, and there is none among them.
func (s *pairSet) keys(k *keys) {
	k.hash, k.words, k.data = make([]uint64, len(s.hash)), s.words, s.data
	if s.wide {
		k.pos, k.size = s.pos[:len(s.hash)], make([]int32, len(s.hash))
		for i := range k.size {
			k.size[i] = int32(s.pos[i+1] - s.pos[i])
		}
	}
}
