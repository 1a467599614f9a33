package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

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
		return unary(func(d int64) int32 { return int32(d / microsPerDay) }), nil
	case "HOUR":
		return unary(func(d int64) int8 { return int8(d % microsPerDay / microsPerHour) }), nil
	case "MINUTE":
		return unary(func(d int64) int8 { return int8(d % microsPerHour / microsPerMinute) }), nil
	case "SECOND":
		return unary(func(d int64) num { return decimal128.FromI64(d % microsPerMinute) }), nil
	}
	return c.unsupported()
}
