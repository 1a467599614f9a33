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
	values     pairLog  // order words of doubles, inverted for a descending order
	counts     *pairLog // how often each value counts; nil: once
	byGroup    groupedWords
	countsOf   groupedWords
	words      []uint64
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
		x.counts = &pairLog{}
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
	null := vector.RowNulls(args[0])
	words := x.words[:0]
	if null == nil {
		for i := range groups {
			words = append(words, x.word(values[at(rows, i)]))
		}
		x.words = words
		x.values.addAll(words, groups)
		return nil
	}
	for i, g := range groups {
		if r := at(rows, i); !null(r) {
			x.values.add(g, x.word(values[r]))
		}
	}
	return nil
}

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
			x.values.add(g, x.word(values[r]))
			x.counts.add(g, uint64(times[r]))
		}
	}
	return nil
}

func (x *percentiles) absorb(groups []uint32, state []arrow.Array) error {
	addLists(&x.values, groups, state[0])
	if x.counts != nil {
		addLists(x.counts, groups, state[1])
	}
	return nil
}

// addLists adds lists of words, the i-th of which belongs to groups[i].
func addLists(to *pairLog, groups []uint32, lists arrow.Array) {
	offs, child := vector.Lists(lists)
	words := arrow.GetValues[uint64](child.Data(), 1)
	for i, g := range groups {
		to.addGroup(g, words[offs[i]:offs[i+1]])
	}
}

func (x *percentiles) merge(groups, picked []uint32, other accumulator) error {
	from := other.(*percentiles)
	mergeLogs(&x.values, &from.values, groups, picked, from.grouped)
	if x.counts != nil {
		mergeLogs(x.counts, from.counts, groups, picked, from.groupedCounts)
	}
	return nil
}

// mergeLogs adds the words of the picked groups (nil: all) of another log, the i-th of which is groups[i] here.
func mergeLogs(to, from *pairLog, groups, picked []uint32, byGroup func() (ends []int32, words []uint64)) {
	if picked == nil {
		to.addRenamed(from, groups)
		return
	}
	ends, words := byGroup()
	to.addPicked(groups, picked, ends, words)
}

func (x *percentiles) stateTypes() []arrow.DataType {
	types := []arrow.DataType{arrow.ListOfNonNullable(arrow.PrimitiveTypes.Uint64)}
	if x.counts != nil {
		types = append(types, types[0])
	}
	return types
}

// grouped are the values by group, groupedCounts how often each of them counts.
func (x *percentiles) grouped() (ends []int32, words []uint64) {
	return x.byGroup.of(x.values.n, x.groups, x.values.each)
}

func (x *percentiles) groupedCounts() (ends []int32, words []uint64) {
	return x.countsOf.of(x.counts.n, x.groups, x.counts.each)
}

func (x *percentiles) state(picked []uint32) ([]arrow.Array, error) {
	ends, words := x.grouped()
	cols := []arrow.Array{wordLists(x.env, picked, ends, words)}
	if x.counts != nil {
		ends, words = x.groupedCounts()
		cols = append(cols, wordLists(x.env, picked, ends, words))
	}
	return cols, nil
}

// wordLists makes lists of the words of the picked groups (nil: all).
func wordLists(env *Env, picked []uint32, ends []int32, words []uint64) arrow.Array {
	b := array.NewListBuilder(env.Alloc, arrow.PrimitiveTypes.Uint64)
	defer b.Release()
	values := b.ValueBuilder().(*array.Uint64Builder)
	for i := range pickedLen(picked, len(ends)-1) {
		g := pick(picked, i)
		b.Append(true)
		values.AppendValues(words[ends[g]:ends[g+1]], nil)
	}
	return b.NewArray()
}

func (x *percentiles) result(picked []uint32) (arrow.Array, error) {
	ends, words := x.grouped()
	var times, scratch []uint64
	if x.counts != nil {
		_, times = x.groupedCounts()
	}
	return percentileColumn(x.env, x.agg.Typ, pickedLen(picked, x.groups), len(x.ps), func(i int) func(k int) float64 {
		g := pick(picked, i)
		from, to := ends[g], ends[g+1]
		if from == to {
			return nil
		}
		if x.counts != nil {
			return x.weighted(words[from:to], times[from:to])
		}
		scratch = append(scratch[:0], words[from:to]...)
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

// weighted is among for words that count more than once, each as often as times says.
func (x *percentiles) weighted(words, times []uint64) func(k int) float64 {
	sorted := make([]int, len(words))
	total := int64(0)
	for i := range sorted {
		sorted[i] = i
		total += int64(times[i])
	}
	slices.SortFunc(sorted, func(a, b int) int { return cmp.Compare(words[a], words[b]) })
	at := func(place int64) float64 {
		for _, i := range sorted {
			if place -= int64(times[i]); place < 0 {
				return x.double(words[i])
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
	n := x.values.size() + 8*int64(cap(x.words))
	if x.counts != nil {
		n += x.counts.size()
	}
	return n
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
