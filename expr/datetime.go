package expr

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
)

const (
	microsPerSecond = 1_000_000
	secondsPerDay   = 86_400
	microsPerDay    = secondsPerDay * microsPerSecond
	maxSeconds      = 9_223_372_036_853 // whole seconds from the epoch that microseconds can hold, either way
)

// parseDatetime reads DATE '…', TIMESTAMP '…' and TIMESTAMP_NTZ '…'.
func (p *Parser) parseDatetime() (Node, error) {
	kind, text := p.Next(), p.Next()
	n := Literal{Pos: kind.Pos}
	ok := false
	switch kind.word {
	case "DATE":
		n.Type = typeDate
		var days int32
		days, ok = parseDate(text.Text)
		n.Value = arrow.Date32(days)
	case "TIMESTAMP_NTZ":
		n.Type = typeNTZ
		var micros int64
		micros, ok = parseTimestamp(text.Text, false)
		n.Value = arrow.Timestamp(micros)
	default:
		n.Type = typeTimestamp
		var micros int64
		micros, ok = parseTimestamp(text.Text, true)
		n.Value = arrow.Timestamp(micros)
	}
	if !ok {
		return nil, &Error{
			Class: "INVALID_TYPED_LITERAL", SQLState: "42604", Message: fmt.Sprintf("the %s literal %s is not valid", kind.word, text.show()),
			Line: text.Line, Column: text.Column, Hint: "write it as '2025-01-31' or '2025-01-31 23:59:59.999999'",
		}
	}
	return n, nil
}

// parseDate reads a date as Spark's cast does: yyyy, yyyy-[m]m or yyyy-[m]m-[d]d, the last perhaps followed by a blank or T and anything. It counts
// days from 1970-01-01.
func parseDate(text string) (days int32, ok bool) {
	s := strings.TrimSpace(text)
	if i := strings.IndexAny(s, " T"); i > 0 {
		if strings.Count(strings.TrimLeft(s[:i], "+-"), "-") != 2 {
			return 0, false
		}
		s = s[:i]
	}
	day, ok := parseDay(s)
	n := floorDiv(day.Unix(), secondsPerDay)
	return int32(n), ok && n == int64(int32(n))
}

// parseTimestamp reads a timestamp as Spark's cast does: a date, then perhaps a blank or T and [h]h[:[m]m[:[s]s[.fraction]]], then after seconds
// perhaps a zone, which zoned says to heed; without one it is UTC. It counts microseconds from the epoch.
func parseTimestamp(text string, zoned bool) (micros int64, ok bool) {
	s := strings.TrimSpace(text)
	date, clock := s, ""
	if i := strings.IndexAny(s, " T"); i > 0 {
		date, clock = s[:i], s[i+1:]
		if clock == "" || strings.Count(strings.TrimLeft(date, "+-"), "-") != 2 {
			return 0, false
		}
	}
	day, ok := parseDay(date)
	if !ok || day.Unix() > maxSeconds-secondsPerDay || day.Unix() < -maxSeconds+secondsPerDay {
		return 0, false
	}
	micros = day.Unix() * microsPerSecond
	if clock == "" {
		return micros, true
	}
	return addClock(micros, clock, zoned)
}

// parseDay reads [+-]yyyy[-[m]m[-[d]d]] with a year of four to seven digits.
func parseDay(s string) (time.Time, bool) {
	sign := 1
	if s != "" && (s[0] == '-' || s[0] == '+') {
		if s[0] == '-' {
			sign = -1
		}
		s = s[1:]
	}
	parts := strings.Split(s, "-")
	if len(parts) > 3 {
		return time.Time{}, false
	}
	fields := [3]int{1, 1, 1}
	for i, part := range parts {
		least, most := 1, 2
		if i == 0 {
			least, most = 4, 7
		}
		n, ok := digits(part, least, most)
		if !ok {
			return time.Time{}, false
		}
		fields[i] = n
	}
	day := time.Date(sign*fields[0], time.Month(fields[1]), fields[2], 0, 0, 0, 0, time.UTC)
	return day, day.Month() == time.Month(fields[1]) && day.Day() == fields[2]
}

