package plan

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// NewScan reads all columns and all rows of rel.
func NewScan(rel Relation) Scan {
	return Scan{Relation: rel, schema: scanSchema(rel, nil, nil)}
}

// NewScanOf reads all rows of some columns of rel, by their positions in its schema.
func NewScanOf(rel Relation, columns []int) Scan {
	return Scan{Relation: rel, Columns: columns, schema: scanSchema(rel, columns, nil)}
}

// Where returns a scan that yields only the rows for which cond, over s's output columns, is TRUE. It adds to the filter that s has.
func (s Scan) Where(cond expr.Bound) (Scan, error) {
	if err := predicateFits(cond, scanSchema(s.Relation, s.Columns, nil), "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN"); err != nil {
		return Scan{}, err
	}
	return s.where(cond), nil
}

// where adds cond, which was bound over s's unfiltered columns.
func (s Scan) where(cond expr.Bound) Scan {
	if s.Filter != nil {
		cond = expr.And(s.Filter, cond)
	}
	s.Filter = cond
	s.schema = proven(s.schema, cond)
	return s
}

// Position is where in the relation's schema the scan's output column i is.
func (s Scan) Position(i int) int {
	if s.Columns == nil {
		return i
	}
	return s.Columns[i]
}

// unfiltered is the schema that Filter is bound over: the output columns as the relation declares them.
func (s Scan) unfiltered() *arrow.Schema { return scanSchema(s.Relation, s.Columns, nil) }

// Schema has the read columns; those that Filter proves NOT NULL are not nullable.
func (s Scan) Schema() *arrow.Schema { return s.schema }

// Children is empty.
func (s Scan) Children() []Node { return appendInputs(nil, s) }

func scanSchema(rel Relation, columns []int, filter expr.Bound) *arrow.Schema {
	all := rel.Schema()
	n := all.NumFields()
	if columns != nil {
		n = len(columns)
	}
	fields := make([]arrow.Field, n)
	for i := range fields {
		p := i
		if columns != nil {
			p = columns[i]
		}
		f := all.Field(p)
		fields[i] = column(f.Name, f.Type, f.Nullable)
	}
	return proven(arrow.NewSchema(fields, nil), filter)
}
