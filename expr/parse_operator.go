package expr

// The binding powers of operators, from Spark's grammar. A predicate (IN, LIKE, BETWEEN, IS) binds looser than a comparison: a = b IS NULL asks whether
// the comparison is NULL.
const (
	precLowest = iota
	precOr
	precAnd
	precNot
	precPredicate
	precComparison
	precBitOr
	precBitXor
	precBitAnd
	precShift
	precAdditive
	precMultiplicative
	precUnary
	precPrimary
)

// binary gives an operator's canonical function and binding power.
func binary(t Token) (function string, prec int) {
	switch t.word {
	case "OR":
		return "or", precOr
	case "AND":
		return "and", precAnd
	case "=", "==":
		return "=", precComparison
	case "<>", "!=":
		return "<>", precComparison
	case "<", "<=", ">", ">=", "<=>":
		return t.word, precComparison
	case "+", "-":
		return t.word, precAdditive
	case "||":
		return "concat", precAdditive
	case "*", "/", "%":
		return t.word, precMultiplicative
	case "&":
		return t.word, precBitAnd
	case "^":
		return t.word, precBitXor
	case "|":
		return t.word, precBitOr
	case "DIV":
		return "div", precMultiplicative
	}
	return "", precLowest
}

// shift looks ahead for <<, >> or >>>, which are symbols that touch each other: ARRAY<ARRAY<INT>> must close twice.
func (p *Parser) shift() (function string, width int) {
	symbol := p.Peek().word
	if symbol != "<" && symbol != ">" {
		return "", 0
	}
	for width = 1; p.PeekAt(width).word == symbol && p.PeekAt(width-1).End == p.PeekAt(width).Start; width++ {
	}
	switch {
	case symbol == "<" && width == 2:
		return "shiftleft", width
	case symbol == ">" && width == 2:
		return "shiftright", width
	case symbol == ">" && width == 3:
		return "shiftrightunsigned", width
	}
	return "", 0
}

// ParseExpr reads one expression, as far as it goes.
func (p *Parser) ParseExpr() (Node, error) { return p.parse(precLowest) }

// parse reads an expression whose operators bind tighter than outer.
func (p *Parser) parse(outer int) (Node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	left, err := p.parsePrefix(outer)
	if err != nil {
		return nil, err
	}
	return p.climb(left, outer)
}

// climb reads the operators behind left that bind tighter than outer.
func (p *Parser) climb(left Node, outer int) (Node, error) {
	for {
		next, more, err := p.parseInfix(left, outer)
		if err != nil {
			return nil, err
		}
		if !more {
			return left, nil
		}
		if err := p.grow(1); err != nil {
			return nil, err
		}
		left = next
	}
}

func (p *Parser) parsePrefix(outer int) (Node, error) {
	if err := p.grow(1); err != nil {
		return nil, err
	}
	t := p.Peek()
	switch {
	case (t.Is("NOT") || t.Is("!")) && outer <= precNot:
		p.Next()
		arg, err := p.parse(precNot)
		return Call{Pos: t.Pos, Func: "not", Args: []Node{arg}}, err
	case t.Is("-") && p.PeekAt(1).Kind == TokenNumber:
		p.Next()
		n, err := p.parseNumber(p.Next(), "-")
		if err != nil {
			return nil, err
		}
		return p.parsePostfix(n)
	case t.Is("-"):
		p.Next()
		arg, err := p.parse(precUnary)
		return Call{Pos: t.Pos, Func: "negative", Args: []Node{arg}}, err
	case t.Is("+"):
		p.Next()
		return p.parse(precUnary)
	case t.Is("~"):
		p.Next()
		arg, err := p.parse(precUnary)
		return Call{Pos: t.Pos, Func: "~", Args: []Node{arg}}, err
	}
	n, err := p.parsePrimary()
	if err != nil {
		return nil, err
	}
	return p.parsePostfix(n)
}

func (p *Parser) parseInfix(left Node, outer int) (next Node, more bool, err error) {
	function, prec := binary(p.Peek())
	shift, width := p.shift()
	if width > 0 {
		function, prec = shift, precShift
	}
	if prec > outer {
		p.at += max(width, 1)
		right, err := p.parse(prec)
		return Call{Pos: left.Position(), Func: function, Args: []Node{left, right}}, true, err
	}
	if width > 0 {
		return nil, false, nil
	}
	if outer >= precPredicate {
		return nil, false, nil
	}
	return p.parsePredicate(left)
}
