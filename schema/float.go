package schema

import (
	"math"
	"strconv"
)

// AppendDouble appends a number of 32 or 64 bits as CAST to STRING and Java, until Java 18, write it: enough digits to tell it from its neighbours, with a point
// always, in scientific notation below 10⁻³ and from 10⁷ on.
func AppendDouble(dst []byte, x float64, bits int) []byte {
	switch {
	case math.IsNaN(x):
		return append(dst, "NaN"...)
	case math.IsInf(x, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(x, -1):
		return append(dst, "-Infinity"...)
	}
	if math.Signbit(x) {
		dst, x = append(dst, '-'), -x
	}
	if x == 0 {
		return append(dst, "0.0"...)
	}
	d := digitsOf(x, bits)
	digits := d.text[:d.n]
	switch {
	case d.point > 0 && d.point < 8:
		for len(digits) <= d.point {
			digits = append(digits, '0')
		}
		dst = append(append(dst, digits[:d.point]...), '.')
		return append(dst, digits[d.point:]...)
	case d.point <= 0 && d.point > -3:
		dst = append(dst, "0.00"[:2-d.point]...)
		return append(dst, digits...)
	}
	if d.n == 1 {
		digits = append(digits, '0')
	}
	dst = append(append(dst, digits[0], '.'), digits[1:]...)
	return strconv.AppendInt(append(dst, 'E'), int64(d.point-1), 10)
}

// AppendDigits appends a finite number as Java's BigDecimal takes it from a DOUBLE: its digits as AppendDouble finds them, always in scientific notation.
func AppendDigits(dst []byte, x float64, bits int) []byte {
	if math.Signbit(x) {
		dst, x = append(dst, '-'), -x
	}
	if x == 0 {
		return append(dst, '0')
	}
	d := digitsOf(x, bits)
	dst = append(append(dst, d.text[0], '.'), d.text[1:d.n]...)
	if d.n == 1 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(append(dst, 'e'), int64(d.point-1), 10)
}
