package datetime

import (
	"math"
	"time"

	"github.com/medallion-go/medallion/internal/digits"
)

// ParseDate reads a DATE as Spark's cast does: yyyy, yyyy-[m]m or yyyy-[m]m-[d]d, the year with four to seven digits and perhaps a sign, the day perhaps
// followed by a space or T and anything. Blanks around it are passed over.
func ParseDate(b []byte) (days int32, ok bool) {
	if len(b) == 10 {
		if n, ok := fixedDate(b); ok {
			return int32(n), true
		}
	}
	t := text{b: TrimSpace(b)}
	if !t.date(7) || len(t.b) > 0 && (t.fields < 3 || t.b[0] != ' ' && t.b[0] != 'T') {
		return 0, false
	}
	n := DaysOf(t.Year, t.Month, t.Day)
	return int32(n), int64(int32(n)) == n
}

// Zoning is what becomes of the zone behind a time.
type Zoning uint8

// The zonings.
const (
	Heeded  Zoning = iota // it moves the time: a TIMESTAMP
	Dropped               // it must be one, and is passed over: what a cast to TIMESTAMP_NTZ does
	Refused               // there must be none: what readers of TIMESTAMP_NTZ do
)

// Parser reads timestamps, and remembers the zones that they have named. It must not be used by several goroutines at once.
type Parser struct {
	Zone  Zoning
	Now   time.Time // a time of day alone is one of its day. Default: such text is refused
	zones map[string]*time.Location
}

// Parse reads what Spark's cast takes: a date as ParseDate reads it, but of no more than six digits of year, optionally T or a space and
// [h]h[:[m]m[:[s]s[.digits][zone]]]; or, where the zone is heeded, the time of day alone, as hh:mm… or Thh…. A zone is what ParseZone takes; without one
// it is UTC.
func (p *Parser) Parse(b []byte) (micros int64, ok bool) {
	if len(b) >= 19 {
		if micros, ok := fixedTimestamp(b, p.Zone); ok {
			return micros, true
		}
	}
	t := text{b: TrimSpace(b)}
	n := digits.Count(t.b)
	switch {
	case len(b) > 0 && b[0] == 'T', n > 0 && n < len(t.b) && t.b[n] == ':':
		if p.Now.IsZero() || p.Zone != Heeded {
			return 0, false
		}
		today := CivilOf(DayOf(p.Now.UnixMicro()))
		t.Year, t.Month, t.Day = today.Year, today.Month, today.Day
		if b[0] == 'T' {
			t.b = t.b[1:]
		}
		ok = t.time()
	default:
		ok = t.date(6) && (len(t.b) == 0 || t.fields == 3 && (t.b[0] == ' ' || t.b[0] == 'T') && t.after())
	}
	if !ok {
		return 0, false
	}
	if micros, ok = t.Local(); !ok || len(t.b) == 0 {
		return micros, ok
	}
	return p.zoned(micros, t.b)
}

// zoned makes a local time an instant.
func (p *Parser) zoned(local int64, name []byte) (micros int64, ok bool) {
	if p.Zone == Refused {
		return 0, false
	}
	loc, known := p.zones[string(name)]
	if !known {
		loc = ParseZone(string(name))
		if p.zones == nil {
			p.zones = map[string]*time.Location{}
		}
		p.zones[string(name)] = loc
	}
	if loc == nil || p.Zone == Dropped {
		return local, loc != nil
	}
	offset := OffsetOf(loc, FloorDiv(local, MicrosPerSecond)) * MicrosPerSecond
	micros = local - offset
	return micros, (micros < local) == (offset > 0)
}

// Clock is a date and a time of day as clocks show them.
type Clock struct {
	Year, Month, Day, Hour, Minute, Second, Micros int
}

// Local is the time as if the clock were in UTC; ok is false beyond the range of timestamps. Its fields must be in theirs.
func (c Clock) Local() (micros int64, ok bool) {
	days := DaysOf(c.Year, c.Month, c.Day)
	of := int64(c.Hour)*MicrosPerHour + int64(c.Minute)*MicrosPerMinute + int64(c.Second)*MicrosPerSecond + int64(c.Micros)
	if days < 0 { // the first day has begun before the first microsecond
		days, of = days+1, of-MicrosPerDay
	}
	if days > math.MaxInt64/MicrosPerDay || days < math.MinInt64/MicrosPerDay {
		return 0, false
	}
	start := days * MicrosPerDay
	micros = start + of
	return micros, (micros < start) == (of < 0)
}

// text is what is left to read, and the fields that have been.
type text struct {
	Clock
	b      []byte
	fields int // of the date
}

// date reads [sign]yyyy[-[m]m[-[d]d]] with up to so many digits of year.
func (t *text) date(most int) (ok bool) {
	sign := 1
	if len(t.b) > 0 && (t.b[0] == '-' || t.b[0] == '+') {
		if t.b[0] == '-' {
			sign = -1
		}
		t.b = t.b[1:]
	}
	t.Month, t.Day = 1, 1
	if t.Year, t.b, ok = digits.Field(t.b, 4, most); !ok {
		return false
	}
	t.Year, t.fields = t.Year*sign, 1
	for _, field := range []*int{&t.Month, &t.Day} {
		if len(t.b) == 0 || t.b[0] != '-' {
			break
		}
		if *field, t.b, ok = digits.Field(t.b[1:], 1, 2); !ok {
			return false
		}
		t.fields++
	}
	return IsDate(t.Year, t.Month, t.Day)
}

// after reads the time of day behind a date and a separator.
func (t *text) after() bool {
	t.b = t.b[1:]
	return t.time()
}

// time reads H[:m[:s[.f]]] and leaves the zone, which only seconds may have behind them.
func (t *text) time() (ok bool) {
	if t.Hour, t.b, ok = digits.Field(t.b, 1, 2); !ok {
		return false
	}
	for _, field := range []*int{&t.Minute, &t.Second} {
		if len(t.b) == 0 {
			break
		}
		if t.b[0] != ':' {
			return false
		}
		if *field, t.b, ok = digits.Field(t.b[1:], 1, 2); !ok {
			return false
		}
	}
	if len(t.b) > 0 && t.b[0] == '.' {
		n, micros := Fraction(t.b[1:])
		t.Micros, t.b = int(micros), t.b[1+n:]
	}
	return t.Hour < 24 && t.Minute < 60 && t.Second < 60
}

// TrimSpace cuts what Spark takes for blank at both ends of text to be cast: white space and control characters of ASCII.
func TrimSpace(b []byte) []byte {
	for len(b) > 0 && blank(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && blank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func blank(c byte) bool { return c <= ' ' || c == 0x7f }
