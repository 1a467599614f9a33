package kernel

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
)

// datetimes are the functions that shift, measure, name and make dates and timestamps and change their zones.
func datetimes() map[string]builder {
	return map[string]builder{
		"timestampadd": timestampAdd, "timestampdiff": timestampDiff, "date_from_unix_date": retyping(arrow.INT32), "unix_date": retyping(arrow.DATE32),
		"weekday": dayPart(func(d int32) int32 { return int32(datetime.Weekday(d)) }), "dayname": dayName, "monthname": monthName, "next_day": nextDay,
		"date_part": fieldOf, "from_utc_timestamp": fromUTC, "to_utc_timestamp": toUTC, "convert_timezone": convertTimezone,
		"localtimestamp": current(func(k *frame) int64 { return k.env.Now.UnixMicro() }),
		"make_timestamp": makeTimestamp, "try_make_timestamp": makeTimestamp, "make_timestamp_ntz": makeTimestamp, "try_make_timestamp_ntz": makeTimestamp,
	}
}

// retyping is a function whose result is its argument's own bits.
func retyping(from arrow.Type) builder {
	return func(c *site) (kernel, error) {
		if c.args[0].ID() != from {
			return c.unsupported()
		}
		return kernel{run: retyped}, nil
	}
}

// shift is a unit of timestampadd and timestampdiff: so many months, or so many microseconds.
type shift struct{ months, micros int64 }

func shiftOf(unit string) (s shift, ok bool) {
	switch unit {
	case "YEAR":
		return shift{months: 12}, true
	case "QUARTER":
		return shift{months: 3}, true
	case "MONTH":
		return shift{months: 1}, true
	case "WEEK":
		return shift{micros: 7 * datetime.MicrosPerDay}, true
	case "DAYOFYEAR":
		return shift{micros: datetime.MicrosPerDay}, true
	}
	size := timeUnit(unit)
	return shift{micros: size}, size > 0
}

// timestampAdd moves a timestamp by n units.
func timestampAdd(c *site) (kernel, error) {
	unit, constant := c.text(0)
	if !constant {
		return c.variable("unit")
	}
	s, ok := shiftOf(unit)
	if !ok || c.args[1].ID() != arrow.INT64 || c.args[2].ID() != arrow.TIMESTAMP {
		return c.unsupported()
	}
	return moved(c, 1, 2, func(n, t int64) (int64, error) {
		hi, by := mul64(n, s.months+s.micros)
		switch {
		case hi != by>>63:
			return 0, c.datetimeOverflow()
		case s.months > 0:
			return c.addMonths(t, by)
		}
		return c.addMicros(t, by, 1)
	}), nil
}

// timestampDiff counts whole units from the first timestamp to the second, rounded towards zero.
func timestampDiff(c *site) (kernel, error) {
	unit, constant := c.text(0)
	if !constant {
		return c.variable("unit")
	}
	s, ok := shiftOf(unit)
	if !ok || c.args[1].ID() != arrow.TIMESTAMP || c.args[2].ID() != arrow.TIMESTAMP {
		return c.unsupported()
	}
	return moved(c, 1, 2, func(from, to int64) (int64, error) {
		if s.months > 0 {
			return wholeMonths(from, to) / s.months, nil
		}
		micros, err := c.addMicros(to, from, -1)
		return micros / s.micros, err
	}), nil
}

// wholeMonths are those that have passed in full from one time to another; they are negative backwards.
func wholeMonths(from, to int64) int64 {
	a, b := datetime.DayOf(from), datetime.DayOf(to)
	timeA, timeB := datetime.FloorMod(from, datetime.MicrosPerDay), datetime.FloorMod(to, datetime.MicrosPerDay)
	switch {
	case b > a && timeB < timeA:
		b--
	case b < a && timeB > timeA:
		b++
	}
	x, y := datetime.CivilOf(a), datetime.CivilOf(b)
	packed := func(c datetime.Civil) int64 { return (int64(c.Year)*12+int64(c.Month))*32 + int64(c.Day) }
	return (packed(y) - packed(x)) / 32
}

func (c *site) datetimeOverflow() error {
	return fault(c.pos, "DATETIME_OVERFLOW", "22008", "", "datetime operation overflow")
}

func (c *site) addMonths(micros, months int64) (int64, error) {
	const most = math.MaxInt32 // months beyond are out of range whatever they are added to
	if months > most || months < -most {
		return 0, c.datetimeOverflow()
	}
	days := datetime.AddMonths(datetime.DayOf(micros), months)
	if days > math.MaxInt64/datetime.MicrosPerDay || days < math.MinInt64/datetime.MicrosPerDay {
		return 0, c.datetimeOverflow()
	}
	return c.addMicros(days*datetime.MicrosPerDay, datetime.FloorMod(micros, datetime.MicrosPerDay), 1)
}

// nextDay is the first day of a name after the date.
func nextDay(c *site) (kernel, error) {
	if c.args[0].ID() != arrow.DATE32 {
		return c.unsupported()
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, name := valuesOf[int32](args[0]), unitsText(args[1])
		return tried(k, false, func(i int) (int32, error) {
			want := weekdayNamed(name(i))
			if want < 0 {
				return 0, fault(c.pos, "ILLEGAL_DAY_OF_WEEK", "22009", "write MO, MON or MONDAY, and so on", "there is no day of the week called '%s'", name(i))
			}
			d := a.at(i)
			return c.toDate(int64(d) + 1 + datetime.FloorMod(int64(want-datetime.Weekday(d)-1), 7))
		})
	}}, nil
}
