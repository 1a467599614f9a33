package kernel

import (
	"errors"
	"math/big"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/schema"
)

// intervalPrinter prints intervals with the fields of their type.
func intervalPrinter(v vec) printer {
	t := v.arr.DataType()
	if t.ID() == arrow.INTERVAL_MONTHS {
		return fixedPrinter(v, func(dst []byte, m int32) []byte { return schema.AppendInterval(dst, int64(m), t) })
	}
	return fixedPrinter(v, func(dst []byte, d int64) []byte { return schema.AppendInterval(dst, d, t) })
}

// castToInterval reads text, takes numbers as counts of the one field, and drops what is finer than the last field.
func castToInterval(c conversion) (kernel, error) {
	_, last, _ := schema.IntervalFields(c.to)
	if _, was, _ := schema.IntervalFields(c.from); c.from.ID() == c.to.ID() && last >= was {
		return kernel{run: retyped}, nil
	}
	months, micros := schema.IntervalUnit(last)
	unit := months + micros
	if c.to.ID() == arrow.INTERVAL_MONTHS {
		return intoInterval(c, func(v int64) (int32, error) {
			if v != int64(int32(v)) {
				return 0, c.intervalOverflow()
			}
			return int32(v), nil
		}, unit)
	}
	return intoInterval(c, func(v int64) (int64, error) { return v, nil }, unit)
}

// intoInterval finds the months or microseconds, which fit makes the type's own.
func intoInterval[R arrow.FixedWidthType](c conversion, fit func(v int64) (R, error), unit int64) (kernel, error) {
	if c.from.ID() == arrow.STRING {
		return parsed(c, func(b []byte) (R, error) {
			v, err := schema.ParseInterval(string(b), c.to)
			if err != nil {
				return *new(R), c.invalidInterval(b, err)
			}
			return fit(v)
		}), nil
	}
	if f := longsOf(c.from); f != nil {
		return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
			a := f(args[0])
			return tried(k, c.try, func(i int) (R, error) {
				hi, v := mul64(a(i), unit)
				if hi != v>>63 {
					return *new(R), c.intervalOverflow()
				}
				return fit(v)
			})
		}}, nil
	}
	switch from := c.from.(type) {
	case *arrow.Decimal128Type:
		return converted(c, func(n num) (R, error) {
			v, ok := timesUnit(n, from.Scale, unit)
			if !ok {
				return *new(R), c.intervalOverflow()
			}
			return fit(v)
		}), nil
	default:
		if c.from.ID() == arrow.INTERVAL_MONTHS {
			return converted(c, func(m int32) (R, error) { return fit(int64(m) - int64(m)%unit) }), nil
		}
		return converted(c, func(d int64) (R, error) { return fit(d - d%unit) }), nil
	}
}

// timesUnit is n·unit, rounded half away from zero.
func timesUnit(n num, scale int32, unit int64) (v int64, ok bool) {
	a, by := n.BigInt(), bigPow10(scale)
	a.Mul(a, big.NewInt(unit))
	q, r := new(big.Int).QuoRem(a, by, new(big.Int))
	if r.Lsh(r, 1).CmpAbs(by) >= 0 {
		q.Add(q, big.NewInt(int64(a.Sign())))
	}
	return q.Int64(), q.IsInt64()
}

// intervalOverflow is the error for what the interval type cannot hold.
func (c conversion) intervalOverflow() error {
	if c.try {
		return errNull
	}
	return fault(c.pos, "CAST_OVERFLOW", "22003", "use try_cast to get NULL instead", "the value cannot be cast to %s due to an overflow", sqlName(c.to))
}

// invalidInterval is the error for text that is no interval of the type.
func (c conversion) invalidInterval(value []byte, why error) error {
	if c.try {
		return errNull
	}
	sub := "UNMATCHED_FORMAT_STRING_WITH_NOTICE"
	if c.to.ID() == arrow.INTERVAL_MONTHS {
		sub = "UNMATCHED_FORMAT_STRING"
	}
	if errors.Is(why, schema.ErrIntervalRange) {
		sub = "INTERVAL_PARSING"
	}
	return fault(c.pos, "INVALID_INTERVAL_FORMAT."+sub, "22006", "use try_cast to get NULL instead",
		"the value '%s' cannot be cast to %s because it is malformed", value, sqlName(c.to))
}

// intervalCount is how often an interval has its one field, in all.
func (c conversion) intervalCount() (count func(v int64) int64) {
	_, last, _ := schema.IntervalFields(c.from)
	months, micros := schema.IntervalUnit(last)
	return func(v int64) int64 { return v / (months + micros) }
}

// intervalToInt counts the field of an interval.
func intervalToInt[R signed](c conversion) kernel {
	count := c.intervalCount()
	if c.from.ID() == arrow.INTERVAL_MONTHS {
		return converted(c, func(m int32) (R, error) { return narrow[R](c, count(int64(m))) })
	}
	return converted(c, func(d int64) (R, error) { return narrow[R](c, count(d)) })
}

// intervalToDecimal counts the field too, seconds with their fraction.
func intervalToDecimal(c conversion, fit func(n num, scale int32) (num, error)) kernel {
	if c.from.ID() == arrow.INTERVAL_MONTHS {
		count := c.intervalCount()
		return converted(c, func(m int32) (num, error) { return fit(decimal128.FromI64(count(int64(m))), 0) })
	}
	_, last, _ := schema.IntervalFields(c.from)
	if last == schema.Second {
		return converted(c, func(d int64) (num, error) { return fit(decimal128.FromI64(d), 6) })
	}
	count := c.intervalCount()
	return converted(c, func(d int64) (num, error) { return fit(decimal128.FromI64(count(d)), 0) })
}
