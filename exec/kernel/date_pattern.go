package kernel

import (
	"strings"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/internal/digits"
)

// datePattern is a datetime pattern of Spark's: letters stand for fields, quoted text and everything else for itself.
type datePattern []patternItem

// patternItem is a field, a letter written so many times, or text, or a part in brackets that may be missing.
type patternItem struct {
	letter   byte // 0: text
	count    int
	text     string
	optional datePattern
}

func (p patternItem) numeric() bool {
	switch p.letter {
	case 0, 'E', 'a', 'X', 'x', 'Z', 'z', 'V', 'O':
		return false
	case 'M', 'L', 'Q', 'q':
		return p.count <= 2
	}
	return true
}

// compilePattern reads a pattern; parsing refuses the letters that only printing knows.
func compilePattern(pos expr.Pos, pattern string, parsing bool) (datePattern, error) {
	bad := func(letter byte, why string) error {
		class, state := expr.PatternFault(pattern, letter)
		return fault(pos, class, state, "use yyyy, MM, MMM, dd, HH, hh, mm, ss, SSS, a, EEE, DDD and XXX",
			"the datetime pattern '%s' %s", pattern, why)
	}
	var p datePattern
	var outer []datePattern // what stands before the brackets that are open
	for i := 0; i < len(pattern); {
		switch c := pattern[i]; {
		case c == '\'':
			text, size := quoted(pattern[i:])
			if size == 0 {
				return nil, bad(c, "has a quote that is not closed")
			}
			p, i = append(p, patternItem{text: text}), i+size
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			n := 1
			for i+n < len(pattern) && pattern[i+n] == c {
				n++
			}
			if most := mostLetters(c); n > most || c == 'V' && n != 2 || c == 'O' && n != 1 && n != 4 || parsing && printedOnly(c) {
				return nil, bad(c, "has "+pattern[i:i+n]+", which is not supported")
			}
			p, i = append(p, patternItem{letter: c, count: n}), i+n
		case c == '[':
			outer, p, i = append(outer, p), nil, i+1
		case c == ']' && len(outer) > 0:
			p, outer, i = append(outer[len(outer)-1], patternItem{optional: p}), outer[:len(outer)-1], i+1
		case strings.IndexByte("]{}#", c) >= 0:
			return nil, bad(c, "has "+string(c)+", which is not supported")
		default:
			p, i = append(p, patternItem{text: string(c)}), i+1
		}
	}
	for ; len(outer) > 0; outer = outer[:len(outer)-1] { // as in Java, brackets may stay open
		p = append(outer[len(outer)-1], patternItem{optional: p})
	}
	return p, nil
}

// printedOnly are the letters that texts are not read by.
func printedOnly(letter byte) bool { return strings.IndexByte("EQqzVO", letter) >= 0 }

// mostLetters is how often a letter may stand in a row.
func mostLetters(c byte) int {
	switch c {
	case 'y':
		return 6
	case 'M', 'L', 'E', 'Q', 'q', 'z', 'O':
		return 4
	case 'd', 'H', 'h', 'k', 'K', 'm', 's', 'V':
		return 2
	case 'X', 'x', 'Z':
		return 5
	case 'D':
		return 3
	case 'S':
		return 9
	case 'a':
		return 1
	}
	return 0
}

// quoted reads '…' with ” for a quote; size is 0 where it is not closed. ” alone is a quote.
func quoted(s string) (text string, size int) {
	if strings.HasPrefix(s, "''") {
		return "'", 2
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		return b.String(), i + 1
	}
	return "", 0
}

// monthNames and dayNames are English, as Spark's default locale; days begin with Monday.
func monthNames() []string {
	return []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
}

func dayNames() []string {
	return []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
}

// format prints a timestamp in µs.
func (p datePattern) format(dst []byte, micros int64) []byte {
	day, of := datetime.DayOf(micros), datetime.FloorMod(micros, datetime.MicrosPerDay)
	c := datetime.CivilOf(day)
	for _, item := range p {
		switch item.letter {
		case 0:
			dst = item.optional.format(append(dst, item.text...), micros)
		case 'y':
			dst = item.formatYear(dst, c.Year)
		case 'M', 'L':
			dst = item.formatMonth(dst, c.Month)
		case 'Q', 'q':
			dst = item.formatQuarter(dst, (c.Month+2)/3)
		case 'X', 'x', 'Z', 'z', 'V', 'O':
			dst = append(dst, item.utcName()...)
		case 'd':
			dst = digits.AppendPadded(dst, uint64(c.Day), item.count)
		case 'D':
			dst = digits.AppendPadded(dst, uint64(datetime.YearDay(day)), item.count)
		case 'E':
			name := dayNames()[datetime.Weekday(day)]
			if item.count < 4 {
				name = name[:3]
			}
			dst = append(dst, name...)
		case 'S':
			dst = item.formatFraction(dst, uint64(of%datetime.MicrosPerSecond))
		default:
			dst = item.formatTime(dst, of)
		}
	}
	return dst
}

// formatYear prints the year of its era.
func (p patternItem) formatYear(dst []byte, year int) []byte {
	if year <= 0 {
		year = 1 - year
	}
	if p.count == 2 {
		return digits.AppendPadded(dst, uint64(year%100), 2)
	}
	start := len(dst)
	dst = digits.AppendPadded(dst, uint64(year), p.count)
	if digits := len(dst) - start; p.count >= 4 && digits > p.count {
		dst = append(dst[:start], append([]byte{'+'}, dst[start:]...)...)
	}
	return dst
}

func (p patternItem) formatMonth(dst []byte, month int) []byte {
	switch p.count {
	case 3:
		return append(dst, monthNames()[month-1][:3]...)
	case 4:
		return append(dst, monthNames()[month-1]...)
	}
	return digits.AppendPadded(dst, uint64(month), p.count)
}

func (p patternItem) formatFraction(dst []byte, micros uint64) []byte {
	if p.count <= 6 {
		return digits.AppendPadded(dst, micros/pow10[6-p.count], p.count)
	}
	return digits.AppendPadded(dst, micros*pow10[p.count-6], p.count)
}

func (p patternItem) formatTime(dst []byte, of int64) []byte {
	hour := of / datetime.MicrosPerHour
	switch p.letter {
	case 'H':
		return digits.AppendPadded(dst, uint64(hour), p.count)
	case 'k':
		return digits.AppendPadded(dst, uint64((hour+23)%24+1), p.count)
	case 'K':
		return digits.AppendPadded(dst, uint64(hour%12), p.count)
	case 'h':
		return digits.AppendPadded(dst, uint64((hour+11)%12+1), p.count)
	case 'm':
		return digits.AppendPadded(dst, uint64(of/datetime.MicrosPerMinute%60), p.count)
	case 's':
		return digits.AppendPadded(dst, uint64(of/datetime.MicrosPerSecond%60), p.count)
	default: // a
		if hour < 12 {
			return append(dst, "AM"...)
		}
		return append(dst, "PM"...)
	}
}
