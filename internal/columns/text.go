package columns

import (
	"encoding/base64"
	"unicode/utf8"

	"github.com/medallion-go/medallion/internal/datetime"
)

// AppendText parses text as a value of the column, as Spark's CSV reader does, and appends it. It says whether text is one; if not, nothing is appended.
// Booleans are true and false in any case. Binary is the bytes themselves.
func (c *Column) AppendText(b []byte) bool {
	switch c.kind {
	case String:
		c.appendUTF8(b)
		return true
	case Binary:
		c.AppendBytes(b)
		return true
	case Bool:
		return c.appendBoolText(b)
	case Int8, Int16, Int32, Int64:
		v, ok := ParseInt(b)
		return ok && c.AppendInt(v)
	case Float32, Float64:
		return c.AppendFloatText(b)
	case Decimal:
		return c.AppendDecimalText(b)
	case Date, Timestamp, TimestampNTZ:
		return c.AppendTimeText(b)
	case Void, Struct, List, Map:
	}
	return false
}

func (c *Column) appendUTF8(b []byte) {
	if utf8.Valid(b) {
		c.AppendBytes(b)
		return
	}
	c.AppendBytes(AppendUTF8(make([]byte, 0, len(b)+16), b))
}

func (c *Column) appendBoolText(b []byte) bool {
	v := len(b) == 4 && b[0]|0x20 == 't' && b[1]|0x20 == 'r' && b[2]|0x20 == 'u' && b[3]|0x20 == 'e'
	if !v && !(len(b) == 5 && b[0]|0x20 == 'f' && b[1]|0x20 == 'a' && b[2]|0x20 == 'l' && b[3]|0x20 == 's' && b[4]|0x20 == 'e') {
		return false
	}
	c.AppendBool(v)
	return true
}

// AppendFloatText appends a decimal number, NaN or an infinity to a float column.
func (c *Column) AppendFloatText(b []byte) bool {
	size := 64
	if c.kind == Float32 {
		size = 32
	}
	v, ok := ParseFloat(b, size)
	if !ok {
		v, ok = SpecialFloat(b)
	}
	return ok && c.AppendFloat(v)
}

// AppendDecimalText appends a decimal number to a Decimal.
func (c *Column) AppendDecimalText(b []byte) bool {
	v, ok := ParseDecimal(b, c.precision, c.scale)
	if ok {
		c.AppendDecimal(v)
	}
	return ok
}

// AppendTimeText appends to a Date, Timestamp or TimestampNTZ.
func (c *Column) AppendTimeText(b []byte) bool {
	if c.kind == Date {
		days, ok := datetime.ParseDate(b)
		if ok {
			c.AppendDate(days)
		}
		return ok
	}
	micros, ok := c.times.Parse(b)
	if ok {
		c.AppendInt64(micros)
	}
	return ok
}

// AppendBase64 appends the bytes that b encodes to a Binary.
func (c *Column) AppendBase64(b []byte) bool {
	for len(c.bytes)-c.used < base64.StdEncoding.DecodedLen(len(b)) {
		c.MoreText()
	}
	n, err := base64.StdEncoding.Decode(c.bytes[c.used:], b)
	if err != nil {
		return false
	}
	c.EndText(c.used + n)
	return true
}

// AppendUTF8 appends b with each maximal ill-formed part replaced by U+FFFD, as the Unicode standard (section 3.9) recommends and Java does.
func AppendUTF8(dst, b []byte) []byte {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n <= 1 {
			n = illFormed(b)
			dst = utf8.AppendRune(dst, utf8.RuneError)
		} else {
			dst = append(dst, b[:n]...)
		}
		b = b[n:]
	}
	return dst
}

// illFormed is the length of the longest beginning of b that begins a character, at least 1.
func illFormed(b []byte) int {
	n := 1
	for n < min(len(b), 3) && !utf8.FullRune(b[:n]) && b[n]&0xc0 == 0x80 {
		if r, _ := utf8.DecodeRune(b[:n+1]); utf8.FullRune(b[:n+1]) && r == utf8.RuneError {
			break
		}
		n++
	}
	return n
}

const hexDigits = "0123456789abcdef"

// AppendJSONString appends text as a JSON string with its quotes. Ill-formed UTF-8 is replaced.
func AppendJSONString(dst, text []byte) []byte {
	dst = append(dst, '"')
	start := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = AppendUTF8(dst, text[start:i])
		start = i + 1
		dst = appendEscaped(dst, c)
	}
	return append(AppendUTF8(dst, text[start:]), '"')
}

func appendEscaped(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
