package columns

import "encoding/binary"

const (
	microsPerSecond = 1_000_000
	secondsPerDay   = 86_400
	microsPerDay    = secondsPerDay * microsPerSecond
)

// The years that 64 bits of microseconds and Spark hold.
const minYear, maxYear = -290_307, 294_246

// ParseDate reads a date as Spark does, as days since 1970-01-01: yyyy, yyyy-[m]m or yyyy-[m]m-[d]d, the year with up to six digits and a sign. Where
// a time of day follows, it must be one, and is dropped.
func ParseDate(b []byte) (int32, bool) {
	if len(b) == 10 {
		if days, ok := fixedDate(b); ok {
			return int32(days), true
		}
	}
	r := reader{b: b}
	days, ok := r.date()
	if !ok || len(r.b) > 0 && !r.clock() {
		return 0, false
	}
	return int32(days), true
}

// ParseTimestamp reads a timestamp as Spark does, as microseconds since 1970-01-01 UTC: a date as ParseDate reads it, then optionally T or a space,
// [h]h:[m]m[:[s]s[.digits]] and, where zoned, Z, UTC, GMT or an offset (±h, ±hh:mm, ±hhmm). Without a zone it is UTC; without zoned, one is refused.
// Digits beyond the microsecond are cut off. Names of regions are refused.
func ParseTimestamp(b []byte, zoned bool) (int64, bool) {
	if len(b) >= 19 {
		if micros, ok := fixedTimestamp(b, zoned); ok {
			return micros, true
		}
	}
	r := reader{b: b}
	days, ok := r.date()
	if !ok || len(r.b) > 0 && !r.clock() || r.zone && !zoned {
		return 0, false
	}
	return days*microsPerDay + r.micros - r.offset*microsPerSecond, true
}

// fixedDate reads yyyy-mm-dd.
func fixedDate(b []byte) (days int64, ok bool) {
	_ = b[9]
	w := binary.LittleEndian.Uint64(b)
	const dashes, places = 0x2d00_002d_0000_0000, 0xff00_00ff_0000_0000
	if w&places != dashes || !areDigits(w&^places|dashZeros) {
		return 0, false
	}
	if b[8]-'0' > 9 || b[9]-'0' > 9 {
		return 0, false
	}
	return dayNumber(two(b[0:])*100+two(b[2:]), two(b[5:]), two(b[8:]))
}

const dashZeros = 0x3000_0030_0000_0000

// two is the number of two digits.
func two(b []byte) int { return int(b[0]-'0')*10 + int(b[1]-'0') }

// fixedTimestamp reads yyyy-mm-ddThh:mm:ss[.digits][Z]; other forms are left to reader.
func fixedTimestamp(b []byte, zoned bool) (micros int64, ok bool) {
	days, ok := fixedDate(b)
	if !ok || b[10] != 'T' && b[10] != ' ' {
		return 0, false
	}
	w := binary.LittleEndian.Uint64(b[11:19])
	const colons, places = 0x0000_3a00_003a_0000, 0x0000_ff00_00ff_0000
	if w&places != colons || !areDigits(w&^places|0x0000_3000_0030_0000) {
		return 0, false
	}
	hour, minute, second := two(b[11:]), two(b[14:]), two(b[17:])
	if hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	micros = (days*secondsPerDay + int64(hour*3600+minute*60+second)) * microsPerSecond
	b = b[19:]
	if len(b) > 0 && b[0] == '.' {
		n, fraction := fractionOf(b[1:])
		micros += fraction
		b = b[1+n:]
	}
	return micros, len(b) == 0 || zoned && len(b) == 1 && b[0] == 'Z'
}

// fractionOf is the microseconds that the digits behind the point mean, and how many digits there are.
func fractionOf(b []byte) (n int, micros int64) {
	for ; n < len(b) && b[n]-'0' <= 9; n++ {
		if n < 6 {
			micros = micros*10 + int64(b[n]-'0')
		}
	}
	return n, micros * int64(pow10[6-min(n, 6)])
}

// reader reads the forms that are not of fixed width.
type reader struct {
	b      []byte
	micros int64 // of the day
	offset int64 // of the zone, in seconds
	zone   bool
}

