package local

import (
	"math"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// rowBytes is what a row of a source takes, about, where only bytes are known.
const rowBytes = 100

// statistics is what a query's inputs tell of their rows: Delta tables by their files' statistics, sources by their bytes.
type statistics struct {
	inputs  *inputs
	columns map[plan.Relation][]plan.ColumnStatistics // asked for so far
}

var _ plan.Statistics = (*statistics)(nil)

func (in *inputs) statistics() *statistics {
	if in.known == nil {
		in.known = &statistics{inputs: in, columns: map[plan.Relation][]plan.ColumnStatistics{}}
	}
	return in.known
}

// optimized is n as it runs here, over these inputs.
func (in *inputs) optimized(n plan.Node) plan.Node { return plan.OptimizeFor(n, in.statistics()) }

// estimated is about how many rows n yields.
func (in *inputs) estimated(n plan.Node) int64 {
	return int64(math.Ceil(min(plan.EstimateRows(n, in.statistics()), math.MaxInt64/2)))
}

// Rows sums up the files that the batch reads.
func (s *statistics) Rows(r plan.Relation) (rows float64, known bool) {
	switch r := r.(type) {
	case *plan.Table:
		return tableRows(s.inputs.Tables[r])
	case *flow.Version:
		return tableRows(flow.TableInput{Snapshot: r.Snapshot})
	case *flow.Feed:
		return float64(r.Changes.Bytes()) / rowBytes, true
	case *plan.SourceRelation:
		return float64(s.inputs.Sources[r].Bytes) / rowBytes, true
	case *plan.Recursion:
		if all, ok := s.inputs.session.rounds[r]; ok {
			return float64(all.last().Rows()), true
		}
	}
	return 0, false
}

func tableRows(in flow.TableInput) (rows float64, known bool) {
	switch {
	case in.Snapshot == nil:
		return 0, true
	case in.Files == nil:
		n, exact := in.Snapshot.NumRows()
		return guessed(n, exact, in.Snapshot.Size()), true
	}
	for _, f := range in.Files {
		n, exact := f.NumRows()
		rows += guessed(n, exact, f.Size)
	}
	return rows, true
}

// guessed goes by the bytes where rows are not known exactly.
func guessed(rows int64, exact bool, bytes int64) float64 {
	if exact {
		return float64(rows)
	}
	return max(float64(rows), float64(bytes)/rowBytes)
}

// Column is what a table's files tell of a column, found by its name.
func (s *statistics) Column(r plan.Relation, i int) plan.ColumnStatistics {
	columns, ok := s.columns[r]
	if !ok {
		columns = s.columnsOf(r)
		s.columns[r] = columns
	}
	return columns[i]
}

func (s *statistics) columnsOf(r plan.Relation) []plan.ColumnStatistics {
	columns := make([]plan.ColumnStatistics, r.Schema().NumFields())
	snapshot := s.snapshot(r)
	if snapshot == nil {
		return columns
	}
	stored := snapshot.Schema().Fields()
	for i := range columns {
		if at := schema.Find(stored, r.Schema().Field(i).Name); at >= 0 {
			columns[i] = ranged(snapshot, at)
		}
	}
	return columns
}

// snapshot is the version of a table that a relation reads; nil: it is none, or does not exist.
func (s *statistics) snapshot(r plan.Relation) *delta.Snapshot {
	switch r := r.(type) {
	case *plan.Table:
		return s.inputs.Tables[r].Snapshot
	case *flow.Version:
		return r.Snapshot
	}
	return nil
}

func ranged(s *delta.Snapshot, column int) plan.ColumnStatistics {
	c, out := s.ColumnStatistics(column), plan.ColumnStatistics{}
	t := s.Schema().Field(column).Type
	low, okLow := plan.Position(expr.BoundLiteral{Value: c.Min, Typ: t})
	high, okHigh := plan.Position(expr.BoundLiteral{Value: c.Max, Typ: t})
	if okLow && okHigh {
		out.Bounded, out.Min, out.Max = true, low, high
	}
	if rows, _ := s.NumRows(); c.Nulls > 0 && rows > 0 {
		out.Nulls = min(float64(c.Nulls)/float64(rows), 1)
	}
	return out
}
