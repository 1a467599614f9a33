package datetime

import (
	"encoding/binary"

	"github.com/medallion-go/medallion/internal/digits"
)

// FixedDate reads yyyy-mm-dd and nothing else.
func FixedDate(b []byte) (days int32, ok bool) {
	if len(b) != 10 {
		return 0, false
	}
	n, ok := fixedDate(b)
	return int32(n), ok
}

// fixedDate reads yyyy-mm-dd at the begin of b.
func fixedDate(b []byte) (days int64, ok bool) {
	_ = b[9]
	w := binary.LittleEndian.Uint64(b)
	const dashes, places, zeros = 0x2d00_002d_0000_0000, 0xff00_00ff_0000_0000, 0x3000_0030_0000_0000
	if w&places != dashes || !digits.All(w&^places|zeros) {
		return 0, false
	}
	if b[8]-'0' > 9 || b[9]-'0' > 9 {
		return 0, false
	}
	return fourDigitDay(two(b[0:])*100+two(b[2:]), two(b[5:]), two(b[8:]))
}

// two is the number of two digits.
func two(b []byte) int { return int(b[0]-'0')*10 + int(b[1]-'0') }

// fixedTimestamp reads yyyy-mm-ddThh:mm:ss[.digits][Z].
func fixedTimestamp(b []byte, zone Zoning) (micros int64, ok bool) {
	days, ok := fixedDate(b)
	if !ok || b[10] != 'T' && b[10] != ' ' {
		return 0, false
	}
	w := binary.LittleEndian.Uint64(b[11:19])
	const colons, places, zeros = 0x0000_3a00_003a_0000, 0x0000_ff00_00ff_0000, 0x0000_3000_0030_0000
	if w&places != colons || !digits.All(w&^places|zeros) {
		return 0, false
	}
	hour, minute, second := two(b[11:]), two(b[14:]), two(b[17:])
	if hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	micros = (days*SecondsPerDay + int64(hour*3600+minute*60+second)) * MicrosPerSecond
	b = b[19:]
	if len(b) > 0 && b[0] == '.' {
		n, fraction := Fraction(b[1:])
		micros += fraction
		b = b[1+n:]
	}
	return micros, len(b) == 0 || len(b) == 1 && b[0] == 'Z' && zone != Refused
}

// Fraction is the microseconds that the digits behind the point mean, those beyond the sixth cut off, and how many digits there are.
func Fraction(b []byte) (n int, micros int64) {
	for ; n < len(b) && b[n]-'0' <= 9; n++ {
		if n < 6 {
			micros = micros*10 + int64(b[n]-'0')
		}
	}
	return n, micros * int64(shift[min(n, 6)])
}

// shift makes microseconds of a number of decimals.
var shift = [...]uint32{1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1}

// fourDigitDay is the days from 1970-01-01 to a date of a year from 0 to 9999, if there is such a date.
func fourDigitDay(year, month, day int) (int64, bool) {
	if month < 1 || month > 12 || day < 1 || day > int(leapDays[month]) {
		return 0, false
	}
	leap := year&3 == 0 && (year%100 != 0 || year%400 == 0)
	if month == 2 && day == 29 && !leap {
		return 0, false
	}
	// Counted from the end of the year before, and 400 years later so that nothing is negative.
	const eraYears, eraDays = 400, 146_097
	before := uint64(year + eraYears - 1)
	days := int64(before*365+before/4-before/100+before/400) + int64(daysBefore[month]) + int64(day)
	if leap && month > 2 {
		days++
	}
	return days - eraDays - 719_163, true
}

// leapDays are the days of each month of a leap year, daysBefore those of the months before it in another year.
var (
	leapDays   = [...]uint8{1: 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	daysBefore = [...]uint16{1: 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334}
)
