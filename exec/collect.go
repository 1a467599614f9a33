package exec

import (
	"context"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
)

// Collect keeps all rows, in memory as far as the budget goes and then in a spill file. After Finish it is a Source that can be read any number of
// times, also at the same time, until Close.
type Collect struct {
	env     *Env
	schema  *arrow.Schema
	ordered bool
	file    overflow

	mu    sync.Mutex
	parts []part
	mem   account
}

// part is one chunk of a Collect; the chunk is in memory, or in the file when cols is nil.
type part struct {
	chunk
	spilled bool
	extent
}

var (
	_ Sink   = (*Collect)(nil)
	_ Source = (*Collect)(nil)
)

// NewCollect returns an empty collection. When ordered, and filled by an ordered source, it gives the rows back in their order.
func NewCollect(env *Env, schema *arrow.Schema, ordered bool) *Collect {
	env = env.withDefaults()
	return &Collect{env: env, schema: schema, ordered: ordered, file: overflow{env: env}, mem: account{budget: env.Budget}}
}

// Worker gathers rows of one worker.
func (c *Collect) Worker() (SinkWorker, error) {
	return &collectWorker{c: c, pack: packer{env: c.env}}, nil
}

// Finish does nothing: the rows are there.
func (c *Collect) Finish(context.Context) error { return nil }

// Schema is the input's.
func (c *Collect) Schema() *arrow.Schema { return c.schema }

// Ordered is what NewCollect was told.
func (c *Collect) Ordered() bool { return c.ordered }

// Rows is the number of rows kept.
func (c *Collect) Rows() int64 {
	n := int64(0)
	for _, p := range c.parts {
		n += int64(p.rows)
	}
	return n
}

// Morsels are the kept chunks.
func (c *Collect) Morsels(context.Context) ([]Morsel, error) {
	out := make([]Morsel, len(c.parts))
	for i, p := range c.parts {
		out[i] = func(ctx context.Context, yield func(*Batch) error) error {
			if !p.spilled {
				return yieldChunk(ctx, p.chunk, yield)
			}
			cols, err := c.file.read(p.extent, c.env.Alloc, typesOf(c.schema))
			if err != nil {
				return err
			}
			defer releaseAll(cols)
			return yieldChunk(ctx, chunk{cols: cols, n: p.rows}, yield)
		}
	}
	return out, nil
}

// Close frees the rows.
func (c *Collect) Close() error {
	for _, p := range c.parts {
		p.release()
	}
	c.parts = nil
	c.mem.free()
	return c.file.close()
}

// keep takes over a chunk. enc is the worker's, to spill it with.
func (c *Collect) keep(k chunk, enc *vector.Encoder) error {
	c.mu.Lock()
	fits := c.mem.grow(k.size)
	c.mu.Unlock()
	p := part{chunk: k, extent: extent{rows: k.n}}
	if !fits {
		defer k.release()
		e, err := c.file.write(enc, k.cols, k.n)
		if err != nil {
			return err
		}
		p = part{spilled: true, extent: e}
	}
	c.mu.Lock()
	c.parts = append(c.parts, p)
	c.mu.Unlock()
	return nil
}

type collectWorker struct {
	c    *Collect
	pack packer
	enc  vector.Encoder
}

func (w *collectWorker) Push(_ context.Context, b *Batch) error {
	k, ok, err := w.pack.add(b)
	if err != nil || !ok {
		return err
	}
	return w.c.keep(k, &w.enc)
}

func (w *collectWorker) Close(context.Context) error {
	k, ok, err := w.pack.flush()
	if err != nil || !ok {
		return err
	}
	return w.c.keep(k, &w.enc)
}

// yieldSlice hands on rows from … to-1 of a chunk.
func yieldSlice(c chunk, from, to int, yield func(*Batch) error) error {
	cols := make([]arrow.Array, len(c.cols))
	for i, col := range c.cols {
		cols[i] = array.NewSlice(col, int64(from), int64(to))
	}
	defer releaseAll(cols)
	return yield(&Batch{Columns: cols, N: to - from})
}
