package kernel

import (
	"bytes"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/schema"
)

func castToDecimal(c conversion, to *arrow.Decimal128Type) (kernel, error) {
	fit := func(n num, scale int32) (num, error) {
		if out, ok := rescale(n, scale, to.Scale, to.Precision); ok {
			return out, nil
		}
		return num{}, outOfRange(c.pos, n.ToString(scale), to)
	}
	if isInterval(c.from) {
		return intervalToDecimal(c, fit), nil
	}
	switch from := c.from.(type) {
	case *arrow.BooleanType:
		one, err := fit(decimal128.FromI64(1), 0)
		if err != nil {
			return c.unsupported()
		}
		return fromBoolean(num{}, one), nil
	case *arrow.Int8Type:
		return converted(c, func(v int8) (num, error) { return fit(decimal128.FromI64(int64(v)), 0) }), nil
	case *arrow.Int16Type:
		return converted(c, func(v int16) (num, error) { return fit(decimal128.FromI64(int64(v)), 0) }), nil
	case *arrow.Int32Type:
		return converted(c, func(v int32) (num, error) { return fit(decimal128.FromI64(int64(v)), 0) }), nil
	case *arrow.Int64Type:
		return converted(c, func(v int64) (num, error) { return fit(decimal128.FromI64(v), 0) }), nil
	case *arrow.TimestampType:
		return converted(c, func(v int64) (num, error) { return fit(decimal128.FromI64(v), 6) }), nil
	case *arrow.Float32Type:
		return converted(c, func(v float32) (num, error) { return doubleToDecimal(c, to, float64(v), 64) }), nil
	case *arrow.Float64Type:
		return converted(c, func(v float64) (num, error) { return doubleToDecimal(c, to, v, 64) }), nil
	case *arrow.Decimal128Type:
		return decimalToDecimal(c, from, to, fit), nil
	case *arrow.StringType:
		return parsed(c, func(b []byte) (num, error) { return textToDecimal(c, to, b) }), nil
	}
	return c.unsupported()
}

// decimalToDecimal only copies where the target has room for every digit at the same scale.
func decimalToDecimal(c conversion, from, to *arrow.Decimal128Type, fit func(num, int32) (num, error)) kernel {
	if from.Scale == to.Scale && from.Precision <= to.Precision {
		return kernel{run: retyped}
	}
	if up := to.Scale - from.Scale; up > 0 && to.Precision <= maxLongDigits && to.Precision-to.Scale >= from.Precision-from.Scale {
		factor := int64(pow10[up])
		return unary(func(n num) num { return decimal128.FromI64(toLong(n) * factor) })
	}
	return converted(c, func(n num) (num, error) { return fit(n, from.Scale) })
}

// doubleToDecimal takes the digits that Java writes, as Spark does, and rounds those.
func doubleToDecimal(c conversion, to *arrow.Decimal128Type, v float64, bits int) (num, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return num{}, errNull
	}
	var scratch [32]byte
	text := schema.AppendDigits(scratch[:0], v, bits)
	n, ok := parseDecimal(text, to)
	if ok != decimalFits {
		return num{}, outOfRange(c.pos, javaFloat(v, bits), to)
	}
	return n, nil
}

func textToDecimal(c conversion, to *arrow.Decimal128Type, b []byte) (num, error) {
	n, ok := parseDecimal(datetime.TrimSpace(b), to)
	switch ok {
	case decimalFits:
		return n, nil
	case decimalTooBig:
		return num{}, tooLong(c.pos, string(datetime.TrimSpace(b)), to)
	default:
		return num{}, c.invalid(b)
	}
}

// tooLong is the error for text of a number that has too many digits: for the type, or for every DECIMAL.
func tooLong(pos expr.Pos, text string, to *arrow.Decimal128Type) error {
	mantissa, exponent := splitExponent(bytes.TrimLeft([]byte(text), "+-"))
	if unscaled, scale := unscale(mantissa); len(unscaled.String())-scale+exponent <= maxDigits {
		return outOfRange(pos, text, to)
	}
	return fault(pos, "NUMERIC_OUT_OF_SUPPORTED_RANGE", "22003", "use DOUBLE, or try_cast to get NULL instead", "%s has more than 38 whole digits", text)
}
