package local

import (
	"context"
	"errors"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// Query runs the plan over the newest versions of its tables. The rows are collected, within the session's budget, before the first is yielded.
func (s *session) Query(ctx context.Context, n plan.Node) (_ *arrow.Schema, _ iter.Seq2[arrow.RecordBatch, error], err error) {
	in, err := s.Present(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	sc := &scope{session: s, inputs: &inputs{Inputs: in, session: s}}
	n = sc.inputs.optimized(n)
	pipelines, err := sc.lower(ctx, n)
	if err != nil {
		return nil, nil, errors.Join(err, sc.close())
	}
	out := schema.PlainSchema(n.Schema())
	rows := exec.NewCollect(s.env, out, true)
	if err := errors.Join(exec.Run(ctx, s.env, rows, pipelines...), sc.close()); err != nil {
		return nil, nil, errors.Join(err, rows.Close())
	}
	return out, func(yield func(arrow.RecordBatch, error) bool) {
		stopped := errors.New("the reader has stopped")
		err := s.each(ctx, rows, func(rec arrow.RecordBatch) error {
			if !yield(rec, nil) {
				return stopped
			}
			return nil
		})
		broke := errors.Is(err, stopped)
		if broke {
			err = nil
		}
		if err = errors.Join(err, rows.Close()); err != nil && !broke {
			yield(nil, err)
		}
	}, nil
}

// each yields a source's rows as record batches, without selections and dictionaries.
func (s *session) each(ctx context.Context, src exec.Source, yield func(arrow.RecordBatch) error) error {
	morsels, err := src.Morsels(ctx)
	if err != nil {
		return err
	}
	for _, m := range morsels {
		if err := m(ctx, func(b *exec.Batch) error { return s.record(src.Schema(), b, yield) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) record(as *arrow.Schema, b *exec.Batch, yield func(arrow.RecordBatch) error) error {
	columns := make([]arrow.Array, 0, len(b.Columns))
	defer func() { release(columns) }()
	for i, c := range b.Columns {
		flat, err := flatten(s, c, b.Selection)
		if err != nil {
			return err
		}
		columns = append(columns, vector.Retyped(flat, as.Field(i).Type))
	}
	pool.Leave(s.env.Alloc, columns...)
	rec := array.NewRecordBatch(as, columns, int64(b.Len()))
	defer rec.Release()
	return yield(rec)
}

func flatten(s *session, c arrow.Array, selection []int32) (arrow.Array, error) {
	if selection == nil {
		return vector.Flat(s.env.Alloc, c)
	}
	taken, err := vector.Take(s.env.Alloc, c, selection)
	if err != nil {
		return nil, err
	}
	defer taken.Release()
	return vector.Flat(s.env.Alloc, taken)
}
