// Package sql reads queries in Databricks SQL and resolves them into plans.
//
// Parse checks the syntax and needs nothing but the text. Resolve looks up the tables and columns, checks every type and gives a plan.Node; names are
// found without regard to case. A part of the language that is not supported is refused by name, never ignored. Every error is an *expr.Error with the
// line and column in the text.
package sql

import (
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
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
		orderAll      bool   // by all columns, each as the one key of order is
		limit, offset *count // nil: none
		limitAll      bool   // LIMIT ALL
	}
	// cte is one name AS (query) of a WITH clause. Where that is recursive the query may read itself, for so many levels.
	cte struct {
		expr.Pos
		name      string
		columns   []string
		query     query
		recursive bool
		levels    int64
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
		views    []lateralView
		where    expr.Node
		group    grouping
		having   expr.Node
		windows  []namedWindow
		qualify  expr.Node
	}
	// item is one expression of a select list, with its alias taken off. A generator may have several, in names.
	item struct {
		node  expr.Node
		alias string
		names []string
	}
	// grouping is GROUP BY; all is GROUP BY ALL. Sets are the grouping sets, as positions in exprs, each once; nil: the one that is all of them.
	grouping struct {
		expr.Pos
		present, all bool
		exprs        []expr.Node
		sets         [][]int
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

// relation is what a FROM clause names: tableName, derived, tableFunction, join, pivot, or unpivot.
type relation interface{ isRelation() }

type (
	tableName struct {
		Table
		alias   string
		columns []string
	}
	// derived is a query in parentheses, or VALUES, as a table; lateral ones may read the columns of what is before them in FROM.
	derived struct {
		expr.Pos
		lateral bool
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

// sorts are the keys of ORDER BY over a select list of n columns.
func (q query) sorts(n int) []expr.Sort {
	if !q.orderAll {
		return q.order
	}
	keys := make([]expr.Sort, n)
	for i := range keys {
		keys[i] = q.order[0]
		keys[i].Arg = expr.Literal{Pos: q.order[0].Arg.Position(), Value: int32(i + 1), Type: schema.Int}
	}
	return keys
}

func (query) isBody()      {}
func (selectBody) isBody() {}
func (valuesBody) isBody() {}
func (setBody) isBody()    {}

func (tableName) isRelation() {}
func (derived) isRelation()   {}
func (join) isRelation()      {}
