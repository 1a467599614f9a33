package delta

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a string.
func (s *scanner) str() string {
	if s.peek() != '"' {
		s.fail("a string")
		return ""
	}
	start := s.pos + 1
	for i := start; i < len(s.text); i++ {
		switch s.text[i] {
		case '"':
			s.pos = i + 1
			return s.text[start:i]
		case '\\':
			return s.escaped(start, i)
		}
	}
	s.fail("'\"'")
	return ""
}

// escaped reads on from the first backslash of a string that began at start.
func (s *scanner) escaped(start, i int) string {
	end := closingQuote(s.text, i)
	if end < 0 {
		s.fail("'\"'")
		return ""
	}
	out := append(slices.Grow(s.scratch[:0], end-start), s.text[start:i]...)
	for i < end {
		if s.text[i] != '\\' {
			next := strings.IndexByte(s.text[i:end], '\\')
			if next < 0 {
				next = end - i
			}
			out = append(out, s.text[i:i+next]...)
			i += next
			continue
		}
		var width int
		if out, width = appendUnescaped(out, s.text[i:end]); width == 0 {
			s.pos = i
			s.fail("an escape")
			return ""
		}
		i += width
	}
	s.pos, s.scratch = end+1, out
	return string(out)
}

func (s *scanner) skipString() {
	end := closingQuote(s.text, s.pos+1)
	if end < 0 {
		s.fail("'\"'")
		return
	}
	s.pos = end + 1
}

// closingQuote is the position of the quote that ends the string which has an escape at i, or -1.
func closingQuote(text string, i int) int {
	for i < len(text) {
		switch text[i] {
		case '"':
			return i
		case '\\':
			i += 2
		default:
			i++
		}
	}
	return -1
}

// appendUnescaped decodes the escape at the front of text and gives its width; 0 for one that JSON does not know.
func appendUnescaped(out []byte, text string) ([]byte, int) {
	if len(text) < 2 {
		return out, 0
	}
	switch c := text[1]; c {
	case '"', '\\', '/':
		return append(out, c), 2
	case 'b':
		return append(out, '\b'), 2
	case 'f':
		return append(out, '\f'), 2
	case 'n':
		return append(out, '\n'), 2
	case 'r':
		return append(out, '\r'), 2
	case 't':
		return append(out, '\t'), 2
	case 'u':
		return appendUnicode(out, text)
	default:
		return out, 0
	}
}

// appendUnicode decodes \uXXXX, or a pair of them; a lone surrogate becomes U+FFFD, as encoding/json has it.
func appendUnicode(out []byte, text string) ([]byte, int) {
	r, ok := hex4(text)
	if !ok {
		return out, 0
	}
	if utf16.IsSurrogate(r) {
		if low, ok := hex4(text[6:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return utf8.AppendRune(out, pair), 12
			}
		}
		r = utf8.RuneError
	}
	return utf8.AppendRune(out, r), 6
}

func hex4(text string) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(n), err == nil
}
