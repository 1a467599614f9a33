package kernel

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/simd"
)

// relation is one of the six comparisons.
type relation uint8

const (
	eq relation = iota
	ne
	lt
	le
	gt
	ge
)

// flip is the relation with its sides exchanged.
func (r relation) flip() relation { return [...]relation{eq, ne, gt, ge, lt, le}[r] }

// holds tells whether the relation accepts a comparison's sign.
func (r relation) holds(sign int) bool {
	switch r {
	case eq:
		return sign == 0
	case ne:
		return sign != 0
	case lt:
		return sign < 0
	case le:
		return sign <= 0
	case gt:
		return sign > 0
	default:
		return sign >= 0
	}
}

// comparisons are = <> < <= > >= and the NULL-safe <=>.
func comparisons() map[string]builder {
	m := map[string]builder{"<=>": nullSafeEqual}
	for name, r := range map[string]relation{"=": eq, "<>": ne, "<": lt, "<=": le, ">": gt, ">=": ge} {
		m[name] = func(c *site) (kernel, error) {
			compare, err := comparer(c.args[0], c.args[1])
			if err != nil {
				return kernel{}, err
			}
			return kernel{pred: func(_ *frame, args []vec) (predicate, error) { return compare(r, args[0], args[1]), nil }}, nil
		}
	}
	return m
}

// nullSafeEqual is TRUE for two NULLs and never NULL itself.
func nullSafeEqual(c *site) (kernel, error) {
	compare, err := comparer(c.args[0], c.args[1])
	if err != nil {
		return kernel{}, err
	}
	return kernel{null: true, pred: func(_ *frame, args []vec) (predicate, error) {
		a, b := args[0], args[1]
		if a.arr.DataType().ID() == arrow.NULL || b.arr.DataType().ID() == arrow.NULL {
			return predicate{test: func(i int) bool { return a.isNull(i) && b.isNull(i) }}, nil
		}
		p := compare(eq, a, b)
		if a.arr.NullN() == 0 && b.arr.NullN() == 0 {
			return p, nil
		}
		return predicate{test: func(i int) bool {
			x, y := a.isNull(i), b.isNull(i)
			return x && y || !x && !y && p.test(i)
		}}, nil
	}}, nil
}

// comparer gives the comparison of two values of a type, as Spark orders them: NaN equals itself and is greatest, -0.0 equals 0.0, text by bytes.
func comparer(a, b arrow.DataType) (func(r relation, a, b vec) predicate, error) {
	if a.ID() == arrow.NULL || b.ID() == arrow.NULL {
		return func(relation, vec, vec) predicate { return always(false) }, nil
	}
	if a.ID() != b.ID() {
		return nil, mismatch(a.String(), b)
	}
	switch a.ID() { // of the intervals there are several types
	case arrow.INTERVAL_MONTHS:
		return compareInts[int32], nil
	case arrow.DURATION:
		return compareInts[int64], nil
	}
	switch t := a.(type) {
	case *arrow.Int8Type:
		return compareInts[int8], nil
	case *arrow.Int16Type:
		return compareInts[int16], nil
	case *arrow.Int32Type, *arrow.Date32Type:
		return compareInts[int32], nil
	case *arrow.Int64Type, *arrow.TimestampType:
		return compareInts[int64], nil
	case *arrow.Float32Type:
		return compareFloats[float32], nil
	case *arrow.Float64Type:
		return compareFloats[float64], nil
	case *arrow.Decimal128Type:
		if t.Scale != b.(*arrow.Decimal128Type).Scale {
			return nil, mismatch(a.String(), b)
		}
		if max(t.Precision, b.(*arrow.Decimal128Type).Precision) <= maxLongDigits {
			return compareShortDecimals, nil
		}
		return compareRows, nil
	case *arrow.StringType, *arrow.BinaryType:
		return compareTexts, nil
	default:
		if _, err := ordering(a); err != nil {
			return nil, err
		}
		return compareRows, nil
	}
}

// compareRows compares values of any type row by row.
func compareRows(r relation, a, b vec) predicate {
	order := orderingOf(a.arr, b.arr)
	ma, mb := a.mask(), b.mask()
	return predicate{test: func(i int) bool { return r.holds(order(i&ma, i&mb)) }}
}

func compareInts[T signed](r relation, a, b vec) predicate {
	switch x, y := valuesOf[T](a), valuesOf[T](b); {
	case b.one:
		return inRange(x.v, r, y.v[0])
	case a.one:
		return inRange(y.v, r.flip(), x.v[0])
	default:
		return intPairs(r, x.v, y.v)
	}
}

