package delta

import (
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

const (
	microsPerDay    = int64(24 * time.Hour / time.Microsecond)
	microsPerSecond = int64(time.Second / time.Microsecond)
)

// parseDate reads yyyy-MM-dd as days since the epoch.
func parseDate(text string) (int64, bool) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, false
	}
	return floorDiv(t.Unix(), 86400), true
}

// parseTimestamp reads the forms of timestamps that occur in logs: a date, then T or a space and a time with up to nine fractional digits, then Z, an
// offset or nothing. Digits beyond microseconds are cut off. zoned tells whether the text names an offset other than Z.
func parseTimestamp(text string) (micros int64, zoned, ok bool) {
	text = strings.TrimSuffix(text, "Z")
	if len(text) < len(time.DateOnly) {
		return 0, false, false
	}
	days, ok := parseDate(text[:10])
	if !ok || len(text) == 10 {
		return days * microsPerDay, false, ok
	}
	clock := text[11:]
	if text[10] != 'T' && text[10] != ' ' {
		return 0, false, false
	}
	var offset int64
	if i := strings.LastIndexAny(clock, "+-"); i >= 0 {
		if offset, ok = parseOffset(clock[i:]); !ok {
			return 0, false, false
		}
		clock, zoned = clock[:i], true
	}
	of, ok := parseClock(clock)
	return days*microsPerDay + of - offset*microsPerSecond, zoned, ok
}

// parseClock reads HH:mm:ss[.fraction] as µs since midnight.
func parseClock(text string) (int64, bool) {
	if len(text) < 8 || text[2] != ':' || text[5] != ':' {
		return 0, false
	}
	h, ok1 := parseDigits(text[:2])
	m, ok2 := parseDigits(text[3:5])
	s, ok3 := parseDigits(text[6:8])
	if !ok1 || !ok2 || !ok3 || h > 23 || m > 59 || s > 59 {
		return 0, false
	}
	micros := (h*3600 + m*60 + s) * microsPerSecond
	if len(text) == 8 {
		return micros, true
	}
	fraction := text[9:]
	if text[8] != '.' || fraction == "" || len(fraction) > 9 {
		return 0, false
	}
	f, ok := parseDigits((fraction + "00000")[:6])
	return micros + f, ok
}

// parseOffset reads +HH:mm or +HH:mm:ss as seconds.
func parseOffset(text string) (int64, bool) {
	digits := strings.ReplaceAll(text[1:], ":", "")
	if len(digits) != 4 && len(digits) != 6 {
		return 0, false
	}
	n, ok := parseDigits((digits + "00")[:6])
	seconds := n/10000*3600 + n/100%100*60 + n%100
	if text[0] == '-' {
		seconds = -seconds
	}
	return seconds, ok
}

func parseDigits(text string) (int64, bool) {
	n := int64(0)
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(text[i]-'0')
	}
	return n, text != ""
}

// parseDecimal reads a decimal number, with an exponent perhaps, as an unscaled integer of the scale. exact is false where digits were cut off, towards
// zero; digits counts the significant ones in the text.
func parseDecimal(text string, scale int32) (n decimal128.Num, exact bool, digits int, ok bool) {
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		e, err := strconv.Atoi(text[i+1:])
		if err != nil || e > 76 || e < -76 {
			return n, false, 0, false
		}
		mantissa, exponent = text[:i], e
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	unscaled, good := new(big.Int).SetString(whole+fraction, 10)
	if !good {
		return n, false, 0, false
	}
	digits = len(strings.TrimLeft(strings.TrimLeft(whole+fraction, "+-"), "0"))
	shift := int(scale) + exponent - len(fraction)
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil)
	exact = true
	if shift >= 0 {
		unscaled.Mul(unscaled, power)
	} else {
		var rest big.Int
		unscaled.QuoRem(unscaled, power, &rest)
		exact = rest.Sign() == 0
	}
	if unscaled.BitLen() > 127 {
		return n, false, digits, false
	}
	return decimal128.FromBigInt(unscaled), exact, digits, true
}

// parseScalar reads the text of a partition value (Delta protocol: Partition Value Serialization).
func parseScalar(text string, t arrow.DataType) (skipping.Scalar, bool) {
	switch t := t.(type) {
	case *arrow.BooleanType:
		b, err := strconv.ParseBool(text)
		s, _ := skipping.ScalarOf(b)
		return s, err == nil
	case *arrow.Int8Type, *arrow.Int16Type, *arrow.Int32Type, *arrow.Int64Type:
		n, err := strconv.ParseInt(text, 10, t.(arrow.FixedWidthDataType).BitWidth())
		return skipping.Int(n), err == nil
	case *arrow.Float32Type, *arrow.Float64Type:
		f, err := strconv.ParseFloat(text, t.(arrow.FixedWidthDataType).BitWidth())
		return skipping.Float(f), err == nil
	case *arrow.StringType, *arrow.BinaryType:
		return skipping.Text(text), true
	case *arrow.Date32Type:
		d, ok := parseDate(text)
		return skipping.Int(d), ok
	case *arrow.TimestampType:
		micros, _, ok := parseTimestamp(text)
		return skipping.Int(micros), ok
	case *arrow.Decimal128Type:
		n, exact, _, ok := parseDecimal(text, t.Scale)
		return skipping.Decimal(n), ok && exact
	default:
		return skipping.Scalar{}, false
	}
}

// formatScalar writes the text of a partition value; timestamps as ISO 8601 in UTC, which every reader takes for the same instant.
func formatScalar(s skipping.Scalar, t arrow.DataType) string {
	switch t := t.(type) {
	case *arrow.BooleanType:
		return strconv.FormatBool(s.Integer != 0)
	case *arrow.Float32Type:
		return string(schema.AppendDouble(nil, s.Float, 32))
	case *arrow.Float64Type:
		return string(schema.AppendDouble(nil, s.Float, 64))
	case *arrow.StringType, *arrow.BinaryType:
		return s.Text
	case *arrow.Date32Type:
		return time.Unix(s.Integer*86400, 0).UTC().Format(time.DateOnly)
	case *arrow.TimestampType:
		at := time.UnixMicro(s.Integer).UTC()
		if t.TimeZone == "" {
			return at.Format("2006-01-02 15:04:05.999999")
		}
		return at.Format("2006-01-02T15:04:05.000000Z")
	case *arrow.Decimal128Type:
		return s.Decimal.ToString(t.Scale)
	default:
		return strconv.FormatInt(s.Integer, 10)
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
