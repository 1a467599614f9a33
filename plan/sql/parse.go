package sql

import (
	"strconv"

	"github.com/medallion-go/medallion/expr"
)

const (
	maxDepth = 100  // nesting of queries, so that no text overflows the stack
	maxParts = 1000 // SELECTs, VALUES and joins of one text: chains of them nest in the plan
)

// Parse reads text, which is one query and nothing more; a semicolon may end it.
func Parse(text string) (*Query, error) {
	words, err := expr.NewParser(text)
	if err != nil {
		return nil, err
	}
	p := parser{Parser: words}
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	p.Accept(";")
	if err := p.refuseNext(); err != nil {
		return nil, err
	}
	if err := p.ExpectEnd(); err != nil {
		return nil, err
	}
	return &Query{root: q}, nil
}

// parser is a recursive descent over expr's tokens and expressions.
type parser struct {
	*expr.Parser
	depth, parts int
}

// query reads WITH, the body, and what orders and limits it.
func (p *parser) query() (q query, err error) {
	if p.depth++; p.depth > maxDepth {
		return q, tooComplex(p.Peek())
	}
	defer func() { p.depth-- }()
	q.Pos = p.Peek().Pos
	if q.with, err = p.with(); err != nil {
		return q, err
	}
	if q.body, err = p.union(); err != nil {
		return q, err
	}
	if p.Accept("ORDER", "BY") {
		if p.Is("ALL") {
			return q, p.Unsupported(p.Peek(), "ORDER BY ALL")
		}
		if q.order, err = p.ParseSorts(); err != nil {
			return q, err
		}
	}
	return q, p.limits(&q)
}

func (p *parser) with() ([]cte, error) {
	if !p.Accept("WITH") {
		return nil, nil
	}
	if t := p.Peek(); p.Is("RECURSIVE") && !p.PeekAt(1).Is("AS") {
		return nil, p.Unsupported(t, "WITH RECURSIVE")
	}
	var list []cte
	for {
		c, err := p.cte()
		if err != nil {
			return nil, err
		}
		list = append(list, c)
		if !p.Accept(",") {
			return list, nil
		}
	}
}

func (p *parser) cte() (c cte, err error) {
	c.Pos = p.Peek().Pos
	if c.name, err = p.Name("a name for the query of WITH"); err != nil {
		return c, err
	}
	if c.columns, err = p.columnList(); err != nil {
		return c, err
	}
	p.Accept("AS")
	c.query, err = p.parenthesized()
	return c, err
}

// parenthesized reads (query).
func (p *parser) parenthesized() (query, error) {
	if err := p.Expect("("); err != nil {
		return query{}, err
	}
	q, err := p.query()
	if err != nil {
		return query{}, err
	}
	if err := p.refuseNext(); err != nil {
		return query{}, err
	}
	return q, p.Expect(")")
}

// columnList reads an optional (name, …).
func (p *parser) columnList() ([]string, error) {
	if !p.Accept("(") {
		return nil, nil
	}
	var names []string
	for {
		name, err := p.Name("a column name")
		if err != nil {
			return nil, err
		}
		names = append(names, name)
		if !p.Accept(",") {
			return names, p.Expect(")")
		}
	}
}

// union reads terms joined by UNION, from left to right.
func (p *parser) union() (body, error) {
	left, err := p.term()
	if err != nil {
		return nil, err
	}
	for p.Is("UNION") {
		u := unionBody{Pos: p.Next().Pos, left: left}
		u.all = p.Accept("ALL")
		if !u.all {
			p.Accept("DISTINCT")
		}
		if p.Is("BY", "NAME") {
			return nil, p.Unsupported(p.Peek(), "UNION BY NAME")
		}
		if u.right, err = p.term(); err != nil {
			return nil, err
		}
		left = u
	}
	return left, nil
}

func (p *parser) term() (body, error) {
	if err := p.part(); err != nil {
		return nil, err
	}
	switch t := p.Peek(); {
	case t.Is("SELECT"):
		return p.selectBody()
	case t.Is("VALUES"):
		return p.values()
	case t.Is("("):
		return p.parenthesized()
	case t.Is("TABLE"):
		return nil, p.Unsupported(t, "TABLE as a query")
	case t.Is("FROM"):
		return nil, p.Unsupported(t, "a query that begins with FROM")
	default:
		return nil, p.Error(t, "expected SELECT, VALUES, WITH or a query in parentheses", "a query cannot begin here")
	}
}

// values reads VALUES (a, b), …; a row of one column needs no parentheses.
func (p *parser) values() (body, error) {
	v := valuesBody{Pos: p.Next().Pos}
	for {
		row, err := p.row()
		if err != nil {
			return nil, err
		}
		v.rows = append(v.rows, row)
		if !p.Accept(",") {
			return v, nil
		}
	}
}

func (p *parser) row() ([]expr.Node, error) {
	if !p.Accept("(") {
		n, err := p.ParseExpr()
		return []expr.Node{n}, err
	}
	row, err := p.ParseExprs()
	if err != nil {
		return nil, err
	}
	return row, p.Expect(")")
}

func (p *parser) limits(q *query) (err error) {
	if p.Accept("LIMIT") && !p.Accept("ALL") {
		if q.limit, err = p.count("LIMIT"); err != nil {
			return err
		}
	}
	if p.Accept("OFFSET") {
		q.offset, err = p.count("OFFSET")
	}
	return err
}

func (p *parser) count(clause string) (*count, error) {
	t := p.Peek()
	n, err := strconv.ParseInt(t.Text, 10, 64)
	if t.Kind != expr.TokenNumber || err != nil {
		return nil, &expr.Error{
			Class: "INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE", SQLState: "42K0E", Message: clause + " needs a number of rows",
			Line: t.Line, Column: t.Column, Hint: "write an integer from 0 on",
		}
	}
	p.Next()
	return &count{Pos: t.Pos, rows: n}, nil
}

// part counts one part of the query.
func (p *parser) part() error {
	if p.parts++; p.parts > maxParts {
		return tooComplex(p.Peek())
	}
	return nil
}

func tooComplex(at expr.Token) error {
	return fault("STATEMENT_TOO_COMPLEX", "54001", at.Pos, "the query is nested too deeply or has too many parts")
}
