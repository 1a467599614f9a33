package kernel

import (
	"math"
	"math/big"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/datetime"
)

// intervals are the functions that make intervals; their arithmetic stands under the operators.
func intervals() map[string]builder {
	return map[string]builder{
		"make_ym_interval": makeMonths, "make_dt_interval": makeMicros, "make_interval": makeCalendar, "try_make_interval": makeCalendar,
	}
}

// intervalPart is a field of an interval.
func intervalPart(c *site, field string) (kernel, error) {
	switch {
	case c.args[0].ID() == arrow.INTERVAL_MONTHS && field == "YEAR":
		return unary(func(m int32) int32 { return m / 12 }), nil
	case c.args[0].ID() == arrow.INTERVAL_MONTHS && field == "MONTH":
		return unary(func(m int32) int8 { return int8(m % 12) }), nil
	case c.args[0].ID() == arrow.INTERVAL_MONTHS:
		return c.unsupported()
	}
	switch field {
	case "DAY":
		return unary(func(d int64) int32 { return int32(d / datetime.MicrosPerDay) }), nil
	case "HOUR":
		return unary(func(d int64) int8 { return int8(d % datetime.MicrosPerDay / datetime.MicrosPerHour) }), nil
	case "MINUTE":
		return unary(func(d int64) int8 { return int8(d % datetime.MicrosPerHour / datetime.MicrosPerMinute) }), nil
	case "SECOND":
		return unary(func(d int64) num { return decimal128.FromI64(d % datetime.MicrosPerMinute) }), nil
	}
	return c.unsupported()
}

// intervalOverflow is the error for an interval that its type cannot hold.
func (c *site) intervalOverflow() error {
	hint, sub := "", "WITHOUT_SUGGESTION"
	switch c.name {
	case "+", "-", "*", "/":
		sub, hint = "WITH_SUGGESTION", map[string]string{
			"+": "use try_add to get NULL instead", "-": "use try_subtract to get NULL instead",
			"*": "use try_multiply to get NULL instead", "/": "use try_divide to get NULL instead",
		}[c.name]
	}
	return fault(c.pos, "INTERVAL_ARITHMETIC_OVERFLOW."+sub, "22015", hint, "the interval is out of range")
}

// intervalSum adds intervals, or subtracts them for sign -1.
func intervalSum(c *site, sign int64) (kernel, error) {
	if c.typ.ID() == arrow.INTERVAL_MONTHS {
		return moved(c, 0, 1, func(a, b int32) (int32, error) { return c.months(int64(a) + sign*int64(b)) }), nil
	}
	return moved(c, 0, 1, func(a, b int64) (int64, error) {
		r := a + sign*b
		if overflows := sign > 0 && (a^r)&(b^r) < 0 || sign < 0 && (a^b)&(a^r) < 0; overflows {
			return 0, c.intervalOverflow()
		}
		return r, nil
	}), nil
}

func (c *site) months(m int64) (int32, error) {
	if m != int64(int32(m)) {
		return 0, c.intervalOverflow()
	}
	return int32(m), nil
}

// negatedInterval is -a.
func negatedInterval(c *site) (kernel, error) {
	if c.typ.ID() == arrow.INTERVAL_MONTHS {
		return turned(c, func(m int32) (int32, error) { return c.months(-int64(m)) }), nil
	}
	return turned(c, func(d int64) (int64, error) {
		if d == math.MinInt64 {
			return 0, c.intervalOverflow()
		}
		return -d, nil
	}), nil
}

// turned is a function of one fixed-width argument that may overflow.
func turned[A, R arrow.FixedWidthType](c *site, f func(A) (R, error)) kernel {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a := valuesOf[A](args[0])
		return tried(k, tries(c.name), func(i int) (R, error) { return f(a.at(i)) })
	}}
}

