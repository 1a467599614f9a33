package exec

import (
	"context"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
)

// Limit passes on n rows after the first offset rows; a negative n is all. Behind an ordered source these are the first rows, else any. Once it has
// passed on n rows, reading stops.
type Limit struct {
	schema *arrow.Schema
	skip   atomic.Int64 // rows still to be skipped, may fall below zero
	left   atomic.Int64 // rows still to be passed on, may fall below zero
	all    bool
}

var _ Step = (*Limit)(nil)

// NewLimit returns the step for one run.
func NewLimit(schema *arrow.Schema, n, offset int64) *Limit {
	l := &Limit{schema: schema, all: n < 0}
	l.skip.Store(offset)
	l.left.Store(n)
	return l
}

// Schema is the input's.
func (l *Limit) Schema() *arrow.Schema { return l.schema }

// Worker shares the counts with all others.
func (l *Limit) Worker() (StepWorker, error) { return &limitWorker{Limit: l}, nil }

type limitWorker struct {
	*Limit
	sel []int32
}

func (w *limitWorker) Push(_ context.Context, b *Batch, yield func(*Batch) error) error {
	n := int64(b.Len())
	from := claim(&w.skip, n)
	to := n
	if !w.all {
		to = from + claim(&w.left, n-from)
	}
	if from < to {
		if err := yield(w.cut(b, int(from), int(to))); err != nil {
			return err
		}
	}
	if !w.all && w.left.Load() <= 0 {
		return ErrEnough
	}
	return nil
}

func (w *limitWorker) Close() error { return nil }

// claim takes up to n from a count and returns how many it got.
func claim(count *atomic.Int64, n int64) int64 {
	return max(0, min(n, count.Add(-n)+n))
}

// cut is the selected rows from … to-1 of b.
func (w *limitWorker) cut(b *Batch, from, to int) *Batch {
	if from == 0 && to == b.Len() {
		return b
	}
	sel := b.Selection
	if sel == nil {
		w.sel = w.sel[:0]
		for i := from; i < to; i++ {
			w.sel = append(w.sel, int32(i))
		}
		sel = w.sel
	} else {
		sel = sel[from:to]
	}
	return &Batch{Columns: b.Columns, Selection: sel, N: b.N}
}
