package exec

import (
	"context"
	"math"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/exec/vector"
)

// joinTable is the build side in memory. Rows are numbered over all chunks; those with equal keys are chained.
type joinTable struct {
	j      *Join
	rows   int
	refs   []int64 // a row's place among the columns' chunks; nil: they are one chunk
	cols   []*vector.Gather
	mem    account
	size   int64
	first  []int32   // the first row of a key, by its number in keys or ints; -1: none
	next   []int32   // the next row of the same key; -1: none. nil: every key has one row
	words  *keyWords // nil: keys are not integers that fit into a word
	keys   *table    // nil where ints is there, and without keys
	ints   *intIndex // of words that lie close together
	mu     sync.Mutex
	sets   []*kernel.KeySet // nil: not asked for
	paired []bool           // rows that found a partner, when that matters
}

// maxChunk is the size up to which chunks are put together, well below what int32 offsets reach.
const maxChunk = 1 << 30

// newTable makes the table of chunks, which it takes over.
func (j *Join) newTable(ctx context.Context, chunks []chunk) (*joinTable, error) {
	t := &joinTable{j: j, mem: account{budget: j.env.Budget}}
	total := int64(0)
	for _, c := range chunks {
		total += int64(c.n)
	}
	if total > math.MaxInt32-1 {
		releaseChunks(chunks)
		return nil, errBatch(int(total))
	}
	t.rows = int(total)
	chunks, err := j.joined(chunks)
	defer releaseChunks(chunks)
	if err == nil {
		err = t.load(ctx, chunks)
	}
	if err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// joined puts all chunks into one where that is not too big.
func (j *Join) joined(chunks []chunk) ([]chunk, error) {
	size := int64(0)
	for _, c := range chunks {
		size += c.size
	}
	if len(chunks) < 2 || size > maxChunk {
		return chunks, nil
	}
	one, err := concatChunks(j.env, chunks)
	if err != nil {
		return chunks, err
	}
	releaseChunks(chunks)
	return []chunk{one}, nil
}

// account makes the account say what is really held.
func (t *joinTable) account() {
	size := t.size + 4*int64(cap(t.first)+cap(t.next)) + 8*int64(cap(t.refs))
	if t.keys != nil {
		size += t.keys.size()
	}
	if t.ints != nil {
		size += t.ints.size()
	}
	t.mem.force(size - t.mem.held)
}

// take gathers the build columns that are read of the result; a negative row gives NULLs.
func (t *joinTable) take(rows []int32) ([]arrow.Array, error) {
	if t.refs != nil {
		refs := t.refsOf(rows)
		return takeNeeded(t.cols, t.j.needsBuild(), func(c int) (arrow.Array, error) { return t.cols[c].Take(refs) })
	}
	return takeNeeded(t.cols, t.j.needsBuild(), func(c int) (arrow.Array, error) { return t.cols[c].TakeRows(rows) })
}

// takeNeeded takes those of the columns that are needed (nil: all); the others are nil.
func takeNeeded[T any](columns []T, needed []bool, take func(c int) (arrow.Array, error)) ([]arrow.Array, error) {
	taken := make([]arrow.Array, len(columns))
	for c := range columns {
		if needed != nil && !needed[c] {
			continue
		}
		var err error
		if taken[c], err = take(c); err != nil {
			releaseAll(taken)
			return nil, err
		}
	}
	return taken, nil
}

// takeColumn is take of one column.
func (t *joinTable) takeColumn(c int, rows []int32) (arrow.Array, error) {
	if t.refs != nil {
		return t.cols[c].Take(t.refsOf(rows))
	}
	return t.cols[c].TakeRows(rows)
}

// refsOf are the places of rows among the columns' chunks.
func (t *joinTable) refsOf(rows []int32) []int64 {
	refs := make([]int64, len(rows))
	for i, r := range rows {
		refs[i] = -1
		if r >= 0 {
			refs[i] = t.refs[r]
		}
	}
	return refs
}

// pair notes the rows that one worker found partners for. With keys, a row stands for all rows of its key.
func (t *joinTable) pair(rows []bool, keys bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.paired == nil {
		t.paired = make([]bool, t.rows)
	}
	for i, p := range rows {
		if !p {
			continue
		}
		t.paired[i] = true
		if keys && t.next != nil {
			for r := t.next[i]; r >= 0; r = t.next[r] {
				t.paired[r] = true
			}
		}
	}
}

func (t *joinTable) close() {
	for _, g := range t.cols {
		g.Release()
	}
	t.cols = nil
	t.mem.free()
}
