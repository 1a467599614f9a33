package exec

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// Window appends one column per window function. Functions over the same partitions in the same order are computed together, in one stage; further
// stages take the rows of the one before. Rows come back as they came in, in any order. A stage keeps its rows in memory; what memory refuses is spilled
// by the hash of the partition keys. Without PARTITION BY all rows are one partition and must fit.
type Window struct {
	env    *Env
	out    *arrow.Schema
	stages []*windowStage
	order  []int // which column of the last stage is which of the result
}

var (
	_ Sink   = (*Window)(nil)
	_ Source = (*Window)(nil)
)

// NewWindow compiles the functions over the in columns; out is these and one column per function.
func NewWindow(env *Env, in *arrow.Schema, funcs []expr.BoundWindow, out *arrow.Schema) (*Window, error) {
	if out.NumFields() != in.NumFields()+len(funcs) || len(funcs) == 0 {
		return nil, fmt.Errorf("exec: window: %d functions over %d columns for %d columns", len(funcs), in.NumFields(), out.NumFields())
	}
	w := &Window{env: env.withDefaults(), out: out}
	for i := range in.NumFields() {
		w.order = append(w.order, i)
	}
	place := make([]int, len(funcs))
	at := in.NumFields()
	stageIn := in
	for _, group := range sameWindows(funcs) {
		fields := stageIn.Fields()
		var list []expr.BoundWindow
		for _, i := range group {
			place[i], at = at, at+1
			list = append(list, funcs[i])
			fields = append(fields, out.Field(in.NumFields()+i))
		}
		s, err := newWindowStage(w.env, stageIn, list)
		if err != nil {
			return nil, err
		}
		w.stages = append(w.stages, s)
		stageIn = arrow.NewSchema(fields, nil)
	}
	w.order = append(w.order, place...)
	return w, nil
}

// sameWindows groups functions by their partitions and order.
func sameWindows(funcs []expr.BoundWindow) [][]int {
	var groups [][]int
next:
	for i, f := range funcs {
		for g, members := range groups {
			if sameWindow(f, funcs[members[0]]) {
				groups[g] = append(groups[g], i)
				continue next
			}
		}
		groups = append(groups, []int{i})
	}
	return groups
}

func sameWindow(a, b expr.BoundWindow) bool {
	if len(a.PartitionBy) != len(b.PartitionBy) || len(a.OrderBy) != len(b.OrderBy) {
		return false
	}
	for i, p := range a.PartitionBy {
		if !expr.Equal(p, b.PartitionBy[i]) {
			return false
		}
	}
	for i, o := range a.OrderBy {
		x := b.OrderBy[i]
		if o.Descending != x.Descending || o.NullsFirst != x.NullsFirst || !expr.Equal(o.Arg, x.Arg) {
			return false
		}
	}
	return true
}

// KeepTop allows rows to be left out for which function by is greater than n. All functions are to be row_number, rank or dense_rank over the same partitions in
// the same order.
func (w *Window) KeepTop(by int, n int64) error {
	if len(w.stages) != 1 || n <= 0 {
		return fmt.Errorf("exec: the first %d rows of %d windows", n, len(w.stages))
	}
	s := w.stages[0]
	for _, f := range s.funcs {
		if f.Func != "row_number" && f.Func != "rank" && f.Func != "dense_rank" {
			return fmt.Errorf("exec: the first rows of a window with %s", f.Func)
		}
	}
	s.top, s.topBy = n, s.funcs[by].Func
	return nil
}

// Schema is the output's.
func (w *Window) Schema() *arrow.Schema { return w.out }

// Ordered is false.
func (w *Window) Ordered() bool { return false }

// Worker gathers rows of its own.
func (w *Window) Worker() (SinkWorker, error) { return w.stages[0].Worker() }

// Finish runs all stages but the last, whose work is done as the result is read.
func (w *Window) Finish(ctx context.Context) error {
	if err := w.stages[0].Finish(ctx); err != nil {
		return err
	}
	for i, s := range w.stages[1:] {
		if err := Run(ctx, w.env, s, Pipeline{Source: w.stages[i]}); err != nil {
			return err
		}
		if err := w.stages[i].Close(); err != nil {
			return err
		}
	}
	return nil
}

// Morsels are the last stage's, with the columns in the result's order.
func (w *Window) Morsels(ctx context.Context) ([]Morsel, error) {
	morsels, err := w.stages[len(w.stages)-1].Morsels(ctx)
	for i, m := range morsels {
		morsels[i] = func(ctx context.Context, yield func(*Batch) error) error {
			return m(ctx, func(b *Batch) error {
				cols := make([]arrow.Array, len(w.order))
				for c, from := range w.order {
					cols[c] = b.Columns[from]
				}
				return yield(&Batch{Columns: cols, Selection: b.Selection, N: b.N})
			})
		}
	}
	return morsels, err
}

// Close frees everything.
func (w *Window) Close() error {
	var first error
	for _, s := range w.stages {
		if err := s.Close(); first == nil {
			first = err
		}
	}
	return first
}
