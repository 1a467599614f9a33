package sql

import (
	"strings"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// joins reads a relation and the joins that follow it, from left to right.
func (p *parser) joins() (relation, error) {
	left, err := p.relation()
	if err != nil {
		return nil, err
	}
	for {
		if left, err = p.pivots(left); err != nil {
			return nil, err
		}
		if err := p.refuseNext(); err != nil {
			return nil, err
		}
		j, ok, err := p.joinWords()
		if err != nil || !ok {
			return left, err
		}
		if err := p.part(); err != nil {
			return nil, err
		}
		j.left = left
		if j.right, err = p.relation(); err != nil {
			return nil, err
		}
		if err := p.joinCondition(&j); err != nil {
			return nil, err
		}
		left = j
	}
}

// joinWords reads what announces a join and its kind, if one comes next.
func (p *parser) joinWords() (j join, ok bool, err error) {
	j.Pos = p.Peek().Pos
	j.natural = p.Accept("NATURAL")
	kinds := []struct {
		words []string
		kind  plan.JoinKind
	}{
		{[]string{"JOIN"}, plan.Inner},
		{[]string{"INNER", "JOIN"}, plan.Inner},
		{[]string{"CROSS", "JOIN"}, plan.Cross},
		{[]string{"LEFT", "SEMI", "JOIN"}, plan.LeftSemi},
		{[]string{"SEMI", "JOIN"}, plan.LeftSemi},
		{[]string{"LEFT", "ANTI", "JOIN"}, plan.LeftAnti},
		{[]string{"ANTI", "JOIN"}, plan.LeftAnti},
		{[]string{"LEFT", "OUTER", "JOIN"}, plan.LeftOuter},
		{[]string{"LEFT", "JOIN"}, plan.LeftOuter},
		{[]string{"RIGHT", "OUTER", "JOIN"}, plan.RightOuter},
		{[]string{"RIGHT", "JOIN"}, plan.RightOuter},
		{[]string{"FULL", "OUTER", "JOIN"}, plan.FullOuter},
		{[]string{"FULL", "JOIN"}, plan.FullOuter},
	}
	for _, k := range kinds {
		if p.Accept(k.words...) {
			j.kind = k.kind
			return j, true, nil
		}
	}
	if j.natural {
		return j, false, p.Error(p.Peek(), "NATURAL is followed by JOIN", "expected a join")
	}
	return j, false, nil
}

func (p *parser) joinCondition(j *join) (err error) {
	t := p.Peek()
	switch {
	case p.Accept("ON"):
		j.on, err = p.ParseExpr()
	case p.Accept("USING"):
		j.using, err = p.usingColumns()
	default:
		return nil
	}
	if err == nil && (j.natural || j.kind == plan.Cross && j.using != nil) {
		return p.Error(t, "leave the condition out", "a NATURAL or CROSS join takes no such condition")
	}
	return err
}

func (p *parser) usingColumns() ([]columnName, error) {
	if err := p.Expect("("); err != nil {
		return nil, err
	}
	var columns []columnName
	for {
		c := columnName{Pos: p.Peek().Pos}
		name, err := p.Name("a column name")
		if err != nil {
			return nil, err
		}
		c.name = name
		columns = append(columns, c)
		if !p.Accept(",") {
			return columns, p.Expect(")")
		}
	}
}

// relation reads a table, a query in parentheses, VALUES, or joins in parentheses, with an optional alias.
func (p *parser) relation() (relation, error) {
	t := p.Peek()
	switch {
	case t.Is("LATERAL") && p.PeekAt(2).Is("("):
		p.Next()
		return p.tableFunction(true)
	case t.Is("LATERAL"):
		return p.lateral(p.Next())
	case t.Is("VALUES"):
		body, err := p.values()
		if err != nil {
			return nil, err
		}
		return p.aliased(derived{Pos: t.Pos, query: query{Pos: t.Pos, body: body}})
	case t.Is("("):
		return p.relationInParentheses(t)
	case announcesChanges(t) && p.PeekAt(1).Is("("):
		return p.tableChanges()
	case t.Kind == expr.TokenIdent && p.PeekAt(1).Is("("):
		return p.tableFunction(false)
	}
	return p.table()
}

// lateral reads the query behind LATERAL, which may read the columns of the relations before it.
func (p *parser) lateral(t expr.Token) (relation, error) {
	if !p.Is("(") {
		return nil, p.Unsupported(t, "LATERAL before anything but a query in parentheses")
	}
	q, err := p.parenthesized()
	if err != nil {
		return nil, err
	}
	return p.aliased(derived{Pos: t.Pos, query: q, lateral: true})
}

func (p *parser) relationInParentheses(open expr.Token) (relation, error) {
	if n := p.firstWord(); n.Is("SELECT") || n.Is("WITH") || n.Is("VALUES") || n.Is("FROM") {
		q, err := p.parenthesized()
		if err != nil {
			return nil, err
		}
		return p.aliased(derived{Pos: open.Pos, query: q})
	}
	if p.depth++; p.depth > maxDepth {
		return nil, tooComplex(open)
	}
	defer func() { p.depth-- }()
	p.Next()
	r, err := p.joins()
	if err != nil {
		return nil, err
	}
	if err := p.Expect(")"); err != nil {
		return nil, err
	}
	if _, isJoin := r.(join); isJoin {
		if t := p.Peek(); t.Is("AS") || t.Name() && !expr.Reserved(t.Text) {
			return nil, p.Unsupported(t, "an alias of joins in parentheses")
		}
	}
	return r, nil
}

// firstWord is the first token behind the parentheses that open next.
func (p *parser) firstWord() expr.Token {
	n := 0
	for p.PeekAt(n).Is("(") {
		n++
	}
	return p.PeekAt(n)
}

func (p *parser) table() (relation, error) {
	named, alias, err := p.named()
	if err != nil {
		return nil, err
	}
	t := tableName{Table: named, alias: alias}
	alias, columns, err := p.alias()
	if alias != "" {
		t.alias, t.columns = alias, columns
	}
	return t, err
}

// named reads a table's name, the version that is meant, and gives what the table is called without an alias.
func (p *parser) named() (t Table, alias string, err error) {
	if t, err = p.target(); err != nil {
		return t, "", err
	}
	err = p.travel(&t)
	return t, t.Name[strings.LastIndex(t.Name, ".")+1:], err
}

func (p *parser) aliased(d derived) (relation, error) {
	var err error
	d.alias, d.columns, err = p.alias()
	return d, err
}

// alias reads an optional [AS] name [(columns)].
func (p *parser) alias() (string, []string, error) {
	if err := p.refuseNext(); err != nil {
		return "", nil, err
	}
	name, ok, err := p.AcceptAlias()
	if err != nil || !ok {
		return "", nil, err
	}
	columns, err := p.columnList()
	return name, columns, err
}
