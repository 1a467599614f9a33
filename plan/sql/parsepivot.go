package sql

import "github.com/medallion-go/medallion/expr"

// pivots reads the PIVOTs and UNPIVOTs behind a relation.
func (p *parser) pivots(r relation) (relation, error) {
	for {
		t := p.Peek()
		var err error
		switch {
		case p.Accept("PIVOT"):
			r, err = p.pivot(t, r)
		case p.Accept("UNPIVOT"):
			r, err = p.unpivot(t, r)
		default:
			return r, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// pivot reads (aggregates FOR columns IN (values)) and an alias.
func (p *parser) pivot(at expr.Token, input relation) (relation, error) {
	v := pivot{Pos: at.Pos, input: input}
	if err := p.part(); err != nil {
		return nil, err
	}
	err := p.Expect("(")
	if err != nil {
		return nil, err
	}
	if v.aggs, err = p.aliasedItems(); err != nil {
		return nil, err
	}
	if err := p.Expect("FOR"); err != nil {
		return nil, err
	}
	if v.columns, err = p.pivotColumns(); err != nil {
		return nil, err
	}
	if err := p.Expect("IN", "("); err != nil {
		return nil, err
	}
	if v.values, err = p.aliasedItems(); err != nil {
		return nil, err
	}
	if err := p.Expect(")", ")"); err != nil {
		return nil, err
	}
	v.alias, v.names, err = p.alias()
	return v, err
}

// aliasedItems reads expressions, each with an optional alias.
func (p *parser) aliasedItems() (items []item, err error) {
	for {
		n, err := p.ParseExpr()
		if err != nil {
			return nil, err
		}
		it := item{node: n}
		if it.alias, _, err = p.AcceptAlias(); err != nil {
			return nil, err
		}
		if items = append(items, it); !p.Accept(",") {
			return items, nil
		}
	}
}

// pivotColumns reads a, or (a, b).
func (p *parser) pivotColumns() ([]expr.Column, error) {
	several := p.Accept("(")
	var columns []expr.Column
	for {
		c := expr.Column{Pos: p.Peek().Pos}
		name, err := p.Name("a column name")
		if err != nil {
			return nil, err
		}
		c.Path = []string{name}
		for p.Accept(".") {
			if name, err = p.Name("a column name"); err != nil {
				return nil, err
			}
			c.Path = append(c.Path, name)
		}
		columns = append(columns, c)
		if !several || !p.Accept(",") {
			break
		}
	}
	if several {
		return columns, p.Expect(")")
	}
	return columns, nil
}

// unpivot reads [INCLUDE NULLS | EXCLUDE NULLS] (values FOR name IN (columns)) and an alias.
func (p *parser) unpivot(at expr.Token, input relation) (relation, error) {
	u := unpivot{Pos: at.Pos, input: input}
	if err := p.part(); err != nil {
		return nil, err
	}
	u.nulls = p.Accept("INCLUDE", "NULLS")
	if !u.nulls {
		p.Accept("EXCLUDE", "NULLS")
	}
	err := p.Expect("(")
	if err != nil {
		return nil, err
	}
	several := p.Is("(")
	if u.values, err = p.unpivotNames(); err != nil {
		return nil, err
	}
	if err := p.Expect("FOR"); err != nil {
		return nil, err
	}
	if u.name, err = p.Name("a column name"); err != nil {
		return nil, err
	}
	if err := p.Expect("IN", "("); err != nil {
		return nil, err
	}
	if u.sets, err = p.unpivotSets(several, len(u.values)); err != nil {
		return nil, err
	}
	if err := p.Expect(")", ")"); err != nil {
		return nil, err
	}
	u.alias, u.names, err = p.alias()
	return u, err
}

// unpivotNames reads the names of the columns that take the values: a, or (a, b).
func (p *parser) unpivotNames() ([]string, error) {
	names, err := p.columnList()
	if err != nil || names != nil {
		return names, err
	}
	name, err := p.Name("a column name")
	return []string{name}, err
}

// unpivotSets reads the columns whose values make one row each, with what they are called in it.
func (p *parser) unpivotSets(several bool, width int) ([]unpivotSet, error) {
	var sets []unpivotSet
	for {
		t := p.Peek()
		columns, err := p.pivotColumns()
		if err != nil {
			return nil, err
		}
		if t.Is("(") != several || len(columns) != width {
			return nil, fault("UNPIVOT_VALUE_SIZE_MISMATCH", "428C4", t.Pos, "UNPIVOT makes %d value columns of %d columns", width, len(columns))
		}
		set := unpivotSet{Pos: t.Pos, columns: columns}
		if set.alias, _, err = p.AcceptAlias(); err != nil {
			return nil, err
		}
		if sets = append(sets, set); !p.Accept(",") {
			return sets, nil
		}
	}
}
