package ndjson

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/medallion-go/medallion/internal/columns"
)

const (
	ones = 0x0101010101010101
	tops = 0x8080808080808080
)

// special has the top bit of each byte set that is a quote, a backslash or a control character; behind the first such byte it may be wrong.
func special(w uint64) uint64 {
	q := w ^ ones*'"'
	b := w ^ ones*'\\'
	return ((q-ones)&^q | (b-ones)&^b | (w-ones*0x20)&^w) & tops
}

// text appends the string whose first byte is d[at] and gives where it ends, behind the quote. It copies while it looks for the end.
func (p *Parser) text(c *columns.Column, d []byte, at int) int {
	dst, used := c.Text()
	start, n := at, used
	var high uint64
	for {
		if len(dst)-n < 8 {
			dst = c.MoreText()
		}
		w := load(d, at)
		binary.LittleEndian.PutUint64(dst[n:], w)
		m := special(w)
		if m == 0 {
			high |= w
			at += 8
			n += 8
			continue
		}
		k := bits.TrailingZeros64(m) >> 3
		at += k
		if d[at] != '"' {
			break
		}
		high |= w & (1<<(8*k) - 1)
		if high&tops != 0 && !utf8.Valid(d[start:at]) {
			break
		}
		c.EndText(n + k)
		return at + 1
	}
	end := stringEnd(d, at)
	if end < 0 {
		return malformed
	}
	p.scratch, _ = unescape(p.scratch[:0], d, start)
	c.AppendBytes(p.scratch)
	return end + 1
}

// plain is the string whose first byte is d[at], without escapes, and where it ends behind the quote. It is borrowed until the next call.
func (p *Parser) plain(d []byte, at int) (text []byte, end int) {
	end = stringEnd(d, at)
	if end < 0 {
		return nil, malformed
	}
	text = d[at:end]
	if !isPlain(text) {
		p.scratch, _ = unescape(p.scratch[:0], d, at)
		text = p.scratch
	}
	return text, end + 1
}

// isPlain says that a string stands as it is meant: ASCII without escapes.
func isPlain(text []byte) bool {
	for _, c := range text {
		if c == '\\' || c >= 0x80 {
			return false
		}
	}
	return true
}

// stringEnd is where the quote stands that ends the string at d[at:], or malformed. Escapes are checked.
func stringEnd(d []byte, at int) int {
	for {
		m := special(load(d, at))
		if m == 0 {
			at += 8
			continue
		}
		at += bits.TrailingZeros64(m) >> 3
		switch d[at] {
		case '"':
			return at
		case '\\':
			n := escapeLength(d, at+1)
			if n == 0 {
				return malformed
			}
			at += 1 + n
		default:
			return malformed
		}
	}
}

// escapeLength is how many bytes an escape has behind the backslash, 0 if it is none.
func escapeLength(d []byte, at int) int {
	switch d[at] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 1
	case 'u':
		for i := 1; i <= 4; i++ {
			if hexDigit(d[at+i]) < 0 {
				return 0
			}
		}
		return 5
	}
	return 0
}

func hexDigit(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return -1
}

// unescape appends the string at d[at:] that stringEnd has checked, escapes resolved and well-formed, and gives where its quote stands.
func unescape(dst, d []byte, at int) ([]byte, int) {
	start := at
	for {
		m := special(load(d, at))
		if m == 0 {
			at += 8
			continue
		}
		at += bits.TrailingZeros64(m) >> 3
		dst = appendWellFormed(dst, d[start:at])
		if d[at] == '"' {
			return dst, at
		}
		dst, at = appendEscape(dst, d, at+1)
		start = at
	}
}

func appendWellFormed(dst, text []byte) []byte {
	if utf8.Valid(text) {
		return append(dst, text...)
	}
	return columns.AppendUTF8(dst, text)
}

// appendEscape appends the character of an escape, whose backslash stands before d[at], and gives where it ends.
func appendEscape(dst, d []byte, at int) ([]byte, int) {
	switch c := d[at]; c {
	case 'b':
		return append(dst, '\b'), at + 1
	case 'f':
		return append(dst, '\f'), at + 1
	case 'n':
		return append(dst, '\n'), at + 1
	case 'r':
		return append(dst, '\r'), at + 1
	case 't':
		return append(dst, '\t'), at + 1
	case 'u':
		r := hex4(d, at+1)
		at += 5
		if isHigh(r) && d[at] == '\\' && d[at+1] == 'u' {
			if low := hex4(d, at+2); isLow(low) {
				return utf8.AppendRune(dst, 0x10000+(r-0xd800)<<10+(low-0xdc00)), at + 6
			}
		}
		return utf8.AppendRune(dst, r), at // a lone surrogate becomes U+FFFD
	default:
		return append(dst, c), at + 1
	}
}

func hex4(d []byte, at int) rune {
	return hexDigit(d[at])<<12 | hexDigit(d[at+1])<<8 | hexDigit(d[at+2])<<4 | hexDigit(d[at+3])
}

func isHigh(r rune) bool { return 0xd800 <= r && r < 0xdc00 }
func isLow(r rune) bool  { return 0xdc00 <= r && r < 0xe000 }
