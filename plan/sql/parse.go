package sql

import (
	"strings"

	"github.com/medallion-go/medallion/expr"
)

const (
	maxDepth = 100  // nesting of queries, so that no text overflows the stack
	maxParts = 1000 // SELECTs, VALUES and joins of one text: chains of them nest in the plan
)

// Parse reads text, which is one query and nothing more; a semicolon may end it.
func Parse(text string) (*Query, error) { return ParseWith(text, nil) }

// ParseWith is Parse for text that may call a user's functions.
func ParseWith(text string, functions *expr.UserFunctions) (*Query, error) {
	p, err := newParser(text, functions)
	if err != nil {
		return nil, err
	}
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	return &Query{root: q}, p.end()
}

// parser is a recursive descent over expr's tokens and expressions.
type parser struct {
	*expr.Parser
	depth, parts int
}

func newParser(text string, functions *expr.UserFunctions) (*parser, error) {
	words, err := expr.NewParser(text)
	if err != nil {
		return nil, err
	}
	p := &parser{Parser: words}
	words.ReadQuery, words.Functions = p.subquery, functions
	return p, nil
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
	if q.body, err = p.sets(); err != nil {
		return q, err
	}
	if p.Accept("ORDER", "BY") {
		if err := p.sorts(&q); err != nil {
			return q, err
		}
	}
	return q, p.limits(&q)
}

// sorts reads the keys of ORDER BY, or ALL.
func (p *parser) sorts(q *query) (err error) {
	t := p.Peek()
	if !p.Accept("ALL") {
		q.order, err = p.ParseSorts()
		return err
	}
	q.orderAll = true
	all, err := p.ParseDirection(expr.Literal{Pos: t.Pos})
	q.order = []expr.Sort{all}
	return err
}

func (p *parser) with() ([]cte, error) {
	if !p.Accept("WITH") {
		return nil, nil
	}
	recursive := p.recursive()
	var list []cte
	for {
		c, err := p.cte(recursive)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
		if !p.Accept(",") {
			return list, nil
		}
	}
}

func (p *parser) cte(recursive bool) (c cte, err error) {
	c.Pos, c.recursive = p.Peek().Pos, recursive
	if c.name, err = p.Name("a name for the query of WITH"); err != nil {
		return c, err
	}
	if c.columns, err = p.columnList(); err != nil {
		return c, err
	}
	if c.levels, err = p.levels(recursive); err != nil {
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

// subquery reads a query inside an expression.
func (p *parser) subquery() (expr.Query, error) {
	from := p.Mark()
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	if err := p.refuseNext(); err != nil {
		return nil, err
	}
	return subquery{query: q, text: p.Text(from, p.Mark())}, nil
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

// sets reads what UNION and EXCEPT join, from left to right; INTERSECT binds closer.
func (p *parser) sets() (body, error) {
	return p.chain(p.intersections, map[string]setWord{"UNION": union, "EXCEPT": except, "MINUS": except})
}

func (p *parser) intersections() (body, error) {
	return p.chain(p.term, map[string]setWord{"INTERSECT": intersect})
}

// chain reads operands with one of words between them.
func (p *parser) chain(operand func() (body, error), words map[string]setWord) (body, error) {
	left, err := operand()
	for err == nil {
		t := p.Peek()
		word, ok := words[strings.ToUpper(t.Text)]
		if !ok || t.Kind != expr.TokenIdent {
			return left, nil
		}
		p.Next()
		s := setBody{Pos: t.Pos, word: word, left: left}
		if s.all, err = p.setQuantifier(); err != nil {
			return nil, err
		}
		s.right, err = operand()
		left = s
	}
	return nil, err
}

// setQuantifier reads ALL or DISTINCT, which is the default.
func (p *parser) setQuantifier() (all bool, err error) {
	all = p.Accept("ALL")
	if !all {
		p.Accept("DISTINCT")
	}
	if p.Is("BY", "NAME") {
		return false, p.Unsupported(p.Peek(), "UNION BY NAME")
	}
	return all, nil
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
	case p.Accept("TABLE"):
		named, err := p.target()
		return allOfTable(named, t.Pos), err
	case t.Is("FROM"):
		return nil, p.Unsupported(t, "a query that begins with FROM")
	default:
		hint := "expected SELECT, VALUES, WITH or a query in parentheses"
		if near := nearest(t.Text, []string{"SELECT", "VALUES", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "DESCRIBE", "EXPLAIN"}); near != "" {
			hint = "did you mean " + near + "?"
		}
		return nil, p.Error(t, hint, "a query cannot begin here")
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
