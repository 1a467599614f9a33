package sql

import "github.com/medallion-go/medallion/expr"

// lateralViews reads any number of LATERAL VIEWs.
func (p *parser) lateralViews(s *selectBody) error {
	for p.Is("LATERAL", "VIEW") {
		v := lateralView{Pos: p.Peek().Pos}
		p.Accept("LATERAL", "VIEW")
		v.outer = p.Accept("OUTER")
		var err error
		if v.call, err = p.call(); err != nil {
			return err
		}
		if t := p.Peek(); t.Name() && (t.Kind == expr.TokenQuoted || !expr.Reserved(t.Text)) {
			v.alias = p.Next().Text
		}
		if v.columns, err = p.viewColumns(); err != nil {
			return err
		}
		s.views = append(s.views, v)
	}
	return p.refuseNext()
}

// viewColumns reads the names of a LATERAL VIEW's columns, [AS] a, b.
func (p *parser) viewColumns() (names []string, err error) {
	t := p.Peek()
	if !p.Accept("AS") && (!t.Name() || t.Kind == expr.TokenIdent && expr.Reserved(t.Text)) {
		return nil, nil
	}
	for {
		name, err := p.Name("a column name")
		if err != nil {
			return nil, err
		}
		names = append(names, name)
		if !p.Accept(",") {
			return names, nil
		}
	}
}

// call reads a function's call.
func (p *parser) call() (expr.Call, error) {
	t := p.Peek()
	n, err := p.ParseExpr()
	if err != nil {
		return expr.Call{}, err
	}
	c, ok := n.(expr.Call)
	if !ok {
		return c, p.Error(t, "write the call of a function that gives rows, such as explode(a)", "%s is no call of a function", n)
	}
	return c, nil
}

// tableFunction reads a function that stands for a relation, with its alias.
func (p *parser) tableFunction(lateral bool) (relation, error) {
	f := tableFunction{Pos: p.Peek().Pos, lateral: lateral}
	var err error
	if f.call, err = p.call(); err != nil {
		return nil, err
	}
	f.alias, f.columns, err = p.alias()
	return f, err
}

// names reads AS (a, b) behind an item of a select list.
func (p *parser) names(it *item) (err error) {
	if it.alias != "" || isStar(it.node) || !p.Is("AS", "(") && !p.Is("(") {
		return nil
	}
	p.Accept("AS")
	it.names, err = p.columnList()
	return err
}
