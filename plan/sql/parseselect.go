package sql

import (
	"slices"
	"strings"

	"github.com/medallion-go/medallion/expr"
)

// selectBody reads one SELECT with its clauses, in the only order in which they may stand.
func (p *parser) selectBody() (body, error) {
	s := selectBody{Pos: p.Next().Pos}
	s.distinct = p.Accept("DISTINCT")
	if !s.distinct {
		p.Accept("ALL")
	}
	clauses := []func(*selectBody) error{p.items, p.fromClause, p.lateralViews, p.whereClause, p.groupClause, p.havingClause, p.windowClause, p.qualifyClause, p.windowClause}
	for _, read := range clauses {
		if err := read(&s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (p *parser) items(s *selectBody) error {
	for {
		n, err := p.ParseItem()
		if err != nil {
			return err
		}
		it := item{node: n}
		if a, ok := n.(expr.Alias); ok {
			it = item{node: a.Arg, alias: a.Name}
		}
		if err := p.names(&it); err != nil {
			return err
		}
		s.items = append(s.items, it)
		if !p.Accept(",") {
			return nil
		}
	}
}

func (p *parser) fromClause(s *selectBody) error {
	if !p.Accept("FROM") {
		return nil
	}
	for {
		r, err := p.joins()
		if err != nil {
			return err
		}
		s.from = append(s.from, r)
		if !p.Accept(",") {
			return nil
		}
	}
}

func (p *parser) whereClause(s *selectBody) (err error) {
	s.where, err = p.predicate("WHERE")
	return err
}

func (p *parser) havingClause(s *selectBody) (err error) {
	s.having, err = p.predicate("HAVING")
	return err
}

func (p *parser) qualifyClause(s *selectBody) (err error) {
	s.qualify, err = p.predicate("QUALIFY")
	return err
}

// predicate reads an optional clause of one condition; nil where it is not there.
func (p *parser) predicate(word string) (expr.Node, error) {
	if !p.Accept(word) {
		return nil, nil
	}
	return p.ParseExpr()
}

// windowClause reads WINDOW name AS (…), …, which may stand before or after QUALIFY.
func (p *parser) windowClause(s *selectBody) error {
	if !p.Accept("WINDOW") {
		return nil
	}
	for {
		t := p.Peek()
		name, err := p.Name("a window's name")
		if err != nil {
			return err
		}
		if slices.ContainsFunc(s.windows, func(w namedWindow) bool { return strings.EqualFold(w.name, name) }) {
			return fault("REPETITIVE_WINDOW_DEFINITION", "42602", t.Pos, "WINDOW %s is defined twice", name)
		}
		if err := p.Expect("AS"); err != nil {
			return err
		}
		spec, err := p.ParseWindow()
		if err != nil {
			return err
		}
		s.windows = append(s.windows, namedWindow{name, spec})
		if !p.Accept(",") {
			return nil
		}
	}
}

// refuseNext names the clause that comes next if it is one of the language that is not supported.
func (p *parser) refuseNext() error {
	refused := [][]string{
		{"SORT", "BY"}, {"DISTRIBUTE", "BY"}, {"CLUSTER", "BY"}, {"TABLESAMPLE"}, {"FETCH"}, {"|>"},
	}
	for _, words := range refused {
		if !p.Is(words...) {
			continue
		}
		name := words[0]
		for _, w := range words[1:] {
			name += " " + w
		}
		return p.Unsupported(p.Peek(), name)
	}
	return nil
}
