package schema

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is one word of DDL text.
type token struct {
	kind tokenKind
	text string // the name without its quotes, the text without its escapes, the number, the symbol
	pos  int    // byte offset
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenQuotedName
	tokenText
	tokenNumber
	tokenSymbol
)

// lexer cuts DDL text into tokens, one ahead.
type lexer struct {
	text string
	pos  int
	tok  token
}

func (l *lexer) errorAt(pos int, format string, args ...any) error {
	before := l.text[:pos]
	line := strings.Count(before, "\n")
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return &SyntaxError{Line: line + 1, Column: column + 1, Message: fmt.Sprintf(format, args...)}
}

// next reads the following token into l.tok.
func (l *lexer) next() error {
	l.skipSpace()
	l.tok = token{pos: l.pos}
	if l.pos == len(l.text) {
		return nil
	}
	c, size := utf8.DecodeRuneInString(l.text[l.pos:])
	switch {
	case c == '`':
		return l.quotedName()
	case c == '\'' || c == '"':
		return l.quotedText(byte(c))
	case '0' <= c && c <= '9' || c == '_' || unicode.IsLetter(c):
		l.word()
		return nil
	case strings.ContainsRune("<>(),:", c):
		l.pos += size
		l.tok.kind, l.tok.text = tokenSymbol, string(c)
		return nil
	}
	return l.errorAt(l.pos, "unexpected character %q; put names that hold it in back quotes", c)
}

func (l *lexer) skipSpace() {
	for l.pos < len(l.text) {
		c, size := utf8.DecodeRuneInString(l.text[l.pos:])
		if !unicode.IsSpace(c) {
			return
		}
		l.pos += size
	}
}

func (l *lexer) word() {
	start, digits := l.pos, true
	for l.pos < len(l.text) {
		c, size := utf8.DecodeRuneInString(l.text[l.pos:])
		if c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			break
		}
		digits = digits && '0' <= c && c <= '9'
		l.pos += size
	}
	l.tok.kind, l.tok.text = tokenName, l.text[start:l.pos]
	if digits {
		l.tok.kind = tokenNumber
	}
}

func (l *lexer) quotedName() error {
	var b strings.Builder
	for i := l.pos + 1; i < len(l.text); i++ {
		if l.text[i] != '`' {
			b.WriteByte(l.text[i])
			continue
		}
		if i+1 < len(l.text) && l.text[i+1] == '`' {
			b.WriteByte('`')
			i++
			continue
		}
		if b.Len() == 0 {
			return l.errorAt(l.pos, "empty name")
		}
		l.pos, l.tok.kind, l.tok.text = i+1, tokenQuotedName, b.String()
		return nil
	}
	return l.errorAt(l.pos, "back quote is not closed")
}

// quotedText reads a string literal with Spark's escapes: backslash sequences and doubled quotes.
func (l *lexer) quotedText(quote byte) error {
	var b strings.Builder
	for i := l.pos + 1; i < len(l.text); i++ {
		switch c := l.text[i]; {
		case c == '\\' && i+1 < len(l.text):
			i++
			i += unescape(&b, l.text[i:])
		case c != quote:
			b.WriteByte(c)
		case i+1 < len(l.text) && l.text[i+1] == quote:
			b.WriteByte(quote)
			i++
		default:
			l.pos, l.tok.kind, l.tok.text = i+1, tokenText, b.String()
			return nil
		}
	}
	return l.errorAt(l.pos, "quote %c is not closed", quote)
}

// unescape writes the character that stands after a backslash and returns how many bytes after its first it took.
func unescape(b *strings.Builder, s string) int {
	switch s[0] {
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case 't':
		b.WriteByte('\t')
	case 'b':
		b.WriteByte('\b')
	case '0':
		b.WriteByte(0)
	case 'Z':
		b.WriteByte(26)
	case 'u':
		if r, ok := hex4(s[1:]); ok {
			b.WriteRune(r)
			return 4
		}
		b.WriteByte('u')
	default:
		b.WriteByte(s[0])
	}
	return 0
}

func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s[:4]) {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
