package delta

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/skipping"
)

// RowCount is how many rows the scan yields. exact is false where partition values and statistics do not tell for certain: a file has no count, or its rows are
// not all alike to the filter. It does no I/O.
func (s *Scan) RowCount() (rows int64, exact bool) {
	if !s.wholeFiles() {
		return 0, false
	}
	for _, f := range s.Files {
		n, exact := f.NumRows()
		if !exact {
			return 0, false
		}
		rows += n
	}
	return rows, true
}

// ColumnStatistics sums up the statistics of output column i over the rows that the scan yields, or says nothing where RowCount is not exact. It does no I/O.
func (s *Scan) ColumnStatistics(i int) ColumnStatistics {
	if i >= len(s.config.Columns) || !s.wholeFiles() {
		return ColumnStatistics{Nulls: -1}
	}
	return s.snapshot.summarize(s.Files)[s.config.Columns[i]]
}

// wholeFiles tells whether the filter, if there is one, is certain to keep all rows of the files that were chosen.
func (s *Scan) wholeFiles() bool {
	onPartitions, others := s.conjuncts()
	if len(onPartitions) > 0 && len(s.Files) > 0 {
		passes, err := s.partitionFilter(s.Files, onPartitions)
		if err != nil || passes == nil || slices.Contains(passes, false) {
			return false
		}
	}
	if len(others) == 0 {
		return true
	}
	p := newPruner(expr.And(others...), s.schema.Fields(), s.snapshot.metadata.Metadata)
	b := make([]skipping.Bounds, len(p.leaves))
	return !slices.ContainsFunc(s.Files, func(f *File) bool {
		p.fileBounds(f, b)
		return !p.KeepsAll(b)
	})
}
