package kernel

import (
	"bytes"
	"strings"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/internal/digits"
)

// read is what a pattern has found; fields that it lacks keep their defaults.
type read struct {
	datetime.Clock
	yearDay     int // 0: not read
	hourOfHalf  int // -1: not read
	afternoon   bool
	offset      int64 // of the zone that was read, in seconds
	hasMonth    bool
	hasDayOfMon bool
}

// parse reads text that the pattern fits from end to end: the instant, in UTC where no zone is read.
func (p datePattern) parse(b []byte) (micros int64, ok bool) {
	micros, offset, ok := p.parseLocal(b)
	return micros - offset*datetime.MicrosPerSecond, ok
}

// parseLocal reads the time as the text has it, and how many seconds its zone is ahead of UTC.
func (p datePattern) parseLocal(b []byte) (micros, offset int64, ok bool) {
	r := read{Clock: datetime.Clock{Year: 1970, Month: 1, Day: 1}, hourOfHalf: -1}
	if b, ok = r.takeAll(b, p); !ok || len(b) > 0 || !r.resolve() {
		return 0, 0, false
	}
	micros, ok = r.Local()
	return micros, r.offset, ok
}

// takeAll reads the items one after the other.
func (r *read) takeAll(b []byte, p datePattern) (rest []byte, ok bool) {
	for i, item := range p {
		if b, ok = r.take(b, item, p[i+1:]); !ok {
			return nil, false
		}
	}
	return b, true
}

// take reads one item; the numeric fields that follow without a gap keep their digits.
func (r *read) take(b []byte, item patternItem, next datePattern) (rest []byte, ok bool) {
	switch {
	case item.optional != nil:
		inside := *r
		if rest, ok := inside.takeAll(b, item.optional); ok {
			*r = inside
			return rest, true
		}
		return b, true
	case item.letter == 'X', item.letter == 'x', item.letter == 'Z':
		return r.takeOffset(b, item)
	case item.letter == 0:
		if len(b) < len(item.text) || !bytes.EqualFold(b[:len(item.text)], []byte(item.text)) {
			return nil, false
		}
		return b[len(item.text):], true
	case item.letter == 'a':
		if len(b) < 2 || !strings.EqualFold(string(b[1:2]), "M") || !strings.ContainsRune("AaPp", rune(b[0])) {
			return nil, false
		}
		r.afternoon = b[0] == 'P' || b[0] == 'p'
		return b[2:], true
	case (item.letter == 'M' || item.letter == 'L') && item.count >= 3:
		return r.monthName(b, item.count == 4)
	case item.letter == 'S':
		n := min(digits.Count(b), item.count)
		_, micros := datetime.Fraction(b[:n])
		r.Micros = int(micros)
		return b[n:], n > 0
	}
	least, most := item.width()
	if item.letter == 'y' && item.count >= 4 && len(b) > 0 && b[0] == '+' {
		b, least, most = b[1:], item.count+1, 9
	}
	if most > item.count {
		most = max(least, min(most, digits.Count(b)-reserved(next)))
	}
	v, rest, ok := digits.Field(b[:min(len(b), most)], least, most)
	if !ok {
		return nil, false
	}
	r.set(item, v)
	return b[len(b[:min(len(b), most)])-len(rest):], true
}

// width is how many digits a numeric field takes.
func (p patternItem) width() (least, most int) {
	switch {
	case p.letter == 'y' && (p.count == 1 || p.count == 3), p.letter != 'y' && p.count == 1:
		return p.count, 9
	case p.letter == 'D':
		return p.count, 3
	}
	return p.count, p.count
}

// reserved is how many digits the fields of fixed width directly behind a field need.
func reserved(next datePattern) (n int) {
	for _, item := range next {
		least, most := item.width()
		if !item.numeric() || item.letter == 'S' || least != most {
			break
		}
		n += least
	}
	return n
}

func (r *read) monthName(b []byte, full bool) (rest []byte, ok bool) {
	for i, name := range monthNames() {
		if !full {
			name = name[:3]
		}
		if len(b) >= len(name) && strings.EqualFold(string(b[:len(name)]), name) {
			r.Month, r.hasMonth = i+1, true
			return b[len(name):], true
		}
	}
	return nil, false
}

func (r *read) set(item patternItem, v int) {
	switch item.letter {
	case 'y':
		if r.Year = v; item.count == 2 {
			r.Year = 2000 + v
		}
	case 'M', 'L':
		r.Month, r.hasMonth = v, true
	case 'd':
		r.Day, r.hasDayOfMon = v, true
	case 'D':
		r.yearDay = v
		if v == 0 {
			r.yearDay = -1
		}
	case 'H':
		r.Hour = v
	case 'k': // 24 is midnight
		if r.Hour = v % 24; v < 1 || v > 24 {
			r.Hour = v + 24
		}
	case 'h':
		r.hourOfHalf = v
	case 'K': // 0 is twelve
		if r.hourOfHalf = v; v == 0 {
			r.hourOfHalf = 12
		}
	case 'm':
		r.Minute = v
	default:
		r.Second = v
	}
}

// resolve makes the fields a valid date and time.
func (r *read) resolve() bool {
	if r.hourOfHalf >= 0 {
		if r.hourOfHalf < 1 || r.hourOfHalf > 12 {
			return false
		}
		r.Hour = r.hourOfHalf % 12
		if r.afternoon {
			r.Hour += 12
		}
	}
	if r.yearDay != 0 {
		if r.yearDay < 0 || r.yearDay > 365 && (r.yearDay > 366 || !datetime.IsLeap(r.Year)) {
			return false
		}
		c := datetime.CivilOf(int32(datetime.DaysOf(r.Year, 1, r.yearDay)))
		if r.hasMonth && r.Month != c.Month || r.hasDayOfMon && r.Day != c.Day {
			return false
		}
		r.Month, r.Day = c.Month, c.Day
	}
	return r.Year >= 1 && datetime.IsDate(r.Year, r.Month, r.Day) && r.Hour < 24 && r.Minute < 60 && r.Second < 60
}
