package kernel

import (
	"math"
	"math/big"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
)

func castToDate(c conversion) (kernel, error) {
	switch c.from.ID() {
	case arrow.TIMESTAMP:
		return unary(datetime.DayOf), nil
	case arrow.STRING:
		return parsed(c, func(b []byte) (int32, error) {
			if d, ok := datetime.ParseDate(b); ok {
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
		return unary(func(v int8) int64 { return int64(v) * datetime.MicrosPerSecond }), nil
	case *arrow.Int16Type:
		return unary(func(v int16) int64 { return int64(v) * datetime.MicrosPerSecond }), nil
	case *arrow.Int32Type:
		return unary(func(v int32) int64 { return int64(v) * datetime.MicrosPerSecond }), nil
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
	if int64(d) > math.MaxInt64/datetime.MicrosPerDay || int64(d) < math.MinInt64/datetime.MicrosPerDay {
		return 0, arithmeticOverflow(c.pos, "long", "")
	}
	return int64(d) * datetime.MicrosPerDay, nil
}

// saturatedMicros clips seconds that are beyond the range of timestamps.
func saturatedMicros(seconds int64) int64 {
	switch {
	case seconds > math.MaxInt64/datetime.MicrosPerSecond:
		return math.MaxInt64
	case seconds < math.MinInt64/datetime.MicrosPerSecond:
		return math.MinInt64
	}
	return seconds * datetime.MicrosPerSecond
}

func secondsToMicros(c conversion, v float64) (int64, error) {
	m := v * datetime.MicrosPerSecond
	if math.IsNaN(m) || math.IsInf(v, 0) {
		return 0, c.invalid([]byte(javaFloat(v, 64)))
	}
	if m >= 1<<63 || m < -1<<63 {
		return 0, c.overflow(javaFloat(v, 64))
	}
	return int64(m), nil
}

func decimalMicros(n num, scale int32) int64 {
	v := new(big.Int).Mul(n.BigInt(), big.NewInt(datetime.MicrosPerSecond))
	return v.Quo(v, bigPow10(scale)).Int64()
}

// textToTimestamp reads a timestamp; one of TIMESTAMP_NTZ passes over the zone and needs a date.
func textToTimestamp(c conversion, zoned bool) kernel {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, p := textsOf(args[0]), datetime.Parser{Now: k.env.Now}
		if !zoned {
			p.Zone = datetime.Dropped
		}
		return tried(k, c.try, func(i int) (int64, error) {
			if v, ok := p.Parse(a.at(i)); ok {
				return v, nil
			}
			return 0, c.invalid(a.at(i))
		})
	}}
}
