package expr

import (
	"math"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// parseNumber turns a number token into a Literal. Without a suffix, whole numbers are INT, BIGINT or DECIMAL by size, an exponent makes a DOUBLE and a
// point alone a DECIMAL of just the digits written.
func (p *Parser) parseNumber(t Token, sign string) (Node, error) {
	end := len(t.Text)
	for end > 0 && !isDigit(t.Text[end-1]) && t.Text[end-1] != '.' {
		end--
	}
	text, suffix := sign+t.Text[:end], strings.ToUpper(t.Text[end:])
	value, typ := number(text, suffix)
	if value == nil {
		return nil, p.numberError(t, text, suffix)
	}
	return Literal{Pos: t.Pos, Value: value, Type: typ}, nil
}

// number returns a nil value for a number that is not one or is out of its type's range.
func number(text, suffix string) (any, arrow.DataType) {
	switch suffix {
	case "":
		return plainNumber(text)
	case "Y":
		v, err := strconv.ParseInt(text, 10, 8)
		return orNil(int8(v), err), typeTinyInt
	case "S":
		v, err := strconv.ParseInt(text, 10, 16)
		return orNil(int16(v), err), typeSmallInt
	case "L":
		v, err := strconv.ParseInt(text, 10, 64)
		return orNil(v, err), typeBigInt
	case "F":
		v, err := strconv.ParseFloat(text, 32)
		return orNil(float32(v), err), typeFloat
	case "D":
		v, err := strconv.ParseFloat(text, 64)
		return orNil(v, err), typeDouble
	case "BD":
		return decimalNumber(text)
	}
	return nil, nil
}

func plainNumber(text string) (any, arrow.DataType) {
	if strings.ContainsAny(text, "eE") {
		v, err := strconv.ParseFloat(text, 64)
		return orNil(v, err), typeDouble
	}
	if strings.Contains(text, ".") {
		return decimalNumber(text)
	}
	v, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return decimalNumber(text)
	case v < math.MinInt32 || v > math.MaxInt32:
		return v, typeBigInt
	}
	return int32(v), typeInt
}

func decimalNumber(text string) (any, arrow.DataType) {
	v, precision, scale, ok := parseDecimal(text)
	if !ok || scale < 0 {
		return nil, nil
	}
	return v, decimalOf(precision, scale)
}

func (p *Parser) numberError(t Token, text, suffix string) *Error {
	switch suffix {
	case "":
		if _, _, _, ok := parseDecimal(text); !ok && !strings.ContainsAny(text, "eE") {
			return &Error{
				Class: "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", SQLState: "22003", Message: text + " has more than 38 digits",
				Line: t.Line, Column: t.Column, Hint: "write it as a DOUBLE: " + text + "D",
			}
		}
	case "Y", "S", "L", "F", "D", "BD":
	default:
		return syntaxError(t.Pos, "the suffixes are Y, S, L, F, D and BD", "%s is not a number", t.show())
	}
	return &Error{
		Class: "INVALID_NUMERIC_LITERAL_RANGE", SQLState: "22003", Message: "the number " + text + suffix + " is out of range or malformed",
		Line: t.Line, Column: t.Column,
	}
}

func orNil[T any](v T, err error) any {
	if err != nil {
		return nil
	}
	return v
}

// parseDecimal reads [sign]digits[.digits][e±digits] exactly. Precision counts the digits as written, at least the scale; a positive exponent is
// multiplied out. ok is false when the text is no number or needs more than 38 digits.
func parseDecimal(text string) (v decimal128.Num, precision, scale int32, ok bool) {
	body, negative := strings.CutPrefix(text, "-")
	if !negative {
		body = strings.TrimPrefix(body, "+")
	}
	mantissa, exponent, ok := splitExponent(body)
	if !ok {
		return v, 0, 0, false
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return v, 0, 0, false
	}
	scale = int32(len(fraction)) - exponent
	digits = strings.TrimLeft(digits, "0")
	if scale < 0 && digits != "" {
		if len(digits)-int(scale) > maxPrecision {
			return v, 0, 0, false
		}
		digits += strings.Repeat("0", int(-scale))
	}
	scale = max(scale, 0)
	precision = max(int32(len(digits)), scale, 1)
	if precision > maxPrecision {
		return v, 0, 0, false
	}
	for i := range len(digits) {
		v = v.Mul(decimal128.FromU64(10)).Add(decimal128.FromU64(uint64(digits[i] - '0')))
	}
	if negative {
		v = v.Negate()
	}
	return v, precision, scale, true
}

// splitExponent takes 1.5e-3 apart. Exponents beyond four digits are refused: no DECIMAL holds such a number.
func splitExponent(s string) (mantissa string, exponent int32, ok bool) {
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return s, 0, true
	}
	e, err := strconv.ParseInt(s[i+1:], 10, 32)
	if err != nil || e < -9999 || e > 9999 {
		return "", 0, false
	}
	return s[:i], int32(e), true
}
