package delta

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// maxParts bounds into how many parts a source that does not fit is split.
const maxParts = 256

// mergeSource is the source's rows, held in memory or in spill files.
type mergeSource struct {
	rows  int64
	parts int
	held  []*exec.Collect // one per part
	whole *mergeTable     // the only part's rows, kept between the passes
}

// holdSource reads the source once. What takes more than a quarter of the memory budget is split by the keys' hash, so that one part at a time fits.
func holdSource(ctx context.Context, r *mergeRun) (*mergeSource, error) {
	s := &mergeSource{parts: 1}
	all := exec.NewCollect(r.env, r.plan.source, false)
	s.held = []*exec.Collect{all}
	sink := &countingSink{Sink: all}
	if err := (exec.Pipeline{Source: r.m.source}).Run(ctx, r.env, sink); err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.rows = all.Rows()
	limit := int64(0)
	if r.env.Budget != nil {
		limit = r.env.Budget.Limit()
	}
	if limit <= 0 || sink.bytes.Load() <= limit/4 || len(r.plan.sourceKeys) == 0 {
		return s, s.loadWhole(ctx, r)
	}
	for int64(s.parts)*limit/8 < sink.bytes.Load() && s.parts < maxParts {
		s.parts *= 2
	}
	split, err := splitRows(ctx, r, all, r.side.sourceKeys, func(cols []arrow.Array) []arrow.Array { return cols }, s.parts)
	err = errors.Join(err, all.Close())
	s.held = split
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *mergeSource) close() error {
	s.whole.release()
	s.whole = nil
	return closeAll(s.held)
}

func closeAll(list []*exec.Collect) error {
	var err error
	for _, c := range list {
		err = errors.Join(err, c.Close())
	}
	return err
}

// eachPart calls use with each part of the source and the target rows that may match it.
func (s *mergeSource) eachPart(ctx context.Context, r *mergeRun, target exec.Source, e *mergeExprs, use func(*mergeTable, exec.Source) error) (err error) {
	if s.parts == 1 {
		return use(s.whole, target)
	}
	split, err := splitRows(ctx, r, target, e.targetKeys, e.beside, s.parts)
	defer func() { err = errors.Join(err, closeAll(split)) }()
	if err != nil {
		return err
	}
	for i, part := range split {
		if err := s.onePart(ctx, r, i, part, use); err != nil {
			return err
		}
	}
	return nil
}

func (s *mergeSource) onePart(ctx context.Context, r *mergeRun, i int, target exec.Source, use func(*mergeTable, exec.Source) error) error {
	t, err := loadTable(ctx, r, s.held[i])
	if err != nil {
		return err
	}
	defer t.release()
	return use(t, target)
}

// loadWhole brings the only part into memory, for both passes.
func (s *mergeSource) loadWhole(ctx context.Context, r *mergeRun) error {
	t, err := loadTable(ctx, r, s.held[0])
	if err != nil {
		return errors.Join(err, s.close())
	}
	s.whole = t
	return s.held[0].Close()
}

// loadTable brings a part into memory.
func loadTable(ctx context.Context, r *mergeRun, part *exec.Collect) (*mergeTable, error) {
	columns, rows, err := concatenated(ctx, r, part)
	if err != nil {
		return nil, err
	}
	return newMergeTable(r.eval, r.side, columns, rows)
}

