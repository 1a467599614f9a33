package exec

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
)

// Filter passes on the rows for which a condition is TRUE. Columns are not copied: the batch gets a narrower selection.
type Filter struct {
	env    *Env
	schema *arrow.Schema
	cond   *kernel.Expr
}

var _ Step = (*Filter)(nil)

// NewFilter compiles the condition, which is BOOLEAN over the schema's columns.
func NewFilter(env *Env, schema *arrow.Schema, cond expr.Bound) (*Filter, error) {
	if cond.Type().ID() != arrow.BOOL {
		return nil, fmt.Errorf("exec: filter by %s, which is %s and not BOOLEAN", cond, cond.Type())
	}
	e, err := kernel.Compile(cond)
	if err != nil {
		return nil, err
	}
	return &Filter{env: env.withDefaults(), schema: schema, cond: e}, nil
}

// Schema is the input's.
func (f *Filter) Schema() *arrow.Schema { return f.schema }

// Worker has a selection of its own.
func (f *Filter) Worker() (StepWorker, error) { return &filterWorker{Filter: f}, nil }

type filterWorker struct {
	*Filter
	sel []int32
}

func (w *filterWorker) Push(_ context.Context, b *Batch, yield func(*Batch) error) error {
	if cap(w.sel) < b.Len() {
		w.sel = make([]int32, 0, b.Len())
	}
	sel, err := w.cond.Select(w.env.Kernel, b.Columns, b.N, b.Selection, w.sel[:0])
	if err != nil {
		return err
	}
	switch len(sel) {
	case 0:
		return nil
	case b.Len():
		return yield(b)
	default:
		return yield(&Batch{Columns: b.Columns, Selection: sel, N: b.N})
	}
}

func (w *filterWorker) Close() error { return nil }
