package expr

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

const (
	maxDepth = 400     // nesting of an expression or a type, so that no text overflows the stack
	maxNodes = 100_000 // nodes of one parser, counting every copy that BETWEEN and simple CASE make of their operand
)

// Parser reads Databricks SQL: expressions by itself, and token by token for grammars built around expressions, such as plan/sql's queries. Once a
// method has returned an error the parser's place is unspecified. Every error is an *Error with line and column.
type Parser struct {
	text   string
	tokens []Token
	at     int
	depth  int
	marks  int // of ? parameters so far
	nodes  int
	casts  int // types of a CAST that are being read
	row    Pos // where the last row in parentheses began

	// ReadQuery reads the query that comes next, the opening parenthesis before it being consumed; nil refuses sub-queries.
	ReadQuery func() (Query, error)

	Functions *UserFunctions // that may be called beside the catalogue's
}

// Parse reads text that is one scalar expression and nothing more, such as a rule or a default.
func Parse(text string) (Node, error) { return (*UserFunctions)(nil).Parse(text) }

// ParseList reads text that is a select list and nothing more: expressions, each perhaps with an alias, and stars.
func ParseList(text string) ([]Node, error) { return (*UserFunctions)(nil).ParseList(text) }

// NewParser splits text into tokens and stands before the first of them.
func NewParser(text string) (*Parser, error) {
	tokens, err := Tokens(text)
	if err != nil {
		return nil, err
	}
	return &Parser{text: text, tokens: tokens}, nil
}

// Peek is the next token; at the end of the text it is a TokenEOF for ever.
func (p *Parser) Peek() Token { return p.tokens[p.at] }

// PeekAt is the n-th token after the next one.
func (p *Parser) PeekAt(n int) Token { return p.tokens[min(p.at+n, len(p.tokens)-1)] }

// Next consumes the next token and returns it.
func (p *Parser) Next() Token {
	t := p.tokens[p.at]
	if t.Kind != TokenEOF {
		p.at++
	}
	return t
}

// Is reports whether the next tokens are these keywords and symbols, in any case.
func (p *Parser) Is(words ...string) bool {
	for i, w := range words {
		if !p.tokens[min(p.at+i, len(p.tokens)-1)].is(w) {
			return false
		}
	}
	return true
}

// Accept consumes the next tokens if they are these keywords and symbols, all of them, and reports whether it did.
func (p *Parser) Accept(words ...string) bool {
	if !p.Is(words...) {
		return false
	}
	p.at += len(words)
	return true
}

// Expect is Accept that fails where the words do not follow.
func (p *Parser) Expect(words ...string) error {
	for _, w := range words {
		if !p.Accept(w) {
			return p.unexpected("expected " + w)
		}
	}
	return nil
}

// ExpectEnd fails unless the whole text has been consumed.
func (p *Parser) ExpectEnd() error {
	if p.Peek().Kind != TokenEOF {
		return p.unexpected("expected the end of the text")
	}
	return nil
}

// Mark is the parser's place, for Reset.
func (p *Parser) Mark() int { return p.at }

// Reset goes back to a Mark.
func (p *Parser) Reset(mark int) { p.at = mark }

// Text is the SQL between two places, as written: from the token at mark from up to, not including, the token at mark to.
func (p *Parser) Text(from, to int) string {
	if from >= to {
		return ""
	}
	return p.text[p.tokens[from].Start:p.tokens[to-1].End]
}

// Name consumes a name: a back-quoted identifier, or a word that is not Reserved. What says what is named, for the error.
func (p *Parser) Name(what string) (string, error) {
	if t := p.Peek(); !t.Name() || t.Kind == TokenIdent && Reserved(t.word) {
		return "", p.unexpected("expected " + what)
	}
	return p.Next().Text, nil
}

// AcceptAlias consumes AS name, or a name alone that is not Reserved, and reports whether there was one.
func (p *Parser) AcceptAlias() (name string, ok bool, err error) {
	if p.Accept("AS") {
		if t := p.Peek(); !t.Name() {
			return "", false, p.unexpected("expected an alias")
		}
		return p.Next().Text, true, nil
	}
	if t := p.Peek(); t.Name() && (t.Kind == TokenQuoted || !Reserved(t.word)) {
		return p.Next().Text, true, nil
	}
	return "", false, nil
}

