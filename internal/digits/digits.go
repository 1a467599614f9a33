// Package digits reads and writes the decimal digits of numbers, dates and times in text: eight at a time where there are so many.
package digits

import "strconv"

// Count is how many digits b begins with.
func Count(b []byte) int {
	for i, c := range b {
		if c-'0' > 9 {
			return i
		}
	}
	return len(b)
}

// Field reads a number of least to most digits, no more than 18, at the begin of b. There must be no further digit.
func Field(b []byte, least, most int) (v int, rest []byte, ok bool) {
	n := 0
	for ; n < len(b) && b[n]-'0' <= 9; n++ {
		if n == most {
			return 0, b, false
		}
		v = v*10 + int(b[n]-'0')
	}
	if n < least {
		return 0, b, false
	}
	return v, b[n:], true
}

// AppendPadded appends u with leading zeros to a width.
func AppendPadded(dst []byte, u uint64, width int) []byte {
	if width == 2 && u < 100 {
		return append(dst, byte('0'+u/10), byte('0'+u%10))
	}
	var scratch [20]byte
	text := strconv.AppendUint(scratch[:0], u, 10)
	for range width - len(text) {
		dst = append(dst, '0')
	}
	return append(dst, text...)
}
