package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
)

// dateParts are the fields of a date or a timestamp.
func dateParts() map[string]builder {
	return map[string]builder{
		"year": dayPart(func(d int32) int32 { return int32(datetime.CivilOf(d).Year) }), "quarter": dayPart(quarter),
		"month": dayPart(func(d int32) int32 { return int32(datetime.CivilOf(d).Month) }), "day": dayPart(func(d int32) int32 { return int32(datetime.CivilOf(d).Day) }),
		"dayofyear":  dayPart(func(d int32) int32 { return int32(datetime.YearDay(d)) }),
		"dayofweek":  dayPart(func(d int32) int32 { return int32((datetime.Weekday(d)+1)%7) + 1 }),
		"weekofyear": dayPart(isoWeek),
		"hour":       timePart(datetime.MicrosPerHour, 24), "minute": timePart(datetime.MicrosPerMinute, 60), "second": timePart(datetime.MicrosPerSecond, 60),
		"last_day": dayPart(func(d int32) int32 {
			c := datetime.CivilOf(d)
			return d + int32(datetime.MonthDays(c.Year, c.Month)-c.Day)
		}),
	}
}

func quarter(d int32) int32 { return int32((datetime.CivilOf(d).Month + 2) / 3) }

// isoWeek is the week of ISO 8601: weeks begin on Monday, the first has the year's first Thursday.
func isoWeek(d int32) int32 {
	thursday := d - int32(datetime.Weekday(d)) + 3
	return int32((datetime.YearDay(thursday)-1)/7) + 1
}

// dayPart reads a date; consecutive rows of one day are computed once.
func dayPart(f func(days int32) int32) builder {
	return func(c *site) (kernel, error) {
		switch c.args[0].ID() {
		case arrow.DATE32:
			return kernel{run: func(k *frame, args []vec) (vec, error) {
				a, last := valuesOf[int32](args[0]), remembered{f: f}
				return mapped(k, func(i int) int32 { return last.of(a.at(i)) }), nil
			}}, nil
		case arrow.TIMESTAMP:
			return kernel{run: func(k *frame, args []vec) (vec, error) {
				a, last := valuesOf[int64](args[0]), remembered{f: f}
				return mapped(k, func(i int) int32 { return last.of(datetime.DayOf(a.at(i))) }), nil
			}}, nil
		}
		return c.unsupported()
	}
}

// remembered keeps the last result.
type remembered struct {
	f           func(int32) int32
	day, result int32
	known       bool
}

func (r *remembered) of(day int32) int32 {
	if !r.known || r.day != day {
		r.day, r.result, r.known = day, r.f(day), true
	}
	return r.result
}

func timePart(unit, modulus int64) builder {
	return func(c *site) (kernel, error) {
		if c.args[0].ID() != arrow.TIMESTAMP {
			return c.unsupported()
		}
		return unary(func(t int64) int32 { return int32(datetime.FloorMod(t, datetime.MicrosPerDay) / unit % modulus) }), nil
	}
}
