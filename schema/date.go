package schema

import (
	"fmt"
	"strconv"
	"time"
)

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 24 * 60 * 60 * microsPerSecond
)

// Date is a day without a zone, as days since 1970-01-01 in the proleptic Gregorian calendar. It is the Go form of DATE.
type Date int32

// DateOf is the day of t in t's own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(floorDiv(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix(), 24*60*60))
}

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("schema: date %q: want YYYY-MM-DD", s)
	}
	return DateOf(t), nil
}

// Time is midnight UTC of the day.
func (d Date) Time() time.Time {
	return time.Unix(int64(d)*24*60*60, 0).UTC()
}

// String is YYYY-MM-DD; years beyond 9999 have a plus sign and years before 0 a minus sign in front, as Spark prints them.
func (d Date) String() string {
	return string(appendDate(nil, int64(d)))
}

// TimestampNTZ is a wall clock's date and time without a zone, as microseconds since 1970-01-01 00:00:00. It is the Go form of TIMESTAMP_NTZ.
type TimestampNTZ int64

// TimestampNTZOf is what the clock of t's own location shows, cut to microseconds.
func TimestampNTZOf(t time.Time) TimestampNTZ {
	y, m, d := t.Date()
	return TimestampNTZ(time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC).UnixMicro())
}

// Time is the same reading on a clock in UTC.
func (t TimestampNTZ) Time() time.Time {
	return time.UnixMicro(int64(t)).UTC()
}

// String is YYYY-MM-DDTHH:MM:SS.ffffff.
func (t TimestampNTZ) String() string {
	return string(appendTimestamp(nil, int64(t)))
}

func appendTimestamp(dst []byte, micros int64) []byte {
	day := floorDiv(micros, microsPerDay)
	us := micros - day*microsPerDay
	dst = append(appendDate(dst, day), 'T')
	s := us / microsPerSecond
	dst = appendPadded(dst, s/3600, 2)
	dst = appendPadded(append(dst, ':'), s/60%60, 2)
	dst = appendPadded(append(dst, ':'), s%60, 2)
	return appendPadded(append(dst, '.'), us%microsPerSecond, 6)
}

// appendDate turns a day number into the civil date, by way of 400-year eras that begin on 1 March (so that leap days end them).
func appendDate(dst []byte, day int64) []byte {
	const daysPerEra = 146097
	day += 719468 // 0000-03-01
	era := floorDiv(day, daysPerEra)
	d := day - era*daysPerEra
	y := (d - d/1460 + d/36524 - d/(daysPerEra-1)) / 365
	d -= 365*y + y/4 - y/100
	m := (5*d + 2) / 153
	d -= (153*m+2)/5 - 1
	year, month := era*400+y, m+3
	if month > 12 {
		year, month = year+1, month-12
	}
	switch {
	case year < 0:
		dst, year = append(dst, '-'), -year
	case year > 9999:
		dst = append(dst, '+')
	}
	dst = appendPadded(dst, year, 4)
	dst = appendPadded(append(dst, '-'), month, 2)
	return appendPadded(append(dst, '-'), d, 2)
}

// appendPadded appends n ≥ 0 with at least width digits.
func appendPadded(dst []byte, n int64, width int) []byte {
	limit := int64(1)
	for range width - 1 {
		limit *= 10
	}
	for ; n < limit && limit > 1; limit /= 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, n, 10)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
