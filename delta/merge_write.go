package delta

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec"
)

// insert writes the source rows that have no partner, by the first WHEN NOT MATCHED clause that takes them.
func (r *mergeRun) insert(ctx context.Context, t *mergeTable) error {
	if len(r.plan.of(whenNotMatched)) == 0 {
		return nil
	}
	return exec.Pipeline{Source: sliceSource{r.plan.source, t}}.Run(ctx, r.env, &insertSink{r})
}

type insertSink struct{ run *mergeRun }

func (s *insertSink) Worker() (exec.SinkWorker, error) {
	f, err := s.run.writer.Worker()
	if err != nil {
		return nil, err
	}
	return &insertWorker{s.run, f}, nil
}

func (s *insertSink) Finish(context.Context) error { return nil }

func (s *insertSink) Close() error { return nil }

type insertWorker struct {
	run  *mergeRun
	file *FileWriter
}

func (w *insertWorker) Push(ctx context.Context, b *exec.Batch) error {
	left := b.Selection
	for _, c := range w.run.side.notMatched {
		rows := left
		if c.cond != nil {
			var err error
			if rows, err = c.cond.Select(w.run.eval, b.Columns, b.N, left, make([]int32, 0, len(left))); err != nil {
				return err
			}
			left = without(left, rows)
		} else {
			left = nil
		}
		if len(rows) == 0 {
			continue
		}
		if err := w.write(ctx, c, b.Columns, b.N, rows); err != nil {
			return err
		}
		w.run.counts.inserted.Add(int64(len(rows)))
	}
	return nil
}

func (w *insertWorker) write(ctx context.Context, c *clauseExprs, source []arrow.Array, n int, rows []int32) error {
	values, err := c.evaluate(w.run, source, n, rows)
	if err != nil {
		return err
	}
	defer releaseAll(values)
	return w.file.writeAs(ctx, rowInserted, values, n, rows)
}

func (w *insertWorker) Close(ctx context.Context) error { return w.file.Close(ctx) }

// without are the rows that are not among the others; both ascend.
func without(rows, others []int32) []int32 {
	out := make([]int32, 0, len(rows)-len(others))
	next := 0
	for _, r := range rows {
		if next < len(others) && others[next] == r {
			next++
			continue
		}
		out = append(out, r)
	}
	return out
}

// evaluate computes the target's columns for the selected rows.
func (c *clauseExprs) evaluate(r *mergeRun, wide []arrow.Array, n int, sel []int32) ([]arrow.Array, error) {
	out := make([]arrow.Array, 0, len(c.values))
	for _, v := range c.values {
		a, err := v.Eval(r.eval, wide, n, sel)
		if err != nil {
			releaseAll(out)
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// mergeRewriteSink writes the rows of touched files: as they are, or as clauses change them.
type mergeRewriteSink struct {
	run   *mergeRun
	exprs *mergeExprs
	table *mergeTable
}

func (s *mergeRewriteSink) Worker() (exec.SinkWorker, error) {
	f, err := s.run.writer.Worker()
	if err != nil {
		return nil, err
	}
	return &mergeRewriteWorker{run: s.run, exprs: s.exprs, table: s.table, d: newDecider(s.run.eval, s.exprs, s.table, s.run.plan.needsUnique()), file: f}, nil
}

func (s *mergeRewriteSink) Finish(context.Context) error { return nil }

func (s *mergeRewriteSink) Close() error { return nil }

type mergeRewriteWorker struct {
	run   *mergeRun
	exprs *mergeExprs
	table *mergeTable
	d     *decider
	file  *FileWriter
	rows  []int32
}

func (w *mergeRewriteWorker) Push(ctx context.Context, b *exec.Batch) error {
	out, err := w.d.decide(b.Columns, b.N, b.Selection)
	if err != nil {
		return err
	}
	if out.acted == 0 {
		w.run.counts.copied.Add(int64(b.Len()))
		return w.file.writeTracked(ctx, notChanged, b.Columns, b.N, b.Selection, w.run.base.trackedOf(b))
	}
	w.rows = w.d.untouched(b.N, b.Selection, w.rows[:0])
	if len(w.rows) > 0 {
		w.run.counts.copied.Add(int64(len(w.rows)))
		if err := w.file.writeTracked(ctx, notChanged, b.Columns, b.N, w.rows, w.run.base.trackedOf(b)); err != nil {
			return err
		}
	}
	for i, pairs := range out.matched {
		if err := w.apply(ctx, w.exprs.matched[i], b, pairs); err != nil {
			return err
		}
	}
	for i, pairs := range out.bySource {
		if err := w.apply(ctx, w.exprs.bySource[i], b, pairs); err != nil {
			return err
		}
	}
	return nil
}

// apply does what a clause says: rows go, or are written with their new values.
func (w *mergeRewriteWorker) apply(ctx context.Context, clause *clauseExprs, b *exec.Batch, pairs rowPairs) error {
	n := len(pairs.target)
	if n == 0 {
		return nil
	}
	if clause.action == doDelete {
		return w.file.tell(ctx, rowDeleted, b.Columns, b.N, pairs.target)
	}
	wide, err := w.exprs.gather(w.run.eval, clause.reads, b.Columns, w.table.columns, pairs.target, pairs.source)
	if err != nil {
		return err
	}
	defer releaseAll(wide)
	values, err := clause.evaluate(w.run, wide, n, nil)
	if err != nil {
		return err
	}
	defer releaseAll(values)
	if err := w.file.tell(ctx, rowBeforeUpdate, b.Columns, b.N, pairs.target); err != nil {
		return err
	}
	tracked, err := w.file.trackedAt(w.run.base.trackedOf(b), pairs.target)
	defer releaseAll(tracked)
	if err != nil {
		return err
	}
	return w.file.writeTracked(ctx, rowAfterUpdate, values, n, nil, tracked)
}

func (w *mergeRewriteWorker) Close(ctx context.Context) error { return w.file.Close(ctx) }
