package exec

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
)

// Project computes one column per expression.
type Project struct {
	env    *Env
	schema *arrow.Schema
	exprs  exprs
}

var _ Step = (*Project)(nil)

// NewProject compiles the expressions; schema is the output's.
func NewProject(env *Env, schema *arrow.Schema, list []expr.Bound) (*Project, error) {
	if schema.NumFields() != len(list) {
		return nil, fmt.Errorf("exec: project: %d expressions for %d columns", len(list), schema.NumFields())
	}
	x, err := compileAll(list)
	if err != nil {
		return nil, err
	}
	return &Project{env: env.withDefaults(), schema: schema, exprs: x}, nil
}

// Schema is the output's.
func (p *Project) Schema() *arrow.Schema { return p.schema }

// Worker evaluates for one worker.
func (p *Project) Worker() (StepWorker, error) { return &projectWorker{p}, nil }

// A selection narrower than 1/sparse of the batch is taken out of the columns before they are computed with: kernels may compute whole columns.
const sparse = 8

type projectWorker struct{ *Project }

func (w *projectWorker) Push(_ context.Context, b *Batch, yield func(*Batch) error) error {
	if b.Selection != nil && len(b.Selection)*sparse < b.N {
		dense, err := w.compact(b)
		if err != nil {
			return err
		}
		defer releaseAll(dense.Columns)
		b = dense
	}
	cols, err := w.exprs.eval(w.env, b)
	if err != nil {
		return err
	}
	defer releaseAll(cols)
	return yield(&Batch{Columns: cols, Selection: b.Selection, N: b.N})
}

func (w *projectWorker) compact(b *Batch) (*Batch, error) {
	cols, err := b.Compact(w.env.Alloc)
	if err != nil {
		return nil, err
	}
	return &Batch{Columns: cols, N: b.Len()}, nil
}

func (w *projectWorker) Close() error { return nil }

// MapFunc is Go code over batches. In and out are borrowed until the call they are passed to returns. It may be called from several goroutines.
type MapFunc func(ctx context.Context, in arrow.RecordBatch, yield func(arrow.RecordBatch) error) error

// Map runs Go code on every batch. The code sees plain columns without a selection and with the input's schema.
type Map struct {
	env     *Env
	in, out *arrow.Schema
	fn      MapFunc
}

var _ Step = (*Map)(nil)

// NewMap returns a step from batches of schema in to batches of schema out.
func NewMap(env *Env, in, out *arrow.Schema, fn MapFunc) *Map {
	return &Map{env: env.withDefaults(), in: in, out: out, fn: fn}
}

// Schema is the output's.
func (m *Map) Schema() *arrow.Schema { return m.out }

// Worker calls the function for one worker.
func (m *Map) Worker() (StepWorker, error) { return &mapWorker{m}, nil }

type mapWorker struct{ *Map }

func (w *mapWorker) Push(ctx context.Context, b *Batch, yield func(*Batch) error) error {
	rec, err := b.Record(w.env.Alloc, w.in)
	if err != nil {
		return err
	}
	defer rec.Release()
	pool.Leave(w.env.Alloc, rec.Columns()...) // the code may keep what is borrowed
	return w.fn(ctx, rec, func(out arrow.RecordBatch) error {
		if out.NumCols() != int64(w.out.NumFields()) {
			return fmt.Errorf("exec: map gave %d columns, its schema has %d", out.NumCols(), w.out.NumFields())
		}
		for i, c := range out.Columns() {
			if want := w.out.Field(i).Type; !arrow.TypeEqual(c.DataType(), want) {
				return fmt.Errorf("exec: map gave column %s as %s, its schema says %s", w.out.Field(i).Name, c.DataType(), want)
			}
		}
		for from := int64(0); from < out.NumRows(); from += MaxRows {
			if err := recordMorsel(out, from, min(from+MaxRows, out.NumRows()))(ctx, yield); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *mapWorker) Close() error { return nil }
