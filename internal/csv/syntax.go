package csv

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// padding is how many bytes behind a text's end may be looked at.
const padding = 16

// What the functions that read a record or a field give instead of where it ends.
const (
	malformed  = -1 // its quotes are wrong
	incomplete = -2 // more text is needed
	unclosed   = -3 // its last quote is never closed
)

const (
	ones = 0x0101010101010101
	tops = 0x8080808080808080
)

// syntax is the special characters, each also eight times in a word.
type syntax struct {
	comma, quote, escape    byte
	commas, quotes, escapes uint64
}

func newSyntax(c Config) (syntax, error) {
	s := syntax{comma: c.Comma, quote: c.Quote, escape: c.Escape}
	if s.comma == 0 {
		s.comma = ','
	}
	if s.quote == 0 {
		s.quote = '"'
	}
	if s.escape == 0 {
		s.escape = s.quote
	}
	for _, b := range []byte{s.comma, s.quote, s.escape} {
		if b == '\n' || b == '\r' || b >= 0x80 {
			return s, errors.New("csv: comma, quote and escape must be ASCII characters other than line breaks")
		}
	}
	if s.comma == s.quote || s.comma == s.escape {
		return s, errors.New("csv: the comma must differ from quote and escape")
	}
	s.commas, s.quotes, s.escapes = ones*uint64(s.comma), ones*uint64(s.quote), ones*uint64(s.escape)
	return s, nil
}

func load(d []byte, at int) uint64 { return binary.LittleEndian.Uint64(d[at:]) }

// zeros has the top bit of each byte set that is 0; behind the first such byte it may be wrong.
func zeros(w uint64) uint64 { return (w - ones) &^ w & tops }

// fieldEnd is where an unquoted field ends: at a comma or a newline, one of which must come.
func (s *syntax) fieldEnd(d []byte, at int) int {
	for {
		w := load(d, at)
		if m := zeros(w^s.commas) | zeros(w^ones*'\n'); m != 0 {
			return at + bits.TrailingZeros64(m)>>3
		}
		at += 8
	}
}

// quoted reads a field behind its opening quote. It gives where the closing quote stands and whether there are escapes before it; if there is
// no such quote before end, closing is negative.
func (s *syntax) quoted(d []byte, at, end int, oneLine, final bool) (closing int, escapes bool) {
	none := incomplete
	if final {
		none = unclosed
	}
	for {
		if at >= end {
			return none, false
		}
		w := load(d, at)
		m := zeros(w^s.quotes) | zeros(w^s.escapes)
		if oneLine {
			m |= zeros(w ^ ones*'\n')
		}
		if m == 0 {
			at += 8
			continue
		}
		at += bits.TrailingZeros64(m) >> 3
		switch {
		case at >= end:
			return none, false
		case d[at] == '\n':
			return malformed, false
		case at+1 == end && !final:
			return incomplete, false
		case d[at] == s.escape && at+1 < end && (d[at+1] == s.quote || d[at+1] == s.escape):
			escapes = true
			at += 2
		case d[at] == s.quote:
			return at, escapes
		default: // an escape before another character stands for itself
			at++
		}
	}
}

// unescape appends a quoted field's text without the escapes.
func (s *syntax) unescape(dst, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c == s.escape && i+1 < len(text) && (text[i+1] == s.quote || text[i+1] == s.escape) {
			i++
		}
		dst = append(dst, text[i])
	}
	return dst
}

// isBlank says whether a line, from at to its newline, holds nothing but spaces.
func (s *syntax) isBlank(d []byte, at int) bool {
	for d[at] == ' ' && s.comma != ' ' {
		at++
	}
	return d[at] == '\n' || d[at] == '\r' && d[at+1] == '\n'
}
