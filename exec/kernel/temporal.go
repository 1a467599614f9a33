package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
)

// isTemporal tells DATE, TIMESTAMP and TIMESTAMP_NTZ.
func isTemporal(t arrow.DataType) bool { return t.ID() == arrow.DATE32 || t.ID() == arrow.TIMESTAMP }

func isInterval(t arrow.DataType) bool {
	return t.ID() == arrow.INTERVAL_MONTHS || t.ID() == arrow.DURATION
}

// temporalPlus moves a date or a timestamp by an interval.
func temporalPlus(c *site, sign int64) (kernel, error) {
	const at, by = 0, 1
	date := c.args[at].ID() == arrow.DATE32
	months := c.args[by].ID() == arrow.INTERVAL_MONTHS
	switch {
	case !isTemporal(c.args[at]) || !isInterval(c.args[by]):
		return c.unsupported()
	case date && c.typ.ID() == arrow.DATE32 && months:
		return moved(c, at, by, func(d, m int32) (int32, error) { return c.toDate(datetime.AddMonths(d, sign*int64(m))) }), nil
	case date && c.typ.ID() == arrow.DATE32:
		return moved(c, at, by, func(d int32, m int64) (int32, error) { return c.toDate(int64(d) + sign*(m/datetime.MicrosPerDay)) }), nil
	case date && months:
		return moved(c, at, by, func(d, m int32) (int64, error) { return c.addMonths(int64(d)*datetime.MicrosPerDay, sign*int64(m)) }), nil
	case date:
		return moved(c, at, by, func(d int32, m int64) (int64, error) { return c.addMicros(int64(d)*datetime.MicrosPerDay, m, sign) }), nil
	case months:
		return moved(c, at, by, func(t int64, m int32) (int64, error) { return c.addMonths(t, sign*int64(m)) }), nil
	default:
		return moved(c, at, by, func(t, m int64) (int64, error) { return c.addMicros(t, m, sign) }), nil
	}
}

// moved is a function of two fixed-width arguments that may overflow.
func moved[A, B, R arrow.FixedWidthType](c *site, first, second int, f func(A, B) (R, error)) kernel {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, b := valuesOf[A](args[first]), valuesOf[B](args[second])
		return tried(k, tries(c.name), func(i int) (R, error) { return f(a.at(i), b.at(i)) })
	}}
}

func (c *site) toDate(days int64) (int32, error) {
	if int64(int32(days)) != days {
		return 0, arithmeticOverflow(c.pos, "integer", "")
	}
	return int32(days), nil
}

func (c *site) addMicros(t, by, sign int64) (int64, error) {
	if sign < 0 {
		if r := t - by; (t^by)&(t^r) >= 0 {
			return r, nil
		}
	} else if r := t + by; (t^r)&(by^r) >= 0 {
		return r, nil
	}
	return 0, c.datetimeOverflow()
}

// temporalMinus is a difference of two dates or two timestamps, or a move back by an interval.
func temporalMinus(c *site) (kernel, error) {
	if isInterval(c.args[1]) {
		return temporalPlus(c, -1)
	}
	if c.typ.ID() != arrow.DURATION {
		return c.unsupported()
	}
	switch a, b := c.args[0].ID(), c.args[1].ID(); {
	case a == arrow.DATE32 && b == arrow.DATE32:
		return moved(c, 0, 1, func(x, y int32) (int64, error) { return (int64(x) - int64(y)) * datetime.MicrosPerDay, nil }), nil
	case a == arrow.DATE32:
		return moved(c, 0, 1, func(x int32, y int64) (int64, error) { return c.addMicros(int64(x)*datetime.MicrosPerDay, y, -1) }), nil
	case b == arrow.DATE32:
		return moved(c, 0, 1, func(x int64, y int32) (int64, error) { return c.addMicros(x, int64(y)*datetime.MicrosPerDay, -1) }), nil
	default:
		return moved(c, 0, 1, func(x, y int64) (int64, error) { return c.addMicros(x, y, -1) }), nil
	}
}

func valuesAsLongs[T signed](v vec) func(i int) int64 {
	a := valuesOf[T](v)
	return func(i int) int64 { return int64(a.at(i)) }
}

// longsOf reads any integer type as int64; nil for other types.
func longsOf(t arrow.DataType) func(vec) func(int) int64 {
	switch t.ID() {
	case arrow.INT8:
		return valuesAsLongs[int8]
	case arrow.INT16:
		return valuesAsLongs[int16]
	case arrow.INT32:
		return valuesAsLongs[int32]
	case arrow.INT64:
		return valuesAsLongs[int64]
	}
	return nil
}
