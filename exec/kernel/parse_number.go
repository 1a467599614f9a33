package kernel

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/internal/digits"
)

// parseInt reads [+-]digits.
func parseInt(b []byte) (v int64, ok bool) {
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative, b = b[0] == '-', b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	limit := uint64(math.MaxInt64)
	if negative {
		limit++
	}
	u := uint64(0)
	for _, c := range b {
		d := uint64(c - '0')
		if d > 9 || u > (limit-d)/10 {
			return 0, false
		}
		u = u*10 + d
	}
	if negative {
		return -int64(u), true
	}
	return int64(u), true
}

// parseFloat reads a number as Java does, or one of Spark's spellings of infinity and NaN.
func parseFloat(b []byte, bits int) (float64, bool) {
	t := datetime.TrimSpace(b)
	if isDecimalLiteral(t) {
		v, err := strconv.ParseFloat(string(t), bits)
		return v, err == nil || errors.Is(err, strconv.ErrRange)
	}
	switch strings.ToLower(string(t)) {
	case "nan":
		return math.NaN(), true
	case "inf", "+inf", "infinity", "+infinity":
		return math.Inf(1), true
	case "-inf", "-infinity":
		return math.Inf(-1), true
	}
	if n := len(t) - 1; n > 0 && bytes.IndexByte([]byte("dDfF"), t[n]) >= 0 && isDecimalLiteral(t[:n]) {
		return parseFloat(t[:n], bits)
	}
	return 0, false
}

// isDecimalLiteral accepts [+-]digits[.digits][e[+-]digits] with a digit before or after the point.
func isDecimalLiteral(b []byte) bool {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		b = b[1:]
	}
	whole := digits.Count(b)
	b = b[whole:]
	if len(b) > 0 && b[0] == '.' {
		fraction := digits.Count(b[1:])
		whole, b = whole+fraction, b[1+fraction:]
	}
	if whole == 0 {
		return false
	}
	if len(b) > 0 && (b[0] == 'e' || b[0] == 'E') {
		b = b[1:]
		if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
			b = b[1:]
		}
		n := digits.Count(b)
		return n > 0 && n == len(b)
	}
	return len(b) == 0
}

type decimalResult uint8

const (
	decimalInvalid decimalResult = iota
	decimalFits
	decimalTooBig
)

// parseDecimal reads a number and rounds it half up to the type's scale.
func parseDecimal(b []byte, to *arrow.Decimal128Type) (num, decimalResult) {
	if !isDecimalLiteral(b) {
		return num{}, decimalInvalid
	}
	negative := b[0] == '-'
	mantissa, exponent := splitExponent(bytes.TrimLeft(b, "+-"))
	if exponent > math.MaxInt16 || exponent < math.MinInt16 {
		return num{}, outsized(mantissa, exponent)
	}
	unscaled, scale := unscale(mantissa)
	n, ok := roundTo(unscaled, scale-exponent, to)
	if negative {
		n = n.Negate()
	}
	return n, ok
}

// outsized decides numbers whose exponent alone puts them out of range, or makes them zero.
func outsized(mantissa []byte, exponent int) decimalResult {
	if exponent < 0 || len(bytes.Trim(mantissa, "0.")) == 0 {
		return decimalFits
	}
	return decimalTooBig
}

func splitExponent(b []byte) (mantissa []byte, exponent int) {
	i := bytes.IndexAny(b, "eE")
	if i < 0 {
		return b, 0
	}
	e, err := strconv.Atoi(string(b[i+1:]))
	if err != nil { // out of range: any larger exponent means the same
		e = math.MaxInt32
		if b[i+1] == '-' {
			e = math.MinInt32
		}
	}
	return b[:i], e
}

// unscale takes the point out: value = unscaled ÷ 10^scale.
func unscale(mantissa []byte) (unscaled *big.Int, scale int) {
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	text := append(append(make([]byte, 0, len(mantissa)), whole...), fraction...)
	if v, ok := parseInt(text); ok {
		return big.NewInt(v), len(fraction)
	}
	unscaled, _ = new(big.Int).SetString(string(text), 10)
	return unscaled, len(fraction)
}

func roundTo(unscaled *big.Int, scale int, to *arrow.Decimal128Type) (num, decimalResult) {
	if unscaled.Sign() == 0 {
		return num{}, decimalFits
	}
	if unscaled.IsInt64() && scale >= 0 && scale <= maxDigits {
		if n, ok := rescale(decimal128.FromI64(unscaled.Int64()), int32(scale), to.Scale, to.Precision); ok {
			return n, decimalFits
		}
		return num{}, decimalTooBig
	}
	shift := int32(scale) - to.Scale
	if shift > 0 {
		unscaled = roundedQuotient(unscaled, bigPow10(shift))
	} else if -shift > maxDigits {
		return num{}, decimalTooBig
	} else {
		unscaled = new(big.Int).Mul(unscaled, bigPow10(-shift))
	}
	if n, ok := fromBig(unscaled); ok && n.FitsInPrecision(to.Precision) {
		return n, decimalFits
	}
	return num{}, decimalTooBig
}

// parseBoolean reads the spellings of TRUE and FALSE without case.
func parseBoolean(b []byte) (value, ok bool) {
	switch strings.ToLower(string(datetime.TrimSpace(b))) {
	case "t", "true", "y", "yes", "1":
		return true, true
	case "f", "false", "n", "no", "0":
		return false, true
	}
	return false, false
}
