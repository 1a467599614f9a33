package sql

import (
	"github.com/medallion-go/medallion/expr"
)

// merge reads what stands behind MERGE.
func (p *parser) merge(pos expr.Pos) (_ Statement, err error) {
	s := Merge{Pos: pos, Evolves: p.Accept("WITH", "SCHEMA", "EVOLUTION")}
	if err := p.Expect("INTO"); err != nil {
		return nil, err
	}
	if s.Table, s.Alias, err = p.targetAlias(); err != nil {
		return nil, err
	}
	if err := p.Expect("USING"); err != nil {
		return nil, err
	}
	if err := p.mergeSource(&s); err != nil {
		return nil, err
	}
	if err := p.Expect("ON"); err != nil {
		return nil, err
	}
	if s.On, err = p.ParseExpr(); err != nil {
		return nil, err
	}
	for p.Is("WHEN") {
		c, err := p.mergeClause()
		if err != nil {
			return nil, err
		}
		s.Clauses = append(s.Clauses, c)
	}
	if len(s.Clauses) == 0 {
		return nil, p.Error(p.Peek(), "write WHEN MATCHED THEN …, or WHEN NOT MATCHED THEN …", "MERGE needs a WHEN clause")
	}
	return s, nil
}

// mergeSource reads the source, a table or a query, and makes a query of it.
func (p *parser) mergeSource(s *Merge) error {
	at := p.Peek().Pos
	r, err := p.relation()
	if err != nil {
		return err
	}
	switch r := r.(type) {
	case tableName:
		s.SourceAlias = r.alias
	case derived:
		s.SourceAlias = r.alias
	default:
		return fault("UNSUPPORTED_FEATURE", "0A000", at, "MERGE takes a table or a query as its source: write USING (SELECT …) AS source")
	}
	if s.SourceAlias == "" {
		s.SourceAlias = "source"
	}
	all := selectBody{Pos: at, items: []item{{node: expr.Star{Pos: at}}}, from: []relation{r}}
	s.Source = &Query{root: query{Pos: at, body: all}}
	return nil
}

// mergeClause reads WHEN [NOT] MATCHED [BY …] [AND …] THEN and the action.
func (p *parser) mergeClause() (c MergeClause, err error) {
	c.Pos = p.Next().Pos
	not := p.Accept("NOT")
	if err := p.Expect("MATCHED"); err != nil {
		return c, err
	}
	switch {
	case not && p.Accept("BY", "SOURCE"):
		c.When = WhenNotMatchedBySource
	case not:
		p.Accept("BY", "TARGET")
		c.When = WhenNotMatched
	}
	if p.Accept("AND") {
		if c.Cond, err = p.ParseExpr(); err != nil {
			return c, err
		}
	}
	if err := p.Expect("THEN"); err != nil {
		return c, err
	}
	err = p.mergeAction(&c)
	return c, err
}

func (p *parser) mergeAction(c *MergeClause) (err error) {
	at := p.Peek()
	switch {
	case c.When == WhenNotMatched && p.Accept("INSERT"):
		c.Action = MergeInsert
		if c.All = p.Accept("*"); !c.All {
			c.Set, err = p.mergeInsert()
		}
	case c.When != WhenNotMatched && p.Accept("DELETE"):
		c.Action = MergeDelete
	case c.When != WhenNotMatched && p.Accept("UPDATE", "SET"):
		c.Action = MergeUpdate
		if c.All = c.When == WhenMatched && p.Accept("*"); !c.All {
			c.Set, err = p.assignments()
		}
	case c.When == WhenNotMatched:
		return p.Error(at, "a row that is not matched can be inserted", "expected INSERT")
	default:
		return p.Error(at, "a row of the table can be updated or deleted", "expected UPDATE SET or DELETE")
	}
	return err
}

// mergeInsert reads (columns) VALUES (values).
func (p *parser) mergeInsert() ([]Assignment, error) {
	at := p.Peek()
	names, err := p.columnList()
	if err != nil {
		return nil, err
	}
	if err := p.Expect("VALUES", "("); err != nil {
		return nil, err
	}
	values, err := p.ParseExprs()
	if err != nil {
		return nil, err
	}
	if err := p.Expect(")"); err != nil {
		return nil, err
	}
	if len(names) != len(values) {
		return nil, p.Error(at, "name the columns: INSERT (a, b) VALUES (1, 2)", "%d values for %d columns", len(values), len(names))
	}
	list := make([]Assignment, len(names))
	for i, name := range names {
		list[i] = Assignment{Column: expr.Column{Pos: at.Pos, Path: []string{name}}, Value: values[i]}
	}
	return list, nil
}
