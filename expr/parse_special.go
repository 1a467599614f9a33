package expr

import "strings"

// parseSpecial reads the calls whose arguments have a syntax of their own. The opening parenthesis is consumed; ok is false, and nothing more
// consumed, where the call is an ordinary one.
func (p *Parser) parseSpecial(t Token) (n Node, ok bool, err error) {
	switch t.word {
	case "CAST", "TRY_CAST":
		n, err = p.parseCast(t)
		return n, true, err
	case "EXTRACT":
		n, err = p.parseExtract(t)
		return n, true, err
	case "POSITION":
		n, err = p.parsePosition(t)
		return n, true, err
	case "TIMESTAMPADD", "DATEADD", "DATE_ADD":
		return p.parseShift(t, "timestampadd")
	case "TIMESTAMPDIFF", "DATEDIFF", "DATE_DIFF":
		return p.parseShift(t, "timestampdiff")
	}
	return nil, false, nil
}

func (p *Parser) parseCast(t Token) (Node, error) {
	arg, err := p.ParseExpr()
	if err != nil {
		return nil, err
	}
	if err := p.Expect("AS"); err != nil {
		return nil, err
	}
	typ, err := p.parseCastType()
	if err != nil {
		return nil, err
	}
	return Cast{Pos: t.Pos, Arg: arg, Type: typ, Try: t.word == "TRY_CAST"}, p.Expect(")")
}

// parseExtract reads EXTRACT(field FROM source), which is date_part('field', source).
func (p *Parser) parseExtract(t Token) (Node, error) {
	field := p.Next()
	if !field.Name() && field.Kind != TokenString {
		return nil, syntaxError(field.Pos, "expected a field such as YEAR", "syntax error at or near %s", field.show())
	}
	if err := p.Expect("FROM"); err != nil {
		return nil, err
	}
	source, err := p.ParseExpr()
	if err != nil {
		return nil, err
	}
	name := Literal{Pos: field.Pos, Value: strings.ToUpper(field.Text), Type: typeString}
	return Call{Pos: t.Pos, Func: "date_part", Args: []Node{name, source}}, p.Expect(")")
}

// parseShift reads what begins with a unit: timestampadd(MONTH, n, t), timestampdiff(MONTH, a, b) and their other names. Any other call, also one whose
// first argument is a column that has a unit's name, is left to be read as an ordinary one.
func (p *Parser) parseShift(t Token, function string) (n Node, ok bool, err error) {
	mark, unit := p.Mark(), p.Next()
	quoted := unit.Kind == TokenString
	if !quoted && !(unit.Kind == TokenIdent && shiftUnits[unit.word]) || !p.Accept(",") {
		p.Reset(mark)
		return nil, false, nil
	}
	name := Literal{Pos: unit.Pos, Value: unit.word, Type: typeString} // a unit in quotes is none
	c := Call{Pos: t.Pos, Func: function, Args: []Node{name}}
	for len(c.Args) < 3 {
		arg, err := p.ParseExpr()
		if err != nil {
			return nil, false, err
		}
		c.Args = append(c.Args, arg)
		if len(c.Args) == 2 && !p.Accept(",") {
			p.Reset(mark)
			return nil, false, nil
		}
	}
	return c, true, p.Expect(")")
}

// parsePosition reads POSITION(part IN text) or position(part, text), both of which are locate.
func (p *Parser) parsePosition(t Token) (Node, error) {
	c := Call{Pos: t.Pos, Func: "locate"}
	part, err := p.parse(precPredicate)
	if err != nil {
		return nil, err
	}
	if p.Accept("IN") {
		text, err := p.parse(precPredicate)
		if err != nil {
			return nil, err
		}
		c.Args = []Node{part, text}
		return c, p.Expect(")")
	}
	if part, err = p.climb(part, precLowest); err != nil {
		return nil, err
	}
	c.Args = []Node{part}
	if p.Accept(",") {
		return c, p.parseArgs(&c)
	}
	return c, p.Expect(")")
}

// parseTrimSide reads BOTH, LEADING or TRAILING of TRIM(side [characters] FROM text), which makes the call trim, ltrim or rtrim; the characters come
// first, as these functions take them.
func (p *Parser) parseTrimSide(c *Call) {
	if next := p.PeekAt(1); next.Kind == TokenSymbol && !next.Is("(") {
		return // a column that has the word's name
	}
	switch {
	case p.Accept("LEADING"):
		c.Func = "ltrim"
	case p.Accept("TRAILING"):
		c.Func = "rtrim"
	case !p.Accept("BOTH"):
		return
	}
	p.Accept("FROM")
}

// acceptSeparator consumes the comma between two arguments, or the word that stands for it: SUBSTRING(text FROM start FOR length), TRIM(x FROM text),
// OVERLAY(text PLACING by FROM start FOR length).
func (p *Parser) acceptSeparator(c *Call) bool {
	if p.Accept(",") {
		return true
	}
	switch c.Func {
	case "overlay":
		words := [...]string{"PLACING", "FROM", "FOR"}
		return len(c.Args) <= len(words) && p.Accept(words[len(c.Args)-1])
	case "substring", "substr":
		return len(c.Args) == 1 && p.Accept("FROM") || len(c.Args) == 2 && p.Accept("FOR")
	case "trim", "ltrim", "rtrim":
		return len(c.Args) == 1 && p.Accept("FROM")
	}
	return false
}
