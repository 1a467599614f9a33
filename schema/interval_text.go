package schema

import (
	"errors"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/internal/digits"
)

// What ParseInterval finds wrong.
var (
	ErrIntervalFormat = errors.New("schema: the text is no interval of the type")
	ErrIntervalRange  = errors.New("schema: a field of the interval is out of range")
)

// The sizes of day-time fields in microseconds, by IntervalField.
var fieldMicros = [...]int64{0, 0, datetime.MicrosPerDay, datetime.MicrosPerHour, datetime.MicrosPerMinute, datetime.MicrosPerSecond}

// fieldEnd is the least value too great for a field that is not the first of its type.
var fieldEnd = [...]int64{0, 12, 0, 24, 60, 60}

// IntervalUnit is how many months, or else microseconds, a field counts.
func IntervalUnit(f IntervalField) (months, micros int64) {
	switch f {
	case Year:
		return 12, 0
	case Month:
		return 1, 0
	case Day, Hour, Minute, Second:
	}
	return 0, fieldMicros[f]
}

// AppendInterval appends an interval of months, or of microseconds, as Spark prints it: INTERVAL '1-2' YEAR TO MONTH, INTERVAL '3' DAY.
func AppendInterval(dst []byte, v int64, t arrow.DataType) []byte {
	first, last, _ := IntervalFields(t)
	dst = AppendIntervalValue(append(dst, "INTERVAL '"...), v, t)
	dst = append(append(dst, "' "...), first.String()...)
	if first != last {
		dst = append(append(dst, " TO "...), last.String()...)
	}
	return dst
}

// AppendIntervalValue appends what AppendInterval writes between the quotes.
func AppendIntervalValue(dst []byte, v int64, t arrow.DataType) []byte {
	first, last, _ := IntervalFields(t)
	u := uint64(v)
	if v < 0 {
		dst, u = append(dst, '-'), -u
	}
	switch {
	case last == Month && first == Year:
		dst = append(strconv.AppendUint(dst, u/12, 10), '-')
		return strconv.AppendUint(dst, u%12, 10)
	case last == Year:
		return strconv.AppendUint(dst, u/12, 10)
	case last == Month:
		return strconv.AppendUint(dst, u, 10)
	}
	for f := first; f <= last; f++ {
		size := uint64(fieldMicros[f])
		switch {
		case f == first && f == Day:
			dst = strconv.AppendUint(dst, u/size, 10)
		case f == Hour && f != first:
			dst = digits.AppendPadded(append(dst, ' '), u/size, 2)
		case f == first:
			dst = digits.AppendPadded(dst, u/size, 2)
		default:
			dst = digits.AppendPadded(append(dst, ':'), u/size, 2)
		}
		u %= size
	}
	if last == Second {
		dst = datetime.AppendFraction(dst, u)
	}
	return dst
}

// ParseInterval reads the text of an interval of type t, bare (1-2, 3 04:05:06.7) or as a literal (INTERVAL '3' DAY), as CAST does; it counts months or
// microseconds. ErrIntervalFormat is text that has not just the fields of the type, ErrIntervalRange one of which a field, or the whole, is too great.
func ParseInterval(text string, t arrow.DataType) (v int64, err error) {
	first, last, ok := IntervalFields(t)
	if !ok {
		return 0, ErrIntervalFormat
	}
	s := strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
	negative := false
	if rest, literal := cutFold(s, "INTERVAL "); literal {
		if negative, s, ok = cutLiteral(strings.TrimLeft(rest, " "), first, last); !ok {
			return 0, ErrIntervalFormat
		}
	}
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative = negative != (s[0] == '-')
		s = s[1:]
	}
	v, err = parseFields(s, first, last, negative)
	if last <= Month && v != int64(int32(v)) {
		return 0, ErrIntervalRange
	}
	return v, err
}

func cutFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// cutLiteral takes [sign]'value' and the names of just these fields apart.
func cutLiteral(s string, first, last IntervalField) (negative bool, value string, ok bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative, s = s[0] == '-', s[1:]
	}
	if s, ok = strings.CutPrefix(s, "'"); !ok {
		return false, "", false
	}
	value, names, ok := strings.Cut(s, "'")
	want := first.String()
	if first != last {
		want += " TO " + last.String()
	}
	return negative, value, ok && strings.EqualFold(strings.Join(strings.Fields(names), " "), want)
}

// parseFields reads the fields' values with the separators between them.
func parseFields(s string, first, last IntervalField, negative bool) (v int64, err error) {
	for f := first; f <= last; f++ {
		end := 0
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		n, err := strconv.ParseInt(s[:end], 10, 64)
		if err != nil || f != first && end > 2 {
			return 0, ErrIntervalFormat
		}
		months, micros := IntervalUnit(f)
		var ok bool
		if v, ok = addScaled(v, n, months+micros, negative); !ok || f != first && n >= fieldEnd[f] {
			return 0, ErrIntervalRange
		}
		s = s[end:]
		if f == last {
			break
		}
		separator := map[IntervalField]string{Year: "-", Day: " ", Hour: ":", Minute: ":"}[f]
		if s, ok = strings.CutPrefix(s, separator); !ok {
			return 0, ErrIntervalFormat
		}
	}
	if last == Second && strings.HasPrefix(s, ".") && len(s) <= 10 {
		n, err := strconv.ParseUint((s[1:] + "000000")[:6], 10, 64)
		v, ok := addScaled(v, int64(n), 1, negative)
		if err != nil || strings.Trim(s[1:], "0123456789") != "" || !ok {
			return 0, ErrIntervalFormat
		}
		return v, nil
	}
	if s != "" {
		return 0, ErrIntervalFormat
	}
	return v, nil
}

// addScaled is v ± n·size, if it fits; n is not negative.
func addScaled(v, n, size int64, negative bool) (sum int64, ok bool) {
	if n > (1<<63-1)/size {
		return 0, false
	}
	if n *= size; negative {
		n = -n
	}
	sum = v + n
	return sum, (v^sum)&(n^sum) >= 0
}
