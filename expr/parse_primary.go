package expr

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// parsePrimary reads a literal, a column, a function call, or something in parentheses.
func (p *Parser) parsePrimary() (Node, error) {
	switch t := p.Peek(); t.Kind {
	case TokenNumber:
		return p.parseNumber(p.Next(), "")
	case TokenString:
		return p.parseString(), nil
	case TokenBinary:
		p.Next()
		return Literal{Pos: t.Pos, Value: []byte(t.Text), Type: typeBinary}, nil
	case TokenSymbol:
		return p.parseSymbol(t)
	case TokenIdent:
		return p.parseWord(t)
	case TokenQuoted:
		return p.parseNamed()
	case TokenEOF:
	}
	return nil, p.unexpected("expected an expression")
}

// parseString joins string literals that follow each other, as Spark does.
func (p *Parser) parseString() Node {
	t := p.Next()
	text := t.Text
	for p.Peek().Kind == TokenString {
		text += p.Next().Text
	}
	return Literal{Pos: t.Pos, Value: text, Type: typeString}
}

func (p *Parser) parseSymbol(t Token) (Node, error) {
	switch {
	case t.Is("("):
		return p.parseParenthesis()
	case p.Accept("?"):
		p.marks++
		return Parameter{Pos: t.Pos, Index: p.marks}, nil
	case t.Is(":") && p.PeekAt(1).Kind == TokenIdent:
		p.Next()
		return Parameter{Pos: t.Pos, Name: p.Next().Text}, nil
	}
	return nil, p.unexpected("expected an expression")
}

// parseParenthesis reads (e), or (a, b), which is struct(a, b).
func (p *Parser) parseParenthesis() (Node, error) {
	open := p.Next()
	if n, ok, err := p.parseSubquery(Subquery{Pos: open.Pos}); ok || err != nil {
		return n, err
	}
	first, err := p.ParseExpr()
	if err != nil {
		return nil, err
	}
	if p.Accept(")") {
		return first, nil
	}
	row := Call{Pos: open.Pos, Func: "struct", Args: []Node{first}}
	if err := p.Expect(","); err != nil {
		return nil, p.unexpected("expected )")
	}
	err = p.list(func() error {
		n, err := p.ParseExpr()
		row.Args = append(row.Args, n)
		return err
	})
	p.row = open.Pos
	return row, err
}

// parseWord reads what an unquoted word begins.
func (p *Parser) parseWord(t Token) (Node, error) {
	switch t.word {
	case "NULL":
		p.Next()
		return Literal{Pos: t.Pos, Type: arrow.Null}, nil
	case "TRUE", "FALSE":
		p.Next()
		return Literal{Pos: t.Pos, Value: t.word == "TRUE", Type: typeBoolean}, nil
	case "CASE":
		return p.parseCase()
	case "CURRENT_DATE", "CURRENT_TIMESTAMP":
		return p.parseCurrent()
	case "DATE", "TIMESTAMP", "TIMESTAMP_LTZ", "TIMESTAMP_NTZ":
		if p.PeekAt(1).Kind == TokenString {
			return p.parseDatetime()
		}
	case "INTERVAL":
		if n := p.PeekAt(1); n.literal() || (n.Is("-") || n.Is("+")) && p.PeekAt(2).literal() {
			return p.parseInterval()
		}
	}
	if p.PeekAt(1).Is("(") {
		return p.parseCall()
	}
	if reserved[t.word] {
		return nil, p.unexpected("expected an expression or a column's name")
	}
	if p.PeekAt(1).Kind == TokenString {
		return nil, &Error{
			Class: "UNSUPPORTED_TYPED_LITERAL", SQLState: "0A000", Message: "there are no literals of the type " + t.show(), Line: t.Line, Column: t.Column,
			Hint: "write " + t.Text + "('…') or CAST('…' AS " + t.word + ")",
		}
	}
	return p.parseNamed()
}

// parseNamed reads a column with what follows it after dots.
func (p *Parser) parseNamed() (Node, error) {
	t := p.Next()
	if p.Is("(") {
		return nil, p.unexpected("a function's name takes no back-quotes")
	}
	column := Column{Pos: t.Pos, Path: []string{t.Text}}
	for p.Is(".") {
		if !p.PeekAt(1).Name() {
			p.Next()
			return nil, p.unexpected("expected a field name")
		}
		p.Next()
		column.Path = append(column.Path, p.Next().Text)
	}
	return column, nil
}

func (p *Parser) parseCurrent() (Node, error) {
	t := p.Next()
	if p.Accept("(") {
		if err := p.Expect(")"); err != nil {
			return nil, err
		}
	}
	return Call{Pos: t.Pos, Func: strings.ToLower(t.word)}, nil
}

// parsePostfix reads .field, [index] and ::type behind a primary expression.
func (p *Parser) parsePostfix(n Node) (Node, error) {
	for {
		switch {
		case p.Is("."):
			p.Next()
			if !p.Peek().Name() {
				return nil, p.unexpected("expected a field name")
			}
			n = Field{Pos: n.Position(), Arg: n, Name: p.Next().Text}
		case p.Accept("["):
			index, err := p.ParseExpr()
			if err != nil {
				return nil, err
			}
			if err := p.Expect("]"); err != nil {
				return nil, err
			}
			n = Call{Pos: n.Position(), Func: "[]", Args: []Node{n, index}}
		case p.Accept("::"):
			typ, err := p.parseCastType()
			if err != nil {
				return nil, err
			}
			n = Cast{Pos: n.Position(), Arg: n, Type: typ}
		case p.Is(":") && (p.PeekAt(1).Name() || p.PeekAt(1).Is("[")):
			path, err := p.parseJSONPath()
			if err != nil {
				return nil, err
			}
			n = Call{Pos: n.Position(), Func: "get_json_object", Args: []Node{n, path}}
		default:
			return n, nil
		}
		if err := p.grow(1); err != nil {
			return nil, err
		}
	}
}

// parseCase reads both forms of CASE; CASE x WHEN v becomes CASE WHEN x = v.
func (p *Parser) parseCase() (Node, error) {
	t := p.Next()
	var operand Node
	var err error
	if !p.Is("WHEN") {
		if operand, err = p.ParseExpr(); err != nil {
			return nil, err
		}
	}
	c := Case{Pos: t.Pos}
	for p.Accept("WHEN") {
		w, err := p.parseWhen(operand)
		if err != nil {
			return nil, err
		}
		c.Whens = append(c.Whens, w)
	}
	if len(c.Whens) == 0 {
		return nil, p.unexpected("expected WHEN")
	}
	if p.Accept("ELSE") {
		if c.Else, err = p.ParseExpr(); err != nil {
			return nil, err
		}
	}
	return c, p.Expect("END")
}

func (p *Parser) parseWhen(operand Node) (w When, err error) {
	if w.Cond, err = p.ParseExpr(); err != nil {
		return w, err
	}
	if operand != nil {
		w.Cond = Call{Pos: w.Cond.Position(), Func: "=", Args: []Node{operand, w.Cond}}
		if err := p.growCopy(operand); err != nil {
			return w, err
		}
	}
	if err := p.Expect("THEN"); err != nil {
		return w, err
	}
	w.Result, err = p.ParseExpr()
	return w, err
}
