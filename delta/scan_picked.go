package delta

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/internal/parquet"
)

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
		for i := range r.columns {
			a, err := r.column(&r.columns[i], rec.Columns(), b.N)
			if err == nil {
				a, err = r.track(&r.columns[i], a, first, r.live)
			}
			if err != nil {
				return r.scan.fileError(r.file, err)
			}
			r.out = append(r.out, a)
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
