// Package datetime is Spark's grammar of dates and times: the proleptic Gregorian calendar, what text is a DATE, a TIMESTAMP or a zone, and how they print.
// Dates are days and timestamps microseconds since 1970-01-01, timestamps in UTC. Literals, casts, the readers of CSV and JSON and the logs of Delta all
// use it. Nothing in it allocates but a zone that is named for the first time.
package datetime

// The units of time.
const (
	SecondsPerDay   = 86_400
	MicrosPerSecond = 1_000_000
	MicrosPerMinute = 60 * MicrosPerSecond
	MicrosPerHour   = 3600 * MicrosPerSecond
	MicrosPerDay    = SecondsPerDay * MicrosPerSecond
)

// Civil is a day of the proleptic Gregorian calendar.
type Civil struct {
	Year       int
	Month, Day int // from 1
}

// CivilOf is the date of a day number since 1970-01-01.
func CivilOf(days int32) Civil {
	const eras, limit = 400, 1 << 30 // how far from 1970 32-bit arithmetic goes
	if n := int64(days) + 719468 + eras*146097; n >= 0 && n < limit {
		return civilNear(uint32(n), eras*400)
	}
	return civilFar(days)
}

// civilNear counts days from March 1 of a year; all divisions are by constants (Neri and Schneider, Euclidean affine functions).
func civilNear(n uint32, years int) Civil {
	century, inCentury := (4*n+3)/146097, (4*n+3)%146097/4
	product := uint64(2939745) * uint64(4*inCentury+3)
	yearDay := uint32(product) / 2939745 / 4
	month := 2141*yearDay + 197913
	c := Civil{Year: int(100*century+uint32(product>>32)) - years, Month: int(month >> 16), Day: int(month&0xffff/2141) + 1}
	if yearDay >= 306 {
		c.Month -= 12
		c.Year++
	}
	return c
}

func civilFar(days int32) Civil {
	z := int64(days) + 719468 // days since 0000-03-01
	era := FloorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	c := Civil{Year: int(yoe + era*400), Day: int(doy - (153*mp+2)/5 + 1), Month: int(mp + 3)}
	if mp >= 10 {
		c.Month -= 12
		c.Year++
	}
	return c
}

// DaysOf is the day number of a date, whose day may be beyond its month's end.
func DaysOf(year, month, day int) int64 {
	y := int64(year)
	if month <= 2 {
		y--
	}
	era := FloorDiv(y, 400)
	yoe := y - era*400
	mp := (int64(month) + 9) % 12
	doy := (153*mp+2)/5 + int64(day) - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

// IsLeap tells whether a year of the proleptic Gregorian calendar has a 29 February.
func IsLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// MonthDays is the length of a month.
func MonthDays(year, month int) int {
	switch month {
	case 2:
		if IsLeap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// IsDate tells whether year, month and day name a day.
func IsDate(year, month, day int) bool {
	return month >= 1 && month <= 12 && day >= 1 && day <= MonthDays(year, month)
}

// AddMonths moves a date by months, to the last day of the month where the day does not exist.
func AddMonths(days int32, months int64) int64 {
	c := CivilOf(days)
	total := int64(c.Year)*12 + int64(c.Month-1) + months
	year, month := int(FloorDiv(total, 12)), int(FloorMod(total, 12))+1
	return DaysOf(year, month, min(c.Day, MonthDays(year, month)))
}

// YearDay counts from 1.
func YearDay(days int32) int { return int(int64(days)-DaysOf(CivilOf(days).Year, 1, 1)) + 1 }

// Weekday counts from Monday = 0.
func Weekday(days int32) int { return int(FloorMod(int64(days)+3, 7)) }

// FloorDiv is a / b rounded towards negative infinity; b > 0.
func FloorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// FloorMod is what FloorDiv leaves, never negative.
func FloorMod(a, b int64) int64 {
	if m := a % b; m < 0 {
		return m + b
	} else {
		return m
	}
}

// DayOf is the day of a timestamp in µs.
func DayOf(micros int64) int32 { return int32(FloorDiv(micros, MicrosPerDay)) }
