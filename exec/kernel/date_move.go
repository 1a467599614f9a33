package kernel

import (
	"math"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
)

// dateMoves are the functions that move, compare, cut and make dates and timestamps.
func dateMoves() map[string]builder {
	return map[string]builder{
		"date_add": dateAdd(1), "date_sub": dateAdd(-1), "datediff": dateDiff,
		"add_months": monthsAdd, "months_between": monthsBetween,
		"trunc": truncDate, "date_trunc": truncTimestamp, "make_date": makeDate,
		"current_date":      current(func(k *frame) int64 { return int64(datetime.DayOf(k.env.Now.UnixMicro())) }),
		"current_timestamp": current(func(k *frame) int64 { return k.env.Now.UnixMicro() }),
	}
}

// current is an instant of the statement.
func current(f func(k *frame) int64) builder {
	return func(c *site) (kernel, error) {
		if c.typ.ID() == arrow.DATE32 {
			return kernel{now: true, run: func(k *frame, _ []vec) (vec, error) { return mapped(k, func(int) int32 { return int32(f(k)) }), nil }}, nil
		}
		return kernel{now: true, run: func(k *frame, _ []vec) (vec, error) { return mapped(k, func(int) int64 { return f(k) }), nil }}, nil
	}
}

// dateAdd moves a date by days.
func dateAdd(sign int64) builder {
	return func(c *site) (kernel, error) {
		by := longsOf(c.args[1])
		if c.args[0].ID() != arrow.DATE32 || by == nil {
			return c.unsupported()
		}
		return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
			a, n := valuesOf[int32](args[0]), by(args[1])
			return tried(k, false, func(i int) (int32, error) { return c.toDate(int64(a.at(i)) + sign*n(i)) })
		}}, nil
	}
}

// dateDiff counts the days from the second date to the first.
func dateDiff(c *site) (kernel, error) {
	if c.args[0].ID() != arrow.DATE32 || c.args[1].ID() != arrow.DATE32 {
		return c.unsupported()
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, b := valuesOf[int32](args[0]), valuesOf[int32](args[1])
		return mapped(k, func(i int) int32 { return a.at(i) - b.at(i) }), nil
	}}, nil
}

func monthsAdd(c *site) (kernel, error) {
	return moved(c, 0, 1, func(d, m int32) (int32, error) { return c.toDate(datetime.AddMonths(d, int64(m))) }), nil
}

// monthsBetween takes a month as 31 days, and whole months where both are the same day or the last of their months.
func monthsBetween(c *site) (kernel, error) {
	if c.args[0].ID() != arrow.TIMESTAMP || c.args[1].ID() != arrow.TIMESTAMP {
		return c.unsupported()
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, b := valuesOf[int64](args[0]), valuesOf[int64](args[1])
		round := func(int) bool { return true }
		if len(args) == 3 {
			round = booleansOf(args[2]).at
		}
		return mapped(k, func(i int) float64 { return monthsApart(a.at(i), b.at(i), round(i)) }), nil
	}}, nil
}

func monthsApart(a, b int64, round bool) float64 {
	x, y := datetime.CivilOf(datetime.DayOf(a)), datetime.CivilOf(datetime.DayOf(b))
	months := float64((x.Year-y.Year)*12 + x.Month - y.Month)
	if x.Day == y.Day || x.Day == datetime.MonthDays(x.Year, x.Month) && y.Day == datetime.MonthDays(y.Year, y.Month) {
		return months
	}
	// Spark drops what is below a second.
	secondOf := func(t int64) int64 { return datetime.FloorMod(t, datetime.MicrosPerDay) / datetime.MicrosPerSecond }
	seconds := secondOf(a) - secondOf(b) + int64(x.Day-y.Day)*datetime.SecondsPerDay
	diff := months + float64(seconds)/(31*datetime.SecondsPerDay)
	if !round {
		return diff
	}
	return halfUp.float(diff, 8)
}