// concatenated is all rows of a collection as one array per column.
func concatenated(ctx context.Context, r *mergeRun, c *exec.Collect) (columns []arrow.Array, rows int, err error) {
	var batches [][]arrow.Array
	defer func() {
		for _, b := range batches {
			releaseAll(b)
		}
	}()
	morsels, err := c.Morsels(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, m := range morsels {
		err := m(ctx, func(b *exec.Batch) error {
			cols, err := b.Compact(r.env.Alloc)
			if err != nil {
				return err
			}
			batches = append(batches, cols)
			rows += b.Len()
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
	}
	if len(batches) == 0 {
		columns, err = emptyColumns(r)
		return columns, 0, err
	}
	columns, err = vector.ConcatAll(r.env.Alloc, batches)
	return columns, rows, err
}

// keyRanges are conditions on the target's keys that every match meets, from the least and greatest keys of the source; nil where there are none.
func (s *mergeSource) keyRanges(p *mergePlan) []expr.Bound {
	if s.whole == nil {
		return nil
	}
	var list []expr.Bound
	for i, k := range p.targetKeys {
		lo, hi, ok := valueRange(s.whole.keys[i])
		if !ok || p.nullSafe[i] && s.whole.keys[i].NullN() > 0 {
			continue
		}
		list = append(list, comparison(">=", k, lo), comparison("<=", k, hi))
	}
	return list
}

// batchRows bounds the target's batches where there are no keys: every row is then paired with every source row.
func (s *mergeSource) batchRows(p *mergePlan) int {
	if len(p.targetKeys) > 0 || s.rows == 0 {
		return 0
	}
	return int(max(1, min(exec.MaxRows, (1<<20)/s.rows)))
}

// countingSink adds up the bytes that go into a sink.
type countingSink struct {
	exec.Sink
	bytes atomic.Int64
}

func (s *countingSink) Worker() (exec.SinkWorker, error) {
	w, err := s.Sink.Worker()
	return countingWorker{w, &s.bytes}, err
}

type countingWorker struct {
	exec.SinkWorker
	bytes *atomic.Int64
}

func (w countingWorker) Push(ctx context.Context, b *exec.Batch) error {
	if size := vector.SizeAll(b.Columns); b.N > 0 {
		w.bytes.Add(size * int64(b.Len()) / int64(b.N))
	}
	return w.SinkWorker.Push(ctx, b)
}

// splitRows sorts rows into parts by the hash of their keys.
func splitRows(ctx context.Context, r *mergeRun, source exec.Source, keys []*kernel.Expr, wide func([]arrow.Array) []arrow.Array, parts int) ([]*exec.Collect, error) {
	split := make([]*exec.Collect, parts)
	for i := range split {
		split[i] = exec.NewCollect(r.env, source.Schema(), false)
	}
	sink := &splitSink{run: r, keys: keys, wide: wide, parts: split}
	return split, exec.Pipeline{Source: source}.Run(ctx, r.env, sink)
}

type splitSink struct {
	run   *mergeRun
	keys  []*kernel.Expr
	wide  func([]arrow.Array) []arrow.Array
	parts []*exec.Collect
}

func (s *splitSink) Worker() (exec.SinkWorker, error) {
	w := &splitWorker{sink: s, rows: make([][]int32, len(s.parts))}
	for _, p := range s.parts {
		part, err := p.Worker()
		if err != nil {
			return nil, err
		}
		w.parts = append(w.parts, part)
	}
	return w, nil
}

func (s *splitSink) Finish(context.Context) error { return nil }

func (s *splitSink) Close() error { return nil }

type splitWorker struct {
	sink   *splitSink
	parts  []exec.SinkWorker
	rows   [][]int32
	hashes []uint64
}

func (w *splitWorker) Push(ctx context.Context, b *exec.Batch) error {
	keys, err := evalAll(w.sink.run.eval, w.sink.keys, w.sink.wide(b.Columns), b.N, b.Selection)
	if err != nil {
		return err
	}
	defer releaseAll(keys)
	if cap(w.hashes) < b.N {
		w.hashes = make([]uint64, b.N)
	}
	hashes := w.hashes[:b.N]
	if err := hashRows(keys, b.N, b.Selection, hashes); err != nil {
		return err
	}
	for i := range w.rows {
		w.rows[i] = w.rows[i][:0]
	}
	for i := range b.Len() {
		row := rowOf(b.Selection, i)
		part := hashes[row] >> 48 % uint64(len(w.parts)) // bits that the tables do not use
		w.rows[part] = append(w.rows[part], int32(row))
	}
	for i, rows := range w.rows {
		if len(rows) == 0 {
			continue
		}
		if err := w.parts[i].Push(ctx, &exec.Batch{Columns: b.Columns, N: b.N, Selection: rows}); err != nil {
			return err
		}
	}
	return nil
}

func (w *splitWorker) Close(ctx context.Context) error {
	var err error
	for _, p := range w.parts {
		err = errors.Join(err, p.Close(ctx))
	}
	return err
}
