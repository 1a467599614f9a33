package expr

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
	typ, err := p.parseType()
	if err != nil {
		return nil, err
	}
	return Cast{Pos: t.Pos, Arg: arg, Type: typ, Try: t.word == "TRY_CAST"}, p.Expect(")")
}

// parseExtract reads EXTRACT(field FROM source), which is the field's own function.
func (p *Parser) parseExtract(t Token) (Node, error) {
	field := p.Next()
	function := extractFunction(field.word)
	if function == "" {
		return nil, &Error{
			Class: "INVALID_EXTRACT_FIELD", SQLState: "42601", Message: "cannot extract " + field.show(), Line: field.Line, Column: field.Column,
			Hint: "use YEAR, QUARTER, MONTH, WEEK, DAY, DAYOFWEEK, DOY, HOUR, MINUTE or SECOND",
		}
	}
	if err := p.Expect("FROM"); err != nil {
		return nil, err
	}
	source, err := p.ParseExpr()
	if err != nil {
		return nil, err
	}
	n := Node(Call{Pos: t.Pos, Func: function, Args: []Node{source}})
	if function == "second" {
		n = secondWithFraction(t.Pos, source)
	}
	return n, p.Expect(")")
}

func extractFunction(field string) string {
	switch field {
	case "YEAR", "Y", "YEARS", "YR", "YRS":
		return "year"
	case "QUARTER", "QTR":
		return "quarter"
	case "MONTH", "MON", "MONS", "MONTHS":
		return "month"
	case "WEEK", "W", "WEEKS":
		return "weekofyear"
	case "DAY", "D", "DAYS":
		return "day"
	case "DAYOFWEEK", "DOW":
		return "dayofweek"
	case "DOY":
		return "dayofyear"
	case "HOUR", "H", "HOURS", "HR", "HRS":
		return "hour"
	case "MINUTE", "M", "MIN", "MINS", "MINUTES":
		return "minute"
	case "SECOND", "S", "SEC", "SECONDS", "SECS":
		return "second"
	}
	return ""
}

// secondWithFraction is the second of a minute as DECIMAL(8,6), which EXTRACT gives where second() gives whole seconds.
func secondWithFraction(at Pos, source Node) Node {
	micros := Call{Pos: at, Func: "unix_micros", Args: []Node{source}}
	minute := Literal{Pos: at, Value: int64(60_000_000), Type: typeBigInt}
	within := Call{Pos: at, Func: "pmod", Args: []Node{micros, minute}}
	whole := Cast{Pos: at, Arg: within, Type: decimalOf(8, 0)}
	scaled := Call{Pos: at, Func: "*", Args: []Node{whole, Literal{Pos: at, Value: decimalFromInt(1), Type: decimalOf(6, 6)}}}
	return Cast{Pos: at, Arg: scaled, Type: decimalOf(8, 6)}
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

// acceptSeparator consumes the comma between two arguments, or the word that stands for it: SUBSTRING(text FROM start FOR length), TRIM(x FROM text).
func (p *Parser) acceptSeparator(c *Call) bool {
	if p.Accept(",") {
		return true
	}
	switch c.Func {
	case "substring", "substr":
		return len(c.Args) == 1 && p.Accept("FROM") || len(c.Args) == 2 && p.Accept("FOR")
	case "trim", "ltrim", "rtrim":
		return len(c.Args) == 1 && p.Accept("FROM")
	}
	return false
}
