package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
)

// epochs are the functions between timestamps and numbers since 1970-01-01.
func epochs() map[string]builder {
	return map[string]builder{
		"timestamp_micros": fromEpoch(1), "timestamp_millis": fromEpoch(1000), "timestamp_seconds": fromEpoch(datetime.MicrosPerSecond),
		"unix_micros": toEpoch(1), "unix_millis": toEpoch(1000), "unix_seconds": toEpoch(datetime.MicrosPerSecond),
		"unix_timestamp": unixTimestamp, "from_unixtime": fromUnixTime,
	}
}

func toEpoch(unit int64) builder {
	return func(*site) (kernel, error) {
		return unary(func(t int64) int64 { return datetime.FloorDiv(t, unit) }), nil
	}
}

// fromEpoch takes whole numbers; timestamp_seconds takes fractions too.
func fromEpoch(unit int64) builder {
	return func(c *site) (kernel, error) {
		to := conversion{pos: c.pos, from: c.args[0], to: c.typ}
		if f := longsOf(c.args[0]); f != nil {
			return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
				a := f(args[0])
				return tried(k, false, func(i int) (int64, error) {
					if hi, lo := mul64(a(i), unit); hi == lo>>63 {
						return lo, nil
					}
					return 0, arithmeticOverflow(c.pos, "long", "")
				})
			}}, nil
		}
		switch from := c.args[0].(type) {
		case *arrow.Float32Type:
			return converted(to, func(v float32) (int64, error) { return fractionalSeconds(to, float64(v)) }), nil
		case *arrow.Float64Type:
			return converted(to, func(v float64) (int64, error) { return fractionalSeconds(to, v) }), nil
		case *arrow.Decimal128Type:
			return unary(func(n num) int64 { return decimalMicros(n, from.Scale) }), nil
		}
		return c.unsupported()
	}
}

// fractionalSeconds is NULL for what is no number.
func fractionalSeconds(c conversion, v float64) (int64, error) {
	if v != v || v-v != 0 {
		return 0, errNull
	}
	return secondsToMicros(c, v)
}

// defaultPattern is that of unix_timestamp and from_unixtime.
const defaultPattern = "yyyy-MM-dd HH:mm:ss"

// unixTimestamp is the seconds of a date, a timestamp or a text in a pattern, or of now.
func unixTimestamp(c *site) (kernel, error) {
	if len(c.args) == 0 {
		return kernel{now: true, run: func(k *frame, _ []vec) (vec, error) {
			return mapped(k, func(int) int64 { return k.env.Now.Unix() }), nil
		}}, nil
	}
	switch c.args[0].ID() {
	case arrow.DATE32:
		return unary(func(d int32) int64 { return int64(d) * datetime.SecondsPerDay }), nil
	case arrow.TIMESTAMP:
		return unary(wholeSeconds), nil
	}
	return parsedBy(c, defaultPattern, wholeSeconds)
}

// wholeSeconds are rounded towards 1970.
func wholeSeconds(micros int64) int64 { return micros / datetime.MicrosPerSecond }

// fromUnixTime prints seconds in a pattern.
func fromUnixTime(c *site) (kernel, error) {
	return formattedBy(c, func(v vec) func(i int) int64 {
		a := valuesOf[int64](v)
		return func(i int) int64 { return a.at(i) * datetime.MicrosPerSecond }
	})
}
