package schema

import (
	"fmt"
	"time"

	"github.com/medallion-go/medallion/internal/datetime"
)

// Date is a day without a zone, as days since 1970-01-01 in the proleptic Gregorian calendar. It is the Go form of DATE.
type Date int32

// DateOf is the day of t in t's own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(datetime.FloorDiv(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix(), datetime.SecondsPerDay))
}

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	days, ok := datetime.FixedDate([]byte(s))
	if !ok {
		return 0, fmt.Errorf("schema: date %q: want YYYY-MM-DD", s)
	}
	return Date(days), nil
}

// Time is midnight UTC of the day.
func (d Date) Time() time.Time {
	return time.Unix(int64(d)*datetime.SecondsPerDay, 0).UTC()
}

// String is YYYY-MM-DD; years beyond 9999 have a plus sign and years before 0 a minus sign in front, as Spark prints them.
func (d Date) String() string {
	return string(datetime.AppendDate(nil, int32(d)))
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
	return string(datetime.AppendISO(nil, int64(t), 6))
}
