package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/source"
)

// Table is a declared table, resolved: its schema is known and its flows' queries are checked. It is a Relation, so other tables' queries scan it.
type Table struct {
	Ident       string        // schema.table
	Rows        *arrow.Schema // the table's columns
	Comment     string
	PartitionBy []string
	Properties  map[string]string // Delta table properties
	Flows       []Flow
	Checks      []TableCheck
	Declared    Site
}

// Name is the table's identifier: schema.table.
func (t *Table) Name() string { return t.Ident }

// Schema is the schema of the table's rows.
func (t *Table) Schema() *arrow.Schema { return t.Rows }

// ReadsFields tells that single fields of structs can be read.
func (t *Table) ReadsFields() {}

// Inputs are the tables that the flows read, each once, in order of appearance; views are looked through.
func (t *Table) Inputs() []*Table {
	var inputs []*Table
	for _, f := range t.Flows {
		inputs = addTables(inputs, f.Query, t)
	}
	return inputs
}

// Upstream are the tables that have to be brought up to date before this one: its inputs, and what its checks compare it with.
func (t *Table) Upstream() []*Table {
	up := t.Inputs()
	for _, c := range t.Checks {
		up = addTables(up, c.Query, t)
	}
	return up
}

func addTables(tables []*Table, n Node, except *Table) []*Table {
	for _, r := range Relations(n) {
		switch r := r.(type) {
		case *Table:
			if r != except && !slices.Contains(tables, r) {
				tables = append(tables, r)
			}
		case *View:
			tables = addTables(tables, r.Query, except)
		}
	}
	return tables
}

// Quarantines are the names of the tables that the flows' checks quarantine rows to.
func (t *Table) Quarantines() []string {
	var names []string
	for _, f := range t.Flows {
		for _, c := range Checks(f.Query) {
			if name := c.QuarantineName(t); name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// Checks are the Check nodes of a query, outermost first. A view's are the view's own business.
func Checks(n Node) []Check {
	var checks []Check
	if c, ok := n.(Check); ok {
		checks = append(checks, c)
	}
	for _, in := range n.Children() {
		checks = append(checks, Checks(in)...)
	}
	return checks
}

// QuarantineName is the table that the check quarantines rows of t to, or empty when none of its rules does.
func (c Check) QuarantineName(t *Table) string {
	switch {
	case !c.Quarantines():
		return ""
	case c.QuarantineTo != "":
		return c.QuarantineTo
	default:
		return t.Ident + "_quarantine"
	}
}

// Site is where in the user's program something was declared.
type Site struct {
	File string
	Line int
}

// String prints file:line.
func (s Site) String() string { return fmt.Sprintf("%s:%d", s.File, s.Line) }

// Flow is one query into a table. One run of a flow is one plan and one commit.
type Flow struct {
	ID     string // unique in the pipeline; progress is kept under it
	Query  Node
	Effect Effect
}

// Effect is what a flow does with its query's rows. The set is closed.
//
//sumtype:decl
type Effect interface{ effect() }

type (
	// Replace makes the table equal to the query over everything that its inputs hold.
	Replace struct{}
	// Append adds the query's rows over input rows that no earlier batch covered: each input row counts once.
	Append struct{}
	// Once runs the query a single time and appends its rows.
	Once struct{}
	// Upsert merges the query's rows by key: a row replaces the row that has its key, or is inserted. Two rows of one key in a batch are an error.
	Upsert struct{ Keys []string }
	// ApplyChanges applies change events by key in the order of Sequence.
	ApplyChanges struct {
		Keys     []string
		Sequence expr.Bound // over the query's columns; orderable, never NULL
		Delete   expr.Bound // nil: no event deletes
		// Columns are the positions in the query's schema that the target stores.
		Columns []int
		History *History // nil: SCD type 1
	}
)

// History asks for SCD type 2 and names its columns. Start and End have Sequence's type; End is NULL and Current true in the row that holds.
type History struct {
	Start, End string
	Current    string // empty: no such column
}

func (Replace) effect()      {}
func (Append) effect()       {}
func (Once) effect()         {}
func (Upsert) effect()       {}
func (ApplyChanges) effect() {}

// SourceRelation is a source as a relation: a scan of it reads the batch that its flow is to process.
type SourceRelation struct {
	Source source.Source
	Limits source.Limits
	Rows   *arrow.Schema
}

// Name is the source's own name.
func (s *SourceRelation) Name() string { return s.Source.Name() }

// Schema is the schema of the source's rows.
func (s *SourceRelation) Schema() *arrow.Schema { return s.Rows }

// View is a named relation that several tables read; tables refreshed in one run compute it once.
type View struct {
	Ident string
	Query Node
	// Part tells that the optimizer made the view of a part of one query that stands in it several times. It serves that query alone.
	Part bool
	// Optimized tells that Query is to run as it is: it was optimized as a part of the query.
	Optimized bool
	// Recursion makes the view recursive; nil: its rows are Query's.
	Recursion *Recursion
	// Enough is with how many rows a recursive view may end; 0: it has to come to its end, within MaxRecursiveRows.
	Enough int64
}

// Name is the view's name.
func (v *View) Name() string { return v.Ident }

// Schema is the schema of the view's rows.
func (v *View) Schema() *arrow.Schema { return v.Query.Schema() }

// TableCheck is a condition on the whole table as a commit would leave it. The commit is made only if it holds, or if the action is Warn.
type TableCheck struct {
	Name   string
	Action Action // Warn or Fail
	Query  Node   // scans the table itself among others; one row, one BIGINT: how much violates the check
	Text   string // what is checked, for people
}

// StoredSchema is the schema that a flow's rows have in the table: the query's, or for applied changes the columns chosen and those of the history.
func StoredSchema(query *arrow.Schema, effect Effect) (*arrow.Schema, error) {
	a, ok := effect.(ApplyChanges)
	if !ok {
		return query, nil
	}
	var fields []arrow.Field
	for _, i := range a.Columns {
		fields = append(fields, query.Field(i))
	}
	if h := a.History; h != nil {
		fields = append(fields,
			arrow.Field{Name: h.Start, Type: a.Sequence.Type()},
			arrow.Field{Name: h.End, Type: a.Sequence.Type(), Nullable: true})
		if h.Current != "" {
			fields = append(fields, arrow.Field{Name: h.Current, Type: arrow.FixedWidthTypes.Boolean})
		}
	}
	return uniqueNames(fields)
}

func uniqueNames(fields []arrow.Field) (*arrow.Schema, error) {
	seen := map[string]bool{}
	for _, f := range fields {
		key := strings.ToLower(f.Name)
		if seen[key] {
			return nil, fmt.Errorf("two columns are named %s: give the history's columns names of their own", f.Name)
		}
		seen[key] = true
	}
	return arrow.NewSchema(fields, nil), nil
}

// EffectName is the effect in one word.
func EffectName(e Effect) string {
	switch e := e.(type) {
	case Replace:
		return "replace"
	case Append:
		return "append"
	case Once:
		return "once"
	case Upsert:
		return "merge"
	case ApplyChanges:
		if e.History != nil {
			return "apply changes (SCD type 2)"
		}
		return "apply changes (SCD type 1)"
	}
	return fmt.Sprintf("%T", e)
}
