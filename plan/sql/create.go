package sql

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// CreateTable is CREATE [OR REPLACE] TABLE. Its schema is Query's where there is one.
type CreateTable struct {
	Table       Table
	OrReplace   bool
	IfNotExists bool
	Schema      *arrow.Schema // of Columns, with no more than names, types, comments and NOT NULL; nil: none was written
	Columns     []ColumnDef
	Constraints []Check
	PartitionBy []string
	ClusterBy   []string // columns: names, in back quotes where they need them, with dots between
	Comment     string
	Properties  map[string]string
	Query       *Query // AS SELECT; nil: none
}

func (CreateTable) statement() {}

// create reads what stands behind CREATE.
func (p *parser) create() (_ Statement, err error) {
	s := CreateTable{OrReplace: p.Accept("OR", "REPLACE"), Properties: map[string]string{}}
	if v, err := p.createView(s.OrReplace); v != nil || err != nil {
		return v, err
	}
	if !p.Accept("TABLE") {
		return nil, p.Unsupported(p.Peek(), "CREATE of anything but a TABLE and a TEMPORARY VIEW")
	}
	s.IfNotExists = p.Accept("IF", "NOT", "EXISTS")
	if s.Table, err = p.target(); err != nil {
		return nil, err
	}
	if p.Accept("SHALLOW", "CLONE") {
		return p.clone(s)
	}
	if at := p.Peek(); p.Accept("DEEP") || p.Accept("CLONE") {
		return nil, p.Unsupported(at, "a clone that copies its files")
	}
	if p.Accept("(") {
		if err := p.columnDefinitions(&s); err != nil {
			return nil, err
		}
	}
	for more := true; more; {
		if more, err = p.createClause(&s); err != nil {
			return nil, err
		}
	}
	if p.Accept("AS") || p.Is("SELECT") || p.Is("WITH") {
		s.Query, err = p.wholeQuery()
	}
	return s, err
}

// createClause reads one of the clauses between the columns and the query, which come in any order.
func (p *parser) createClause(s *CreateTable) (more bool, err error) {
	at := p.Peek()
	switch {
	case p.Accept("USING"):
		if format := p.Next(); !format.Is("DELTA") {
			return false, p.Unsupported(at, "USING "+format.Text)
		}
	case p.Accept("PARTITIONED", "BY"):
		if s.PartitionBy, err = p.columnList(); err == nil && s.PartitionBy == nil {
			err = p.Expect("(")
		}
	case p.Accept("COMMENT"):
		s.Comment, err = p.stringLiteral()
	case p.Accept("TBLPROPERTIES"):
		err = p.properties(s.Properties)
	case p.Accept("CLUSTER", "BY"):
		if p.Is("(") {
			s.ClusterBy, err = p.columnPaths()
		} else {
			err = p.Expect("(")
		}
	case p.Is("LOCATION"), p.Is("OPTIONS"), p.Is("DEFAULT", "COLLATION"):
		return false, p.Unsupported(at, "CREATE TABLE with "+strings.ToUpper(at.Text))
	default:
		return false, nil
	}
	return err == nil, err
}

// properties reads ('key' = 'value', …); keys may be names with dots between them, and values numbers and words.
func (p *parser) properties(into map[string]string) error {
	if err := p.Expect("("); err != nil {
		return err
	}
	for {
		key, err := p.propertyKey()
		if err != nil {
			return err
		}
		p.Accept("=")
		into[key] = p.Next().Text
		if !p.Accept(",") {
			return p.Expect(")")
		}
	}
}

func (p *parser) propertyKey() (string, error) {
	if p.Peek().Kind == expr.TokenString {
		return p.Next().Text, nil
	}
	parts, err := p.tableParts()
	return strings.Join(parts, "."), err
}

func (p *parser) stringLiteral() (string, error) {
	t := p.Next()
	if t.Kind != expr.TokenString {
		return "", p.Error(t, "write it in quotes", "expected a text")
	}
	return t.Text, nil
}
