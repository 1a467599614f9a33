package exec

import (
	"fmt"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// newTotals returns sum or avg: exact in 128 bits over integers, decimals and intervals, in float64 over floats.
func newTotals(env *Env, a expr.BoundAggregate) (accumulator, error) {
	if len(a.Args) != 1 {
		return nil, fmt.Errorf("exec: %s of %d arguments", a.Func, len(a.Args))
	}
	switch a.Args[0].Type().ID() {
	case arrow.FLOAT32, arrow.FLOAT64:
		return &floatTotals{env: env, avg: averages(a.Func)}, nil
	default:
		return &totals{env: env, agg: a, avg: averages(a.Func), try: a.Func == "try_sum" || a.Func == "try_avg"}, nil
	}
}

// averages tells avg and its kin from sums.
func averages(function string) bool { return function != "sum" && function != "try_sum" }

// total is a sum of n values in 128 bits. It does not depend on the order of the values; whether it fits the result type is decided at the end.
type total struct {
	lo uint64
	hi int64
	n  int64
}

// add adds another sum. It reports false when even 128 bits are too few.
func (t *total) add(lo uint64, hi, n int64) bool {
	var carry uint64
	before := t.hi
	t.lo, carry = bits.Add64(t.lo, lo, 0)
	t.hi += hi + int64(carry)
	t.n += n
	return (before < 0) != (hi < 0) || (t.hi < 0) == (hi < 0)
}

// addLong adds the sum of n values, which fits 64 bits; 128 are never too few for as many such sums as there can be.
func (t *total) addLong(sum, n int64) {
	var carry uint64
	t.lo, carry = bits.Add64(t.lo, uint64(sum), 0)
	t.hi += sum>>63 + int64(carry)
	t.n += n
}

func (t *total) num() decimal128.Num { return decimal128.New(t.hi, t.lo) }

// fitsInt64 tells whether the sum is an int64.
func (t *total) fitsInt64() bool { return t.hi == int64(t.lo)>>63 }

// totals is sum and avg over integers, decimals and intervals.
type totals struct {
	env *Env
	agg expr.BoundAggregate
	avg bool
	try bool // what does not fit is NULL
	of  []total

	short *shortSums // nil until there are decimals of few groups
	tally *tally     // may be nil
}

// lost is the number of values in a sum that 128 bits were too few for.
const lost = -1 << 62

func (t *totals) grow(n int) { t.of = growTo(t.of, n) }

func (t *totals) update(groups []uint32, rows []int32, args []arrow.Array) error {
	d, null := args[0].Data(), vector.RowNulls(args[0])
	switch args[0].DataType().ID() {
	case arrow.INT8:
		addInts(t.of, arrow.GetValues[int8](d, 1), groups, rows, null)
	case arrow.INT16:
		addInts(t.of, arrow.GetValues[int16](d, 1), groups, rows, null)
	case arrow.INT32, arrow.INTERVAL_MONTHS:
		addInts(t.of, arrow.GetValues[int32](d, 1), groups, rows, null)
	case arrow.INT64, arrow.DURATION:
		addInts(t.of, arrow.GetValues[int64](d, 1), groups, rows, null)
	case arrow.DECIMAL128:
		return t.addDecimals(arrow.GetValues[decimal128.Num](d, 1), groups, rows, null)
	case arrow.NULL:
	default:
		return fmt.Errorf("exec: %s of Arrow type %s", t.agg.Func, args[0].DataType())
	}
	return nil
}

func addInts[T arrow.IntType](of []total, src []T, groups []uint32, rows []int32, null func(int) bool) {
	for i, g := range groups {
		r := at(rows, i)
		if null != nil && null(r) {
			continue
		}
		of[g].addLong(int64(src[r]), 1)
	}
}

// addDecimals adds short decimals for few groups in strides, where it can.
func (t *totals) addDecimals(src []decimal128.Num, groups []uint32, rows []int32, null func(int) bool) error {
	if null != nil || len(t.of) > shortGroups {
		return t.addLongDecimals(src, groups, rows, null, 1)
	}
	if t.short == nil {
		t.short = &shortSums{}
	}
	counts := t.tally.of(groups)
	for g := range t.of {
		t.of[g].n += counts[g]
	}
	for len(groups) > 0 {
		n := min(len(groups), shortRows)
		if !t.short.add(t.of, src, groups[:n], rows[:min(n, len(rows))]) {
			if err := t.addLongDecimals(src, groups[:n], rows[:min(n, len(rows))], nil, 0); err != nil {
				return err
			}
		}
		groups = groups[n:]
		if rows == nil {
			src = src[n:]
		} else {
			rows = rows[n:]
		}
	}
	return nil
}

// addLongDecimals adds decimals of any length, each as the sum of n values.
func (t *totals) addLongDecimals(src []decimal128.Num, groups []uint32, rows []int32, null func(int) bool, n int64) error {
	for i, g := range groups {
		r := at(rows, i)
		if null != nil && null(r) {
			continue
		}
		lo, hi := src[r].LowBits(), src[r].HighBits()
		if hi == int64(lo)>>63 {
			t.of[g].addLong(int64(lo), n)
		} else if err := t.addTo(g, lo, hi, n); err != nil {
			return err
		}
	}
	return nil
}

func (t *totals) absorb(groups []uint32, state []arrow.Array) error {
	sums, ns := arrow.GetValues[decimal128.Num](state[0].Data(), 1), arrow.GetValues[int64](state[1].Data(), 1)
	for i, g := range groups {
		if err := t.addTo(g, sums[i].LowBits(), sums[i].HighBits(), ns[i]); err != nil {
			return err
		}
	}
	return nil
}

func (t *totals) merge(groups, picked []uint32, from accumulator) error {
	for i, g := range groups {
		x := &from.(*totals).of[pick(picked, i)]
		if err := t.addTo(g, x.lo, x.hi, x.n); err != nil {
			return err
		}
	}
	return nil
}

// addTo adds a sum of n values to a group's.
func (t *totals) addTo(g uint32, lo uint64, hi, n int64) error {
	if t.of[g].add(lo, hi, n) {
		return nil
	}
	if !t.try {
		return errOverflow(t.agg)
	}
	t.of[g].n = lost
	return nil
}

func (t *totals) state(picked []uint32) ([]arrow.Array, error) {
	n := pickedLen(picked, len(t.of))
	return []arrow.Array{
		decimals(t.env.Alloc, n, func(i int) decimal128.Num { return t.of[pick(picked, i)].num() }),
		int64s(t.env.Alloc, n, func(i int) int64 { return t.of[pick(picked, i)].n }),
	}, nil
}

func (t *totals) stateTypes() []arrow.DataType {
	return []arrow.DataType{&arrow.Decimal128Type{Precision: 38}, arrow.PrimitiveTypes.Int64}
}

func (t *totals) result(picked []uint32) (arrow.Array, error) {
	if out, ok := t.agg.Typ.(*arrow.Decimal128Type); ok {
		return t.decimals(picked, out)
	}
	b := vector.NewBuilder(t.env.Alloc, t.agg.Typ)
	defer b.Release()
	n := pickedLen(picked, len(t.of))
	b.Reserve(n)
	for i := range n {
		x := &t.of[pick(picked, i)]
		switch {
		case x.n <= 0:
			b.AppendNull()
		case t.try && !t.fits(x):
			b.AppendNull()
		case !t.appendResult(b, x):
			return nil, errOverflow(t.agg)
		}
	}
	return vector.Built(b, t.agg.Typ), nil
}

// fits tells whether the result fits its type.
func (t *totals) fits(x *total) bool {
	switch t.agg.Typ.(type) {
	case *arrow.Float64Type:
		return true
	case *arrow.MonthIntervalType:
		return t.avg || x.fitsInt64() && int64(x.lo) == int64(int32(x.lo))
	}
	return x.fitsInt64()
}

// appendResult reports false when the result does not fit its type.
func (t *totals) appendResult(b array.Builder, x *total) bool {
	if b, ok := b.(*array.Float64Builder); ok {
		b.Append(x.mean())
		return true
	}
	v, ok := int64(x.lo), x.fitsInt64()
	if t.avg && ok {
		v = roundedQuotient(v, x.n)
	}
	switch b := b.(type) {
	case *array.Int64Builder:
		b.Append(v)
	case *array.DurationBuilder:
		b.Append(arrow.Duration(v))
	case *array.MonthIntervalBuilder:
		b.Append(arrow.MonthInterval(v))
		ok = ok && v == int64(int32(v))
	default:
		return false
	}
	return ok
}

func (t *totals) size() int64 { return 24 * int64(cap(t.of)) }
func (t *totals) release()    {}
