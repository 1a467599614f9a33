package sql

import (
	"strconv"

	"github.com/medallion-go/medallion/expr"
)

// Statement is one statement as written. The set is closed.
//
//sumtype:decl
type Statement interface{ statement() }

type (
	// Explain is EXPLAIN query; Analyze is EXPLAIN ANALYZE, which runs it.
	Explain struct {
		Analyze bool
		Query   *Query
	}
	// DescribeHistory is DESCRIBE HISTORY Table; Limit is the most commits, -1: all.
	DescribeHistory struct {
		Table Table
		Limit int64
	}
)

func (*Query) statement()          {}
func (Explain) statement()         {}
func (DescribeHistory) statement() {}

// ParseStatement reads text that is one statement and nothing more; a semicolon may end it. It may call a user's functions (nil: none).
func ParseStatement(text string, functions *expr.UserFunctions) (Statement, error) {
	p, err := newParser(text, functions)
	if err != nil {
		return nil, err
	}
	s, err := p.statement()
	if err != nil {
		return nil, err
	}
	return s, p.end()
}

func (p *parser) statement() (Statement, error) {
	switch {
	case p.Accept("EXPLAIN"):
		analyze := p.Accept("ANALYZE")
		if !analyze {
			_ = p.Accept("FORMATTED") || p.Accept("EXTENDED") || p.Accept("COST")
		}
		q, err := p.query()
		return Explain{Analyze: analyze, Query: &Query{root: q}}, err
	case p.Accept("DROP", "VIEW"):
		return p.dropView()
	case p.Accept("DESCRIBE", "HISTORY"), p.Accept("DESC", "HISTORY"):
		return p.history()
	case p.Is("DESCRIBE", "DETAIL"), p.Is("DESC", "DETAIL"):
		return p.maintain()
	case p.Accept("DESCRIBE"), p.Accept("DESC"):
		return p.describe()
	case p.Accept("INSERT"):
		return p.insert()
	case p.Accept("UPDATE"):
		return p.update()
	case p.Accept("DELETE"):
		return p.remove()
	case p.Is("MERGE"):
		return p.merge(p.Next().Pos)
	case p.Accept("CREATE"):
		return p.create()
	case p.Accept("ALTER", "TABLE"):
		return p.alter()
	case p.Accept("TRUNCATE", "TABLE"):
		named, alias, err := p.targetAlias()
		return Delete{Table: named, Alias: alias}, err
	}
	for _, read := range []func() (Statement, error){p.maintain, p.show} {
		if s, err := read(); s != nil || err != nil {
			return s, err
		}
	}
	if err := p.refuseStatement(); err != nil {
		return nil, err
	}
	q, err := p.query()
	return &Query{root: q}, err
}

// history reads what stands behind DESCRIBE HISTORY.
func (p *parser) history() (_ Statement, err error) {
	s := DescribeHistory{Limit: -1}
	if s.Table, err = p.target(); err != nil || !p.Accept("LIMIT") {
		return s, err
	}
	n := p.Next()
	if s.Limit, err = strconv.ParseInt(n.Text, 10, 64); err != nil || s.Limit < 0 {
		return nil, p.Error(n, "write it as LIMIT 10", "expected a number of commits")
	}
	return s, nil
}

// allOfTable is SELECT * FROM t.
func allOfTable(t Table, pos expr.Pos) selectBody {
	return selectBody{Pos: pos, items: []item{{node: expr.Star{Pos: pos}}}, from: []relation{tableName{Table: t}}}
}

// tableParts reads a table's name, of one part or several with dots between them.
func (p *parser) tableParts() ([]string, error) {
	var parts []string
	for {
		name, err := p.Name("a table's name")
		if err != nil {
			return nil, err
		}
		if parts = append(parts, name); !p.Accept(".") {
			return parts, nil
		}
	}
}

// end reads a semicolon, perhaps, and the end of the text.
func (p *parser) end() error {
	p.Accept(";")
	if err := p.refuseNext(); err != nil {
		return err
	}
	return p.ExpectEnd()
}
