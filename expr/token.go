package expr

import (
	"strings"
	"unicode/utf8"
)

// TokenKind says what a Token is.
type TokenKind uint8

// The kinds of token. A keyword is a TokenIdent; which words are reserved is the parser's business (see Reserved).
const (
	TokenEOF    TokenKind = iota // the end of the text; every token list ends with one
	TokenIdent                   // an identifier or a keyword, as written
	TokenQuoted                  // a back-quoted identifier, unquoted: never a keyword
	TokenString                  // a string literal, with its escapes resolved
	TokenBinary                  // X'1F', as bytes in Text
	TokenNumber                  // a number with its suffix, as written
	TokenSymbol                  // an operator or punctuation
)

// Token is one word of SQL text. Start and End are byte offsets in the text.
type Token struct {
	Pos
	Kind       TokenKind
	Text       string
	Start, End int
	word       string // the upper-case form of a TokenIdent, the text of a TokenSymbol; "" otherwise
}

// Is reports whether the token is this keyword (whatever its case) or symbol.
func (t Token) Is(word string) bool { return t.is(word) }

// is looks at the first letters before it compares without case: nearly all words that a parser asks for are others.
func (t *Token) is(word string) bool {
	if t.word == "" || word == "" || t.word[0]|word[0] < utf8.RuneSelf && t.word[0]|0x20 != word[0]|0x20 {
		return false
	}
	return t.word == word || strings.EqualFold(t.word, word)
}

// Name reports whether the token can stand where only a name can: after AS or a dot. Its Text is the name.
func (t Token) Name() bool { return t.Kind == TokenIdent || t.Kind == TokenQuoted }

// literal reports whether the token is a string or a number.
func (t Token) literal() bool { return t.Kind == TokenString || t.Kind == TokenNumber }

// show is the token as error messages print it.
func (t Token) show() string {
	switch t.Kind {
	case TokenEOF:
		return "the end of the text"
	case TokenQuoted:
		return Quote(t.Text)
	case TokenString:
		return quoteString(t.Text)
	case TokenBinary:
		return "a binary literal"
	case TokenIdent, TokenNumber, TokenSymbol:
		return "'" + t.Text + "'"
	}
	return t.Text
}

// Tokens splits SQL text into tokens, the last of which is a TokenEOF. Comments (-- to the end of the line, and nested /* */) and white space are left
// out. The error is an *Error of class PARSE_SYNTAX_ERROR.
func Tokens(text string) ([]Token, error) {
	l := lexer{text: text, line: 1, column: 1}
	tokens := make([]Token, 0, len(text)/5+8)
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		if t.Kind == TokenEOF {
			return tokens, nil
		}
	}
}
