package delta

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxJSONDepth bounds nesting, so that a damaged log cannot exhaust the stack.
const maxJSONDepth = 200

var errJSON = errors.New("malformed JSON")

// scanner walks one JSON text from left to right without building a tree. After the first fault every method gives zero values, so that callers
// check err once at the end. Strings that hold no escapes share the text's memory.
type scanner struct {
	text  string
	pos   int
	first bool // no member or element has been read yet in the innermost container
	err   error

	scratch []byte // of strings with escapes
}

func (s *scanner) fail(want string) {
	if s.err == nil {
		s.err = fmt.Errorf("%w: want %s at byte %d", errJSON, want, s.pos)
	}
	s.pos = len(s.text)
}

func (s *scanner) space() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// peek is the first byte of the next token, 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.pos >= len(s.text) {
		return 0
	}
	return s.text[s.pos]
}

// open enters an object or array.
func (s *scanner) open(c byte) bool {
	if s.peek() != c {
		s.fail(string(c))
		return false
	}
	s.pos++
	s.first = true
	return true
}

// next moves to the next item of the container that close ends, and reports whether there is one.
func (s *scanner) next(closing byte) bool {
	c := s.peek()
	if c == closing {
		s.pos++
		s.first = false
		return false
	}
	if !s.first {
		if c != ',' {
			s.fail("','")
			return false
		}
		s.pos++
		s.space()
	}
	s.first = false
	return s.err == nil
}

// key reads the next member's name and colon; ok is false at the object's end.
func (s *scanner) key() (name string, ok bool) {
	if !s.next('}') {
		return "", false
	}
	name = s.str()
	if s.peek() != ':' {
		s.fail("':'")
		return "", false
	}
	s.pos++
	return name, s.err == nil
}

// members enters an object and gives the name of each member, whose value the loop reads.
func (s *scanner) members(yield func(name string) bool) {
	s.open('{')
	for name, ok := s.key(); ok && yield(name); name, ok = s.key() {
	}
}

// given are the members that are not null.
func (s *scanner) given(yield func(name string) bool) {
	s.open('{')
	for name, ok := s.key(); ok && (s.null() || yield(name)); name, ok = s.key() {
	}
}

// element reports whether the array holds another element.
func (s *scanner) element() bool { return s.next(']') }

// null consumes a null if one is next.
func (s *scanner) null() bool {
	if s.peek() == 'n' && strings.HasPrefix(s.text[s.pos:], "null") {
		s.pos += 4
		return true
	}
	return false
}

// token reads a bare word: a number, true or false.
func (s *scanner) token() string {
	s.space()
	start := s.pos
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ',', '}', ']', ' ', '\t', '\r', '\n', ':', '"', '{', '[':
			return s.text[start:s.pos]
		}
		s.pos++
	}
	return s.text[start:s.pos]
}

// int64 reads an integer. Ancient logs hold some of them as strings.
func (s *scanner) int64() int64 {
	var t string
	if s.peek() == '"' {
		t = s.str()
	} else {
		t = s.token()
	}
	n, err := strconv.ParseInt(t, 10, 64)
	if err != nil {
		s.fail("an integer")
	}
	return n
}

func (s *scanner) bool() bool {
	switch s.token() {
	case "true":
		return true
	case "false":
	default:
		s.fail("true or false")
	}
	return false
}

// raw skips one value of any kind and gives its text.
func (s *scanner) raw() string {
	s.space()
	start := s.pos
	s.skip(0)
	if s.err != nil {
		return ""
	}
	return s.text[start:s.pos]
}

func (s *scanner) skip(depth int) {
	if depth > maxJSONDepth {
		s.fail("less nesting")
		return
	}
	switch s.peek() {
	case '{':
		for range s.members {
			s.skip(depth + 1)
		}
	case '[':
		s.open('[')
		for s.element() {
			s.skip(depth + 1)
		}
	case '"':
		s.skipString()
	default:
		if t := s.token(); t != "true" && t != "false" && t != "null" && !isNumber(t) {
			s.fail("a value")
		}
	}
}

func isNumber(t string) bool {
	if t == "" || (t[0] != '-' && (t[0] < '0' || t[0] > '9')) {
		return false
	}
	_, err := strconv.ParseFloat(t, 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}

// stringMap reads an object of strings; other values keep their JSON text. A null object is nil.
func (s *scanner) stringMap() map[string]string {
	if s.null() {
		return nil
	}
	m := make(map[string]string)
	for k := range s.members {
		switch {
		case s.null():
		case s.peek() == '"':
			m[k] = s.str()
		default:
			m[k] = s.raw()
		}
	}
	return m
}

// strings reads an array of strings. A null array is nil.
func (s *scanner) strings() []string {
	if s.null() || !s.open('[') {
		return nil
	}
	list := []string{}
	for s.element() {
		list = append(list, s.str())
	}
	return list
}

func (s *scanner) ints() []int64 {
	var list []int64
	for s.open('['); s.element(); {
		list = append(list, s.int64())
	}
	return list
}
