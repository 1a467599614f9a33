package kernel

import (
	"math"
	"math/big"

	"github.com/apache/arrow-go/v18/arrow"
)

func castToDate(c conversion) (kernel, error) {
	switch c.from.ID() {
	case arrow.TIMESTAMP:
		return unary(dayOf), nil
	case arrow.STRING:
		return parsed(c, func(b []byte) (int32, error) {
			if d, ok := parseDate(b); ok {
				return d, nil
			}
			return 0, c.invalid(b)
		}), nil
	}
	return c.unsupported()
}

// castToTimestamp takes numbers as seconds.
func castToTimestamp(c conversion, to *arrow.TimestampType) (kernel, error) {
	switch from := c.from.(type) {
	case *arrow.Date32Type:
		return converted(c, func(d int32) (int64, error) { return startOfDay(c, d) }), nil
	case *arrow.StringType:
		return textToTimestamp(c, to.TimeZone != ""), nil
	case *arrow.Int8Type:
		return unary(func(v int8) int64 { return int64(v) * microsPerSecond }), nil
	case *arrow.Int16Type:
		return unary(func(v int16) int64 { return int64(v) * microsPerSecond }), nil
	case *arrow.Int32Type:
		return unary(func(v int32) int64 { return int64(v) * microsPerSecond }), nil
	case *arrow.Int64Type:
		return unary(saturatedMicros), nil
	case *arrow.Float32Type:
		return converted(c, func(v float32) (int64, error) { return secondsToMicros(c, float64(v)) }), nil
	case *arrow.Float64Type:
		return converted(c, func(v float64) (int64, error) { return secondsToMicros(c, v) }), nil
	case *arrow.Decimal128Type:
		return unary(func(n num) int64 { return decimalMicros(n, from.Scale) }), nil
	}
	return c.unsupported()
}

func startOfDay(c conversion, d int32) (int64, error) {
	if int64(d) > math.MaxInt64/microsPerDay || int64(d) < math.MinInt64/microsPerDay {
		return 0, arithmeticOverflow(c.pos, "long", "")
	}
	return int64(d) * microsPerDay, nil
}

// saturatedMicros clips seconds that are beyond the range of timestamps.
func saturatedMicros(seconds int64) int64 {
	switch {
	case seconds > math.MaxInt64/microsPerSecond:
		return math.MaxInt64
	case seconds < math.MinInt64/microsPerSecond:
		return math.MinInt64
	}
	return seconds * microsPerSecond
}

func secondsToMicros(c conversion, v float64) (int64, error) {
	m := v * microsPerSecond
	if math.IsNaN(m) || math.IsInf(v, 0) {
		return 0, c.invalid([]byte(javaFloat(v, 64)))
	}
	if m >= 1<<63 || m < -1<<63 {
		return 0, c.overflow(javaFloat(v, 64))
	}
	return int64(m), nil
}

func decimalMicros(n num, scale int32) int64 {
	v := new(big.Int).Mul(n.BigInt(), big.NewInt(microsPerSecond))
	return v.Quo(v, bigPow10(scale)).Int64()
}

// textToTimestamp reads a timestamp; one of TIMESTAMP_NTZ ignores the zone and needs a date.
func textToTimestamp(c conversion, zoned bool) kernel {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, z, today := textsOf(args[0]), zones{}, dayOf(k.env.Now.UnixMicro())
		return tried(k, c.try, func(i int) (int64, error) {
			b := a.at(i)
			t, ok := parseClock(b)
			if ok && t.timeOnly && (!zoned || k.env.Now.IsZero()) {
				ok = false
			}
			if ok && !zoned {
				t.zone = nil
			}
			if ok {
				if v, inRange := z.instant(t, today); inRange {
					return v, nil
				}
			}
			return 0, c.invalid(b)
		})
	}}
}