// scaledInterval multiplies an interval by a number, or divides it, and rounds half away from zero.
func scaledInterval(c *site, division bool) (kernel, error) {
	switch by := c.args[1].(type) {
	case *arrow.Int64Type:
		return scaledBy(c, func(v, n int64) (int64, error) {
			if division {
				return c.quotient(v, n)
			}
			if hi, lo := mul64(v, n); hi == lo>>63 {
				return lo, nil
			}
			return 0, c.intervalOverflow()
		})
	case *arrow.Float64Type:
		return scaledBy(c, func(v int64, x float64) (int64, error) {
			if division && x == 0 {
				return 0, c.intervalByZero()
			}
			if division {
				return c.rounded(float64(v) / x)
			}
			return c.rounded(float64(v) * x)
		})
	case *arrow.Decimal128Type:
		return scaledBy(c, func(v int64, n num) (int64, error) { return c.scaledExactly(v, n, by.Scale, division) })
	}
	return c.unsupported()
}

// scaledBy runs f over months or microseconds.
func scaledBy[N arrow.FixedWidthType](c *site, f func(v int64, n N) (int64, error)) (kernel, error) {
	if c.args[0].ID() != arrow.INTERVAL_MONTHS {
		return moved(c, 0, 1, f), nil
	}
	return moved(c, 0, 1, func(m int32, n N) (int32, error) {
		v, err := f(int64(m), n)
		if err != nil {
			return 0, err
		}
		return c.months(v)
	}), nil
}

func (c *site) intervalByZero() error {
	return fault(c.pos, "INTERVAL_DIVIDED_BY_ZERO", "22012", "use try_divide to get NULL instead", "division of an interval by zero")
}

// quotient is v / n, rounded half away from zero.
func (c *site) quotient(v, n int64) (int64, error) {
	if n == 0 {
		return 0, c.intervalByZero()
	}
	if v == math.MinInt64 && n == -1 {
		return 0, c.intervalOverflow()
	}
	q, r := v/n, v%n
	if r != 0 && abs64(r) >= abs64(n)-abs64(r) {
		if (r < 0) == (n < 0) {
			return q + 1, nil
		}
		return q - 1, nil
	}
	return q, nil
}

func abs64(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

func (c *site) rounded(x float64) (int64, error) {
	r := math.Round(x)
	if !(r >= -1<<63 && r < 1<<63) {
		return 0, c.intervalOverflow()
	}
	return int64(r), nil
}

// scaledExactly computes with a decimal.
func (c *site) scaledExactly(v int64, n num, scale int32, division bool) (int64, error) {
	a, by, unit := big.NewInt(v), n.BigInt(), bigPow10(scale)
	if division {
		if by.Sign() == 0 {
			return 0, c.intervalByZero()
		}
		a.Mul(a, unit)
	} else {
		a.Mul(a, by)
		by = unit
	}
	q, r := new(big.Int).QuoRem(a, by, new(big.Int))
	if r.Sign() != 0 && r.Lsh(r, 1).CmpAbs(by) >= 0 {
		q.Add(q, big.NewInt(int64(a.Sign()*by.Sign())))
	}
	if !q.IsInt64() {
		return 0, c.intervalOverflow()
	}
	return q.Int64(), nil
}

// makeMonths joins years and months.
func makeMonths(c *site) (kernel, error) {
	return moved(c, 0, 1, func(years, months int32) (int32, error) { return c.months(12*int64(years) + int64(months)) }), nil
}

// makeMicros joins days, hours, minutes and seconds with a fraction.
func makeMicros(c *site) (kernel, error) {
	if t, ok := c.args[3].(*arrow.Decimal128Type); !ok || t.Scale != 6 {
		return c.unsupported()
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		days, hours, minutes, seconds := valuesOf[int32](args[0]), valuesOf[int32](args[1]), valuesOf[int32](args[2]), valuesOf[num](args[3])
		return tried(k, false, func(i int) (int64, error) {
			// Days alone may be too many; hours and minutes of 32 bits and DECIMAL(18,6) seconds are not.
			hi, v := mul64(int64(days.at(i)), datetime.MicrosPerDay)
			rest := int64(hours.at(i))*datetime.MicrosPerHour + int64(minutes.at(i))*datetime.MicrosPerMinute
			of := toLong(seconds.at(i))
			sum := v + rest
			total := sum + of
			if hi != v>>63 || (v^sum)&(rest^sum) < 0 || (sum^total)&(of^total) < 0 {
				return 0, c.intervalOverflow()
			}
			return total, nil
		})
	}}, nil
}
