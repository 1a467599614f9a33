package exec

import (
	"cmp"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// percentiles is percentile, median, percentile_cont and percentile_disc: exact. It keeps every value.
type percentiles struct {
	env        *Env
	agg        expr.BoundAggregate
	ps         []float64
	descending bool
	discrete   bool
	groups     int
	of         []uint32
	values     []uint64 // order words of doubles, inverted for a descending order
	counts     []int64  // how often each value counts; nil: once
	sorted     grouping
}

func newPercentiles(env *Env, a expr.BoundAggregate) (accumulator, error) {
	x := &percentiles{env: env, agg: a, ps: []float64{0.5}, discrete: a.Func == "percentile_disc"}
	if a.Func == "median" {
		return x, nil
	}
	var err error
	if x.ps, err = constantFloats(env, a.Args[1]); err != nil {
		return nil, err
	}
	if keys, _ := a.WithinKeys(); keys != nil {
		x.descending = keys[0].Descending
	} else if len(a.Args) > 2 {
		x.counts = []int64{}
	}
	return x, nil
}

func (x *percentiles) grow(n int) { x.groups = max(x.groups, n) }

func (x *percentiles) update(groups []uint32, rows []int32, args []arrow.Array) error {
	values, err := doubles(args[0])
	if err != nil {
		return err
	}
	if x.counts != nil {
		return x.updateCounted(groups, rows, values, args)
	}
	x.reserve(len(groups))
	null := vector.RowNulls(args[0])
	for i, g := range groups {
		if r := at(rows, i); null == nil || !null(r) {
			x.of, x.values = append(x.of, g), append(x.values, x.word(values[r]))
		}
	}
	return nil
}

// reserve makes room for n more values.
func (x *percentiles) reserve(n int) { x.of, x.values = doubled(x.of, n), doubled(x.values, n) }

func (x *percentiles) word(v float64) uint64 {
	if x.descending {
		return ^floatOrder(v)
	}
	return floatOrder(v)
}

func (x *percentiles) double(word uint64) float64 {
	if x.descending {
		word = ^word
	}
	return floatOfOrder(word)
}

// updateCounted adds values with how often each counts; 0 and NULL are not at all.
func (x *percentiles) updateCounted(groups []uint32, rows []int32, values []float64, args []arrow.Array) error {
	null, times := anyNull([]arrow.Array{args[0], args[2]}), arrow.GetValues[int64](args[2].Data(), 1)
	for i, g := range groups {
		r := at(rows, i)
		switch {
		case null != nil && null(r) || times[r] == 0:
		case times[r] < 0:
			return &expr.Error{
				Class: "NEGATIVE_VALUES_IN_FREQUENCY_EXPRESSION", SQLState: "22003", Line: x.agg.Line, Column: x.agg.Column,
				Message: "a frequency of percentile is negative", Hint: "leave such rows out",
			}
		default:
			x.of, x.values, x.counts = append(x.of, g), append(x.values, x.word(values[r])), append(x.counts, times[r])
		}
	}
	return nil
}

func (x *percentiles) absorb(groups []uint32, state []arrow.Array) error {
	offs, child := vector.Lists(state[0])
	words := arrow.GetValues[uint64](child.Data(), 1)
	var times []int64
	var first int32
	if x.counts != nil {
		at, counts := vector.Lists(state[1])
		times, first = arrow.GetValues[int64](counts.Data(), 1), at[0]-offs[0]
	}
	for i, g := range groups {
		for e := offs[i]; e < offs[i+1]; e++ {
			x.of, x.values = append(x.of, g), append(x.values, words[e])
			if x.counts != nil {
				x.counts = append(x.counts, times[first+e])
			}
		}
	}
	return nil
}

func (x *percentiles) merge(groups, picked []uint32, other accumulator) error {
	from := other.(*percentiles)
	order, ends := from.grouped()
	for i, g := range groups {
		p := pick(picked, i)
		entries := order[ends[p]:ends[p+1]]
		x.reserve(len(entries))
		for _, e := range entries {
			x.of, x.values = append(x.of, g), append(x.values, from.values[e])
			if x.counts != nil {
				x.counts = append(x.counts, from.counts[e])
			}
		}
	}
	return nil
}

func (x *percentiles) stateTypes() []arrow.DataType {
	types := []arrow.DataType{arrow.ListOfNonNullable(arrow.PrimitiveTypes.Uint64)}
	if x.counts != nil {
		types = append(types, arrow.ListOfNonNullable(arrow.PrimitiveTypes.Int64))
	}
	return types
}

func (x *percentiles) grouped() (order, ends []int32) {
	order, ends, _ = x.sorted.of(len(x.of), x.groups, func(*keys) []uint32 { return x.of })
	return order, ends
}

func (x *percentiles) state(picked []uint32) ([]arrow.Array, error) {
	order, ends := x.grouped()
	cols := []arrow.Array{listsOf(x.env, arrow.PrimitiveTypes.Uint64, picked, x.groups, order, ends, func(b array.Builder, e int32) {
		b.(*array.Uint64Builder).Append(x.values[e])
	})}
	if x.counts != nil {
		cols = append(cols, listsOf(x.env, arrow.PrimitiveTypes.Int64, picked, x.groups, order, ends, func(b array.Builder, e int32) {
			b.(*array.Int64Builder).Append(x.counts[e])
		}))
	}
	return cols, nil
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

func (x *percentiles) result(picked []uint32) (arrow.Array, error) {
	order, ends := x.grouped()
	var scratch []uint64
	return percentileColumn(x.env, x.agg.Typ, pickedLen(picked, x.groups), len(x.ps), func(i int) func(k int) float64 {
		g := pick(picked, i)
		entries := order[ends[g]:ends[g+1]]
		if len(entries) == 0 {
			return nil
		}
		if x.counts != nil {
			return x.weighted(entries)
		}
		scratch = scratch[:0]
		for _, e := range entries {
			scratch = append(scratch, x.values[e])
		}
		return func(k int) float64 { return x.among(scratch, x.ps[k]) }
	})
}

// among is the p-th percentile of words, which it reorders.
func (x *percentiles) among(words []uint64, p float64) float64 {
	low, high, place := x.places(int64(len(words)), p)
	selectNth(words, int(low))
	first := words[low]
	if high == low {
		return x.double(first)
	}
	return between(place, x.double(first), x.double(slices.Min(words[high:])))
}

// places are the two places, from 0, that a percentage lies between among n values, and where it lies. They are one for percentile_disc.
func (x *percentiles) places(n int64, p float64) (low, high int64, place float64) {
	if x.discrete {
		low = max(int64(math.Ceil(p*float64(n))), 1) - 1
		return low, low, float64(low)
	}
	place = p * float64(n-1)
	return int64(math.Floor(place)), int64(math.Ceil(place)), place
}

// between interpolates.
func between(place, low, high float64) float64 {
	if low == high {
		return low
	}
	return (math.Ceil(place)-place)*low + (place-math.Floor(place))*high
}

// weighted is among for entries that count more than once.
func (x *percentiles) weighted(entries []int32) func(k int) float64 {
	sorted := slices.Clone(entries)
	slices.SortFunc(sorted, func(a, b int32) int { return cmp.Compare(x.values[a], x.values[b]) })
	total := int64(0)
	for _, e := range sorted {
		total += x.counts[e]
	}
	at := func(place int64) float64 {
		for _, e := range sorted {
			if place -= x.counts[e]; place < 0 {
				return x.double(x.values[e])
			}
		}
		return 0
	}
	return func(k int) float64 {
		low, high, place := x.places(total, x.ps[k])
		if low == high {
			return at(low)
		}
		return between(place, at(low), at(high))
	}
}

func (x *percentiles) size() int64 {
	return 4*int64(cap(x.of)) + 8*int64(cap(x.values)) + 8*int64(cap(x.counts))
}
func (x *percentiles) release() {}

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
