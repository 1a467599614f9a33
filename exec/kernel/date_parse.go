package kernel

import (
	"bytes"
	"strings"
)

// read is what a pattern has found; fields that it lacks keep their defaults.
type read struct {
	clock
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
	return micros - offset*microsPerSecond, ok
}

// parseLocal reads the time as the text has it, and how many seconds its zone is ahead of UTC.
func (p datePattern) parseLocal(b []byte) (micros, offset int64, ok bool) {
	r := read{clock: clock{year: 1970, month: 1, day: 1}, hourOfHalf: -1}
	if b, ok = r.takeAll(b, p); !ok || len(b) > 0 || !r.resolve() {
		return 0, 0, false
	}
	micros, ok = r.local(0)
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
		n := min(digits(b), item.count)
		r.micros = fraction(b[:n])
		return b[n:], n > 0
	}
	least, most := item.width()
	if item.letter == 'y' && item.count >= 4 && len(b) > 0 && b[0] == '+' {
		b, least, most = b[1:], item.count+1, 9
	}
	if most > item.count {
		most = max(least, min(most, digits(b)-reserved(next)))
	}
	v, rest, ok := field(b[:min(len(b), most)], least, most)
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
			r.month, r.hasMonth = i+1, true
			return b[len(name):], true
		}
	}
	return nil, false
}

func (r *read) set(item patternItem, v int) {
	switch item.letter {
	case 'y':
		if r.year = v; item.count == 2 {
			r.year = 2000 + v
		}
	case 'M', 'L':
		r.month, r.hasMonth = v, true
	case 'd':
		r.day, r.hasDayOfMon = v, true
	case 'D':
		r.yearDay = v
		if v == 0 {
			r.yearDay = -1
		}
	case 'H':
		r.hour = v
	case 'k': // 24 is midnight
		if r.hour = v % 24; v < 1 || v > 24 {
			r.hour = v + 24
		}
	case 'h':
		r.hourOfHalf = v
	case 'K': // 0 is twelve
		if r.hourOfHalf = v; v == 0 {
			r.hourOfHalf = 12
		}
	case 'm':
		r.minute = v
	default:
		r.second = v
	}
}

// resolve makes the fields a valid date and time.
func (r *read) resolve() bool {
	if r.hourOfHalf >= 0 {
		if r.hourOfHalf < 1 || r.hourOfHalf > 12 {
			return false
		}
		r.hour = r.hourOfHalf % 12
		if r.afternoon {
			r.hour += 12
		}
	}
	if r.yearDay != 0 {
		if r.yearDay < 0 || r.yearDay > 365 && (r.yearDay > 366 || !isLeap(r.year)) {
			return false
		}
		c := civilOf(int32(daysOf(r.year, 1, r.yearDay)))
		if r.hasMonth && r.month != c.month || r.hasDayOfMon && r.day != c.day {
			return false
		}
		r.month, r.day = c.month, c.day
	}
	return r.year >= 1 && validDate(r.year, r.month, r.day) && r.hour < 24 && r.minute < 60 && r.second < 60
}