// addClock adds h:m:s.fraction and subtracts the zone's offset at that time.
func addClock(micros int64, clock string, zoned bool) (int64, bool) {
	units := [3]int64{3600, 60, 1}
	limits := [3]int{23, 59, 59}
	rest := clock
	for i := range units {
		end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(rest)
		}
		n, ok := digits(rest[:end], 1, 2)
		if !ok || n > limits[i] {
			return 0, false
		}
		micros += int64(n) * units[i] * microsPerSecond
		rest = rest[end:]
		if i == 2 {
			break
		}
		if rest == "" {
			return micros, true
		}
		if rest[0] != ':' {
			return 0, false
		}
		rest = rest[1:]
	}
	fraction, zone := cutFraction(rest)
	micros += fraction
	if zone = strings.TrimSpace(zone); zone == "" {
		return micros, true
	}
	offset, ok := zoneOffset(zone, micros)
	if !zoned {
		offset = 0
	}
	return micros - offset, ok
}

// cutFraction takes .123456 off the front; digits beyond microseconds are dropped.
func cutFraction(s string) (micros int64, rest string) {
	if s == "" || s[0] != '.' {
		return 0, s
	}
	unit := int64(microsPerSecond / 10)
	for s = s[1:]; s != "" && isDigit(s[0]); s = s[1:] {
		micros += int64(s[0]-'0') * unit
		unit /= 10
	}
	return micros, s
}

// zoneOffset is the microseconds that a zone is ahead of UTC at a local time: Z, ±h[:m], UTC, GMT or UT with or without an offset, or a region.
func zoneOffset(zone string, local int64) (micros int64, ok bool) {
	offset := zone
	for _, prefix := range []string{"UTC", "GMT", "UT"} {
		if rest, found := strings.CutPrefix(zone, prefix); found {
			offset = rest
			break
		}
	}
	switch {
	case zone == "Z" || offset == "":
		return 0, true
	case offset[0] == '+' || offset[0] == '-':
		return numericOffset(offset)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return 0, false
	}
	return regionOffset(loc, floorDiv(local, microsPerSecond)) * microsPerSecond, true
}

// regionOffset is the seconds that a region is ahead of UTC at a local time: the earlier offset where that occurs twice, or not at all, as in Java.
func regionOffset(loc *time.Location, local int64) int64 {
	const day = 24 * 60 * 60
	offset := func(at int64) int64 { _, o := time.Unix(at, 0).In(loc).Zone(); return int64(o) }
	before, later := offset(local-day), offset(local+day)
	if before != later && offset(local-before) != before && offset(local-later) == later {
		return later
	}
	return before
}

// numericOffset reads ±h[h], ±hhmm[ss] and ±h[h]:m[m][:ss], up to 18 hours.
func numericOffset(s string) (micros int64, ok bool) {
	parts := strings.Split(s[1:], ":")
	if n := len(parts[0]); len(parts) == 1 && (n == 4 || n == 6) {
		parts = nil
		for i := 1; i < len(s); i += 2 {
			parts = append(parts, s[i:i+2])
		}
	}
	if len(parts) > 3 {
		return 0, false
	}
	seconds, unit := 0, 3600
	for i, part := range parts {
		n, ok := digits(part, 1, 2)
		if !ok || i > 0 && n > 59 {
			return 0, false
		}
		seconds += n * unit
		unit /= 60
	}
	if seconds > 18*3600 {
		return 0, false
	}
	if s[0] == '-' {
		seconds = -seconds
	}
	return int64(seconds) * microsPerSecond, true
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// digits reads a number of least to most decimal digits and nothing else.
func digits(s string, least, most int) (int, bool) {
	if len(s) < least || len(s) > most || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// formatDate is a day as parseDate reads it.
func formatDate(d arrow.Date32) string { return formatDay(time.Unix(int64(d)*secondsPerDay, 0).UTC()) }

// formatDay always writes four digits of the year, also before year 1.
func formatDay(t time.Time) string {
	year, sign := t.Year(), ""
	if year < 0 {
		year, sign = -year, "-"
	}
	return fmt.Sprintf("%s%04d-%02d-%02d", sign, year, t.Month(), t.Day())
}

// formatTimestamp is an instant in UTC as parseTimestamp reads it, with only as many decimals as it needs.
func formatTimestamp(micros int64) string {
	t := time.UnixMicro(micros).UTC()
	s := fmt.Sprintf("%s %02d:%02d:%02d", formatDay(t), t.Hour(), t.Minute(), t.Second())
	if us := t.Nanosecond() / 1000; us != 0 {
		s += strings.TrimRight(fmt.Sprintf(".%06d", us), "0")
	}
	return s
}
