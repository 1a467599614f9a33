package schema

import (
	"bytes"
	"math"
	"strconv"
)

// AppendDouble appends a number of 32 or 64 bits as CAST to STRING and Java write it: the shortest digits that identify it, with a point always, in scientific
// notation below 10⁻³ and from 10⁷ on.
func AppendDouble(dst []byte, x float64, bits int) []byte {
	switch {
	case math.IsNaN(x):
		return append(dst, "NaN"...)
	case math.IsInf(x, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(x, -1):
		return append(dst, "-Infinity"...)
	}
	start := len(dst)
	if abs := math.Abs(x); abs == 0 || abs >= 1e-3 && abs < 1e7 {
		dst = strconv.AppendFloat(dst, x, 'f', -1, bits)
		if bytes.IndexByte(dst[start:], '.') < 0 {
			dst = append(dst, ".0"...)
		}
		return dst
	}
	var scratch [32]byte
	mantissa, exponent, _ := bytes.Cut(strconv.AppendFloat(scratch[:0], x, 'e', -1, bits), []byte("e"))
	if bytes.IndexByte(mantissa, '.') < 0 { // of two digits, Java prints those nearest to x
		mantissa, exponent, _ = bytes.Cut(strconv.AppendFloat(scratch[:0], x, 'e', 1, bits), []byte("e"))
	}
	dst = append(append(dst, mantissa...), 'E')
	if exponent[0] == '-' {
		dst = append(dst, '-')
	}
	return append(dst, bytes.TrimLeft(exponent, "+-0")...)
}
