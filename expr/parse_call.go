package expr

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// parseCall reads name(…) and what may follow it: FILTER, IGNORE NULLS, WITHIN GROUP and OVER.
func (p *Parser) parseCall() (Node, error) {
	t := p.Next()
	if err := p.callable(t); err != nil {
		return nil, err
	}
	p.Next()
	if t.Is("EXISTS") {
		if n, ok, err := p.parseSubquery(Subquery{Pos: t.Pos, Kind: ExistsSubquery}); ok || err != nil {
			return n, err
		}
	}
	if n, ok, err := p.parseSpecial(t); ok || err != nil {
		return n, err
	}
	c := Call{Pos: t.Pos, Func: strings.ToLower(t.Text), User: p.Functions.find(t.Text)}
	c.Distinct = p.Accept("DISTINCT")
	if !c.Distinct {
		p.Accept("ALL")
	}
	if err := p.parseArgs(&c); err != nil {
		return nil, err
	}
	if err := p.parseClauses(&c); err != nil {
		return nil, err
	}
	if !p.Accept("OVER") {
		return c, nil
	}
	w, err := p.parseOver()
	return Over{Pos: t.Pos, Call: c, Window: w}, err
}

// callable fails for reserved words that are no functions.
func (p *Parser) callable(t Token) error {
	switch t.word {
	case "LEFT", "RIGHT", "LIKE", "ILIKE", "RLIKE", "REGEXP":
		return nil
	}
	if reserved[t.word] {
		return syntaxError(t.Pos, "expected an expression", "syntax error at or near %s", t.show())
	}
	return nil
}

func (p *Parser) parseArgs(c *Call) error {
	if p.Accept(")") {
		return nil
	}
	if t := p.Peek(); c.Func == "count" && p.Accept("*") {
		c.Args = []Node{Star{Pos: t.Pos}}
		return p.Expect(")")
	}
	if c.Func == "trim" {
		p.parseTrimSide(c)
	}
	for {
		n, err := p.parseArg(c.Func)
		if err != nil {
			return err
		}
		c.Args = append(c.Args, n)
		if !p.acceptSeparator(c) {
			return p.Expect(")")
		}
	}
}

// parseArg reads an argument: an expression, a lambda, or inside struct(…) an expression with an alias.
func (p *Parser) parseArg(function string) (Node, error) {
	if n, ok, err := p.parseLambda(); ok || err != nil {
		return n, err
	}
	n, err := p.ParseExpr()
	if err != nil || function != "struct" || !p.Is("AS") {
		return n, err
	}
	name, _, err := p.AcceptAlias()
	return Alias{Pos: n.Position(), Arg: n, Name: name}, err
}

// parseLambda reads x -> body or (x, y) -> body.
func (p *Parser) parseLambda() (Node, bool, error) {
	l := Lambda{Pos: p.Peek().Pos}
	width := p.lambdaParams(&l)
	if width == 0 {
		return nil, false, nil
	}
	p.at += width
	var err error
	l.Body, err = p.ParseExpr()
	return l, true, err
}

// lambdaParams looks ahead for the parameters and the arrow, and counts their tokens.
func (p *Parser) lambdaParams(l *Lambda) (width int) {
	if t := p.Peek(); t.Name() && p.PeekAt(1).Is("->") {
		l.Params = []string{t.Text}
		return 2
	}
	if !p.Is("(") {
		return 0
	}
	for i := 1; p.PeekAt(i).Name(); i += 2 {
		l.Params = append(l.Params, p.PeekAt(i).Text)
		if p.PeekAt(i+1).Is(")") && p.PeekAt(i+2).Is("->") {
			return i + 3
		}
		if !p.PeekAt(i + 1).Is(",") {
			return 0
		}
	}
	return 0
}

// parseClauses reads what may stand between a call's arguments and OVER.
func (p *Parser) parseClauses(c *Call) (err error) {
	if err := p.parseWithinGroup(c); err != nil {
		return err
	}
	if p.Accept("FILTER") {
		if err := p.Expect("(", "WHERE"); err != nil {
			return err
		}
		if c.Filter, err = p.ParseExpr(); err != nil {
			return err
		}
		if err := p.Expect(")"); err != nil {
			return err
		}
	}
	t := p.Peek()
	if p.Accept("RESPECT", "NULLS") || !p.Accept("IGNORE", "NULLS") {
		return nil
	}
	switch c.Func {
	case "first", "first_value", "last", "last_value", "any_value", "nth_value":
		c.Args = append(c.Args, Literal{Pos: t.Pos, Value: true, Type: typeBoolean})
		return nil
	case "lag", "lead":
		defaults := []Node{Literal{Pos: t.Pos, Value: int32(1), Type: typeInt}, Literal{Pos: t.Pos, Type: arrow.Null}}
		if n := len(c.Args); n > 0 && n < 3 {
			c.Args = append(c.Args, defaults[n-1:]...)
		}
		c.Args = append(c.Args, Literal{Pos: t.Pos, Value: true, Type: typeBoolean})
		return nil
	}
	return p.Unsupported(t, "IGNORE NULLS for "+c.Func)
}
