package delta

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/source"
)

// addedRows are the rows of a file.
type addedRows struct {
	snapshot *delta.Snapshot
	file     *delta.File
}

// Read yields the file's rows.
func (s *addedRows) Read(ctx context.Context, columns []string, yield func(arrow.RecordBatch) error) (source.Counts, error) {
	all := s.snapshot.Schema()
	scan, err := s.snapshot.Scan(delta.ScanConfig{Columns: wanted(all, columns), Files: []*delta.File{s.file}, KeepDictionary: true})
	if err != nil {
		return source.Counts{}, err
	}
	counts, err := forward(scan.Records(ctx), all, columns, yield)
	counts.Bytes = scan.Stats().Bytes
	return counts, err
}

// changedRows are rows that a commit changed.
type changedRows struct{ changes *delta.Changes }

// Read yields the rows with what was done to them.
func (s *changedRows) Read(ctx context.Context, columns []string, yield func(arrow.RecordBatch) error) (source.Counts, error) {
	all := s.changes.Schema()
	scan, err := s.changes.Scan(delta.ScanConfig{Columns: wanted(all, columns), KeepDictionary: true})
	if err != nil {
		return source.Counts{}, err
	}
	counts, err := forward(scan.Records(ctx), all, columns, yield)
	counts.Bytes = scan.Bytes
	return counts, err
}

// nothing has no rows. A batch of it moves a stream on.
type nothing struct{}

// Read yields nothing.
func (nothing) Read(ctx context.Context, _ []string, _ func(arrow.RecordBatch) error) (source.Counts, error) {
	return source.Counts{}, ctx.Err()
}

// wanted are the positions of the columns that are wanted, nil for all.
func wanted(s *arrow.Schema, columns []string) []int {
	if columns == nil {
		return nil
	}
	at := []int{}
	for i, f := range s.Fields() {
		if slices.ContainsFunc(columns, func(name string) bool { return strings.EqualFold(name, f.Name) }) {
			at = append(at, i)
		}
	}
	return at
}

// forward yields batches with all columns; those that are not wanted are NULL.
func forward(batches iter.Seq2[arrow.RecordBatch, error], all *arrow.Schema, columns []string, yield func(arrow.RecordBatch) error) (source.Counts, error) {
	var counts source.Counts
	for rec, err := range batches {
		if err == nil {
			counts.Rows += rec.NumRows()
			err = widened(rec, all, columns, yield)
		}
		if err != nil {
			return counts, err
		}
	}
	return counts, nil
}

// widened yields a batch of the wanted columns as one of all.
func widened(rec arrow.RecordBatch, all *arrow.Schema, columns []string, yield func(arrow.RecordBatch) error) error {
	if columns == nil {
		return yield(rec)
	}
	fields, out, next := all.Fields(), make([]arrow.Array, all.NumFields()), 0
	for i, f := range all.Fields() {
		if slices.ContainsFunc(columns, func(name string) bool { return strings.EqualFold(name, f.Name) }) {
			out[i] = rec.Column(next)
			fields[i].Type = out[i].DataType()
			next++
			continue
		}
		out[i] = pool.Nulls(memory.DefaultAllocator, f.Type, int(rec.NumRows()))
		defer out[i].Release()
	}
	wide := array.NewRecordBatch(arrow.NewSchema(fields, nil), out, rec.NumRows())
	defer wide.Release()
	return yield(wide)
}
