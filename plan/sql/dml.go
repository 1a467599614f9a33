package sql

import (
	"strings"

	"github.com/medallion-go/medallion/expr"
)

type (
	// Insert is INSERT INTO; INSERT OVERWRITE, which replaces all rows; and INSERT INTO … REPLACE, which replaces those for which ReplaceWhere is TRUE, whose columns
	// ReplaceUsing equal those of a row of the query, or for which ReplaceOn is TRUE with a row of the query.
	Insert struct {
		Table        Table
		Alias        string
		Overwrite    bool
		ByName       bool     // columns are matched by name, not by position
		Columns      []string // that the query's columns are for; nil: all of the table's
		ReplaceWhere expr.Node
		ReplaceUsing []string
		ReplaceOn    expr.Node
		Query        *Query
		QueryAlias   string // of its rows in ReplaceOn; empty: none
	}
	// Update is UPDATE Table AS Alias SET … WHERE …; without WHERE it is nil.
	Update struct {
		Table Table
		Alias string
		Set   []Assignment
		Where expr.Node
	}
	// Delete is DELETE FROM Table AS Alias WHERE …; without WHERE it is nil.
	Delete struct {
		Table Table
		Alias string
		Where expr.Node
	}
	// Merge is MERGE [WITH SCHEMA EVOLUTION] INTO Table AS Alias USING Source AS SourceAlias ON On, and its WHEN clauses in order.
	Merge struct {
		expr.Pos
		Evolves     bool // the table gets columns that the source has
		Table       Table
		Alias       string
		Source      *Query
		SourceAlias string
		On          expr.Node
		Clauses     []MergeClause
	}
)

// Assignment is column = value.
type Assignment struct {
	Column expr.Column
	Value  expr.Node
}

// MergeWhen is the rows that a clause of a MERGE is about.
type MergeWhen uint8

// WHEN MATCHED, WHEN NOT MATCHED [BY TARGET], and WHEN NOT MATCHED BY SOURCE.
const (
	WhenMatched MergeWhen = iota
	WhenNotMatched
	WhenNotMatchedBySource
)

// MergeAction is what a clause of a MERGE does.
type MergeAction uint8

// UPDATE SET …, DELETE, and INSERT ….
const (
	MergeUpdate MergeAction = iota
	MergeDelete
	MergeInsert
)

// MergeClause is WHEN … [AND Cond] THEN. All is UPDATE SET * and INSERT *, which have no Set.
type MergeClause struct {
	expr.Pos
	When   MergeWhen
	Cond   expr.Node // nil: none
	Action MergeAction
	All    bool
	Set    []Assignment
}

func (Insert) statement() {}
func (Update) statement() {}
func (Delete) statement() {}
func (Merge) statement()  {}

// insert reads what stands behind INSERT.
func (p *parser) insert() (Statement, error) {
	s := Insert{Overwrite: p.Accept("OVERWRITE")}
	if !s.Overwrite {
		if err := p.Expect("INTO"); err != nil {
			return nil, err
		}
	}
	p.Accept("TABLE")
	var err error
	if s.Table, err = p.target(); err != nil {
		return nil, err
	}
	s.Alias = s.Table.Name[strings.LastIndex(s.Table.Name, ".")+1:]
	if p.Accept("AS") || p.PeekAt(1).Is("REPLACE") && p.PeekAt(2).Is("ON") {
		if s.Alias, err = p.Name("the table's alias"); err != nil {
			return nil, err
		}
	}
	if err := p.insertColumns(&s); err != nil {
		return nil, err
	}
	if s.ReplaceOn != nil && p.Is("(") {
		q, err := p.parenthesized()
		if err != nil {
			return nil, err
		}
		s.Query = &Query{root: q}
		s.QueryAlias, _, err = p.AcceptAlias()
		return s, err
	}
	if s.Query, err = p.wholeQuery(); err != nil {
		return nil, err
	}
	return s, nil
}

// insertColumns reads what says where the query's columns go, and which rows make place for its rows.
func (p *parser) insertColumns(s *Insert) (err error) {
	for _, words := range [][]string{{"PARTITION"}, {"IF", "NOT", "EXISTS"}} {
		if p.Is(words...) {
			return p.Unsupported(p.Peek(), "INSERT with "+words[0])
		}
	}
	if w := p.firstWord(); p.Is("(") && !w.Is("SELECT") && !w.Is("WITH") && !w.Is("VALUES") {
		if s.Columns, err = p.columnList(); err != nil {
			return err
		}
	}
	s.ByName = p.Accept("BY", "NAME")
	at := p.Peek()
	switch {
	case !p.Is("REPLACE"):
		return nil
	case s.Overwrite:
		return p.Error(at, "write INSERT INTO … REPLACE WHERE", "INSERT OVERWRITE takes no REPLACE WHERE")
	case p.Accept("REPLACE", "WHERE"):
		s.ReplaceWhere, err = p.ParseExpr()
	case p.Accept("REPLACE", "USING"):
		if !p.Is("(") {
			return p.Expect("(")
		}
		s.ReplaceUsing, err = p.columnList()
	case p.Accept("REPLACE", "ON"):
		s.ReplaceOn, err = p.ParseExpr()
	}
	return err
}

func (p *parser) wholeQuery() (*Query, error) {
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	return &Query{root: q}, p.refuseNext()
}

// update reads what stands behind UPDATE.
func (p *parser) update() (_ Statement, err error) {
	var s Update
	if s.Table, s.Alias, err = p.targetAlias(); err != nil {
		return nil, err
	}
	if err := p.Expect("SET"); err != nil {
		return nil, err
	}
	if s.Set, err = p.assignments(); err != nil {
		return nil, err
	}
	s.Where, err = p.where()
	return s, err
}

// remove reads what stands behind DELETE.
func (p *parser) remove() (_ Statement, err error) {
	if err := p.Expect("FROM"); err != nil {
		return nil, err
	}
	var s Delete
	if s.Table, s.Alias, err = p.targetAlias(); err != nil {
		return nil, err
	}
	s.Where, err = p.where()
	return s, err
}

func (p *parser) where() (expr.Node, error) {
	if !p.Accept("WHERE") {
		return nil, nil
	}
	return p.ParseExpr()
}

func (p *parser) assignments() ([]Assignment, error) {
	var list []Assignment
	for {
		at := p.Peek().Pos
		path, err := p.tableParts()
		if err != nil {
			return nil, err
		}
		if err := p.Expect("="); err != nil {
			return nil, err
		}
		value, err := p.ParseExpr()
		if err != nil {
			return nil, err
		}
		list = append(list, Assignment{Column: expr.Column{Pos: at, Path: path}, Value: value})
		if !p.Accept(",") {
			return list, nil
		}
	}
}