// boundsFrom are the least and the greatest integer of T that stand in the relation to c, or for <> those that do not. some is false where there are none.
func boundsFrom[T signed](r relation, c T) (low, high T, some bool) {
	least, greatest := bounds[T]()
	low, high = T(least), T(greatest)
	switch {
	case r == eq || r == ne:
		low, high = c, c
	case r == le:
		high = c
	case r == ge:
		low = c
	case r == lt && c > low:
		high = c - 1
	case r == gt && c < high:
		low = c + 1
	default:
		return 0, 0, false
	}
	return low, high, true
}

// inRange compares integers with a constant: every relation is a range, or the rows outside one.
func inRange[T signed](v []T, r relation, c T) predicate {
	low, high, some := boundsFrom(r, c)
	if !some {
		return always(false)
	}
	p := predicate{test: func(i int) bool { return low <= v[i] && v[i] <= high }}
	p.word = func(i, m int) uint64 {
		if m < 64 {
			return p.bits(i, m)
		}
		return simd.InRange((*[64]T)(v[i:]), low, high)
	}
	if r == ne {
		return p.not()
	}
	return p
}

// intPairs compares two columns.
func intPairs[T signed](r relation, a, b []T) predicate {
	switch r {
	case gt, ge:
		return intPairs(r.flip(), b, a)
	case ne:
		return intPairs(eq, a, b).not()
	case le:
		return intPairs(lt, b, a).not()
	default: // the others have a loop of their own
	}
	test, block := func(i int) bool { return a[i] == b[i] }, simd.Equal[T]
	if r == lt {
		test, block = func(i int) bool { return a[i] < b[i] }, simd.Less[T]
	}
	p := predicate{test: test}
	p.word = func(i, m int) uint64 {
		if m < 64 {
			return p.bits(i, m)
		}
		return block((*[64]T)(a[i:]), (*[64]T)(b[i:]))
	}
	return p
}

// compareShortDecimals compares decimals of one scale that fit 64 bits.
func compareShortDecimals(r relation, a, b vec) predicate {
	x, y := valuesOf[num](a), valuesOf[num](b)
	if a.one {
		x, y, r = y, x, r.flip()
	}
	if a.one == b.one {
		return predicate{test: func(i int) bool { return r.holds(compareInt(toLong(x.at(i)), toLong(y.at(i)))) }}
	}
	return decimalsInRange(x.v, r, toLong(y.v[0]))
}

// decimalsInRange is inRange for decimals that fit 64 bits.
func decimalsInRange(v []num, r relation, c int64) predicate {
	low, high, some := boundsFrom(r, c)
	if !some {
		return always(false)
	}
	p := predicate{test: func(i int) bool { return low <= toLong(v[i]) && toLong(v[i]) <= high }}
	p.word = func(i, m int) uint64 {
		if m < 64 {
			return p.bits(i, m)
		}
		return simd.DecimalsInRange((*[64]num)(v[i:]), low, high)
	}
	if r == ne {
		return p.not()
	}
	return p
}

func compareInt[T int | signed](x, y T) int { return b2i(x > y) - b2i(x < y) }

// compareTexts compares STRING or BINARY values byte by byte.
func compareTexts(r relation, a, b vec) predicate {
	x, y := textsOf(a), textsOf(b)
	switch {
	case a.one && r == eq:
		return equalText(y, string(x.at(0)))
	case b.one && r == eq:
		return equalText(x, string(y.at(0)))
	case r == eq:
		return predicate{test: func(i int) bool { return string(x.at(i)) == string(y.at(i)) }}
	case r == ne:
		return predicate{test: func(i int) bool { return string(x.at(i)) != string(y.at(i)) }}
	default:
		return predicate{test: func(i int) bool { return r.holds(bytes.Compare(x.at(i), y.at(i))) }}
	}
}

// equalText looks for one text.
func equalText(a texts, c string) predicate {
	p := predicate{test: func(i int) bool { return string(a.at(i)) == c }}
	if a.codes == nil && a.mask != 0 {
		p.word = func(i, m int) (w uint64) {
			start := a.offsets[i]
			for _, end := range a.offsets[i+1 : i+m+1] {
				w = w>>1 | b2u(int(end-start) == len(c) && string(a.data[start:end]) == c)<<63
				start = end
			}
			return w >> (64 - m)
		}
	}
	return p
}
