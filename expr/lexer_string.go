package expr

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// scanString reads a literal in either quote. A doubled quote stands for itself; unless raw, backslash escapes are resolved as Spark does.
func (l *lexer) scanString(t *Token, raw bool) error {
	quote := l.peek(0)
	var text strings.Builder
	for l.advance(1); l.offset < len(l.text); {
		switch c := l.peek(0); {
		case c == quote && l.peek(1) == quote && !raw:
			text.WriteByte(quote)
			l.advance(2)
		case c == quote:
			l.advance(1)
			t.Kind, t.Text = TokenString, text.String()
			return nil
		case c == '\\' && !raw && l.offset+1 < len(l.text):
			l.unescape(&text)
		default:
			text.WriteByte(c)
			l.advance(1)
		}
	}
	return syntaxError(t.Pos, "close it with "+string(quote), "string is not closed")
}

// unescape reads one escape: \n and its kin, \u with four and \U with eight hexadecimal digits, three octal digits; \% and \_ keep their backslash for
// LIKE; any other character stands for itself.
func (l *lexer) unescape(text *strings.Builder) {
	rest := l.text[l.offset+1:]
	if r, width, ok := codePoint(rest); ok {
		text.WriteRune(r)
		l.advance(1 + width)
		return
	}
	switch c := rest[0]; c {
	case '0':
		text.WriteByte(0)
	case 'b':
		text.WriteByte('\b')
	case 'n':
		text.WriteByte('\n')
	case 'r':
		text.WriteByte('\r')
	case 't':
		text.WriteByte('\t')
	case 'Z':
		text.WriteByte(26)
	case '%', '_':
		text.WriteByte('\\')
		text.WriteByte(c)
	default:
		text.WriteByte(c)
	}
	l.advance(2)
}

// codePoint reads the digits of \uXXXX, \UXXXXXXXX and \ooo (up to \177), without the backslash.
func codePoint(s string) (r rune, width int, ok bool) {
	digits, base := 0, 16
	switch {
	case s[0] == 'u':
		digits = 4
	case s[0] == 'U':
		digits = 8
	case s[0] == '0' || s[0] == '1':
		digits, base = 3, 8
		s = "o" + s
	}
	if digits == 0 || len(s) < 1+digits {
		return 0, 0, false
	}
	n, err := strconv.ParseUint(s[1:1+digits], base, 32)
	if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, 0, false
	}
	if base == 8 {
		return rune(n), digits, true
	}
	return rune(n), 1 + digits, true
}

// quoteString is a string literal that scanString reads back. It has no ${ in it, which Spark takes for a variable before it parses anything.
func quoteString(s string) string { return string(appendQuoted(nil, s)) }

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '\'')
	for i := range len(s) {
		switch c := s[i]; c {
		case '\'', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		case 0:
			dst = append(dst, `\u0000`...)
		case '$':
			if strings.HasPrefix(s[i:], "${") {
				dst = append(dst, `\u0024`...)
				continue
			}
			dst = append(dst, c)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '\'')
}
