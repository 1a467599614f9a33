package expr

import (
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexer walks over SQL text. It keeps the place of offset in runes.
type lexer struct {
	text         string
	offset       int
	line, column int
}

// symbols of more than one byte, the longest first. There is no >>, so that ARRAY<ARRAY<INT>> closes twice.
var longSymbols = [...]string{"<=>", "::", "||", "->", "<=", ">=", "<>", "!=", "=="}

const shortSymbols = "+-*/%=<>!(),.;:?[]{}|&^~@$"

func (l *lexer) next() (Token, error) {
	if err := l.skipBlank(); err != nil {
		return Token{}, err
	}
	t := Token{Pos: l.pos(), Start: l.offset}
	err := l.scan(&t)
	t.End = l.offset
	return t, err
}

func (l *lexer) scan(t *Token) error {
	c := l.peek(0)
	switch {
	case l.offset == len(l.text):
		t.Kind = TokenEOF
		return nil
	case c == '\'' || c == '"':
		return l.scanString(t, false)
	case c == '`':
		return l.scanQuoted(t)
	case (c == 'r' || c == 'R') && isQuote(l.peek(1)):
		l.advance(1)
		return l.scanString(t, true)
	case (c == 'x' || c == 'X') && isQuote(l.peek(1)):
		l.advance(1)
		return l.scanBinary(t)
	case isDigit(c) || c == '.' && isDigit(l.peek(1)) && !l.afterName():
		return l.scanNumber(t)
	case l.identWidth() > 0:
		l.scanIdent(t)
		return nil
	}
	return l.scanSymbol(t)
}

func (l *lexer) scanIdent(t *Token) {
	for n := l.identWidth(); n > 0; n = l.identWidth() {
		l.advance(n)
	}
	t.Kind, t.Text = TokenIdent, l.text[t.Start:l.offset]
	t.word = strings.ToUpper(t.Text)
}

func (l *lexer) scanSymbol(t *Token) error {
	t.Kind = TokenSymbol
	for _, s := range longSymbols {
		if strings.HasPrefix(l.text[l.offset:], s) {
			l.advance(len(s))
			t.Text, t.word = s, s
			return nil
		}
	}
	r, n := utf8.DecodeRuneInString(l.text[l.offset:])
	if n > 1 || strings.IndexByte(shortSymbols, l.peek(0)) < 0 {
		return syntaxError(t.Pos, "", "unexpected character %q", r)
	}
	l.advance(1)
	t.Text = l.text[t.Start:l.offset]
	t.word = t.Text
	return nil
}

// scanQuoted reads `name`, where “ stands for one back-quote.
func (l *lexer) scanQuoted(t *Token) error {
	var name strings.Builder
	for l.advance(1); l.offset < len(l.text); l.advance(1) {
		if l.peek(0) == '`' {
			if l.peek(1) != '`' {
				l.advance(1)
				t.Kind, t.Text = TokenQuoted, name.String()
				return l.checkQuoted(t)
			}
			l.advance(1)
		}
		name.WriteByte(l.peek(0))
	}
	return syntaxError(t.Pos, "close it with `", "back-quoted name is not closed")
}

func (l *lexer) checkQuoted(t *Token) error {
	if t.Text == "" {
		return syntaxError(t.Pos, "", "empty back-quoted name")
	}
	return nil
}

// scanNumber reads digits, a fraction, an exponent and the letters glued to them; which suffixes there are is parseNumber's business.
func (l *lexer) scanNumber(t *Token) error {
	l.skipDigits()
	if l.peek(0) == '.' {
		l.advance(1)
		l.skipDigits()
	}
	if e := l.peek(0); e == 'e' || e == 'E' {
		sign := 0
		if s := l.peek(1); s == '+' || s == '-' {
			sign = 1
		}
		if isDigit(l.peek(1 + sign)) {
			l.advance(1 + sign)
			l.skipDigits()
		}
	}
	for n := l.identWidth(); n > 0; n = l.identWidth() {
		l.advance(n)
	}
	t.Kind, t.Text = TokenNumber, l.text[t.Start:l.offset]
	return nil
}

func (l *lexer) scanBinary(t *Token) error {
	if err := l.scanString(t, true); err != nil {
		return err
	}
	digits := t.Text
	if len(digits)%2 == 1 {
		digits = "0" + digits
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		return &Error{
			Class: "INVALID_TYPED_LITERAL", SQLState: "42604", Message: "X" + quoteString(t.Text) + " is not a binary literal", Line: t.Line, Column: t.Column,
			Hint: "write two hexadecimal digits per byte, as in X'1F'",
		}
	}
	t.Kind, t.Text = TokenBinary, string(b)
	return nil
}

// skipBlank passes over white space and comments. Bracketed comments nest, as in Spark.
func (l *lexer) skipBlank() error {
	for l.offset < len(l.text) {
		rest := l.text[l.offset:]
		r, n := utf8.DecodeRuneInString(rest)
		switch {
		case unicode.IsSpace(r) || r == '\ufeff':
			l.advance(n)
		case strings.HasPrefix(rest, "--"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			l.advance(end)
		case strings.HasPrefix(rest, "/*"):
			if err := l.skipBracketed(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) skipBracketed() error {
	start, depth := l.pos(), 0
	for l.offset < len(l.text) {
		switch rest := l.text[l.offset:]; {
		case strings.HasPrefix(rest, "/*"):
			depth++
			l.advance(2)
		case strings.HasPrefix(rest, "*/"):
			depth--
			l.advance(2)
			if depth == 0 {
				return nil
			}
		default:
			l.advance(1)
		}
	}
	return syntaxError(start, "close it with */", "comment is not closed")
}

// afterName is true right behind a name: t.1 is not a number.
func (l *lexer) afterName() bool {
	if l.offset == 0 {
		return false
	}
	c := l.text[l.offset-1]
	return c == '`' || c == '_' || isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= utf8.RuneSelf
}

func (l *lexer) pos() Pos { return Pos{Line: l.line, Column: l.column} }

func (l *lexer) peek(n int) byte {
	if l.offset+n < len(l.text) {
		return l.text[l.offset+n]
	}
	return 0
}

// advance moves n bytes on. Only the first byte of a rune counts as a column.
func (l *lexer) advance(n int) {
	for range n {
		switch c := l.text[l.offset]; {
		case c == '\n':
			l.line, l.column = l.line+1, 1
		case c&0xC0 != 0x80:
			l.column++
		}
		l.offset++
	}
}

func (l *lexer) skipDigits() {
	for isDigit(l.peek(0)) {
		l.advance(1)
	}
}

// identWidth is the width in bytes of the identifier rune at the offset, or 0.
func (l *lexer) identWidth() int {
	r, n := utf8.DecodeRuneInString(l.text[l.offset:])
	if r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
		return n
	}
	return 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isQuote(c byte) bool { return c == '\'' || c == '"' }
