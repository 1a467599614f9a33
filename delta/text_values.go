package delta

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

// parseTimestamp reads a timestamp of a log as Spark casts it; behind a Z, nothing more is looked for. zoned tells whether the text names an offset.
func parseTimestamp(text string) (micros int64, zoned, ok bool) {
	var p datetime.Parser
	text = strings.TrimSuffix(text, "Z")
	micros, ok = p.Parse([]byte(text))
	return micros, ok && strings.ContainsAny(text[min(len(text), len("-yyyy-mm-dd")):], "+-"), ok
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
		d, ok := datetime.ParseDate([]byte(text))
		return skipping.Int(int64(d)), ok
	case *arrow.TimestampType:
		if t.TimeZone == "" {
			p := datetime.Parser{Zone: datetime.Dropped}
			micros, ok := p.Parse([]byte(text))
			return skipping.Int(micros), ok
		}
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
		return string(datetime.AppendDate(nil, int32(s.Integer)))
	case *arrow.TimestampType:
		if t.TimeZone == "" {
			return string(datetime.AppendTimestamp(nil, s.Integer))
		}
		return string(append(datetime.AppendISO(nil, s.Integer, 6), 'Z'))
	case *arrow.Decimal128Type:
		return s.Decimal.ToString(t.Scale)
	default:
		return strconv.FormatInt(s.Integer, 10)
	}
}
