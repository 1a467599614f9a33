package delta

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta/internal/deletionvector"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/internal/parquet"
)

// loadDeleted gets the rows of the file that are deleted.
func (r *fileReader) loadDeleted(ctx context.Context) (err error) {
	v := r.scan.vectors[r.index]
	if v == nil {
		return nil
	}
	if r.deleted, err = v.load(ctx, r.scan.snapshot, r.file); err != nil {
		return err
	}
	rows := int64(0)
	for _, g := range r.parquet.RowGroups() {
		rows += g.Rows
	}
	if last := r.deleted.Max(); last >= rows {
		return &CorruptError{
			Table: r.scan.snapshot.table.Name(), Version: r.scan.snapshot.version, File: r.file.Path,
			Reason: fmt.Sprintf("its deletion vector has row %d, the file has %d rows", last, rows),
		}
	}
	if r.file.told() != nil {
		r.deleted = deletionvector.Upto(rows).Without(r.deleted)
	}
	return nil
}

// none reports whether none of so many rows is read, for each is deleted or not picked.
func (r *fileReader) none(first, rows int64) bool {
	if r.picked != nil {
		return r.picked.CountIn(first, first+rows) == 0
	}
	return r.deleted != nil && r.deleted.CountIn(first, first+rows) == rows
}

// liveRows are the rows of a batch that are not deleted, or those that are picked, by the position in the file of the first; nil: all of them. some is false
// where there are none.
func (r *fileReader) liveRows(position int64, n int) (live []int32, some bool) {
	if r.picked == nil && r.deleted == nil {
		return nil, true
	}
	if r.live == nil {
		r.live = make([]int32, 0, n) // none is not nil
	}
	if r.picked != nil {
		r.live = r.picked.In(position, n, r.live[:0])
		return r.live, len(r.live) > 0
	}
	live, whole := r.deleted.Live(position, n, r.live[:0])
	if whole {
		return nil, true
	}
	r.live = live
	return live, len(live) > 0
}

// readPicked reads the picked rows of a row group, whose columns are flat: these rows alone are decoded. position gives that of a batch's first row.
func (r *fileReader) readPicked(ctx context.Context, c parquet.ReadConfig, position func(rows int64) int64, yield func(*exec.Batch) error) error {
	first := int64(0)
	c.Stages = []parquet.Stage{{Select: func(rec arrow.RecordBatch, _ []int32) ([]int32, error) {
		first = position(rec.NumRows())
		r.live, _ = r.liveRows(first, int(rec.NumRows()))
		return r.live, nil
	}}}
	return r.parquet.Read(ctx, c, func(rec arrow.RecordBatch) error {
		b := &exec.Batch{N: len(r.live)}
		r.out = r.out[:0]
		defer func() { releaseAll(r.out) }()
		if err := r.outputs(rec.Columns(), b.N, first, r.live); err != nil {
			return r.scan.fileError(r.file, err)
		}
		b.Columns = r.out
		return yield(b)
	})
}

// flat reports whether no column that is read is nested, so that single rows can be read of it.
func (r *fileReader) flat() bool {
	have := r.parquet.Schema().Fields()
	for _, column := range r.wanted {
		if arrow.IsNested(have[column].Type.ID()) {
			return false
		}
	}
	return true
}
