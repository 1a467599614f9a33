package sql

import "strings"

type (
	// CreateView is CREATE [OR REPLACE] TEMPORARY VIEW Name AS Query, whose columns are called Columns (nil: as in the query).
	CreateView struct {
		Table     Table
		OrReplace bool
		Columns   []ViewColumn
		Query     *Query
	}
	// ViewColumn is a column of a view.
	ViewColumn struct{ Name, Comment string }
	// DropView is DROP VIEW [IF EXISTS] Table.
	DropView struct {
		Table    Table
		IfExists bool
	}
)

func (CreateView) statement() {}
func (DropView) statement()   {}

// createView reads what stands behind CREATE [OR REPLACE] where it is a temporary view; nil: it is not.
func (p *parser) createView(orReplace bool) (_ Statement, err error) {
	if !p.Accept("TEMPORARY", "VIEW") && !p.Accept("TEMP", "VIEW") {
		return nil, nil
	}
	if at := p.Peek(); p.Accept("IF", "NOT", "EXISTS") {
		return nil, p.Error(at, "write CREATE OR REPLACE TEMP VIEW", "a temporary view cannot be created IF NOT EXISTS")
	}
	s := CreateView{OrReplace: orReplace}
	if s.Table, err = p.target(); err != nil {
		return nil, err
	}
	if strings.Contains(s.Table.Name, ".") {
		return nil, fault("INVALID_TEMP_OBJ_QUALIFIER", "42602", s.Table.Pos, "a temporary view belongs to the session: it cannot be called %s", s.Table.Name)
	}
	if s.Columns, err = p.createdColumns(); err != nil {
		return nil, err
	}
	if p.Accept("COMMENT") {
		if _, err := p.stringLiteral(); err != nil {
			return nil, err
		}
	}
	if err := p.Expect("AS"); err != nil {
		return nil, err
	}
	s.Query, err = p.wholeQuery()
	return s, err
}

// createdColumns reads an optional (name COMMENT 'text', …).
func (p *parser) createdColumns() (columns []ViewColumn, err error) {
	if !p.Accept("(") {
		return nil, nil
	}
	for {
		var c ViewColumn
		if c.Name, err = p.Name("a column name"); err != nil {
			return nil, err
		}
		if p.Accept("COMMENT") {
			if c.Comment, err = p.stringLiteral(); err != nil {
				return nil, err
			}
		}
		if columns = append(columns, c); !p.Accept(",") {
			return columns, p.Expect(")")
		}
	}
}

// dropView reads what stands behind DROP VIEW.
func (p *parser) dropView() (_ Statement, err error) {
	s := DropView{IfExists: p.Accept("IF", "EXISTS")}
	s.Table, err = p.target()
	return s, err
}
