package kernel

import (
	"errors"
	"math"
	"math/big"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
)

// errNull makes a row NULL instead of failing: what a try_ form gives, and a double that is no number as a decimal.
var errNull = errors.New("NULL")

// bounds are the least and the greatest value of an integer type.
func bounds[T signed]() (least, greatest int64) {
	var zero T
	switch any(zero).(type) {
	case int8:
		return math.MinInt8, math.MaxInt8
	case int16:
		return math.MinInt16, math.MaxInt16
	case int32:
		return math.MinInt32, math.MaxInt32
	default:
		return math.MinInt64, math.MaxInt64
	}
}

func castToInt[R signed](c conversion) (kernel, error) {
	if isInterval(c.from) {
		return intervalToInt[R](c), nil
	}
	switch from := c.from.(type) {
	case *arrow.BooleanType:
		return fromBoolean[R](0, 1), nil
	case *arrow.Int8Type:
		return intToInt[int8, R](c), nil
	case *arrow.Int16Type:
		return intToInt[int16, R](c), nil
	case *arrow.Int32Type:
		return intToInt[int32, R](c), nil
	case *arrow.Int64Type:
		return intToInt[int64, R](c), nil
	case *arrow.Float32Type:
		return floatToInt[float32, R](c), nil
	case *arrow.Float64Type:
		return floatToInt[float64, R](c), nil
	case *arrow.Decimal128Type:
		return decimalToInt[R](c, from), nil
	case *arrow.StringType:
		return textToInt[R](c), nil
	case *arrow.TimestampType:
		return converted(c, func(t int64) (R, error) { return narrow[R](c, datetime.FloorDiv(t, datetime.MicrosPerSecond)) }), nil
	}
	return c.unsupported()
}

// narrow is v as R, or the error that it does not fit.
func narrow[R signed](c conversion, v int64) (R, error) {
	if r := R(v); int64(r) == v {
		return r, nil
	}
	return 0, c.overflow(strconv.FormatInt(v, 10))
}

// intToInt cannot fail where the target is at least as wide.
func intToInt[A, R signed](c conversion) kernel {
	least, greatest := bounds[A]()
	if lo, hi := bounds[R](); lo <= least && greatest <= hi {
		return kernel{run: func(k *frame, args []vec) (vec, error) {
			return single(k, args[0], func(out []R, a []A) {
				for i, x := range a[:len(out)] {
					out[i] = R(x)
				}
			}), nil
		}}
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a := valuesOf[A](args[0])
		return tried(k, c.try, func(i int) (R, error) { return narrow[R](c, int64(a.at(i))) })
	}}
}

// floatToInt cuts the fraction off.
func floatToInt[A floating, R signed](c conversion) kernel {
	least, greatest := bounds[R]()
	lo, hi := float64(least), float64(greatest)
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		inside := uint64(1)
		buf, _ := paired(k, []vec{args[0], args[0]}, func(out []R, a, _ []A) {
			for i, x := range a[:len(out)] {
				inside &= b2u(float64(x) > lo && float64(x) < hi)
				out[i] = R(x)
			}
		})
		if inside != 0 {
			return k.fixed(buf), nil
		}
		a := valuesOf[A](args[0])
		return tried(k, c.try, func(i int) (R, error) {
			x := float64(a.at(i))
			switch t := math.Trunc(x); {
			case t >= lo && t < hi:
				return R(t), nil
			case t == hi: // for BIGINT this is 2⁶³, which Spark lets through as its neighbour
				return R(greatest), nil
			}
			return 0, c.overflow(javaFloat(x, bitSize[A]()))
		})
	}}
}

func bitSize[T floating]() int {
	var zero T
	if _, ok := any(zero).(float32); ok {
		return 32
	}
	return 64
}

func decimalToInt[R signed](c conversion, from *arrow.Decimal128Type) kernel {
	divisor := bigPow10(from.Scale)
	return converted(c, func(n num) (R, error) {
		if isLong(n) && from.Scale <= maxLongDigits {
			v := toLong(n) / int64(pow10[from.Scale])
			if r := R(v); int64(r) == v {
				return r, nil
			}
		} else if q := new(big.Int).Quo(n.BigInt(), divisor); q.IsInt64() && int64(R(q.Int64())) == q.Int64() {
			return R(q.Int64()), nil
		}
		return 0, c.overflow(n.ToString(from.Scale))
	})
}

func textToInt[R signed](c conversion) kernel {
	return parsed(c, func(b []byte) (R, error) {
		if v, ok := parseInt(datetime.TrimSpace(b)); ok && int64(R(v)) == v {
			return R(v), nil
		}
		return 0, c.invalid(b)
	})
}

func castToFloat[R floating](c conversion) (kernel, error) {
	switch from := c.from.(type) {
	case *arrow.BooleanType:
		return fromBoolean[R](0, 1), nil
	case *arrow.Int8Type:
		return numberToFloat[int8, R](), nil
	case *arrow.Int16Type:
		return numberToFloat[int16, R](), nil
	case *arrow.Int32Type:
		return numberToFloat[int32, R](), nil
	case *arrow.Int64Type:
		return numberToFloat[int64, R](), nil
	case *arrow.Float32Type:
		return numberToFloat[float32, R](), nil
	case *arrow.Float64Type:
		return numberToFloat[float64, R](), nil
	case *arrow.Decimal128Type:
		return unary(func(n num) R { return R(decimalToDouble(n, from.Scale)) }), nil
	case *arrow.StringType:
		return parsed(c, func(b []byte) (R, error) {
			if v, ok := parseFloat(b, bitSize[R]()); ok {
				return R(v), nil
			}
			return 0, c.invalid(b)
		}), nil
	case *arrow.TimestampType:
		return unary(func(t int64) R { return R(float64(t) / datetime.MicrosPerSecond) }), nil
	}
	return c.unsupported()
}

func numberToFloat[A number, R floating]() kernel {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		return single(k, args[0], func(out []R, a []A) {
			for i, x := range a[:len(out)] {
				out[i] = R(x)
			}
		}), nil
	}}
}

// decimalToDouble is the double nearest to n ÷ 10^scale. Both operands of the quick division are exact, so its result is rounded once.
func decimalToDouble(n num, scale int32) float64 {
	const exact = 1 << 53
	if v := toLong(n); isLong(n) && -exact <= v && v <= exact && scale <= 22 {
		return float64(v) / math.Pow10(int(scale))
	}
	f, err := strconv.ParseFloat(n.ToString(scale), 64)
	if err != nil {
		return math.NaN() // not reached: 38 digits are within a double's range
	}
	return f
}
