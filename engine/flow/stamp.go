package flow

import (
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// The columns by which an append flow's rows of one batch are found again, in tables that an engine writes through SQL: between such a batch's rows and the
// property that says that they are there, a run may end. The rows of a batch are one commit, so that one of them proves them all. Only flows that such an
// engine has run have them; they are no part of the declaration.
const (
	BatchColumn = "_medallion_batch" // BIGINT: the batch's number; NULL in rows that were merged
	FlowColumn  = "_medallion_flow"  // STRING: the flow, in tables with several
)

// StampColumns are the columns that find the flow's batches again.
func (j *Job) StampColumns() []arrow.Field {
	columns := []arrow.Field{{Name: BatchColumn, Type: arrow.PrimitiveTypes.Int64, Nullable: true}}
	if len(j.Table.Flows) > 1 {
		columns = append(columns, arrow.Field{Name: FlowColumn, Type: arrow.BinaryTypes.String, Nullable: true})
	}
	return columns
}

// HasStamps tells whether the table has those columns.
func (j *Job) HasStamps() bool {
	if j.Snapshot == nil {
		return false
	}
	for _, c := range j.StampColumns() {
		if schema.Find(j.Snapshot.Schema().Fields(), c.Name) < 0 {
			return false
		}
	}
	return true
}

// Stamped is a query of the flow's rows with the stamp columns.
func (j *Job) Stamped(n plan.Node) (plan.Node, error) {
	var exprs []expr.Bound
	var names []string
	for i, f := range n.Schema().Fields() {
		exprs = append(exprs, expr.BoundColumn{Index: i, Name: f.Name, Typ: f.Type, Null: f.Nullable})
		names = append(names, f.Name)
	}
	for _, c := range j.StampColumns() {
		value := expr.BoundLiteral{Value: j.Batch.Number, Typ: c.Type}
		if c.Name == FlowColumn {
			value.Value = j.Flow.ID
		}
		exprs, names = append(exprs, value), append(names, c.Name)
	}
	return plan.NewProject(n, exprs, names)
}

// BatchRows is SQL that is TRUE for the rows of this batch in the table; table is its alias and a dot, or empty.
func (j *Job) BatchRows(table string) string {
	where := table + BatchColumn + " = " + strconv.FormatInt(j.Batch.Number, 10)
	if len(j.Table.Flows) > 1 {
		where += " AND " + table + FlowColumn + " = " + expr.QuoteString(j.Flow.ID)
	}
	return where
}

// MergeOnce is an append of stamped rows as a merge that does nothing where the table has rows of the batch.
func (j *Job) MergeOnce(rows *arrow.Schema) *Merge {
	var set []Assignment
	for _, f := range rows.Fields() {
		set = append(set, fromSource(f.Name))
	}
	return &Merge{On: j.BatchRows("target."), Clauses: []Clause{{Set: set}}}
}

// QuarantineRows is SQL that is TRUE for the rows that the batch's quarantine replaces: its own, and those of batches that were given up.
func (j *Job) QuarantineRows() string {
	done, _ := j.LastNumbers()
	where := QuarantineBatch + " > " + strconv.FormatInt(done, 10)
	if len(j.Table.Flows) > 1 {
		where += " AND " + QuarantineSource + " = " + expr.QuoteString(j.Flow.ID)
	}
	return where
}

// QuarantineStamps are the columns that QuarantineRows needs.
func (j *Job) QuarantineStamps() []string {
	if len(j.Table.Flows) > 1 {
		return []string{QuarantineBatch, QuarantineSource}
	}
	return []string{QuarantineBatch}
}
