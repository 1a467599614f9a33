package kernel

import (
	"math"
	"time"
)

// clock is a time as written: date and time of day, and perhaps a zone.
type clock struct {
	year, month, day     int
	hour, minute, second int
	micros               int
	zone                 []byte // nil: none was written
	timeOnly             bool   // no date was written
}

// parseDate reads yyyy, yyyy-M or yyyy-M-d, with 4 to 7 digits of year, a sign allowed, and anything after the day and a space or T.
func parseDate(b []byte) (days int32, ok bool) {
	b = trimSpace(b)
	sign, b := yearSign(b)
	year, b, ok := field(b, 4, 7)
	if !ok {
		return 0, false
	}
	month, day := 1, 1
	if len(b) > 0 {
		if month, b, ok = after(b, '-', 2); !ok {
			return 0, false
		}
	}
	if len(b) > 0 {
		if day, b, ok = after(b, '-', 2); !ok || len(b) > 0 && b[0] != ' ' && b[0] != 'T' {
			return 0, false
		}
	}
	if !validDate(sign*year, month, day) {
		return 0, false
	}
	d := daysOf(sign*year, month, day)
	return int32(d), int64(int32(d)) == d
}

// yearSign takes a leading sign off.
func yearSign(b []byte) (sign int, rest []byte) {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		if b[0] == '-' {
			return -1, b[1:]
		}
		return 1, b[1:]
	}
	return 1, b
}

// field reads a number of least to most digits.
func field(b []byte, least, most int) (v int, rest []byte, ok bool) {
	n := digits(b)
	if n < least || n > most {
		return 0, b, false
	}
	for _, c := range b[:n] {
		v = v*10 + int(c-'0')
	}
	return v, b[n:], true
}

// after reads a separator and a number of 1 to most digits.
func after(b []byte, separator byte, most int) (v int, rest []byte, ok bool) {
	if b[0] != separator {
		return 0, b, false
	}
	return field(b[1:], 1, most)
}

// parseClock reads what CAST(… AS TIMESTAMP) takes: a date as in parseDate with up to 6 digits of year, optionally T or a space and H[:m[:s[.f][zone]]];
// or the time of day alone, as H:m… or T….
func parseClock(raw []byte) (c clock, ok bool) {
	b := trimSpace(raw)
	if len(b) == 0 {
		return c, false
	}
	n := digits(b)
	if raw[0] == 'T' || n > 0 && n < len(b) && b[n] == ':' {
		c.timeOnly = true
		if b[0] == 'T' {
			b = b[1:]
		}
		return c, c.parseTime(b)
	}
	sign, b := yearSign(b)
	c.month, c.day = 1, 1
	if c.year, b, ok = field(b, 4, 6); !ok {
		return c, false
	}
	c.year *= sign
	if len(b) > 0 {
		if c.month, b, ok = after(b, '-', 2); !ok {
			return c, false
		}
	}
	if len(b) > 0 {
		if c.day, b, ok = after(b, '-', 2); !ok {
			return c, false
		}
	}
	if !validDate(c.year, c.month, c.day) {
		return c, false
	}
	if len(b) == 0 {
		return c, true
	}
	return c, (b[0] == ' ' || b[0] == 'T') && c.parseTime(b[1:])
}

// parseTime reads H[:m[:s[.f][zone]]].
func (c *clock) parseTime(b []byte) (ok bool) {
	if c.hour, b, ok = field(b, 1, 2); !ok {
		return false
	}
	if len(b) > 0 {
		if c.minute, b, ok = after(b, ':', 2); !ok {
			return false
		}
	}
	if len(b) > 0 {
		if c.second, b, ok = after(b, ':', 2); !ok {
			return false
		}
	}
	if len(b) > 0 && b[0] == '.' {
		n := digits(b[1:])
		c.micros = fraction(b[1 : 1+n])
		b = b[1+n:]
	}
	if len(b) > 0 {
		c.zone = b
	}
	return c.hour < 24 && c.minute < 60 && c.second < 60
}

// fraction is the digits after the point in millionths; further digits are dropped.
func fraction(b []byte) (micros int) {
	for i := range 6 {
		micros *= 10
		if i < len(b) {
			micros += int(b[i] - '0')
		}
	}
	return micros
}

// local is the time in µs as if the clock were in UTC; ok is false beyond the range of timestamps.
func (c clock) local(today int32) (micros int64, ok bool) {
	days := int64(today)
	if !c.timeOnly {
		days = daysOf(c.year, c.month, c.day)
	}
	of := int64(c.hour)*microsPerHour + int64(c.minute)*microsPerMinute + int64(c.second)*microsPerSecond + int64(c.micros)
	if days > math.MaxInt64/microsPerDay || days < math.MinInt64/microsPerDay {
		return 0, false
	}
	micros = days*microsPerDay + of
	return micros, micros >= days*microsPerDay
}

// zones resolves time zones as written in timestamps, remembering each.
type zones map[string]*time.Location

// instant is the clock's time in UTC; a clock without zone is in UTC.
func (z zones) instant(c clock, today int32) (micros int64, ok bool) {
	local, ok := c.local(today)
	if !ok || c.zone == nil || len(c.zone) == 1 && c.zone[0] == 'Z' {
		return local, ok
	}
	loc, known := z[string(c.zone)]
	if !known {
		loc = parseZone(string(c.zone))
		z[string(c.zone)] = loc
	}
	if loc == nil {
		return 0, false
	}
	return local - offsetOf(loc, floorDiv(local, microsPerSecond))*microsPerSecond, true
}

// offsetOf is the zone's offset for a local time in seconds: the earlier one where the local time occurs twice, or not at all, as in Java.
func offsetOf(loc *time.Location, local int64) int64 {
	offset := func(at int64) int64 { _, o := time.Unix(at, 0).In(loc).Zone(); return int64(o) }
	before, later := offset(local-secondsPerDay), offset(local+secondsPerDay)
	if before != later && offset(local-before) != before && offset(local-later) == later {
		return later
	}
	return before
}
