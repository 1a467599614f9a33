package exec

import (
	"fmt"
	"math"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
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

// percentiles is percentile and median: exact, with linear interpolation between the two nearest values. It keeps every value.
type percentiles struct {
	env    *Env
	p      float64
	groups int
	of     []uint32
	values []uint64 // order words of doubles
	sorted grouping
}

func (x *percentiles) grouped() (order, ends []int32) {
	order, ends, _ = x.sorted.of(len(x.of), x.groups, func(*keys) []uint32 { return x.of })
	return order, ends
}

func newPercentiles(env *Env, a expr.BoundAggregate) (accumulator, error) {
	x := &percentiles{env: env, p: 0.5}
	if a.Func == "percentile" {
		if len(a.Args) != 2 {
			return nil, fmt.Errorf("exec: percentile of %d arguments, want a value and a percentage", len(a.Args))
		}
		p, err := constantFloat(env, a.Args[1])
		if err != nil {
			return nil, fmt.Errorf("exec: percentile: %w", err)
		}
		if !(p >= 0 && p <= 1) {
			return nil, &expr.Error{
				Class: "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE", SQLState: "42K09", Line: a.Line, Column: a.Column,
				Message: fmt.Sprintf("the percentage must be between 0.0 and 1.0, it is %v", p),
			}
		}
		x.p = p
	}
	return x, nil
}

func (x *percentiles) grow(n int) { x.groups = max(x.groups, n) }

func (x *percentiles) update(groups []uint32, rows []int32, args []arrow.Array) error {
	values, err := doubles(args[0])
	if err != nil {
		return err
	}
	null := vector.RowNulls(args[0])
	for i, g := range groups {
		if r := at(rows, i); null == nil || !null(r) {
			x.of, x.values = append(x.of, g), append(x.values, floatOrder(values[r]))
		}
	}
	return nil
}

func (x *percentiles) absorb(groups []uint32, state []arrow.Array) error {
	offs, child := vector.Lists(state[0])
	words := arrow.GetValues[uint64](child.Data(), 1)
	for i, g := range groups {
		for _, w := range words[offs[i]:offs[i+1]] {
			x.of, x.values = append(x.of, g), append(x.values, w)
		}
	}
	return nil
}

func (x *percentiles) stateTypes() []arrow.DataType {
	return []arrow.DataType{arrow.ListOfNonNullable(arrow.PrimitiveTypes.Uint64)}
}

func (x *percentiles) state(picked []uint32) ([]arrow.Array, error) {
	order, ends := x.grouped()
	b := array.NewListBuilder(x.env.Alloc, arrow.PrimitiveTypes.Uint64)
	defer b.Release()
	values := b.ValueBuilder().(*array.Uint64Builder)
	for i := range pickedLen(picked, x.groups) {
		g := pick(picked, i)
		b.Append(true)
		for _, e := range order[ends[g]:ends[g+1]] {
			values.Append(x.values[e])
		}
	}
	return []arrow.Array{b.NewArray()}, nil
}

func (x *percentiles) result(picked []uint32) (arrow.Array, error) {
	order, ends := x.grouped()
	var scratch []uint64
	return float64s(x.env.Alloc, pickedLen(picked, x.groups), func(i int) (float64, bool) {
		g := pick(picked, i)
		scratch = scratch[:0]
		for _, e := range order[ends[g]:ends[g+1]] {
			scratch = append(scratch, x.values[e])
		}
		if len(scratch) == 0 {
			return 0, false
		}
		return interpolate(scratch, x.p), true
	}), nil
}

func (x *percentiles) size() int64 { return 4*int64(cap(x.of)) + 8*int64(cap(x.values)) }
func (x *percentiles) release()    {}

// interpolate is the p-th percentile of words, which it reorders.
func interpolate(words []uint64, p float64) float64 {
	place := p * float64(len(words)-1)
	k := int(place)
	selectNth(words, k)
	low := floatOfOrder(words[k])
	fraction := place - float64(k)
	if fraction == 0 || k+1 >= len(words) {
		return low
	}
	next := words[k+1]
	for _, w := range words[k+2:] {
		next = min(next, w)
	}
	high := floatOfOrder(next)
	if low == high {
		return low
	}
	return (1-fraction)*low + fraction*high
}

// selectNth puts the k-th smallest word at place k, smaller or equal ones before it and greater or equal ones behind (Hoare's selection).
func selectNth(w []uint64, k int) {
	for lo, hi := 0, len(w)-1; lo < hi; {
		pivot := median3(w[lo], w[lo+(hi-lo)/2], w[hi])
		i, j := lo, hi
		for i <= j {
			for w[i] < pivot {
				i++
			}
			for w[j] > pivot {
				j--
			}
			if i <= j {
				w[i], w[j] = w[j], w[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return
		}
	}
}

func median3(a, b, c uint64) uint64 { return max(min(a, b), min(max(a, b), c)) }

// doubles reads a numeric column as float64; a DOUBLE column as it is.
func doubles(a arrow.Array) ([]float64, error) {
	d := a.Data()
	switch t := a.DataType().(type) {
	case *arrow.Float64Type:
		return arrow.GetValues[float64](d, 1), nil
	case *arrow.Float32Type:
		return toDoubles(arrow.GetValues[float32](d, 1)), nil
	case *arrow.Int64Type:
		return toDoubles(arrow.GetValues[int64](d, 1)), nil
	case *arrow.Int32Type:
		return toDoubles(arrow.GetValues[int32](d, 1)), nil
	case *arrow.Int16Type:
		return toDoubles(arrow.GetValues[int16](d, 1)), nil
	case *arrow.Int8Type:
		return toDoubles(arrow.GetValues[int8](d, 1)), nil
	case *arrow.NullType:
		return make([]float64, a.Len()), nil
	case *arrow.Decimal128Type:
		src := arrow.GetValues[decimal128.Num](d, 1)
		out, unit := make([]float64, len(src)), math.Pow10(int(t.Scale))
		for i, v := range src {
			out[i] = v.ToFloat64(0) / unit
		}
		return out, nil
	default:
		return nil, fmt.Errorf("exec: values of Arrow type %s are no numbers", a.DataType())
	}
}

func toDoubles[T int8 | int16 | int32 | int64 | float32](src []T) []float64 {
	out := make([]float64, len(src))
	for i, v := range src {
		out[i] = float64(v)
	}
	return out
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
		return array.MakeArrayOfNull(x.alloc, x.typ.(*arrow.ListType).Elem(), 0), nil
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
