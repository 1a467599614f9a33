package exec

import (
	"context"
	"math"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// windowStage computes functions that share partitions and order.
type windowStage struct {
	env       *Env
	in        *arrow.Schema
	partition exprs
	by        exprs
	order     []expr.BoundSort
	funcs     []windowFunc
	file      overflow
	top       int64  // > 0: how many of a partition's rows are of use, by topBy
	topBy     string // row_number, rank or dense_rank

	mu      sync.Mutex
	workers []*windowWorker
	spilled [partitions][]extent
	over    bool
	results []arrow.Array // of the rows in memory, once they are computed
}

// windowFunc is one function with its compiled arguments.
type windowFunc struct {
	expr.BoundWindow
	args exprs
}

func newWindowStage(env *Env, in *arrow.Schema, funcs []expr.BoundWindow) (*windowStage, error) {
	s := &windowStage{env: env, in: in, order: funcs[0].OrderBy, file: overflow{env: env}}
	var err error
	if s.partition, err = compileAll(funcs[0].PartitionBy); err != nil {
		return nil, err
	}
	for _, t := range s.partition.types() {
		if err := hasOrder(t); err != nil {
			return nil, err
		}
	}
	if s.by, err = compileSorts(s.order); err != nil {
		return nil, err
	}
	for _, f := range funcs {
		args, err := compileAll(f.Args)
		if err != nil {
			return nil, err
		}
		if err := checkWindowFunc(env, f); err != nil {
			return nil, err
		}
		s.funcs = append(s.funcs, windowFunc{f, args})
	}
	return s, nil
}

func (s *windowStage) Schema() *arrow.Schema { return s.in }
func (s *windowStage) Ordered() bool         { return false }

func (s *windowStage) Worker() (SinkWorker, error) {
	return &windowWorker{s: s, pack: packer{env: s.env}, mem: account{budget: s.env.Budget}}, nil
}

func (s *windowStage) Finish(context.Context) error {
	if !s.over {
		return nil
	}
	for _, w := range s.workers {
		if err := w.spill(); err != nil {
			return err
		}
	}
	return nil
}

// Morsels are the kept chunks, whose functions are computed here, or the spilled partitions, which compute their own.
func (s *windowStage) Morsels(ctx context.Context) ([]Morsel, error) {
	var out []Morsel
	if s.over {
		for _, p := range s.spilled {
			if len(p) > 0 {
				out = append(out, func(ctx context.Context, yield func(*Batch) error) error { return s.restored(ctx, p, 1, yield) })
			}
		}
		return out, nil
	}
	var chunks []chunk
	for _, w := range s.workers {
		chunks = append(chunks, w.chunks...)
	}
	if len(chunks) > 0 && s.results == nil {
		var err error
		if s.results, err = s.evaluateAll(ctx, chunks); err != nil {
			return nil, err
		}
	}
	row := 0
	for _, c := range chunks {
		from := row
		out = append(out, func(ctx context.Context, yield func(*Batch) error) error {
			return yieldWith(ctx, c, s.results, from, yield)
		})
		row += c.n
	}
	return out, nil
}

func (s *windowStage) Close() error {
	for _, w := range s.workers {
		releaseChunks(w.chunks)
		w.chunks = nil
		w.mem.free()
	}
	releaseAll(s.results)
	s.workers, s.results = nil, nil
	return s.file.close()
}

// windowWorker gathers one worker's rows.
type windowWorker struct {
	s      *windowStage
	pack   packer
	chunks []chunk
	mem    account
	enc    vector.Encoder

	rows int // in chunks
	trim int // how many rows there are when those beyond the top ones are left out next
}

func (w *windowWorker) Push(_ context.Context, b *Batch) error {
	c, ok, err := w.pack.add(b)
	if err != nil || !ok {
		return err
	}
	return w.keep(c)
}

func (w *windowWorker) Close(context.Context) error {
	w.s.mu.Lock()
	w.s.workers = append(w.s.workers, w)
	w.s.mu.Unlock()
	c, ok, err := w.pack.flush()
	if err != nil || !ok {
		return err
	}
	return w.keep(c)
}

// windowBytes is what a row takes while its functions are computed, beside its columns.
const windowBytes = 48

func (w *windowWorker) keep(c chunk) error {
	w.chunks = append(w.chunks, c)
	w.rows += c.n
	if w.s.top > 0 && w.rows >= max(w.trim, firstTrim) {
		trimmed, err := w.keepTop()
		if err != nil {
			return err
		}
		if trimmed {
			w.mem.free()
			c = w.chunks[0]
		}
	}
	size := c.size + windowBytes*int64(c.n)
	if len(w.s.partition) == 0 {
		w.mem.force(size)
		return nil
	}
	if w.mem.grow(size) {
		return nil
	}
	w.s.mu.Lock()
	w.s.over = true
	w.s.mu.Unlock()
	return w.spill()
}

// compute yields the chunks' rows with the functions' columns beside them. Whole partitions are in them.
func (s *windowStage) compute(ctx context.Context, chunks []chunk, yield func(*Batch) error) error {
	results, err := s.evaluateAll(ctx, chunks)
	if err != nil {
		return err
	}
	defer releaseAll(results)
	row := 0
	for _, c := range chunks {
		if err := yieldWith(ctx, c, results, row, yield); err != nil {
			return err
		}
		row += c.n
	}
	return nil
}

// evaluateAll computes all functions for the rows of the chunks, in the rows' own order.
func (s *windowStage) evaluateAll(ctx context.Context, chunks []chunk) ([]arrow.Array, error) {
	n := 0
	for _, c := range chunks {
		n += c.n
	}
	if n > math.MaxInt32 {
		return nil, errBatch(n)
	}
	p, err := s.arrange(chunks, n)
	if err != nil {
		return nil, err
	}
	defer p.release()
	results := make([]arrow.Array, len(s.funcs))
	err = spread(ctx, s.env.Workers, len(s.funcs), func(ctx context.Context, i int) error {
		var err error
		results[i], err = s.evaluate(ctx, s.funcs[i], chunks, p)
		return err
	})
	if err != nil {
		releaseAll(results)
		return nil, err
	}
	return results, nil
}

// yieldWith yields a chunk with the results for its rows, which begin at row.
func yieldWith(ctx context.Context, c chunk, results []arrow.Array, row int, yield func(*Batch) error) error {
	cols := retained(c.cols)
	for _, r := range results {
		cols = append(cols, array.NewSlice(r, int64(row), int64(row+c.n)))
	}
	defer releaseAll(cols)
	return yieldChunk(ctx, chunk{cols: cols, n: c.n}, yield)
}

// evaluate computes one function.
func (s *windowStage) evaluate(ctx context.Context, f windowFunc, chunks []chunk, p *arranged) (arrow.Array, error) {
	args, err := evalWhole(s.env, f.args, chunks)
	if err != nil {
		return nil, err
	}
	defer releaseAll(args)
	return p.compute(ctx, s.env, f.BoundWindow, args)
}

// evalWhole evaluates expressions over all chunks, each as one column.
func evalWhole(env *Env, x exprs, chunks []chunk) ([]arrow.Array, error) {
	if len(x) == 0 {
		return nil, nil
	}
	parts := make([][]arrow.Array, 0, len(chunks))
	defer func() {
		for _, p := range parts {
			releaseAll(p)
		}
	}()
	for _, c := range chunks {
		cols, err := x.eval(env, &Batch{Columns: c.cols, N: c.n})
		if err != nil {
			return nil, err
		}
		parts = append(parts, cols)
	}
	return vector.ConcatAll(env.Alloc, parts)
}