// startOf is the first day of the unit of calendar that a day is in; ok is false for units that are no such.
func startOf(unit string, day int32) (start int64, ok bool) {
	c := datetime.CivilOf(day)
	switch strings.ToUpper(unit) {
	case "YEAR", "YYYY", "YY":
		return datetime.DaysOf(c.Year, 1, 1), true
	case "QUARTER":
		return datetime.DaysOf(c.Year, (c.Month-1)/3*3+1, 1), true
	case "MONTH", "MON", "MM":
		return int64(day) - int64(c.Day) + 1, true
	case "WEEK":
		return int64(day) - int64(datetime.Weekday(day)), true
	}
	return 0, false
}

// timeUnit is the length in µs of the units of a day that date_trunc knows; 0 for others.
func timeUnit(unit string) int64 {
	switch strings.ToUpper(unit) {
	case "MICROSECOND":
		return 1
	case "MILLISECOND":
		return 1000
	case "SECOND":
		return datetime.MicrosPerSecond
	case "MINUTE":
		return datetime.MicrosPerMinute
	case "HOUR":
		return datetime.MicrosPerHour
	case "DAY", "DD":
		return datetime.MicrosPerDay
	}
	return 0
}

// truncDate is trunc(date, unit); an unknown unit gives NULL.
func truncDate(c *site) (kernel, error) {
	if c.args[0].ID() != arrow.DATE32 {
		return c.unsupported()
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, unit := valuesOf[int32](args[0]), unitsText(args[1])
		return tried(k, true, func(i int) (int32, error) {
			if start, ok := startOf(unit(i), a.at(i)); ok {
				return int32(start), nil
			}
			return 0, errNull
		})
	}}, nil
}

// unitsText reads a unit's name, once where it is constant.
func unitsText(v vec) func(i int) string {
	a := textsOf(v)
	if v.one {
		unit := string(a.at(0))
		return func(int) string { return unit }
	}
	return func(i int) string { return string(a.at(i)) }
}

// truncTimestamp is date_trunc(unit, timestamp); an unknown unit gives NULL.
func truncTimestamp(c *site) (kernel, error) {
	if c.args[1].ID() != arrow.TIMESTAMP {
		return c.unsupported()
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		unit, a := unitsText(args[0]), valuesOf[int64](args[1])
		if args[0].one {
			return k.truncated(unit(0), a), nil
		}
		return tried(k, true, func(i int) (int64, error) {
			t := a.at(i)
			if size := timeUnit(unit(i)); size > 0 {
				return t - datetime.FloorMod(t, size), nil
			}
			if start, ok := startOf(unit(i), datetime.DayOf(t)); ok {
				return start * datetime.MicrosPerDay, nil
			}
			return 0, errNull
		})
	}}, nil
}

// truncated cuts all rows to one unit; consecutive rows of one day are computed once.
func (k *frame) truncated(unit string, a values[int64]) vec {
	if size := timeUnit(unit); size > 0 {
		return mapped(k, func(i int) int64 { t := a.at(i); return t - datetime.FloorMod(t, size) })
	}
	if _, ok := startOf(unit, 0); !ok {
		return k.nothing()
	}
	last := remembered{f: func(day int32) int32 {
		start, _ := startOf(unit, day)
		return int32(start)
	}}
	return mapped(k, func(i int) int64 { return int64(last.of(datetime.DayOf(a.at(i)))) * datetime.MicrosPerDay })
}

// makeDate is the date of a year, a month and a day, or an error where there is none.
func makeDate(c *site) (kernel, error) {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		y, m, d := valuesOf[int32](args[0]), valuesOf[int32](args[1]), valuesOf[int32](args[2])
		return tried(k, false, func(i int) (int32, error) {
			year, month, day := int(y.at(i)), int(m.at(i)), int(d.at(i))
			days := datetime.DaysOf(year, month, day)
			if !datetime.IsDate(year, month, day) || days != int64(int32(days)) || year > math.MaxInt32/365 {
				return 0, fault(c.pos, "DATETIME_FIELD_OUT_OF_BOUNDS.WITH_SUGGESTION", "22023", "use try_to_date with a text to get NULL instead",
					"there is no date of year %d, month %d, day %d", year, month, day)
			}
			return int32(days), nil
		})
	}}, nil
}
