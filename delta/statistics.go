package delta

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/skipping"
)

// ColumnStatistics is what the statistics and partition values of all live files tell of a column together.
type ColumnStatistics struct {
	// Min and Max are bounds of every value that is neither NULL nor NaN, as expr.BoundLiteral holds values; nil: unknown.
	Min, Max any
	// Nulls is how many rows are NULL, exactly; -1: unknown.
	Nulls int64
	// Exact tells that Min and Max are values of the column, or nil because it has none.
	Exact bool
}

// ColumnStatistics sums up the files' statistics of a top-level column. It does no I/O, and is worked out once for a snapshot.
func (s *Snapshot) ColumnStatistics(column int) ColumnStatistics {
	all := s.statistics.Load()
	if all == nil {
		summed := s.summarize(s.files().live)
		all = &summed
		s.statistics.Store(all)
	}
	return (*all)[column]
}

// summary is ColumnStatistics in the making.
type summary struct {
	min, max  skipping.Scalar
	nulls     int64
	unbounded bool // a file does not bound its values
	uncounted bool // a file does not count its NULLs, or its rows, or some of its rows are deleted
}

// summarize sums up some files, column by column.
func (s *Snapshot) summarize(files []*File) []ColumnStatistics {
	fields := s.Schema().Fields()
	p := &pruner{}
	for i, f := range fields {
		p.leaves = append(p.leaves, newLeaf(s.metadata.Metadata, skipping.Leaf{Column: i, Fields: []arrow.Field{f}, Type: f.Type}))
	}
	sums := make([]summary, len(fields))
	found, b := make([]leafStats, len(fields)), make([]skipping.Bounds, len(fields))
	for _, f := range files {
		rows := p.readStats(f.Stats, found)
		p.fileBounds(f, b)
		loose := rows < 0 || f.vector() != nil || strings.Contains(f.Stats, `"tightBounds":false`)
		for i, l := range p.leaves {
			if l.partition {
				found[i].nullCount = 0
				if b[i] == skipping.OnlyNull() {
					found[i].nullCount = rows
				}
			}
			sums[i].add(b[i], found[i].nullCount, rows)
			sums[i].uncounted = sums[i].uncounted || loose
		}
	}
	out := make([]ColumnStatistics, len(fields))
	for i, f := range fields {
		out[i] = sums[i].statistics(f.Type)
	}
	return out
}

// add takes in one file.
func (s *summary) add(b skipping.Bounds, nulls, rows int64) {
	s.uncounted = s.uncounted || nulls < 0
	s.nulls += max(nulls, 0)
	if rows == 0 || !b.MayNonNaN && !b.MayNaN {
		return
	}
	if b.Min.Kind == skipping.KindNone || b.Max.Kind == skipping.KindNone {
		s.unbounded = true
		return
	}
	if s.min.Kind == skipping.KindNone || b.Min.Compare(s.min) < 0 {
		s.min = b.Min
	}
	if s.max.Kind == skipping.KindNone || b.Max.Compare(s.max) > 0 {
		s.max = b.Max
	}
}

func (s *summary) statistics(t arrow.DataType) ColumnStatistics {
	out := ColumnStatistics{Nulls: s.nulls, Exact: !s.uncounted && !s.unbounded && exactBounds(t)}
	if s.uncounted {
		out.Nulls = -1
	}
	if !s.unbounded && s.min.Kind != skipping.KindNone {
		out.Min, out.Max = valueOf(s.min, t), valueOf(s.max, t)
	}
	return out
}

// exactBounds tells whether writers keep bounds of the type as they are: texts and timestamps are cut, FLOAT and DOUBLE leave out NaN and the sign of zero,
// and decimals may have gone through a double.
func exactBounds(t arrow.DataType) bool { return skipping.IsInteger(t) || t.ID() == arrow.DATE32 }

// valueOf is a scalar in the Go type of t.
func valueOf(a skipping.Scalar, t arrow.DataType) any {
	switch t.ID() {
	case arrow.BOOL:
		return a.Integer != 0
	case arrow.INT8:
		return int8(a.Integer)
	case arrow.INT16:
		return int16(a.Integer)
	case arrow.INT32:
		return int32(a.Integer)
	case arrow.INT64:
		return a.Integer
	case arrow.DATE32:
		return arrow.Date32(a.Integer)
	case arrow.TIMESTAMP:
		return arrow.Timestamp(a.Integer)
	case arrow.FLOAT32:
		return float32(a.Float)
	case arrow.FLOAT64:
		return a.Float
	case arrow.STRING:
		return a.Text
	case arrow.BINARY:
		return []byte(a.Text)
	case arrow.DECIMAL128:
		return a.Decimal
	default:
		return nil
	}
}