func (r *reader) date() (days int64, ok bool) {
	negative := len(r.b) > 0 && r.b[0] == '-'
	if negative || len(r.b) > 0 && r.b[0] == '+' {
		r.b = r.b[1:]
	}
	year, ok := r.number(4, 6)
	if !ok {
		return 0, false
	}
	if negative {
		year = -year
	}
	month, day := 1, 1
	if r.skip('-') {
		if month, ok = r.number(1, 2); ok && r.skip('-') {
			day, ok = r.number(1, 2)
		}
	}
	if !ok {
		return 0, false
	}
	return dayNumber(year, month, day)
}

// clock reads the time of day and the zone, to the end of the text.
func (r *reader) clock() bool {
	if !r.skip('T') && !r.skip(' ') {
		return false
	}
	hour, ok := r.number(1, 2)
	if !ok || hour > 23 || !r.skip(':') {
		return false
	}
	minute, ok := r.number(1, 2)
	if !ok || minute > 59 {
		return false
	}
	second := 0
	if r.skip(':') {
		if second, ok = r.number(1, 2); !ok || second > 59 {
			return false
		}
	}
	r.micros = int64(hour*3600+minute*60+second) * microsPerSecond
	if r.skip('.') {
		n, fraction := fractionOf(r.b)
		r.micros += fraction
		r.b = r.b[n:]
	}
	return len(r.b) == 0 || r.zoneID()
}

func (r *reader) zoneID() bool {
	r.skip(' ')
	r.zone = true
	if r.skip('Z') {
		return len(r.b) == 0
	}
	if len(r.b) >= 3 && (string(r.b[:3]) == "UTC" || string(r.b[:3]) == "GMT") {
		if r.b = r.b[3:]; len(r.b) == 0 {
			return true
		}
	}
	return r.zoneOffset()
}

// zoneOffset reads ±h, ±hh, ±hhmm, ±h:mm, ±hh:mm, and seconds behind another colon.
func (r *reader) zoneOffset() bool {
	negative := r.skip('-')
	if !negative && !r.skip('+') {
		return false
	}
	if len(r.b) == len("hhmm") && r.b[2] != ':' {
		r.b = []byte{r.b[0], r.b[1], ':', r.b[2], r.b[3]}
	}
	hours, ok := r.number(1, 2)
	var minutes, seconds int
	if ok && r.skip(':') {
		if minutes, ok = r.number(1, 2); ok && r.skip(':') {
			seconds, ok = r.number(2, 2)
		}
	}
	if !ok || len(r.b) > 0 || minutes > 59 || seconds > 59 {
		return false
	}
	if r.offset = int64(hours*3600 + minutes*60 + seconds); r.offset > 18*3600 {
		return false
	}
	if negative {
		r.offset = -r.offset
	}
	return true
}

func (r *reader) skip(c byte) bool {
	if len(r.b) == 0 || r.b[0] != c {
		return false
	}
	r.b = r.b[1:]
	return true
}

// number reads as many digits as there are; they must be between least and most.
func (r *reader) number(least, most int) (v int, ok bool) {
	n := 0
	for ; n < len(r.b) && r.b[n]-'0' <= 9; n++ {
		if n == most {
			return 0, false
		}
		v = v*10 + int(r.b[n]-'0')
	}
	r.b = r.b[n:]
	return v, n >= least
}

// dayNumber is the days from 1970-01-01 to a date of the proleptic Gregorian calendar, if there is such a date.
func dayNumber(year, month, day int) (int64, bool) {
	if month < 1 || month > 12 || day < 1 || day > int(monthDays[month]) || year < minYear || year > maxYear {
		return 0, false
	}
	leap := year&3 == 0 && (year%100 != 0 || year%400 == 0)
	if month == 2 && day == 29 && !leap {
		return 0, false
	}
	// Counted from the end of the year before, 400 years at a time so that nothing is negative.
	const eras, eraYears, eraDays = 800, 400, 146_097
	before := uint64(year + eras*eraYears - 1)
	days := int64(before*365+before/4-before/100+before/400) + int64(daysBefore[month]) + int64(day)
	if leap && month > 2 {
		days++
	}
	return days - eras*eraDays - 719_163, true
}

// monthDays are the days of each month of a leap year, daysBefore those of the months before it in another year.
var (
	monthDays  = [...]uint8{1: 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	daysBefore = [...]uint16{1: 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334}
)
