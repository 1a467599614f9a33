package expr

// parseOver reads what follows OVER: a window's name, or a specification in parentheses.
func (p *Parser) parseOver() (Window, error) {
	if !p.Is("(") {
		name, err := p.Name("a window's name or (")
		return Window{Name: name}, err
	}
	return p.ParseWindow()
}

// ParseWindow reads a window specification in parentheses: what stands behind OVER, or behind AS in a WINDOW clause.
func (p *Parser) ParseWindow() (w Window, err error) {
	if err := p.Expect("("); err != nil {
		return w, err
	}
	if t := p.Peek(); t.Name() && p.PeekAt(1).Is(")") {
		p.at += 2
		return Window{Name: t.Text}, nil
	}
	if p.Accept("PARTITION", "BY") {
		if w.PartitionBy, err = p.ParseExprs(); err != nil {
			return w, err
		}
	}
	if p.Accept("ORDER", "BY") {
		if w.OrderBy, err = p.ParseSorts(); err != nil {
			return w, err
		}
	}
	if w.Frame, err = p.parseFrame(); err != nil {
		return w, err
	}
	return w, p.Expect(")")
}

// ParseSorts reads the items of ORDER BY, of which there is at least one.
func (p *Parser) ParseSorts() ([]Sort, error) {
	var sorts []Sort
	for {
		s, err := p.parseSort()
		if err != nil {
			return nil, err
		}
		sorts = append(sorts, s)
		if !p.Accept(",") {
			return sorts, nil
		}
	}
}

func (p *Parser) parseSort() (Sort, error) {
	arg, err := p.ParseExpr()
	if err != nil {
		return Sort{}, err
	}
	return p.ParseDirection(arg)
}

// ParseDirection reads what may follow the expression of an ORDER BY item: ASC or DESC, and NULLS FIRST or LAST.
func (p *Parser) ParseDirection(arg Node) (Sort, error) {
	s := Sort{Arg: arg}
	if !p.Accept("ASC") {
		s.Descending = p.Accept("DESC")
	}
	switch {
	case p.Accept("NULLS", "FIRST"):
		s.NullsFirst = true
	case p.Accept("NULLS", "LAST"):
		s.NullsFirst = false
	case p.Accept("NULLS"):
		return s, p.unexpected("expected FIRST or LAST")
	default:
		s.NullsFirst = !s.Descending
	}
	return s, nil
}

func (p *Parser) parseFrame() (f Frame, err error) {
	t := p.Peek()
	switch {
	case p.Accept("ROWS"):
		f.Unit = FrameRows
	case p.Accept("RANGE"):
		f.Unit = FrameRange
	default:
		return f, nil
	}
	f.End.Kind = CurrentRow
	between := p.Accept("BETWEEN")
	if f.Start, err = p.parseFrameBound(); err != nil {
		return f, err
	}
	if between {
		if err := p.Expect("AND"); err != nil {
			return f, err
		}
		if f.End, err = p.parseFrameBound(); err != nil {
			return f, err
		}
	}
	if f.Start.Kind > f.End.Kind || f.Start.Kind == UnboundedFollowing || f.End.Kind == UnboundedPreceding {
		return f, syntaxError(t.Pos, "the first bound must come before the second", "the window frame ends before it starts")
	}
	return f, nil
}

func (p *Parser) parseFrameBound() (FrameBound, error) {
	switch {
	case p.Accept("UNBOUNDED", "PRECEDING"):
		return FrameBound{Kind: UnboundedPreceding}, nil
	case p.Accept("UNBOUNDED", "FOLLOWING"):
		return FrameBound{Kind: UnboundedFollowing}, nil
	case p.Accept("CURRENT", "ROW"):
		return FrameBound{Kind: CurrentRow}, nil
	}
	offset, err := p.parse(precPredicate)
	if err != nil {
		return FrameBound{}, err
	}
	switch {
	case p.Accept("PRECEDING"):
		return FrameBound{Kind: Preceding, Offset: offset}, nil
	case p.Accept("FOLLOWING"):
		return FrameBound{Kind: Following, Offset: offset}, nil
	}
	return FrameBound{}, p.unexpected("expected PRECEDING or FOLLOWING")
}
