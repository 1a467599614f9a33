package sql

import (
	"github.com/medallion-go/medallion/expr"
)

type (
	// ShowTables is SHOW TABLES, or with Views alone SHOW VIEWS, LIKE a pattern; empty: all.
	ShowTables struct {
		Views bool
		Like  string
	}
	// ShowColumns is SHOW COLUMNS IN Table; Query is all of the table.
	ShowColumns struct {
		Table Table
		Query *Query
	}
	// ShowProperties is SHOW TBLPROPERTIES Table, perhaps of one Key alone.
	ShowProperties struct {
		Table Table
		Key   string // empty: all
	}
	// ShowPartitions is SHOW PARTITIONS Table; Query is all of the table.
	ShowPartitions struct {
		Table Table
		Query *Query
	}
	// Describe is DESCRIBE [TABLE] [EXTENDED] name, or DESCRIBE [QUERY] query, of which Table has no name; of a table, Query is all of it.
	Describe struct {
		Table    Table
		Extended bool
		Query    *Query
	}
)

func (ShowTables) statement()     {}
func (ShowColumns) statement()    {}
func (ShowProperties) statement() {}
func (ShowPartitions) statement() {}
func (Describe) statement()       {}

// show reads SHOW and what stands behind it; nil: it is none of these.
func (p *parser) show() (Statement, error) {
	switch {
	case p.Accept("SHOW", "TABLES"):
		return p.showTables(false)
	case p.Accept("SHOW", "VIEWS"):
		return p.showTables(true)
	case p.Accept("SHOW", "COLUMNS"):
		t, err := p.shownTable()
		return ShowColumns{t, allOf(t)}, err
	case p.Accept("SHOW", "PARTITIONS"):
		t, err := p.target()
		return ShowPartitions{t, allOf(t)}, err
	case p.Accept("SHOW", "TBLPROPERTIES"):
		return p.showProperties()
	}
	return nil, nil
}

func (p *parser) showTables(views bool) (_ Statement, err error) {
	s := ShowTables{Views: views}
	if p.Accept("LIKE") || p.Peek().Kind == expr.TokenString {
		s.Like, err = p.stringLiteral()
	}
	return s, err
}

// shownTable reads IN or FROM and a table.
func (p *parser) shownTable() (Table, error) {
	if !p.Accept("FROM") {
		if err := p.Expect("IN"); err != nil {
			return Table{}, err
		}
	}
	return p.target()
}

func (p *parser) showProperties() (_ Statement, err error) {
	var s ShowProperties
	if s.Table, err = p.target(); err != nil || !p.Accept("(") {
		return s, err
	}
	if s.Key, err = p.propertyKey(); err != nil {
		return nil, err
	}
	return s, p.Expect(")")
}

func (p *parser) describe() (Statement, error) {
	p.Accept("QUERY")
	t := p.Peek()
	if t.Is("SELECT") || t.Is("WITH") || t.Is("VALUES") || t.Is("(") {
		q, err := p.query()
		return Describe{Query: &Query{root: q}}, err
	}
	p.Accept("TABLE")
	extended := p.Accept("EXTENDED")
	named, err := p.target()
	return Describe{Table: named, Extended: extended, Query: allOf(named)}, err
}

// allOf is SELECT * FROM t.
func allOf(t Table) *Query { return &Query{root: query{Pos: t.Pos, body: allOfTable(t, t.Pos)}} }
