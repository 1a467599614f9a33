package local

import (
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

var _ plan.ExactStatistics = (*statistics)(nil)

// Count adds up the records of a table's files, if all files tell and the scan takes all rows of those that its filter leaves.
func (s *statistics) Count(n plan.Scan) (rows int64, ok bool) {
	in, ok := s.table(n.Relation)
	if !ok {
		return 0, false
	}
	if n.Filter != nil {
		scan, err := in.Scan(n, s.inputs.session.env.Kernel)
		if err != nil {
			return 0, false
		}
		return scan.RowCount()
	}
	if in.Files == nil {
		return in.Snapshot.NumRows()
	}
	for _, f := range in.Files {
		r, exact := f.NumRows()
		if !exact {
			return 0, false
		}
		rows += r
	}
	return rows, true
}

// Extremes are those of all files of a table together, or of those that the scan's filter leaves.
func (s *statistics) Extremes(n plan.Scan, i int) (least, greatest expr.BoundLiteral, nulls int64, ok bool) {
	in, ok := s.table(n.Relation)
	if !ok || in.Files != nil {
		return least, greatest, -1, false
	}
	declared, fields := n.Schema().Field(i), in.Snapshot.Schema().Fields()
	at := schema.Find(fields, declared.Name)
	if at < 0 || !schema.Equal(fields[at].Type, declared.Type) {
		return least, greatest, -1, false
	}
	c := in.Snapshot.ColumnStatistics(at)
	if n.Filter != nil {
		scan, err := in.Scan(n, s.inputs.session.env.Kernel)
		if err != nil {
			return least, greatest, -1, false
		}
		c = scan.ColumnStatistics(i)
	}
	return expr.BoundLiteral{Value: c.Min, Typ: declared.Type}, expr.BoundLiteral{Value: c.Max, Typ: declared.Type}, c.Nulls, c.Exact
}

// table is how a relation that is a table, and exists, is read.
func (s *statistics) table(r plan.Relation) (in flow.TableInput, ok bool) {
	switch r := r.(type) {
	case *plan.Table:
		in = s.inputs.Tables[r]
	case *flow.Version:
		in = flow.TableInput{Snapshot: r.Snapshot}
	}
	return in, in.Snapshot != nil
}