// Error is a syntax error at the token.
func (p *Parser) Error(at Token, hint, format string, args ...any) *Error {
	return syntaxError(at.Pos, hint, format, args...)
}

// Unsupported is the error for a part of the language that is known and not supported: class UNSUPPORTED_FEATURE, SQLSTATE 0A000.
func (p *Parser) Unsupported(at Token, feature string) *Error {
	return &Error{Class: "UNSUPPORTED_FEATURE", SQLState: "0A000", Message: feature + " is not supported", Line: at.Line, Column: at.Column}
}

// ParseItem reads one item of a select list: *, t.* with EXCEPT (columns), or an expression with an optional alias, which then is an Alias. It stops before
// AS (a, b), the names of several columns.
func (p *Parser) ParseItem() (Node, error) {
	if star, ok, err := p.acceptStar(); ok || err != nil {
		return star, err
	}
	n, err := p.ParseExpr()
	if err != nil {
		return nil, err
	}
	if p.Is("AS", "(") {
		return n, nil
	}
	name, ok, err := p.AcceptAlias()
	if !ok || err != nil {
		return n, err
	}
	return Alias{Pos: n.Position(), Arg: n, Name: name}, nil
}

func (p *Parser) acceptStar() (Node, bool, error) {
	t := p.Peek()
	star := Star{Pos: t.Pos}
	switch {
	case p.Accept("*"):
	case t.Name() && p.PeekAt(1).Is(".") && p.PeekAt(2).Is("*"):
		star.Qualifier = t.Text
		p.at += 3
	default:
		return nil, false, nil
	}
	if !p.Is("EXCEPT", "(") || p.PeekAt(2).Is("SELECT") {
		return star, true, nil
	}
	p.at += 2
	err := p.list(func() error {
		name, err := p.Name("a column name")
		star.Except = append(star.Except, name)
		return err
	})
	return star, true, err
}

// ParseExprs reads one expression or more, with commas between them.
func (p *Parser) ParseExprs() ([]Node, error) {
	var nodes []Node
	for {
		n, err := p.ParseExpr()
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
		if !p.Accept(",") {
			return nodes, nil
		}
	}
}

// ParseType reads a data type: DECIMAL(18,2), ARRAY<STRUCT<a: BIGINT>>.
func (p *Parser) ParseType() (arrow.DataType, error) { return p.parseType() }

// list reads items with commas between them up to the closing parenthesis, which it consumes.
func (p *Parser) list(item func() error) error {
	for {
		if err := item(); err != nil {
			return err
		}
		if !p.Accept(",") {
			return p.Expect(")")
		}
	}
}

// enter counts a level of nesting; the caller defers leave.
func (p *Parser) enter() error {
	p.depth++
	if p.depth > maxDepth {
		return tooComplex(p.Peek().Pos)
	}
	return nil
}

func (p *Parser) leave() { p.depth-- }

// grow counts nodes.
func (p *Parser) grow(n int) error {
	p.nodes += n
	if p.nodes > maxNodes {
		return tooComplex(p.Peek().Pos)
	}
	return nil
}

// unexpected is the error at the next token.
func (p *Parser) unexpected(hint string) *Error {
	t := p.Peek()
	if t.Kind == TokenIdent && Reserved(t.word) && strings.Contains(hint, "name") {
		hint += fmt.Sprintf("; a reserved word needs back-quotes: `%s`", t.Text)
	}
	return syntaxError(t.Pos, hint, "syntax error at or near %s", t.show())
}

func syntaxError(at Pos, hint, format string, args ...any) *Error {
	return &Error{
		Class: "PARSE_SYNTAX_ERROR", SQLState: "42601", Message: fmt.Sprintf(format, args...),
		Line: at.Line, Column: at.Column, Hint: hint,
	}
}

func tooComplex(at Pos) *Error {
	return &Error{
		Class: "STATEMENT_TOO_COMPLEX", SQLState: "54001", Message: "the expression is nested too deeply or too long",
		Line: at.Line, Column: at.Column, Hint: "split it into several columns",
	}
}
