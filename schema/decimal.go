package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// Decimal is an exact decimal number of up to 38 digits: unscaled × 10^-scale. It is the Go form of DECIMAL. The zero Decimal is 0. Numbers of different
// scale can be equal (1.0 and 1.00), so compare with Cmp, not with ==.
type Decimal struct {
	unscaled decimal128.Num
	scale    int32
}

// maxDigits is the precision of the widest DECIMAL.
const maxDigits = 38

// NewDecimal is unscaled × 10^-scale. The scale is 0 to 38.
func NewDecimal(unscaled int64, scale int32) Decimal {
	return Decimal{decimal128.FromI64(unscaled), scale}
}

// DecimalFrom is unscaled × 10^-scale.
func DecimalFrom(unscaled decimal128.Num, scale int32) Decimal {
	return Decimal{unscaled, scale}
}

// ParseDecimal reads digits with an optional sign, point and exponent: -12.50, 1e3. The scale is the number of digits after the point, so trailing
// zeros are kept. More than 38 digits are an error.
func ParseDecimal(s string) (Decimal, error) {
	digits, scale, ok := splitDecimal(s)
	if !ok {
		return Decimal{}, fmt.Errorf("schema: %q is not a decimal number", s)
	}
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return Decimal{}, fmt.Errorf("schema: %q is not a decimal number", s)
	}
	if scale < 0 {
		if scale < -maxDigits {
			return Decimal{}, fmt.Errorf("schema: decimal %q has more than %d digits", s, maxDigits)
		}
		n.Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(-scale), nil))
		scale = 0
	}
	if scale > maxDigits || new(big.Int).Abs(n).Cmp(maxUnscaled()) > 0 {
		return Decimal{}, fmt.Errorf("schema: decimal %q has more than %d digits", s, maxDigits)
	}
	return Decimal{decimal128.FromBigInt(n), int32(scale)}, nil
}

// splitDecimal separates the digits from the place of the point. The exponent is bounded by the length of its text, so that it cannot overflow.
func splitDecimal(s string) (digits string, scale int64, ok bool) {
	mantissa, exponent := s, int64(0)
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa = s[:i]
		e, err := json.Number(strings.TrimPrefix(s[i+1:], "+")).Int64()
		if err != nil || e > 1<<20 || e < -1<<20 {
			return "", 0, false
		}
		exponent = e
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits = whole + fraction
	unsigned := strings.TrimLeft(digits, "+-")
	if unsigned == "" || len(digits)-len(unsigned) > 1 || strings.Trim(unsigned, "0123456789") != "" || len(whole) < len(digits)-len(unsigned) {
		return "", 0, false
	}
	return digits, int64(len(fraction)) - exponent, true
}

func maxUnscaled() *big.Int {
	n := new(big.Int).Exp(big.NewInt(10), big.NewInt(maxDigits), nil)
	return n.Sub(n, big.NewInt(1))
}

// Unscaled is the number without its point.
func (d Decimal) Unscaled() decimal128.Num { return d.unscaled }

// Scale is the number of digits after the point.
func (d Decimal) Scale() int32 { return d.scale }

// String is the number with all digits of its scale: 1.50.
func (d Decimal) String() string {
	return string(appendDecimalText(nil, d.unscaled, d.scale))
}

// MarshalText is String.
func (d Decimal) MarshalText() ([]byte, error) {
	return appendDecimalText(nil, d.unscaled, d.scale), nil
}

// UnmarshalText is ParseDecimal.
func (d *Decimal) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDecimal(string(text))
	return err
}

// Cmp is -1, 0 or 1 as d is less than, equal to or greater than e, whatever their scales.
func (d Decimal) Cmp(e Decimal) int {
	if d.scale == e.scale {
		return d.unscaled.Cmp(e.unscaled)
	}
	a, b := d.unscaled.BigInt(), e.unscaled.BigInt()
	if d.scale < e.scale {
		a.Mul(a, powerOfTen(e.scale-d.scale))
	} else {
		b.Mul(b, powerOfTen(d.scale-e.scale))
	}
	return a.Cmp(b)
}

// Rescale is the same number with another scale; false if that would lose digits or need more than 38.
func (d Decimal) Rescale(scale int32) (Decimal, bool) {
	if scale == d.scale {
		return d, true
	}
	n := d.unscaled.BigInt()
	if scale > d.scale {
		n.Mul(n, powerOfTen(scale-d.scale))
	} else {
		var rest big.Int
		if n.QuoRem(n, powerOfTen(d.scale-scale), &rest); rest.Sign() != 0 {
			return Decimal{}, false
		}
	}
	if scale < 0 || scale > maxDigits || new(big.Int).Abs(n).Cmp(maxUnscaled()) > 0 {
		return Decimal{}, false
	}
	return Decimal{decimal128.FromBigInt(n), scale}, true
}

func powerOfTen(n int32) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

func appendDecimalText(dst []byte, n decimal128.Num, scale int32) []byte {
	var digits []byte
	if n.Sign() < 0 {
		dst = append(dst, '-')
	}
	digits = new(big.Int).Abs(n.BigInt()).Append(digits, 10)
	point := len(digits) - int(scale)
	if point <= 0 {
		dst = append(dst, '0')
	} else {
		dst = append(dst, digits[:point]...)
	}
	if scale <= 0 {
		return dst
	}
	dst = append(dst, '.')
	for ; point < 0; point++ {
		dst = append(dst, '0')
	}
	return append(dst, digits[max(point, 0):]...)
}
