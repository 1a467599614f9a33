package schema

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
)

// CalendarInterval is Spark's INTERVAL, which make_interval gives: months, days and a time, of which none is so many of another. It lives in queries only.
// Arrow counts the time in nanoseconds, so that it is at most 292 years.
var CalendarInterval arrow.DataType = arrow.FixedWidthTypes.MonthDayNanoInterval

// IsCalendar tells whether t is CalendarInterval.
func IsCalendar(t arrow.DataType) bool { return t.ID() == arrow.INTERVAL_MONTH_DAY_NANO }

// CalendarOf is the interval of so many months, days and microseconds; ok is false where the type does not hold it.
func CalendarOf(months, days, micros int64) (v arrow.MonthDayNanoInterval, ok bool) {
	const most = math.MaxInt64 / 1000
	if months != int64(int32(months)) || days != int64(int32(days)) || micros > most || micros < -most {
		return v, false
	}
	return arrow.MonthDayNanoInterval{Months: int32(months), Days: int32(days), Nanoseconds: 1000 * micros}, true
}

// AppendCalendar appends an interval as CAST to STRING writes it: 1 years 2 months 3 days 4 hours.
func AppendCalendar(dst []byte, v arrow.MonthDayNanoInterval) []byte {
	start := len(dst)
	add := func(n int64, unit string) {
		if n != 0 {
			dst = append(append(append(strconv.AppendInt(dst, n, 10), ' '), unit...), ' ')
		}
	}
	micros := v.Nanoseconds / 1000
	add(int64(v.Months/12), "years")
	add(int64(v.Months%12), "months")
	add(int64(v.Days), "days")
	add(micros/fieldMicros[Hour], "hours")
	add(micros%fieldMicros[Hour]/fieldMicros[Minute], "minutes")
	if rest := micros % fieldMicros[Minute]; rest != 0 {
		if rest < 0 {
			dst, rest = append(dst, '-'), -rest
		}
		dst = strconv.AppendInt(dst, rest/fieldMicros[Second], 10)
		dst = append(datetime.AppendFraction(dst, uint64(rest%fieldMicros[Second])), " seconds "...)
	}
	if len(dst) == start {
		return append(dst, "0 seconds"...)
	}
	return dst[:len(dst)-1]
}

// ParseCalendar reads an interval as CAST from STRING does: numbers, each with its unit, such as 1 year -2 days 3.5 seconds, perhaps behind the word interval.
func ParseCalendar(text string) (v arrow.MonthDayNanoInterval, err error) {
	words := strings.Fields(strings.ToLower(text))
	if len(words) > 0 && words[0] == "interval" {
		words = words[1:]
	}
	if len(words) == 0 {
		return v, ErrIntervalFormat
	}
	var sum [3]big.Int // months, days, microseconds
	for len(words) > 0 {
		number := words[0]
		if (number == "-" || number == "+") && len(words) > 1 {
			words = words[1:]
			number += words[0]
		}
		if len(words) < 2 || !addCalendar(&sum, number, words[1]) {
			return v, ErrIntervalFormat
		}
		words = words[2:]
	}
	for i := range sum {
		if !sum[i].IsInt64() {
			return v, ErrIntervalRange
		}
	}
	v, ok := CalendarOf(sum[0].Int64(), sum[1].Int64(), sum[2].Int64())
	if !ok {
		return v, ErrIntervalRange
	}
	return v, nil
}

// addCalendar adds so many units. Only seconds have a fraction, of which what is finer than microseconds is dropped.
func addCalendar(sum *[3]big.Int, number, word string) (ok bool) {
	unit := map[string]struct {
		field int
		size  int64
	}{
		"year": {0, 12}, "month": {0, 1}, "week": {1, 7}, "day": {1, 1},
		"hour": {2, fieldMicros[Hour]}, "minute": {2, fieldMicros[Minute]}, "second": {2, fieldMicros[Second]}, "millisecond": {2, 1000}, "microsecond": {2, 1},
	}[strings.TrimSuffix(word, "s")]
	digits, negative := strings.CutPrefix(number, "-")
	if !negative {
		digits = strings.TrimPrefix(number, "+")
	}
	whole, fraction, fractional := strings.Cut(digits, ".")
	isNumber := strings.Trim(whole+fraction, "0123456789") == "" && whole+fraction != "" && len(whole) <= 18
	if unit.size == 0 || !isNumber || fractional && (unit.size != fieldMicros[Second] || len(fraction) > 9) {
		return false
	}
	n, _ := strconv.ParseInt("0"+whole, 10, 64)
	rest, _ := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	v := new(big.Int).Mul(big.NewInt(n), big.NewInt(unit.size))
	v.Add(v, big.NewInt(rest))
	if negative {
		v.Neg(v)
	}
	sum[unit.field].Add(&sum[unit.field], v)
	return true
}
