// Package sql reads queries in Databricks SQL and resolves them into plans.
//
// Parse checks the syntax and needs nothing but the text. Resolve looks up the tables and columns, checks every type and gives a plan.Node; names are
// found without regard to case. A part of the language that is not supported is refused by name, never ignored. Every error is an *expr.Error with the
// line and column in the text.
package sql

import (
	"slices"
	"strings"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// Query is one query as written: SELECT, VALUES, or several of them joined by UNION, INTERSECT and EXCEPT, with an optional WITH before them.
type Query struct {
	root query
}

type (
	// query is WITH … body ORDER BY … LIMIT … OFFSET ….
	query struct {
		expr.Pos
		with          []cte
		body          body
		order         []expr.Sort
		limit, offset *count
	}
	// cte is one name AS (query) of a WITH clause.
	cte struct {
		expr.Pos
		name    string
		columns []string
		query   query
	}
	// count is the number of a LIMIT or OFFSET.
	count struct {
		expr.Pos
		rows int64
	}
)

// setWord is which rows of two queries are wanted: those of either, of both, or of the left one alone.
type setWord uint8

const (
	union setWord = iota
	intersect
	except
)

// body is what produces a query's rows: selectBody, valuesBody, setBody, or query itself in parentheses.
type body interface{ isBody() }

type (
	selectBody struct {
		expr.Pos
		distinct bool
		items    []item
		from     []relation // joined crosswise
		where    expr.Node
		group    grouping
		having   expr.Node
		windows  []namedWindow
		qualify  expr.Node
	}
	// item is one expression of a select list, with its alias taken off.
	item struct {
		node  expr.Node
		alias string
	}
	// grouping is GROUP BY; all is GROUP BY ALL.
	grouping struct {
		expr.Pos
		present, all bool
		exprs        []expr.Node
	}
	namedWindow struct {
		name string
		spec expr.Window
	}
	valuesBody struct {
		expr.Pos
		rows [][]expr.Node
	}
	// setBody is UNION, INTERSECT or EXCEPT, in word. Equal rows are kept as often as they come where all is set.
	setBody struct {
		expr.Pos
		word        setWord
		all         bool
		left, right body
	}
)

// relation is what a FROM clause names: tableName, derived, or join.
type relation interface{ isRelation() }

type (
	tableName struct {
		expr.Pos
		name    string
		alias   string
		columns []string
	}
	// derived is a query in parentheses, or VALUES, as a table.
	derived struct {
		expr.Pos
		query   query
		alias   string
		columns []string
	}
	join struct {
		expr.Pos
		kind        plan.JoinKind
		left, right relation
		on          expr.Node
		using       []columnName
		natural     bool
	}
	columnName struct {
		expr.Pos
		name string
	}
)

func (query) isBody()      {}
func (selectBody) isBody() {}
func (valuesBody) isBody() {}
func (setBody) isBody()    {}

func (tableName) isRelation() {}
func (derived) isRelation()   {}
func (join) isRelation()      {}

// Tables lists the tables that the query reads, as written, each once without regard to case, in order of appearance. Names of WITH are none.
func (q *Query) Tables() []string {
	var t tableLister
	t.query(q.root, nil)
	return t.found
}

// sameTable tells whether two names are one table's: case counts in paths alone.
func sameTable(a, b string) bool {
	return a == b || !strings.Contains(a, "/") && strings.EqualFold(a, b)
}

// tableLister walks a query; names of WITH clauses in force are passed down.
type tableLister struct{ found []string }

func (t *tableLister) query(q query, with []string) {
	for _, c := range q.with {
		t.query(c.query, with)
		with = append(slices.Clip(with), c.name)
	}
	t.body(q.body, with)
}

func (t *tableLister) body(b body, with []string) {
	switch b := b.(type) {
	case query:
		t.query(b, with)
	case selectBody:
		for _, r := range b.from {
			t.relation(r, with)
		}
	case setBody:
		t.body(b.left, with)
		t.body(b.right, with)
	case valuesBody:
	}
}

func (t *tableLister) relation(r relation, with []string) {
	switch r := r.(type) {
	case tableName:
		same := func(name string) bool { return sameTable(name, r.name) }
		if !slices.ContainsFunc(with, same) && !slices.ContainsFunc(t.found, same) {
			t.found = append(t.found, r.name)
		}
	case derived:
		t.query(r.query, with)
	case join:
		t.relation(r.left, with)
		t.relation(r.right, with)
	}
}
