package kernel

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// charset is one of the encodings that encode and decode know.
type charset uint8

const (
	noCharset charset = iota
	ascii
	latin1
	utf8Text
	utf16Big
	utf16Little
	utf16Marked // with a byte order mark; without one when read, big-endian
	utf32Big
)

func charsetOf(name string) charset {
	switch strings.ToUpper(name) {
	case "US-ASCII":
		return ascii
	case "ISO-8859-1":
		return latin1
	case "UTF-8":
		return utf8Text
	case "UTF-16BE":
		return utf16Big
	case "UTF-16LE":
		return utf16Little
	case "UTF-16":
		return utf16Marked
	case "UTF-32":
		return utf32Big
	}
	return noCharset
}

// charsets are encode and decode.
func charsets() map[string]builder {
	return map[string]builder{"encode": recoded(charset.encode), "decode": recoded(charset.decode)}
}

// recoded fails for a charset that there is not, and for text that the charset does not have.
func recoded(f func(set charset, dst, s []byte) ([]byte, bool)) builder {
	return func(c *site) (kernel, error) {
		return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
			a, names := textsOf(args[0]), textsOf(args[1])
			t := k.newText(2 * a.size())
			for i := range k.rows() {
				set := charsetOf(string(names.at(i)))
				if set == noCharset {
					return vec{}, fault(c.pos, "INVALID_PARAMETER_VALUE.CHARSET", "22023", "use UTF-8, UTF-16, UTF-16BE, UTF-16LE, UTF-32, ISO-8859-1 or US-ASCII",
						"%s knows no charset '%s'", c.name, names.at(i))
				}
				t.row(i)
				var ok bool
				if t.data, ok = f(set, t.data, a.at(i)); !ok {
					return vec{}, fault(c.pos, "MALFORMED_CHARACTER_CODING", "22000", "", "%s met characters that %s does not have", c.name, names.at(i))
				}
			}
			return t.done()
		}}, nil
	}
}

// encode writes text; what is no UTF-8 counts as U+FFFD.
func (set charset) encode(dst, s []byte) ([]byte, bool) {
	if set == utf16Marked && len(s) > 0 {
		dst = append(dst, 0xFE, 0xFF)
	}
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		if set == ascii && r >= utf8.RuneSelf || set == latin1 && r > 0xFF {
			return dst, false
		}
		dst, s = set.appendRune(dst, r), s[size:]
	}
	return dst, true
}

func (set charset) appendRune(dst []byte, r rune) []byte {
	order := binary.AppendByteOrder(binary.BigEndian)
	switch set {
	case ascii, latin1:
		return append(dst, byte(r))
	case utf16Little:
		order = binary.LittleEndian
	case utf32Big:
		return order.AppendUint32(dst, uint32(r))
	case noCharset, utf8Text:
		return utf8.AppendRune(dst, r)
	case utf16Big, utf16Marked:
	}
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return order.AppendUint16(order.AppendUint16(dst, uint16(high)), uint16(low))
	}
	return order.AppendUint16(dst, uint16(r))
}

// decode reads text and fails where it is malformed.
func (set charset) decode(dst, s []byte) ([]byte, bool) {
	switch set {
	case ascii:
		return append(dst, s...), isASCII(s)
	case latin1:
		for _, c := range s {
			dst = utf8.AppendRune(dst, rune(c))
		}
		return dst, true
	case utf16Big:
		return decode16(dst, s, binary.BigEndian)
	case utf16Little:
		return decode16(dst, s, binary.LittleEndian)
	case utf16Marked:
		if len(s) >= 2 && s[0] == 0xFF && s[1] == 0xFE {
			return decode16(dst, s[2:], binary.LittleEndian)
		}
		if len(s) >= 2 && s[0] == 0xFE && s[1] == 0xFF {
			s = s[2:]
		}
		return decode16(dst, s, binary.BigEndian)
	case utf32Big:
		return decode32(dst, s)
	case noCharset, utf8Text:
	}
	return append(dst, s...), utf8.Valid(s)
}

func decode16(dst, s []byte, order binary.ByteOrder) ([]byte, bool) {
	for ; len(s) >= 2; s = s[2:] {
		r := rune(order.Uint16(s))
		if utf16.IsSurrogate(r) {
			if len(s) < 4 {
				return dst, false
			}
			if r = utf16.DecodeRune(r, rune(order.Uint16(s[2:]))); r == utf8.RuneError {
				return dst, false
			}
			s = s[2:]
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst, len(s) == 0
}

// decode32 reads big-endian characters, or by their byte order mark.
func decode32(dst, s []byte) ([]byte, bool) {
	order := binary.ByteOrder(binary.BigEndian)
	if len(s) >= 4 {
		switch binary.BigEndian.Uint32(s) {
		case 0xFEFF:
			s = s[4:]
		case 0xFFFE0000:
			order, s = binary.LittleEndian, s[4:]
		}
	}
	for ; len(s) >= 4; s = s[4:] {
		r := order.Uint32(s)
		if r > utf8.MaxRune || utf16.IsSurrogate(rune(r)) {
			return dst, false
		}
		dst = utf8.AppendRune(dst, rune(r))
	}
	return dst, len(s) == 0
}
