package ndjson

import (
	"encoding/binary"

	"github.com/medallion-go/medallion/internal/columns"
	"github.com/medallion-go/medallion/internal/digits"
)

// load is eight bytes of d, the first the lowest.
func load(d []byte, at int) uint64 { return binary.LittleEndian.Uint64(d[at:]) }

// space skips blanks but not the line's end.
func space(d []byte, at int) int {
	for d[at] == ' ' || d[at] == '\t' || d[at] == '\r' {
		at++
	}
	return at
}

const (
	wordNull = 'n' | 'u'<<8 | 'l'<<16 | 'l'<<24
	wordTrue = 't' | 'r'<<8 | 'u'<<16 | 'e'<<24
	wordAlse = 'a' | 'l'<<8 | 's'<<16 | 'e'<<24
)

func isNull(d []byte, at int) bool  { return uint32(load(d, at)) == wordNull }
func isTrue(d []byte, at int) bool  { return uint32(load(d, at)) == wordTrue }
func isFalse(d []byte, at int) bool { return d[at] == 'f' && uint32(load(d, at+1)) == wordAlse }

func boolean(c *columns.Column, d []byte, at int) int {
	switch {
	case isTrue(d, at):
		c.AppendBool(true)
		return at + 4
	case isFalse(d, at):
		c.AppendBool(false)
		return at + 5
	}
	return unfit
}

// number is a JSON number: ±mantissa·10^-fraction, unless it has an exponent or too many digits.
type number struct {
	mantissa uint64
	digits   int // before and behind the point; beyond 19 the mantissa has overflowed
	fraction int // digits behind the point
	negative bool
	exponent bool
}

// scan reads the number at d[at:] and gives where it ends, or malformed.
func scan(d []byte, at int) (n number, end int) {
	if d[at] == '-' {
		n.negative = true
		at++
	}
	start := at
	n.mantissa, at = digits.Read(d, at, 0)
	n.digits = at - start
	if n.digits == 0 || d[start] == '0' && n.digits > 1 {
		return n, malformed
	}
	if d[at] == '.' {
		at++
		start = at
		n.mantissa, at = digits.Read(d, at, n.mantissa)
		if n.fraction = at - start; n.fraction == 0 {
			return n, malformed
		}
		n.digits += n.fraction
	}
	if d[at]|0x20 == 'e' {
		n.exponent = true
		at++
		if d[at] == '+' || d[at] == '-' {
			at++
		}
		start = at
		if _, at = digits.Read(d, at, 0); at == start {
			return n, malformed
		}
	}
	return n, at
}

func integer(c *columns.Column, d []byte, at int) int {
	start := at
	if d[at] == '-' {
		start++
	}
	m, end := digits.Read(d, start, 0)
	n := end - start
	if n == 0 || n > 19 || n > 1 && d[start] == '0' || d[end] == '.' || d[end]|0x20 == 'e' {
		return unfit
	}
	v, ok := columns.Signed(m, start > at)
	if !ok || !c.AppendInt(v) {
		return unfit
	}
	return end
}

func (p *Parser) float(c *columns.Column, d []byte, at int) int {
	start := at
	if d[at] == '-' {
		start++
	}
	m, end := digits.Read(d, start, 0)
	n, fraction := end-start, 0
	if d[end] == '.' {
		point := end
		m, end = digits.Read(d, point+1, m)
		fraction = end - point - 1
	}
	if n == 0 || n+fraction > 19 || d[start] == '0' && n > 1 || d[end-1] == '.' || d[end]|0x20 == 'e' || c.Kind() != columns.Float64 {
		return p.otherFloat(c, d, at)
	}
	v, ok := columns.Ratio(m, fraction)
	if !ok {
		return p.otherFloat(c, d, at)
	}
	if start > at {
		v = -v
	}
	c.AppendFloat(v)
	return end
}

// otherFloat reads a number that is not plain.
func (p *Parser) otherFloat(c *columns.Column, d []byte, at int) int {
	_, end := scan(d, at)
	if end < 0 {
		return p.specialFloat(c, d, at)
	}
	if !c.AppendFloatText(d[at:end]) {
		return unfit
	}
	return end
}

// specialFloat reads NaN and the infinities, bare or in quotes.
func (p *Parser) specialFloat(c *columns.Column, d []byte, at int) int {
	var text []byte
	var end int
	if d[at] == '"' {
		if text, end = p.plain(d, at+1); end < 0 {
			return malformed
		}
	} else {
		n := bareFloat(d, at)
		text, end = d[at:at+n], at+n
	}
	v, ok := columns.SpecialFloat(text)
	if !ok || !c.AppendFloat(v) {
		return unfit
	}
	return end
}

func (p *Parser) decimal(c *columns.Column, d []byte, at int) int {
	if d[at] == '"' {
		text, end := p.plain(d, at+1)
		if end < 0 {
			return malformed
		}
		if !c.AppendDecimalText(text) {
			return unfit
		}
		return end
	}
	n, end := scan(d, at)
	if end < 0 {
		return unfit
	}
	if !n.exponent && n.digits <= 18 {
		if v, ok := columns.SmallDecimal(n.mantissa, n.digits, n.fraction, n.negative, c.Precision(), c.Scale()); ok {
			c.AppendDecimal(v)
			return end
		}
	}
	if !c.AppendDecimalText(d[at:end]) {
		return unfit
	}
	return end
}

// time reads a date or timestamp; a number is seconds since 1970 for a TIMESTAMP.
func (p *Parser) time(c *columns.Column, d []byte, at int) int {
	if d[at] == '"' {
		text, end := p.plain(d, at+1)
		if end < 0 {
			return malformed
		}
		if !c.AppendTimeText(text) {
			return unfit
		}
		return end
	}
	if c.Kind() != columns.Timestamp {
		return unfit
	}
	n, end := scan(d, at)
	const most = 1<<63/1_000_000 - 1
	if end < 0 || n.fraction > 0 || n.exponent || n.digits > 19 || n.mantissa > most {
		return unfit
	}
	seconds, _ := columns.Signed(n.mantissa, n.negative)
	c.AppendInt64(seconds * 1_000_000)
	return end
}

func (p *Parser) binary(c *columns.Column, d []byte, at int) int {
	if d[at] != '"' {
		return unfit
	}
	text, end := p.plain(d, at+1)
	if end < 0 {
		return malformed
	}
	if !c.AppendBase64(text) {
		return unfit
	}
	return end
}
