// Package expr holds expressions: what they are, how they are written (SQL text or typed columns) and what they mean.
//
// An expression exists in two forms. A Node is what the user wrote: names, not yet resolved. Parse reads it from SQL text; FieldOf, Lit and their kin
// build the same Nodes from Go code that the compiler checks. Bind resolves a Node against a Scope and gives a Bound: every column found, every type
// known, every implicit cast of Databricks SQL made explicit, so that an engine needs no rules of its own. Faults surface at Bind, before any I/O, as
// *Error with line and column. Meaning is Databricks SQL with ANSI mode on; Functions lists the catalogue.
package expr

import "github.com/apache/arrow-go/v18/arrow"

// Pos is where in the SQL text a node began: line and column count from 1 in runes. The zero Pos means that the node was not parsed from text.
type Pos struct{ Line, Column int }

// Position returns the place itself; nodes embed Pos.
func (p Pos) Position() Pos { return p }

// Node is an expression as written. The set is closed; String prints SQL that parses to an equal Node.
//
//sumtype:decl
type Node interface {
	Position() Pos
	String() string
	node()
}

type (
	// Column names a column, perhaps qualified by a relation's alias and followed by struct fields: o.payload.quantity.
	Column struct {
		Pos
		Path []string
	}
	// Literal is a constant. Value is nil (NULL), bool, int8, int16, int32, int64, float32, float64, decimal128.Num, string, []byte, arrow.Date32,
	// arrow.Timestamp (µs), arrow.MonthInterval (INTERVAL YEAR/MONTH) or arrow.Duration (µs, INTERVAL DAY…SECOND), as Type says.
	Literal struct {
		Pos
		Value any
		Type  arrow.DataType
	}
	// Parameter is :name, or the Index-th ? of a text, counted from 1: a constant whose value is given beside the text. Bind knows none: who has the values puts
	// them in its place.
	Parameter struct {
		Pos
		Name  string // empty for ?
		Index int
	}
	// Call is a function or an operator by its canonical, lower-case name. Operators: + - * / % div negative = <=> <> < <= > >= and or not like ilike
	// rlike in isnull isnotnull concat (for ||) and [] (subscript). `x BETWEEN a AND b` is and(>=, <=). count(*) is count with a Star.
	Call struct {
		Pos
		Func     string
		Args     []Node
		Distinct bool
		Filter   Node          // FILTER (WHERE …) of an aggregate, or nil
		User     *UserFunction // what Func names, where that is a user's function; nil: one of the catalogue
	}
	// Cast is CAST, TRY_CAST (Try) or ::.
	Cast struct {
		Pos
		Arg  Node
		Type arrow.DataType
		Try  bool
	}
	// Case is the searched form; the parser turns CASE x WHEN v into x = v.
	Case struct {
		Pos
		Whens []When
		Else  Node // nil: NULL
	}
	// Field is access to a struct's field where the struct is not a plain column: f(x).name.
	Field struct {
		Pos
		Arg  Node
		Name string
	}
	// Lambda is (a, b) -> body.
	Lambda struct {
		Pos
		Params []string
		Body   Node
	}
	// Over is a window function: Call OVER (Window).
	Over struct {
		Pos
		Call   Call
		Window Window
	}
	// Subquery is a query inside an expression: (SELECT …), EXISTS (SELECT …), or Left IN (SELECT …), where Left is one value, or those of a row in
	// parentheses. Outer, which has no text, are the columns of the queries around it that it reads, once they are known.
	Subquery struct {
		Pos
		Kind  SubqueryKind
		Not   bool // of IN: NOT IN
		Left  []Node
		Query Query
		Outer []Node
	}
	// Star is * or t.*, with EXCEPT columns; it stands only in a select list and in count(*).
	Star struct {
		Pos
		Qualifier string
		Except    []string
	}
	// Alias names an expression: e AS name.
	Alias struct {
		Pos
		Arg  Node
		Name string
	}
)

// When is one WHEN Cond THEN Result.
type When struct{ Cond, Result Node }

// Window is what stands between OVER's parentheses.
type Window struct {
	Name        string // of a window that the query defines elsewhere: OVER name; the rest is then empty
	PartitionBy []Node
	OrderBy     []Sort
	Frame       Frame
}

// Sort is one ORDER BY item.
type Sort struct {
	Arg        Node
	Descending bool
	NullsFirst bool // the parser fills in Spark's default: NULLs first ascending, last descending
}

// FrameUnit is how a window frame counts.
type FrameUnit uint8

// The frame units. FrameDefault is RANGE UNBOUNDED PRECEDING … CURRENT ROW with an ORDER BY, else the whole partition.
const (
	FrameDefault FrameUnit = iota
	FrameRows
	FrameRange
)

// Frame is a window frame. Offsets are literals: a row count for ROWS, a number or an interval for RANGE.
type Frame struct {
	Unit       FrameUnit
	Start, End FrameBound
}

// BoundKind is one end's kind.
type BoundKind uint8

// The frame bounds in the order in which they may follow each other.
const (
	UnboundedPreceding BoundKind = iota
	Preceding
	CurrentRow
	Following
	UnboundedFollowing
)

// FrameBound is one end of a frame.
type FrameBound struct {
	Kind   BoundKind
	Offset Node // for Preceding and Following
}

func (Column) node()    {}
func (Literal) node()   {}
func (Parameter) node() {}
func (Call) node()      {}
func (Cast) node()      {}
func (Case) node()      {}
func (Field) node()     {}
func (Lambda) node()    {}
func (Over) node()      {}
func (Subquery) node()  {}
func (Star) node()      {}
func (Alias) node()     {}
