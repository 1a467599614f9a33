package exec

import (
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
)

// grouping is the entries of an accumulator that keeps lists, sorted by their group: those of group g are order[ends[g]:ends[g+1]], as they came. It is
// worked out when it is asked for, by several goroutines perhaps, and again only when there are more entries. Entries are only ever added.
type grouping struct {
	mu          sync.Mutex
	n, groups   int
	order, ends []int32
	keys        keys
}

// of returns the grouping of n entries of so many groups, which list lists.
func (s *grouping) of(n, groups int, list func(*keys) []uint32) (order, ends []int32, k *keys) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ends == nil || s.n != n || s.groups != groups {
		s.n, s.groups = n, groups
		s.order, s.ends = grouped(list(&s.keys), groups)
	}
	return s.order, s.ends, &s.keys
}

// grouped sorts the entries 0 … len(of)-1 by their group, keeping their order within it.
func grouped(of []uint32, groups int) (order, ends []int32) {
	ends = make([]int32, groups+1)
	for _, g := range of {
		ends[g+1]++
	}
	for g := range groups {
		ends[g+1] += ends[g]
	}
	next := make([]int32, groups)
	copy(next, ends)
	order = make([]int32, len(of))
	for i, g := range of {
		order[next[g]] = int32(i)
		next[g]++
	}
	return order, ends
}

// listsOf makes lists of what add appends for each entry of the picked groups.
func listsOf(env *Env, t arrow.DataType, picked []uint32, groups int, order, ends []int32, add func(b array.Builder, entry int32)) arrow.Array {
	b := array.NewListBuilder(env.Alloc, t)
	defer b.Release()
	for i := range pickedLen(picked, groups) {
		g := pick(picked, i)
		b.Append(true)
		for _, e := range order[ends[g]:ends[g+1]] {
			add(b.ValueBuilder(), e)
		}
	}
	return b.NewArray()
}

// lists is collect_list: the values that are not NULL, in the order in which they came.
type lists struct {
	alloc  memory.Allocator
	typ    arrow.DataType // of the result
	groups int
	of     []uint32
	refs   []int64
	kept   []arrow.Array
	bytes  int64
	sorted grouping
}

func (x *lists) grouped() (order, ends []int32) {
	order, ends, _ = x.sorted.of(len(x.of), x.groups, func(*keys) []uint32 { return x.of })
	return order, ends
}

func (x *lists) grow(n int) { x.groups = max(x.groups, n) }

func (x *lists) update(groups []uint32, rows []int32, args []arrow.Array) error {
	null := vector.RowNulls(args[0])
	idx := make([]int32, 0, len(groups))
	for i, g := range groups {
		if r := at(rows, i); null == nil || !null(r) {
			x.of, x.refs = append(x.of, g), append(x.refs, vector.Ref(len(x.kept), len(idx)))
			idx = append(idx, int32(r))
		}
	}
	return x.keep(args[0], idx)
}

func (x *lists) keep(values arrow.Array, idx []int32) error {
	if len(idx) == 0 {
		return nil
	}
	taken, err := vector.Take(x.alloc, values, idx)
	if err != nil {
		return err
	}
	defer taken.Release()
	flat, err := vector.Flat(x.alloc, taken)
	if err != nil {
		return err
	}
	x.kept = append(x.kept, flat)
	x.bytes += vector.Size(flat)
	return nil
}

func (x *lists) absorb(groups []uint32, state []arrow.Array) error {
	offs, child := vector.Lists(state[0])
	var idx []int32
	for i, g := range groups {
		for e := offs[i]; e < offs[i+1]; e++ {
			x.of, x.refs = append(x.of, g), append(x.refs, vector.Ref(len(x.kept), len(idx)))
			idx = append(idx, e)
		}
	}
	return x.keep(child, idx)
}

func (x *lists) stateTypes() []arrow.DataType { return []arrow.DataType{x.typ} }

func (x *lists) state(picked []uint32) ([]arrow.Array, error) {
	a, err := x.result(picked)
	return []arrow.Array{a}, err
}

// result is an empty list for a group without values.
func (x *lists) result(picked []uint32) (arrow.Array, error) {
	order, ends := x.grouped()
	n := pickedLen(picked, x.groups)
	var refs []int64
	offs := make([]int32, n+1)
	for i := range n {
		g := pick(picked, i)
		for _, e := range order[ends[g]:ends[g+1]] {
			refs = append(refs, x.refs[e])
		}
		offs[i+1] = int32(len(refs))
	}
	child, err := x.gather(refs)
	if err != nil {
		return nil, err
	}
	defer child.Release()
	return vector.NewList(x.alloc, x.typ, offs, child), nil
}

func (x *lists) gather(refs []int64) (arrow.Array, error) {
	if len(x.kept) == 0 {
		return vector.AllNull(x.alloc, x.typ.(*arrow.ListType).Elem(), 0), nil
	}
	g, err := vector.NewGather(x.alloc, x.kept)
	if err != nil {
		return nil, err
	}
	defer g.Release()
	return g.Take(refs)
}

func (x *lists) size() int64 { return 12*int64(cap(x.of)) + x.bytes }

func (x *lists) release() {
	for _, k := range x.kept {
		k.Release()
	}
	x.kept, x.bytes = nil, 0
}
