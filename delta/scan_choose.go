package delta

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

// chooseFiles leaves out the files that hold no row for the filter.
func (s *Scan) chooseFiles() error {
	files := s.config.Files
	if files == nil {
		files = s.snapshot.files().live
	}
	onPartitions, others := s.conjuncts()
	passes, err := s.partitionFilter(files, onPartitions)
	if err != nil {
		return err
	}
	s.decided = s.filter == nil || passes != nil && len(others) == 0
	b := make([]skipping.Bounds, len(s.pruner.leaves))
	for i, f := range files {
		if passes != nil && !passes[i] || !s.mayKeep(f, b) {
			s.SkippedFiles++
			s.SkippedBytes += f.Size
			continue
		}
		s.Files = append(s.Files, f)
		var vector *fileVector
		if f.vector() != nil || f.told() != nil {
			vector = &fileVector{}
		}
		s.vectors = append(s.vectors, vector)
		s.Bytes += f.Size
		rows, _ := f.NumRows()
		s.Rows += rows
	}
	return nil
}

func (s *Scan) mayKeep(f *File, b []skipping.Bounds) bool {
	if s.pruner.Trivial() {
		return true
	}
	s.pruner.fileBounds(f, b)
	return s.pruner.MayKeep(b)
}

// conjuncts are the parts of the filter: those about which partition columns alone decide, and the others.
func (s *Scan) conjuncts() (onPartitions, others []expr.Bound) {
	for _, e := range conjuncts(s.config.Filter) {
		if s.byPartition(e) {
			onPartitions = append(onPartitions, e)
		} else {
			others = append(others, e)
		}
	}
	return onPartitions, others
}

// partitionFilter evaluates, exactly and for all files at once, parts of the filter that read partition columns alone. nil: it decides about no file.
func (s *Scan) partitionFilter(files []*File, parts []expr.Bound) ([]bool, error) {
	if len(parts) == 0 || len(files) == 0 {
		return nil, nil
	}
	compiled, err := kernel.Compile(expr.And(parts...))
	if err != nil {
		return nil, fmt.Errorf("delta: scan of %s: filter: %w", s.snapshot.table.Name(), err)
	}
	cols, err := s.partitionColumns(files, expr.Columns(expr.And(parts...)))
	defer releaseAll(cols)
	if err != nil {
		return nil, err
	}
	kept, err := compiled.Select(s.env, cols, len(files), nil, nil)
	if err != nil {
		return nil, nil //nolint:nilerr // a row raises the error again when it is read; files whose rows do not reach it must not
	}
	passes := make([]bool, len(files))
	for _, i := range kept {
		passes[i] = true
	}
	return passes, nil
}

// byPartition reports whether partition columns alone decide about an expression.
func (s *Scan) byPartition(e expr.Bound) bool {
	columns := expr.Columns(e)
	return len(columns) > 0 && expr.Deterministic(e) &&
		!slices.ContainsFunc(columns, func(i int) bool {
			return !slices.Contains(s.snapshot.metadata.PartitionColumns, s.schema.Field(i).Name)
		})
}

// partitionColumns are the scan's columns, of which those at the positions, partition columns, have their value in each file. The caller releases them, also
// with an error.
func (s *Scan) partitionColumns(files []*File, positions []int) (cols []arrow.Array, err error) {
	cols = make([]arrow.Array, s.schema.NumFields())
	for _, i := range positions {
		if cols[i], err = s.partitionColumn(files, s.schema.Field(i)); err != nil {
			return cols, err
		}
	}
	return cols, nil
}

// partitionColumn is a partition column's value in each file.
func (s *Scan) partitionColumn(files []*File, field arrow.Field) (arrow.Array, error) {
	b := array.NewBuilder(s.config.Alloc, field.Type)
	defer b.Release()
	b.Reserve(len(files))
	for _, f := range files {
		v, null, err := s.partitionValue(f, field)
		if err != nil {
			return nil, err
		}
		if null {
			b.AppendNull()
		} else {
			appendScalar(b, v)
		}
	}
	return b.NewArray(), nil
}

func (s *Scan) partitionValue(f *File, field arrow.Field) (v skipping.Scalar, null bool, err error) {
	text, null := f.Partition(s.snapshot.metadata.physical(field))
	if null {
		return skipping.Scalar{}, true, nil
	}
	v, ok := parseScalar(text, field.Type)
	if !ok {
		return v, false, &CorruptError{
			Table: s.snapshot.table.Name(), Version: s.snapshot.version, File: f.Path,
			Reason: fmt.Sprintf("partition value %q of column %s is no %s", text, field.Name, schema.Name(field.Type)),
		}
	}
	return v, false, nil
}

func conjuncts(e expr.Bound) []expr.Bound {
	if e == nil {
		return nil
	}
	return expr.Conjuncts(e)
}
