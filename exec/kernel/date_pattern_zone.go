package kernel

import (
	"strings"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/internal/digits"
)

// formatQuarter prints 1, 01, Q1 or 1st quarter.
func (p patternItem) formatQuarter(dst []byte, quarter int) []byte {
	switch p.count {
	case 3:
		return append(dst, 'Q', byte('0'+quarter))
	case 4:
		return append(append(dst, [...]string{"1st", "2nd", "3rd", "4th"}[quarter-1]...), " quarter"...)
	}
	return digits.AppendPadded(dst, uint64(quarter), p.count)
}

// utcName is what a field of the zone prints, which is UTC.
func (p patternItem) utcName() string {
	switch {
	case p.letter == 'X', p.letter == 'Z' && p.count == 5:
		return "Z"
	case p.letter == 'z' && p.count == 4:
		return "Coordinated Universal Time"
	case p.letter == 'z', p.letter == 'V':
		return "UTC"
	case p.letter == 'O', p.letter == 'Z' && p.count == 4:
		return "GMT"
	case p.letter == 'x' && p.count == 1:
		return "+00"
	case p.letter == 'x' && p.count%2 == 1:
		return "+00:00"
	}
	return "+0000"
}

// takeOffset reads a zone's offset in the shape that the letters ask for: hours, and minutes unless one letter X or x leaves them out, and with four
// letters or more perhaps seconds, with colons between them for an odd number of letters.
func (r *read) takeOffset(b []byte, item patternItem) (rest []byte, ok bool) {
	five := item.letter == 'Z' && item.count == 5
	if (item.letter == 'X' || five) && len(b) > 0 && (b[0] == 'Z' || b[0] == 'z') {
		return b[1:], true
	}
	if item.letter == 'Z' && item.count == 4 {
		return r.takeLocalized(b)
	}
	if len(b) == 0 || b[0] != '+' && b[0] != '-' {
		return nil, false
	}
	least, most := 2, 2
	switch {
	case item.letter != 'Z' && item.count == 1:
		least = 1
	case item.letter != 'Z' && item.count >= 4, five:
		most = 3
	}
	colons := five || item.letter != 'Z' && item.count >= 3 && item.count%2 == 1
	seconds, rest, n := offsetFields(b[1:], most, colons)
	if n < least || seconds > 18*3600 {
		return nil, false
	}
	if b[0] == '-' {
		seconds = -seconds
	}
	r.offset = seconds
	return rest, true
}

// offsetFields reads up to most fields of two digits, and counts them.
func offsetFields(b []byte, most int, colons bool) (seconds int64, rest []byte, n int) {
	unit := int64(3600)
	for ; n < most; n++ {
		next := b
		if n > 0 && colons {
			if len(b) == 0 || b[0] != ':' {
				break
			}
			next = b[1:]
		}
		if digits.Count(next) < 2 {
			break
		}
		v := int64(next[0]-'0')*10 + int64(next[1]-'0')
		if n > 0 && v > 59 {
			break
		}
		seconds, unit, b = seconds+v*unit, unit/60, next[2:]
	}
	return seconds, b, n
}

// takeLocalized reads GMT, perhaps with an offset.
func (r *read) takeLocalized(b []byte) (rest []byte, ok bool) {
	if len(b) < 3 || !strings.EqualFold(string(b[:3]), "GMT") {
		return nil, false
	}
	rest = b[3:]
	end := 0
	for end < len(rest) && strings.IndexByte("+-:0123456789", rest[end]) >= 0 {
		end++
	}
	if end == 0 {
		return rest, true
	}
	seconds, ok := datetime.ParseOffset(string(rest[:end]))
	r.offset = int64(seconds)
	return rest[end:], ok
}
