package plan

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// Node is one relational operator. The set is closed; nodes are values, shared freely and never changed.
//
//sumtype:decl
type Node interface {
	Schema() *arrow.Schema // names, types and nullability of the rows
	Children() []Node
	node()
}

// Relation is something outside the plan that holds rows under a name: a declared table, a Delta table, a view, rows in memory. Engines know the kinds
// that they can read and name the others in their UnsupportedError.
type Relation interface {
	Name() string
	Schema() *arrow.Schema
}

// FieldReader is a relation of which single fields of structs can be read.
type FieldReader interface {
	Relation
	ReadsFields()
}

type (
	// Scan reads a relation. Columns are positions in the relation's schema, in output order (nil: all). Filter, over the output columns, is what
	// the engine may use to read less; every row it yields satisfies it.
	Scan struct {
		Relation Relation
		Columns  []int
		Filter   expr.Bound // nil: none
		// Paths are the fields that are read of each output column, of structs of which only some are: the others may be NULL. Nil: the whole column, or all.
		Paths  [][][]int
		schema *arrow.Schema
	}
	// Project computes one output column per expression.
	Project struct {
		Input  Node
		Exprs  []expr.Bound
		schema *arrow.Schema
	}
	// Filter keeps the rows for which Cond is TRUE.
	Filter struct {
		Input  Node
		Cond   expr.Bound
		schema *arrow.Schema
	}
	// Aggregate groups by Groups (none: one row over everything) and yields the group columns, then the aggregates.
	Aggregate struct {
		Input  Node
		Groups []expr.Bound
		Aggs   []expr.BoundAggregate
		schema *arrow.Schema
	}
	// Join pairs rows where all Left[i] = Right[i] (NULL never equals) and Residual, over left columns then right columns, is TRUE. Semi and anti yield
	// the left columns only. BuildLeft asks for a table of the left rows, which right rows are looked up in, and not the other way round.
	Join struct {
		Kind        JoinKind
		Left, Right Node
		LeftKeys    []expr.Bound // over Left's columns
		RightKeys   []expr.Bound // over Right's columns, of the same types
		Residual    expr.Bound   // nil: none
		BuildLeft   bool
		schema      *arrow.Schema
	}
	// Generate gives for each row of the input the rows of a generator, beside the columns of the input that Keep lists by position.
	Generate struct {
		Input  Node
		Keep   []int
		Gen    expr.BoundGenerator
		schema *arrow.Schema
	}
	// Window appends one column per function. Where Top is positive, rows for which function TopBy is greater than that are of no use: they may be there or
	// not. All functions then rank the same partitions in the same order.
	Window struct {
		Input  Node
		Funcs  []expr.BoundWindow
		Top    int64
		TopBy  int
		schema *arrow.Schema
	}
	// Latest keeps one row per key, the one that is first in the order of By; ties keep any one of the equal rows. NULL keys are one key.
	Latest struct {
		Input Node
		Keys  []expr.Bound
		By    []expr.BoundSort
	}
	// Order sorts. Limit ≥ 0 keeps that many rows after Offset; -1 keeps all.
	Order struct {
		Input         Node
		Keys          []expr.BoundSort // none: Limit and Offset alone
		Limit, Offset int64
	}
	// Union is UNION ALL of inputs with equal column types.
	Union struct {
		Inputs []Node
		schema *arrow.Schema
	}
	// Values are constant rows.
	Values struct {
		Rows   [][]expr.BoundLiteral
		schema *arrow.Schema
	}
	// Check evaluates quality rules on each row, all of them on the same rows, and passes on the rows that no Drop or Quarantine rule took out.
	Check struct {
		Input Node
		Rules []Rule
		// Quarantine is what a quarantined row is written as, over Input's columns and the variables of Stamps; nil: the columns as they are.
		Quarantine []expr.Bound
		// QuarantineNames are the names of those columns.
		QuarantineNames []string
		// QuarantineTo is the table that quarantined rows are written to; empty: the flow's table with _quarantine appended.
		QuarantineTo string
		schema       *arrow.Schema // a column that a Drop, Quarantine or Fail rule proves NOT NULL is not nullable
	}
	// Map is Go code over batches: it runs in this process only.
	Map struct {
		Input  Node
		Name   string
		Func   MapFunc
		schema *arrow.Schema
	}
)

// MapFunc turns a batch into batches. In and out are borrowed until the call they are passed to returns. It may be called from several goroutines.
type MapFunc func(ctx context.Context, in arrow.RecordBatch, yield func(arrow.RecordBatch) error) error

// JoinKind is how a join treats rows without a partner.
type JoinKind uint8

// The kinds of join.
const (
	Inner JoinKind = iota
	LeftOuter
	RightOuter
	FullOuter
	LeftSemi
	LeftAnti
	Cross
)

// Action is what a violated rule does.
type Action uint8

// The actions, in Databricks' words: EXPECT, EXPECT … ON VIOLATION DROP ROW, … FAIL UPDATE; Quarantine keeps dropped rows in a table of their own.
const (
	Warn Action = iota
	Drop
	Quarantine
	Fail
)

// Rule is one expectation. A row passes only if Predicate is TRUE.
type Rule struct {
	Name      string
	Action    Action
	Predicate expr.Bound
	SQL       string // as the user wrote it
}

func (Scan) node()      {}
func (Project) node()   {}
func (Filter) node()    {}
func (Aggregate) node() {}
func (Join) node()      {}
func (Generate) node()  {}
func (Window) node()    {}
func (Latest) node()    {}
func (Order) node()     {}
func (Union) node()     {}
func (Values) node()    {}
func (Check) node()     {}
func (Map) node()       {}
