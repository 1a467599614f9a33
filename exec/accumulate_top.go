package exec

import (
	"bytes"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// topPicker is max_by and min_by with a number: the values of the rows whose ordering values are the first, in their order. Of equal ones those that came
// first stay.
type topPicker struct {
	env        *Env
	typ        arrow.DataType // of the result
	most       int
	descending bool

	of    [][]topEntry // by group, in order
	kept  []arrow.Array
	rows  int   // in kept
	live  int   // of these, how many are in of
	bytes int64 // of keys
}

// topEntry is a row: its ordering value, encoded, and where its value lies in kept.
type topEntry struct {
	key []byte
	ref int64
}

func newTopPicker(env *Env, a expr.BoundAggregate) (accumulator, error) {
	n, err := constantInt(env, a.Args[2])
	if err != nil {
		return nil, err
	}
	return &topPicker{env: env, typ: a.Typ, most: int(n), descending: a.Func == "max_by"}, nil
}

func (p *topPicker) grow(n int) { p.of = growTo(p.of, n) }

func (p *topPicker) update(groups []uint32, rows []int32, args []arrow.Array) error {
	write, err := newOrderWriter(sortColumn{Array: args[1], descending: p.descending})
	if err != nil {
		return err
	}
	null := vector.RowNulls(args[1])
	var idx []int32
	var buf []byte
	for i, g := range groups {
		r := at(rows, i)
		if null != nil && null(r) {
			continue
		}
		buf = write(buf[:0], r)
		if p.insert(g, buf, vector.Ref(len(p.kept), len(idx))) {
			idx = append(idx, int32(r))
		}
	}
	return p.keep(args[0], idx)
}

// insert takes a row in, unless enough are before it.
func (p *topPicker) insert(g uint32, key []byte, ref int64) bool {
	list := p.of[g]
	place, _ := slices.BinarySearchFunc(list, key, func(e topEntry, k []byte) int {
		if bytes.Compare(e.key, k) <= 0 {
			return -1
		}
		return 1
	})
	if place >= p.most {
		return false
	}
	var own []byte // the memory of the key that drops out
	if len(list) == p.most {
		own = list[p.most-1].key
		p.bytes -= int64(len(own))
		p.live--
		list = list[:p.most-1]
	}
	p.of[g] = slices.Insert(list, place, topEntry{key: append(own[:0], key...), ref: ref})
	p.bytes += int64(len(key))
	p.live++
	return true
}

func (p *topPicker) keep(values arrow.Array, idx []int32) error {
	if len(idx) == 0 {
		return nil
	}
	flat, err := takeFlat(p.env, values, idx)
	if err != nil {
		return err
	}
	p.kept = append(p.kept, flat)
	p.rows += len(idx)
	if p.rows > 3*p.live+MaxRows {
		return p.compact()
	}
	return nil
}

// compact drops the values that were beaten.
func (p *topPicker) compact() error {
	refs := make([]int64, 0, p.live)
	for _, list := range p.of {
		for i := range list {
			refs = append(refs, list[i].ref)
			list[i].ref = vector.Ref(0, len(refs)-1)
		}
	}
	all, err := p.gather(refs)
	if err != nil {
		return err
	}
	p.release()
	p.kept, p.rows = []arrow.Array{all}, all.Len()
	return nil
}

func (p *topPicker) gather(refs []int64) (arrow.Array, error) {
	if len(p.kept) == 0 {
		return vector.AllNull(p.env.Alloc, p.typ.(*arrow.ListType).Elem(), 0), nil
	}
	g, err := vector.NewGather(p.env.Alloc, p.kept)
	if err != nil {
		return nil, err
	}
	defer g.Release()
	return g.Take(refs)
}

// lists are the picked groups' values, end to end, and where each group's begin.
func (p *topPicker) lists(picked []uint32) (values arrow.Array, offs []int32, err error) {
	n := pickedLen(picked, len(p.of))
	offs = make([]int32, n+1)
	var refs []int64
	for i := range n {
		for _, e := range p.of[pick(picked, i)] {
			refs = append(refs, e.ref)
		}
		offs[i+1] = int32(len(refs))
	}
	values, err = p.gather(refs)
	return values, offs, err
}

// result is NULL for a group without rows.
func (p *topPicker) result(picked []uint32) (arrow.Array, error) {
	values, offs, err := p.lists(picked)
	if err != nil {
		return nil, err
	}
	defer values.Release()
	all := vector.NewList(p.env.Alloc, p.typ, offs, values)
	defer all.Release()
	idx := make([]int32, len(offs)-1)
	for i := range idx {
		if idx[i] = int32(i); offs[i+1] == offs[i] {
			idx[i] = -1
		}
	}
	return vector.Take(p.env.Alloc, all, idx)
}

// The state is the list of a group's values and that of their encoded ordering values.
func (p *topPicker) stateTypes() []arrow.DataType {
	return []arrow.DataType{p.typ, arrow.ListOfNonNullable(arrow.BinaryTypes.Binary)}
}

func (p *topPicker) state(picked []uint32) ([]arrow.Array, error) {
	values, offs, err := p.lists(picked)
	if err != nil {
		return nil, err
	}
	defer values.Release()
	b := array.NewListBuilder(p.env.Alloc, arrow.BinaryTypes.Binary)
	defer b.Release()
	for i := range len(offs) - 1 {
		b.Append(true)
		for _, e := range p.of[pick(picked, i)] {
			b.ValueBuilder().(*array.BinaryBuilder).Append(e.key)
		}
	}
	return []arrow.Array{vector.NewList(p.env.Alloc, p.typ, offs, values), b.NewArray()}, nil
}

func (p *topPicker) absorb(groups []uint32, state []arrow.Array) error {
	offs, values := vector.Lists(state[0])
	keyAt, keys := vector.Lists(state[1])
	pos, data := vector.Strings(keys)
	var idx []int32
	for i, g := range groups {
		for j := range offs[i+1] - offs[i] {
			k := keyAt[i] + j
			if p.insert(g, data[pos[k]:pos[k+1]], vector.Ref(len(p.kept), len(idx))) {
				idx = append(idx, offs[i]+j)
			}
		}
	}
	return p.keep(values, idx)
}

func (p *topPicker) size() int64 {
	n := 24*int64(cap(p.of)) + 32*int64(p.live) + p.bytes
	for _, k := range p.kept {
		n += vector.Size(k)
	}
	return n
}

func (p *topPicker) release() {
	for _, k := range p.kept {
		k.Release()
	}
	p.kept, p.rows = nil, 0
}
