package delta

import (
	"context"
	"sync"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec"
)

// find is the first pass: touched files, repeated matches, and inserts.
func (r *mergeRun) find(ctx context.Context) error {
	e, err := r.plan.compileTarget(r.plan.probeColumns(), false)
	if err != nil {
		return err
	}
	return r.source.eachPart(ctx, r, r.candidate.Source(), e, func(t *mergeTable, target exec.Source) error {
		if err := (exec.Pipeline{Source: target}).Run(ctx, r.env, &findSink{run: r, exprs: e, table: t}); err != nil {
			return err
		}
		if n := r.counts.repeated.Load(); n > 0 {
			return &MultipleMatchError{Table: r.table.Name(), On: r.m.on, Rows: n}
		}
		return r.insert(ctx, t)
	})
}

// findSink looks at the target's deciding columns.
type findSink struct {
	run   *mergeRun
	exprs *mergeExprs
	table *mergeTable
	mu    sync.Mutex
}

func (s *findSink) Worker() (exec.SinkWorker, error) {
	return &findWorker{sink: s, d: newDecider(s.run.eval, s.exprs, s.table, s.run.plan.needsUnique())}, nil
}

func (s *findSink) Finish(context.Context) error { return nil }

func (s *findSink) Close() error { return nil }

type findWorker struct {
	sink *findSink
	d    *decider
	rows []int32
}

func (w *findWorker) Push(ctx context.Context, b *exec.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	out, err := w.d.decide(b.Columns, b.N, b.Selection)
	if err != nil {
		return err
	}
	r := w.sink.run
	if out.repeated > 0 {
		r.counts.repeated.Add(int64(out.repeated))
	}
	if out.acted == 0 {
		return nil
	}
	w.rows = w.rows[:0]
	for row, state := range w.d.state {
		if state&rowActed != 0 {
			w.rows = append(w.rows, int32(row))
		}
	}
	r.marks.add(b.Columns[len(b.Columns)-1].(*array.Int64).Int64Values(), w.rows)
	w.count(out)
	return nil
}

// count adds up what the clauses do.
func (w *findWorker) count(out *decision) {
	c := &w.sink.run.counts
	for i, pairs := range out.matched {
		n := int64(len(pairs.target))
		if w.sink.exprs.matched[i].action == doDelete {
			c.matchedDeleted.Add(n)
		} else {
			c.matchedUpdated.Add(n)
		}
	}
	for i, pairs := range out.bySource {
		n := int64(len(pairs.target))
		if w.sink.exprs.bySource[i].action == doDelete {
			c.bySourceDeleted.Add(n)
		} else {
			c.bySourceUpdated.Add(n)
		}
	}
}

// Close adds the source rows that this worker found partners for.
func (w *findWorker) Close(context.Context) error {
	w.sink.mu.Lock()
	defer w.sink.mu.Unlock()
	for i, bits := range w.d.seen {
		w.sink.table.matched[i] |= bits
	}
	return nil
}
