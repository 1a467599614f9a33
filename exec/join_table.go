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
	keys   *table    // nil where ints is there, and without keys
	ints   *intIndex // of one integer key
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

func (t *joinTable) load(ctx context.Context, chunks []chunk) error {
	if len(chunks) == 0 {
		return t.empty()
	}
	for c := range chunks[0].cols {
		parts := make([]arrow.Array, len(chunks))
		for i, k := range chunks {
			parts[i] = k.cols[c]
		}
		g, err := vector.NewGather(t.j.env.Alloc, parts)
		if err != nil {
			return err
		}
		t.cols = append(t.cols, g)
	}
	for i, k := range chunks {
		t.size += k.size
		if len(chunks) > 1 {
			for r := range k.n {
				t.refs = append(t.refs, vector.Ref(i, r))
			}
		}
	}
	if t.j.codec == nil {
		t.chainAll()
		return nil
	}
	return t.index(ctx, chunks)
}

// empty is a table without rows, whose columns are all NULL.
func (t *joinTable) empty() error {
	for _, f := range t.j.buildSchema().Fields() {
		none := nullColumn(t.j.env, f.Type, 0)
		g, err := vector.NewGather(t.j.env.Alloc, []arrow.Array{none})
		none.Release()
		if err != nil {
			return err
		}
		t.cols = append(t.cols, g)
	}
	if t.j.codec == nil {
		return nil
	}
	t.keys = newTable(t.j.codec)
	if t.j.config.CollectKeys {
		return t.collectKeys(nil)
	}
	return nil
}

// chainAll makes every row a partner of every key, for joins without keys.
func (t *joinTable) chainAll() {
	t.next = make([]int32, t.rows)
	for i := range t.next {
		t.next[i] = int32(i + 1)
	}
	if t.rows > 0 {
		t.next[t.rows-1] = -1
		t.first = []int32{0}
	}
}

// index enters the rows of all chunks by their keys.
func (t *joinTable) index(ctx context.Context, chunks []chunk) error {
	evaluated := make([][]arrow.Array, 0, len(chunks))
	defer func() {
		for _, cols := range evaluated {
			releaseAll(cols)
		}
	}()
	for _, c := range chunks {
		cols, err := t.j.buildKeys().eval(t.j.env, &Batch{Columns: c.cols, N: c.n})
		if err != nil {
			return err
		}
		evaluated = append(evaluated, cols)
	}
	if t.j.config.CollectKeys && !t.j.grace {
		if err := t.collectKeys(evaluated); err != nil {
			return err
		}
	}
	if done, err := t.indexInts(evaluated); done || err != nil {
		return err
	}
	t.keys = newTable(t.j.codec)
	row := 0
	for i, cols := range evaluated {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := t.indexHashed(cols, chunks[i].n, row); err != nil {
			return err
		}
		row += chunks[i].n
	}
	return nil
}

// indexHashed enters one chunk's rows, from number row on, in strides that stay in the cache.
func (t *joinTable) indexHashed(cols []arrow.Array, n, row int) error {
	var k keys
	null := anyNull(cols)
	ids := make([]uint32, MaxRows)
	sel := make([]int32, 0, MaxRows)
	for from := 0; from < n; from += MaxRows {
		sel = sel[:0]
		for r := from; r < min(from+MaxRows, n); r++ {
			if null == nil || !null(r) {
				sel = append(sel, int32(r))
			}
		}
		if err := t.j.codec.encode(cols, n, sel, &k); err != nil {
			return err
		}
		t.keys.insert(&k, ids[:len(sel)])
		for i, r := range sel {
			t.chain(int(ids[i]), int32(row)+r)
		}
	}
	return nil
}

// chain puts a row in front of the rows of its key.
func (t *joinTable) chain(key int, row int32) {
	for len(t.first) <= key {
		t.first = append(t.first, -1)
	}
	if before := t.first[key]; before >= 0 {
		if t.next == nil {
			t.next = make([]int32, t.rows)
			for i := range t.next {
				t.next[i] = -1
			}
		}
		t.next[row] = before
	}
	t.first[key] = row
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
