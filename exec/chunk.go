package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
)

// chunk is a batch that an operator keeps: all its rows count, and it owns its columns.
type chunk struct {
	cols []arrow.Array
	n    int
	size int64
}

func newChunk(cols []arrow.Array, n int) chunk {
	return chunk{cols: cols, n: n, size: vector.SizeAll(cols)}
}

func (c chunk) release() { releaseAll(c.cols) }

func releaseChunks(chunks []chunk) {
	for _, c := range chunks {
		c.release()
	}
}

// Chunks of less rows and bytes are gathered into a bigger one: what is kept per chunk should not matter beside its rows.
const (
	smallChunk = 8 << 10
	smallBytes = 128 << 10
)

// packer turns batches of any size into chunks that are not small (except the last).
type packer struct {
	env   *Env
	held  []chunk
	rows  int
	size  int64
	sizer vector.Sizer
}

// add takes the selected rows of b and returns a chunk when there are enough rows for one. Big batches without a selection are kept without a copy.
func (p *packer) add(b *Batch) (chunk, bool, error) {
	cols, err := b.Compact(p.env.Alloc)
	if err != nil {
		return chunk{}, false, err
	}
	return p.own(chunk{cols: cols, n: b.Len(), size: p.sizer.Size(cols)})
}

// own is add for a chunk whose ownership passes to the packer.
func (p *packer) own(c chunk) (chunk, bool, error) {
	if len(p.held) == 0 && c.n >= smallChunk {
		return c, true, nil
	}
	p.held = append(p.held, c)
	p.rows += c.n
	p.size += c.size
	if p.rows < smallChunk && p.size < smallBytes {
		return chunk{}, false, nil
	}
	return p.flush()
}

// flush returns what is left.
func (p *packer) flush() (chunk, bool, error) {
	if len(p.held) == 0 {
		return chunk{}, false, nil
	}
	c, err := concatChunks(p.env, p.held)
	p.drop()
	return c, err == nil, err
}

func (p *packer) drop() {
	releaseChunks(p.held)
	p.held, p.rows, p.size = nil, 0, 0
}

// concatChunks makes one chunk of several, which stay as they are.
func concatChunks(env *Env, chunks []chunk) (chunk, error) {
	n := 0
	batches := make([][]arrow.Array, len(chunks))
	for i, c := range chunks {
		batches[i] = c.cols
		n += c.n
	}
	if len(batches[0]) == 0 {
		return chunk{n: n}, nil
	}
	cols, err := vector.ConcatAll(env.Alloc, batches)
	if err != nil {
		return chunk{}, err
	}
	return newChunk(cols, n), nil
}

// yieldChunk hands a chunk's rows on in batches of at most MaxRows.
func yieldChunk(ctx context.Context, c chunk, yield func(*Batch) error) error {
	if c.n <= MaxRows {
		return yield(&Batch{Columns: c.cols, N: c.n})
	}
	for from := 0; from < c.n; from += MaxRows {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := yieldSlice(c, from, min(from+MaxRows, c.n), yield); err != nil {
			return err
		}
	}
	return nil
}
