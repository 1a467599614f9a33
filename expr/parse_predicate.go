package expr

// parsePredicate reads [NOT] BETWEEN, IN, LIKE, ILIKE, RLIKE, or IS behind its operand, if one is there.
func (p *Parser) parsePredicate(left Node) (n Node, ok bool, err error) {
	mark := p.Mark()
	not := p.Accept("NOT")
	switch {
	case p.Accept("BETWEEN"):
		n, err = p.parseBetween(left)
	case p.Accept("IN"):
		n, err = p.parseIn(left)
	case p.Accept("LIKE"):
		return p.parseLikes(left, "like", not)
	case p.Accept("ILIKE"):
		return p.parseLikes(left, "ilike", not)
	case p.Accept("RLIKE"), p.Accept("REGEXP"):
		n, err = p.parseComparand(left, "rlike")
	case !not && p.Accept("IS"):
		n, err = p.parseIs(left)
	default:
		p.Reset(mark)
		return nil, false, nil
	}
	if in, ok := n.(Subquery); ok {
		in.Not = not
		return in, true, err
	}
	if err == nil && not {
		n = Call{Pos: left.Position(), Func: "not", Args: []Node{n}}
	}
	return n, true, err
}

func (p *Parser) parseBetween(left Node) (Node, error) {
	low, err := p.parse(precPredicate)
	if err != nil {
		return nil, err
	}
	if err := p.Expect("AND"); err != nil {
		return nil, err
	}
	high, err := p.parse(precPredicate)
	if err != nil {
		return nil, err
	}
	at := left.Position()
	above := Call{Pos: at, Func: ">=", Args: []Node{left, low}}
	below := Call{Pos: at, Func: "<=", Args: []Node{left, high}}
	return Call{Pos: at, Func: "and", Args: []Node{above, below}}, p.growCopy(left)
}

func (p *Parser) parseIn(left Node) (Node, error) {
	if err := p.Expect("("); err != nil {
		return nil, err
	}
	if n, ok, err := p.parseSubquery(Subquery{Pos: left.Position(), Kind: InSubquery, Left: p.operands(left)}); ok || err != nil {
		return n, err
	}
	args := []Node{left}
	err := p.list(func() error {
		n, err := p.ParseExpr()
		args = append(args, n)
		return err
	})
	return Call{Pos: left.Position(), Func: "in", Args: args}, err
}

// parseLikes reads a pattern, or ANY, SOME or ALL and patterns in parentheses, of which the tests are joined by OR or AND. NOT turns each test.
func (p *Parser) parseLikes(left Node, function string, not bool) (n Node, ok bool, err error) {
	turn := func(n Node) Node {
		if !not {
			return n
		}
		return Call{Pos: left.Position(), Func: "not", Args: []Node{n}}
	}
	join := ""
	switch {
	case p.Accept("ANY"), p.Accept("SOME"):
		join = "or"
	case p.Accept("ALL"):
		join = "and"
	default:
		n, err = p.parseLike(left, function)
		return turn(n), true, err
	}
	if err := p.Expect("("); err != nil {
		return nil, false, err
	}
	err = p.list(func() error {
		pattern, err := p.ParseExpr()
		if err != nil {
			return err
		}
		test := turn(Call{Pos: left.Position(), Func: function, Args: []Node{left, pattern}})
		if n == nil {
			n = test
			return nil
		}
		n = Call{Pos: left.Position(), Func: join, Args: []Node{n, test}}
		return p.growCopy(left)
	})
	return n, true, err
}

func (p *Parser) parseLike(left Node, function string) (Node, error) {
	n, err := p.parseComparand(left, function)
	if err != nil || !p.Is("ESCAPE") {
		return n, err
	}
	p.Next()
	t := p.Next()
	if r := []rune(t.Text); t.Kind != TokenString || len(r) != 1 {
		return nil, syntaxError(t.Pos, "ESCAPE takes a string of one character", "syntax error at or near %s", t.show())
	}
	n.Args = append(n.Args, Literal{Pos: t.Pos, Value: t.Text, Type: typeString})
	return n, nil
}

func (p *Parser) parseComparand(left Node, function string) (Call, error) {
	right, err := p.parse(precPredicate)
	return Call{Pos: left.Position(), Func: function, Args: []Node{left, right}}, err
}

// parseIs reads what follows IS. TRUE and FALSE compare NULL-safely; UNKNOWN is NULL.
func (p *Parser) parseIs(left Node) (Node, error) {
	at := left.Position()
	not := p.Accept("NOT")
	var n Node
	switch t := p.Next(); {
	case t.Is("NULL") || t.Is("UNKNOWN"):
		if not {
			return Call{Pos: at, Func: "isnotnull", Args: []Node{left}}, nil
		}
		return Call{Pos: at, Func: "isnull", Args: []Node{left}}, nil
	case t.Is("TRUE") || t.Is("FALSE"):
		truth := Literal{Pos: t.Pos, Value: t.Is("TRUE"), Type: typeBoolean}
		n = Call{Pos: at, Func: "<=>", Args: []Node{left, truth}}
	case t.Is("DISTINCT"):
		if err := p.Expect("FROM"); err != nil {
			return nil, err
		}
		same, err := p.parseComparand(left, "<=>")
		if err != nil {
			return nil, err
		}
		n, not = same, !not
	default:
		return nil, syntaxError(t.Pos, "expected NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM", "syntax error at or near %s", t.show())
	}
	if not {
		n = Call{Pos: at, Func: "not", Args: []Node{n}}
	}
	return n, nil
}

// growCopy counts the nodes of an operand that the parser repeats.
func (p *Parser) growCopy(n Node) error {
	size := 0
	WalkNode(n, func(Node) bool {
		size++
		return size <= maxNodes
	})
	return p.grow(size)
}
