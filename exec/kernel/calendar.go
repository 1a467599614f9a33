package kernel

const (
	secondsPerDay   = 86_400
	microsPerSecond = 1_000_000
	microsPerMinute = 60 * microsPerSecond
	microsPerHour   = 3600 * microsPerSecond
	microsPerDay    = secondsPerDay * microsPerSecond
)

// civil is a day of the proleptic Gregorian calendar.
type civil struct {
	year       int
	month, day int // from 1
}

// civilOf is the date of a day number since 1970-01-01.
func civilOf(days int32) civil {
	const eras, limit = 400, 1 << 30 // how far from 1970 32-bit arithmetic goes
	if n := int64(days) + 719468 + eras*146097; n >= 0 && n < limit {
		return civilNear(uint32(n), eras*400)
	}
	return civilFar(days)
}

// civilNear counts days from March 1 of a year; all divisions are by constants (Neri and Schneider, Euclidean affine functions).
func civilNear(n uint32, years int) civil {
	century, inCentury := (4*n+3)/146097, (4*n+3)%146097/4
	product := uint64(2939745) * uint64(4*inCentury+3)
	yearDay := uint32(product) / 2939745 / 4
	month := 2141*yearDay + 197913
	c := civil{year: int(100*century+uint32(product>>32)) - years, month: int(month >> 16), day: int(month&0xffff/2141) + 1}
	if yearDay >= 306 {
		c.month -= 12
		c.year++
	}
	return c
}

func civilFar(days int32) civil {
	z := int64(days) + 719468 // days since 0000-03-01
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	c := civil{year: int(yoe + era*400), day: int(doy - (153*mp+2)/5 + 1), month: int(mp + 3)}
	if mp >= 10 {
		c.month -= 12
		c.year++
	}
	return c
}

// daysOf is the day number of a date, whose day may be beyond its month's end.
func daysOf(year, month, day int) int64 {
	y := int64(year)
	if month <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	mp := (int64(month) + 9) % 12
	doy := (153*mp+2)/5 + int64(day) - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

func isLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// monthDays is the length of a month.
func monthDays(year, month int) int {
	switch month {
	case 2:
		if isLeap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// validDate tells whether year, month and day name a day.
func validDate(year, month, day int) bool {
	return month >= 1 && month <= 12 && day >= 1 && day <= monthDays(year, month)
}

// addMonths moves a date by months, to the last day of the month where the day does not exist.
func addMonths(days int32, months int64) int64 {
	c := civilOf(days)
	total := int64(c.year)*12 + int64(c.month-1) + months
	year, month := int(floorDiv(total, 12)), int(floorMod(total, 12))+1
	return daysOf(year, month, min(c.day, monthDays(year, month)))
}

// yearDay counts from 1.
func yearDay(days int32) int { return int(int64(days)-daysOf(civilOf(days).year, 1, 1)) + 1 }

// weekday counts from Monday = 0.
func weekday(days int32) int { return int(floorMod(int64(days)+3, 7)) }

// floorDiv and floorMod round towards negative infinity; b > 0.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 {
	if m := a % b; m < 0 {
		return m + b
	} else {
		return m
	}
}

// dayOf is the day of a timestamp in µs.
func dayOf(micros int64) int32 { return int32(floorDiv(micros, microsPerDay)) }

func appendDate(dst []byte, days int32) []byte {
	c := civilOf(days)
	dst = append(appendYear(dst, c.year), '-')
	dst = append(appendPadded(dst, uint64(c.month), 2), '-')
	return appendPadded(dst, uint64(c.day), 2)
}

// appendYear prints at least four digits, and a sign outside of 0 to 9999.
func appendYear(dst []byte, year int) []byte {
	switch {
	case year < 0:
		dst, year = append(dst, '-'), -year
	case year > 9999:
		dst = append(dst, '+')
	}
	return appendPadded(dst, uint64(year), 4)
}

// appendTimestamp prints a timestamp in µs without the trailing zeros of the fraction.
func appendTimestamp(dst []byte, micros int64) []byte {
	day := dayOf(micros)
	of := uint64(floorMod(micros, microsPerDay))
	dst = append(appendDate(dst, day), ' ')
	dst = append(appendPadded(dst, of/microsPerHour, 2), ':')
	dst = append(appendPadded(dst, of/microsPerMinute%60, 2), ':')
	return appendFraction(appendPadded(dst, of/microsPerSecond%60, 2), of%microsPerSecond)
}

// appendFraction prints millionths without trailing zeros, and nothing for none.
func appendFraction(dst []byte, micros uint64) []byte {
	if micros == 0 {
		return dst
	}
	width := 6
	for ; micros%10 == 0; width-- {
		micros /= 10
	}
	return appendPadded(append(dst, '.'), micros, width)
}
