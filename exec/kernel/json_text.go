package kernel

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string in either quote; the result is scratch's or the input's memory.
func (s *jsonScanner) text(scratch []byte) (text []byte, ok bool) {
	if s.i >= len(s.b) || s.b[s.i] != '"' && (s.b[s.i] != '\'' || s.doubleOnly) {
		return nil, false
	}
	quote := s.b[s.i]
	s.i++
	start := s.i
	for s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case quote:
			s.i++
			return s.b[start : s.i-1], true
		case '\\':
			return s.escaped(append(scratch[:0], s.b[start:s.i]...), quote)
		default:
			if c < ' ' && s.strict {
				return nil, false
			}
		}
		s.i++
	}
	return nil, false
}

// escaped reads on from the first backslash.
func (s *jsonScanner) escaped(dst []byte, quote byte) ([]byte, bool) {
	for s.i < len(s.b) {
		c := s.b[s.i]
		s.i++
		switch {
		case c == quote:
			return dst, true
		case c < ' ' && s.strict:
			return nil, false
		case c != '\\':
			dst = append(dst, c)
		default:
			var ok bool
			if dst, ok = s.escape(dst); !ok {
				return nil, false
			}
		}
	}
	return nil, false
}

func (s *jsonScanner) escape(dst []byte) ([]byte, bool) {
	if s.i >= len(s.b) {
		return nil, false
	}
	c := s.b[s.i]
	s.i++
	switch c {
	case '"', '\\', '/', '\'':
		return append(dst, c), true
	case 'b':
		return append(dst, '\b'), true
	case 'f':
		return append(dst, '\f'), true
	case 'n':
		return append(dst, '\n'), true
	case 'r':
		return append(dst, '\r'), true
	case 't':
		return append(dst, '\t'), true
	case 'u':
		r, ok := s.unit()
		if ok && utf16.IsSurrogate(r) && s.i+1 < len(s.b) && s.b[s.i] == '\\' && s.b[s.i+1] == 'u' {
			s.i += 2
			var low rune
			low, ok = s.unit()
			r = utf16.DecodeRune(r, low)
		}
		return utf8.AppendRune(dst, r), ok
	}
	return nil, false
}

// unit reads four hexadecimal digits.
func (s *jsonScanner) unit() (rune, bool) {
	if s.i+4 > len(s.b) {
		return 0, false
	}
	v, err := strconv.ParseUint(string(s.b[s.i:s.i+4]), 16, 16)
	s.i += 4
	return rune(v), err == nil
}

// appendJSONText writes a string with the escapes that JSON demands.
func appendJSONText(dst, text []byte) []byte {
	const hex = "0123456789ABCDEF"
	dst = append(dst, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= ' ':
			dst = append(dst, c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\b':
			dst = append(dst, `\b`...)
		case c == '\f':
			dst = append(dst, `\f`...)
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(dst, '"')
}
