package delta

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/delta/internal/deletionvector"
	"github.com/medallion-go/medallion/exec"
)

// rewriteSink is the second pass of a rewrite, over batches that have the rows' IDs behind the table's columns, or the marked rows alone.
type rewriteSink struct {
	run    *rewrite
	files  []*File // by the files' numbers in the IDs
	marks  map[*File]*deletionvector.Vector
	writer *Writer
}

func (s *rewriteSink) Worker() (exec.SinkWorker, error) {
	f, err := s.writer.Worker()
	if err != nil {
		return nil, err
	}
	return &rewriteWorker{sink: s, file: f}, nil
}

func (s *rewriteSink) Finish(context.Context) error { return nil }

func (s *rewriteSink) Close() error { return nil }

type rewriteWorker struct {
	sink   *rewriteSink
	file   *FileWriter
	marked []int32

	tracked []arrow.Array // of the batch at hand
}

func (w *rewriteWorker) Push(ctx context.Context, b *exec.Batch) error {
	view := w.sink.run.view
	columns := b.Columns[:view.Schema().NumFields()]
	w.tracked = view.trackedOf(b)
	ids := len(columns) + len(w.tracked)
	if ids == len(b.Columns) {
		return w.change(ctx, columns, b.N, b.Selection)
	}
	first := b.Columns[ids].(*array.Int64).Value(0)
	marks := w.sink.marks[w.sink.files[first>>32]]
	w.marked = marks.In(first&(1<<32-1), b.N, w.marked[:0])
	if len(w.marked) == 0 {
		return w.copy(ctx, columns, b.N, b.Selection)
	}
	if err := w.change(ctx, columns, b.N, w.marked); err != nil {
		return err
	}
	return w.copy(ctx, columns, b.N, without(allRows(b), w.marked))
}

// copy writes rows that stay as they are.
func (w *rewriteWorker) copy(ctx context.Context, columns []arrow.Array, n int, sel []int32) error {
	rows := n
	if sel != nil {
		rows = len(sel)
	}
	w.sink.run.tx.AddMetric("numCopiedRows", int64(rows))
	return w.file.writeTracked(ctx, notChanged, columns, n, sel, w.tracked)
}

// change deletes rows, or sets their columns.
func (w *rewriteWorker) change(ctx context.Context, columns []arrow.Array, n int, sel []int32) error {
	r := w.sink.run
	if r.set == nil {
		return w.file.tell(ctx, rowDeleted, columns, n, sel)
	}
	values := make([]arrow.Array, 0, len(r.set))
	defer func() { releaseAll(values) }()
	for _, e := range r.set {
		v, err := e.Eval(r.eval, columns, n, sel)
		if err != nil {
			return err
		}
		values = append(values, v)
	}
	if err := w.file.tell(ctx, rowBeforeUpdate, columns, n, sel); err != nil {
		return err
	}
	return w.file.writeTracked(ctx, rowAfterUpdate, values, n, sel, w.tracked)
}

func (w *rewriteWorker) Close(ctx context.Context) error { return w.file.Close(ctx) }

// allRows are the selected rows of a batch, listed.
func allRows(b *exec.Batch) []int32 {
	if b.Selection != nil {
		return b.Selection
	}
	rows := make([]int32, b.N)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}
