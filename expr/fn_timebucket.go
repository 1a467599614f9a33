package expr

import (
	"time"

	"github.com/apache/arrow-go/v18/arrow"
)

// timeBucket becomes the arithmetic on microseconds or months that the buckets stand for.
func timeBucket(c *call) (Bound, error) {
	t, err := c.bucketed()
	if err != nil {
		return nil, err
	}
	size, sized := c.constant(0)
	origin, ok := c.constant(2)
	if !sized || !ok {
		return literal(nil, t), nil
	}
	begin := time.UnixMicro(int64(origin.(arrow.Timestamp))).UTC()
	switch n := size.(type) {
	case arrow.Duration:
		if n > 0 {
			return c.timeBucket(t, int64(n), begin), nil
		}
	case arrow.MonthInterval:
		if n > 0 {
			return c.monthBucket(t, int32(n), begin)
		}
	}
	return nil, c.mismatch("VALUE_OUT_OF_RANGE", "the size of the buckets must be above 0")
}

// bucketed checks the arguments: the size, the moment, which has the type of the result, and the origin.
func (c *call) bucketed() (arrow.DataType, error) {
	if size := c.args[0].Type(); !isInterval(size) && !isNull(size) {
		return nil, c.unexpected(0, "INTERVAL DAY TO SECOND or INTERVAL YEAR TO MONTH")
	}
	t := c.args[1].Type()
	if isNull(t) {
		t = typeTimestamp
	}
	if !isTimestamp(t) {
		return nil, c.unexpected(1, "TIMESTAMP or TIMESTAMP_NTZ")
	}
	if err := c.convert(1, t); err != nil {
		return nil, err
	}
	c.fill(3, literal(arrow.Timestamp(0), t))
	if !equalType(c.args[2].Type(), t) {
		return nil, c.unexpected(2, TypeSQL(t))
	}
	if err := c.mustBeConstant(0, "the size of the buckets"); err != nil {
		return nil, err
	}
	return t, c.mustBeConstant(2, "the origin of the buckets")
}

// timeBucket is a moment without what it is past the begin of its bucket.
func (c *call) timeBucket(t arrow.DataType, size int64, origin time.Time) Bound {
	number := func(n int64) Bound { return literal(n, typeBigInt) }
	micros := c.timed("unix_micros", typeBigInt, ConvertAt(c.args[1], typeTimestamp, c.place(1)))
	past := c.timed("pmod", typeBigInt, c.timed("-", typeBigInt, micros, number(origin.UnixMicro()%size)), number(size))
	return ConvertAt(c.timed("timestamp_micros", typeTimestamp, c.timed("-", typeBigInt, micros, past)), t, c.Pos)
}

// monthBucket counts months from an origin that a month begins with.
func (c *call) monthBucket(t arrow.DataType, size int32, origin time.Time) (Bound, error) {
	if !origin.Equal(time.Date(origin.Year(), origin.Month(), 1, 0, 0, 0, 0, time.UTC)) {
		at := c.place(2)
		return nil, &Error{
			Class: "UNSUPPORTED_FEATURE", SQLState: "0A000", Line: at.Line, Column: at.Column,
			Message: "buckets of months from an origin within a month", Hint: "give the first moment of a month",
		}
	}
	number := func(n int32) Bound { return literal(n, typeInt) }
	day := ConvertAt(c.args[1], typeDate, c.place(1))
	years := c.timed("-", typeInt, c.timed("year", typeInt, day), number(int32(origin.Year())))
	months := c.timed("-", typeInt, c.timed("month", typeInt, day), number(int32(origin.Month())))
	index := c.timed("+", typeInt, c.timed("*", typeInt, years, number(12)), months)
	first := c.timed("-", typeInt, index, c.timed("pmod", typeInt, index, number(size)))
	return ConvertAt(c.timed("add_months", typeDate, literal(arrow.Date32FromTime(origin), typeDate), first), t, c.Pos), nil
}
