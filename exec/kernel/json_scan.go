package kernel

import (
	"strconv"

	"github.com/medallion-go/medallion/internal/digits"
)

// jsonScanner walks over JSON text. Every method leaves it behind what it read; ok is false where the text is not JSON.
type jsonScanner struct {
	b     []byte
	i     int
	depth int

	doubleOnly bool // strings stand in double quotes only
	strict     bool // control characters in strings are escaped
	closed     bool // the object or array that first has begun is at its end
}

// maxJSONDepth bounds the recursion on nested values.
const maxJSONDepth = 1000

// peek skips blanks and gives the next byte, 0 at the end.
func (s *jsonScanner) peek() byte {
	for ; s.i < len(s.b); s.i++ {
		if c := s.b[s.i]; c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c
		}
	}
	return 0
}

// accept takes a punctuation mark.
func (s *jsonScanner) accept(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.i++
	return true
}

// each goes through the members of an object or the elements of an array, whose opening mark is next; f reads one of them.
func (s *jsonScanner) each(f func() bool) bool {
	end := byte('}')
	if s.b[s.i] == '[' {
		end = ']'
	}
	s.i++
	if s.depth++; s.depth > maxJSONDepth {
		return false
	}
	defer func() { s.depth-- }()
	if s.accept(end) {
		return true
	}
	for {
		if !f() {
			return false
		}
		if s.accept(end) {
			return true
		}
		if !s.accept(',') {
			return false
		}
	}
}

// first enters an object or array, whose opening mark is next, and tells whether there is something in it. following goes on to what comes next. At the
// end closed is set.
func (s *jsonScanner) first() (more, ok bool) {
	end := s.b[s.i] + 2
	s.i++
	if s.depth++; s.depth > maxJSONDepth {
		return false, false
	}
	return s.stops(end)
}

func (s *jsonScanner) following(end byte) (more, ok bool) {
	if s.accept(',') {
		return true, true
	}
	more, _ = s.stops(end)
	return false, !more
}

func (s *jsonScanner) stops(end byte) (more, ok bool) {
	if s.accept(end) {
		s.depth--
		s.closed = true
		return false, true
	}
	return true, true
}

// member reads a name and the colon behind it.
func (s *jsonScanner) member(scratch []byte) (name []byte, ok bool) {
	s.peek()
	name, ok = s.text(scratch)
	return name, ok && s.accept(':')
}

// copy appends the next value in compact form, as Jackson writes it.
func (s *jsonScanner) copy(dst []byte) (out []byte, ok bool) {
	switch c := s.peek(); c {
	case '{', '[':
		first := true
		start := c
		dst = append(dst, start)
		ok = s.each(func() bool {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			var ok bool
			if start == '{' {
				var name []byte
				if name, ok = s.member(nil); !ok {
					return false
				}
				dst = append(appendJSONText(dst, name), ':')
			}
			dst, ok = s.copy(dst)
			return ok
		})
		return append(dst, start+2), ok
	case '"', '\'':
		text, ok := s.text(nil)
		return appendJSONText(dst, text), ok
	default:
		return s.scalar(dst)
	}
}

// skip passes over the next value.
func (s *jsonScanner) skip() bool {
	switch c := s.peek(); c {
	case '{', '[':
		return s.each(func() bool {
			if c == '{' {
				if _, ok := s.member(nil); !ok {
					return false
				}
			}
			return s.skip()
		})
	case '"', '\'':
		_, ok := s.text(nil)
		return ok
	default:
		_, ok := s.scalar(nil)
		return ok
	}
}

// scalar appends true, false, null or a number; a number with a fraction or an exponent is written as a double.
func (s *jsonScanner) scalar(dst []byte) ([]byte, bool) {
	start := s.i
	for s.i < len(s.b) && !isJSONEnd(s.b[s.i]) {
		s.i++
	}
	text := s.b[start:s.i]
	switch string(text) {
	case "true", "false", "null":
		return append(dst, text...), true
	}
	whole, ok := isJSONNumber(text)
	if !ok {
		return dst, false
	}
	if whole {
		return append(dst, text...), true
	}
	f, _ := strconv.ParseFloat(string(text), 64) // out of range is infinite, as in Java
	return appendFloat(dst, f, 64), true
}

func isJSONEnd(c byte) bool {
	switch c {
	case ' ', '\t', '\n', '\r', ',', ']', '}', ':', '{', '[', '"':
		return true
	}
	return false
}

// isJSONNumber tells whether b is a number, and a whole one.
func isJSONNumber(b []byte) (whole, ok bool) {
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	n := digits.Count(b)
	if n == 0 || n > 1 && b[0] == '0' {
		return false, false
	}
	if n == len(b) {
		return true, true
	}
	if b[n] == '.' && (n+1 == len(b) || b[n+1] < '0' || b[n+1] > '9') {
		return false, false
	}
	return false, isDecimalLiteral(b)
}
