package kernel

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
)

// encodings are base64, the readers of binaries, and the functions that look whether text is UTF-8.
func encodings() map[string]builder {
	return map[string]builder{
		"base64": textual(appendBase64), "unbase64": unbase64, "to_binary": toBinary, "try_to_binary": toBinary,
		"is_valid_utf8": isValidUTF8, "make_valid_utf8": textual(appendValidUTF8), "validate_utf8": validateUTF8, "try_validate_utf8": validateUTF8,
	}
}

// lineLength is that of a line of base64 in MIME.
const lineLength = 76

func appendBase64(dst, s []byte) []byte {
	const whole = lineLength / 4 * 3
	for ; len(s) > whole; s = s[whole:] {
		dst = append(base64.StdEncoding.AppendEncode(dst, s[:whole]), "\r\n"...)
	}
	return base64.StdEncoding.AppendEncode(dst, s)
}

// unbase64 passes over characters that base64 does not have, as MIME asks for, and takes missing padding.
func unbase64(c *site) (kernel, error) {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a := textsOf(args[0])
		t := k.newText(a.size())
		for i := range k.rows() {
			t.row(i)
			var ok bool
			if t.data, ok = appendUnbase64(t.data, a.at(i)); !ok {
				return vec{}, unconvertible(c, a.at(i), "base64")
			}
		}
		return t.done()
	}}, nil
}

func unconvertible(c *site, s []byte, format string) error {
	return fault(c.pos, "CONVERSION_INVALID_INPUT", "22018", "use try_to_binary to get NULL instead", "'%s' is not %s", s, format)
}

func appendUnbase64(dst, s []byte) ([]byte, bool) {
	bits, held := uint32(0), 0 // sextets in bits
	for i, c := range s {
		v := sextet(c)
		switch {
		case v < 64:
			bits = bits<<6 | uint32(v)
			if held++; held == 4 {
				dst, held = append(dst, byte(bits>>16), byte(bits>>8), byte(bits)), 0
			}
		case c == '=':
			if held == 0 || held == 2 && (i+1 == len(s) || s[i+1] != '=') || sextets(s[i:]) > 0 {
				return dst, false
			}
			return flushSextets(dst, bits, held)
		}
	}
	return flushSextets(dst, bits, held)
}

// flushSextets writes the bytes of an unfinished group.
func flushSextets(dst []byte, bits uint32, held int) ([]byte, bool) {
	switch held {
	case 2:
		dst = append(dst, byte(bits>>4))
	case 3:
		dst = append(dst, byte(bits>>10), byte(bits>>2))
	}
	return dst, held != 1
}

// sextet is the value of a character of base64, or 64.
func sextet(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return c - 'A'
	case c >= 'a' && c <= 'z':
		return c - 'a' + 26
	case c >= '0' && c <= '9':
		return c - '0' + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return 64
}

func sextets(s []byte) (n int) {
	for _, c := range s {
		if sextet(c) < 64 {
			n++
		}
	}
	return n
}

// toBinary reads text by a constant format.
func toBinary(c *site) (kernel, error) {
	format, _ := c.text(1)
	var read func(dst, s []byte) ([]byte, bool)
	switch strings.ToLower(format) {
	case "hex":
		read = appendUnhexed
	case "base64":
		read = appendStrictBase64
	default:
		read = func(dst, s []byte) ([]byte, bool) { return append(dst, s...), true }
	}
	return c.reading(read, func(text []byte) error { return unconvertible(c, text, format) })
}

// reading is the kernel that appends what read makes of each text. What cannot be read is NULL in a try_ function, and otherwise fails.
func (c *site) reading(read func(dst, text []byte) ([]byte, bool), failed func(text []byte) error) (kernel, error) {
	try := tries(c.name)
	return kernel{unsafe: !try, run: func(k *frame, args []vec) (vec, error) {
		a := textsOf(args[0])
		t := k.newText(a.size())
		for i := range k.rows() {
			t.row(i)
			data, ok := read(t.data, a.at(i))
			switch {
			case ok:
				t.data = data
			case try:
				k.setNull(i)
			default:
				return vec{}, failed(a.at(i))
			}
		}
		return t.done()
	}}, nil
}

// appendStrictBase64 takes white space, but no other character that base64 does not have; padding may be missing, but not wrong.
func appendStrictBase64(dst, s []byte) ([]byte, bool) {
	digits, padding := 0, 0
	for _, c := range s {
		switch {
		case sextet(c) < 64 && padding == 0:
			digits++
		case c == '=':
			padding++
		case c == ' ' || c >= '\t' && c <= '\r':
		default:
			return dst, false
		}
	}
	if padding > 0 && (digits+padding)%4 != 0 || padding > 2 || digits%4 == 1 {
		return dst, false
	}
	return appendUnbase64(dst, s)
}

func isValidUTF8(*site) (kernel, error) {
	return kernel{pred: func(_ *frame, args []vec) (predicate, error) {
		a := textsOf(args[0])
		return predicate{test: func(i int) bool { return utf8.Valid(a.at(i)) }}, nil
	}}, nil
}

// validateUTF8 gives the text itself, and fails, or in its try_ form gives NULL, where that is no UTF-8.
func validateUTF8(c *site) (kernel, error) {
	if c.args[0].ID() != arrow.STRING {
		return c.unsupported()
	}
	try := tries(c.name)
	return kernel{unsafe: !try, run: func(k *frame, args []vec) (vec, error) {
		a := textsOf(args[0])
		t := k.newText(a.size())
		for i := range k.rows() {
			t.row(i)
			switch {
			case utf8.Valid(a.at(i)):
				t.data = append(t.data, a.at(i)...)
			case try:
				k.setNull(i)
			default:
				return vec{}, fault(c.pos, "INVALID_UTF8_STRING", "22029", "use make_valid_utf8 or try_validate_utf8", "the text %q is not valid UTF-8", a.at(i))
			}
		}
		return t.done()
	}}, nil
}

// appendValidUTF8 writes U+FFFD for each longest part that begins a character but does not end it, and for each other wrong byte (Unicode 3.9, U+FFFD
// Substitution of Maximal Subparts).
func appendValidUTF8(dst, s []byte) []byte {
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		if r == utf8.RuneError && size == 1 {
			dst, s = append(dst, "\uFFFD"...), s[subpart(s):]
			continue
		}
		dst, s = append(dst, s[:size]...), s[size:]
	}
	return dst
}

// subpart is the length of the longest start of a character at the front of s, which is not a whole one, or 1.
func subpart(s []byte) int {
	low, high, most := byte(0x80), byte(0xBF), 1
	switch c := s[0]; {
	case c >= 0xE0 && c <= 0xEF:
		most = 2
	case c >= 0xF0 && c <= 0xF4:
		most = 3
	}
	switch s[0] {
	case 0xE0:
		low = 0xA0
	case 0xED:
		high = 0x9F
	case 0xF0:
		low = 0x90
	case 0xF4:
		high = 0x8F
	}
	n := 1
	for ; n < min(most, len(s)) && s[n] >= low && s[n] <= high; n++ {
		low, high = 0x80, 0xBF
	}
	return n
}
