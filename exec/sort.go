package exec

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// Sort puts rows in order and keeps limit of them after the first offset ones; a negative limit keeps all. After Finish it is an ordered Source. A small
// limit keeps only the best rows in memory; otherwise, what memory refuses (or what is beyond a gigabyte) is spilled in sorted runs that are merged.
// Without keys the order is that of arrival, and reading stops when there are enough rows. Rows with equal keys come in any order.
type Sort struct {
	env    *Env
	schema *arrow.Schema
	keys   exprs
	order  []expr.BoundSort
	limit  int64 // of rows after offset; MaxInt64: all
	offset int64
	file   overflow
	seen   atomic.Int64

	mu     sync.Mutex
	parts  []*sortPart
	runs   []run
	sorted *sorted
}

var (
	_ Sink   = (*Sort)(nil)
	_ Source = (*Sort)(nil)
)

// topRows bounds the limit, offset included, up to which only the best rows are kept.
const topRows = 32 << 10

// NewSort compiles the keys over the schema's columns.
func NewSort(env *Env, schema *arrow.Schema, keys []expr.BoundSort, limit, offset int64) (*Sort, error) {
	env = env.withDefaults()
	if limit < 0 {
		limit = math.MaxInt64
	}
	x, err := compileSorts(keys)
	if err != nil {
		return nil, err
	}
	return &Sort{env: env, schema: schema, keys: x, order: keys, limit: limit, offset: max(offset, 0), file: overflow{env: env}}, nil
}

// wanted is how many rows matter, from the first on.
func (s *Sort) wanted() int64 {
	if s.limit > math.MaxInt64-s.offset {
		return math.MaxInt64
	}
	return s.limit + s.offset
}

// Schema is the input's.
func (s *Sort) Schema() *arrow.Schema { return s.schema }

// Ordered is true.
func (s *Sort) Ordered() bool { return true }

// Worker gathers rows of its own.
func (s *Sort) Worker() (SinkWorker, error) {
	p := &sortPart{s: s, pack: packer{env: s.env}, mem: account{budget: s.env.Budget}}
	if len(s.keys) > 0 && s.wanted() <= topRows {
		p.top = int(s.wanted())
	}
	return p, nil
}

// Finish sorts what is in memory; runs that were spilled are merged as they are read.
func (s *Sort) Finish(ctx context.Context) error {
	size := int64(0)
	for _, p := range s.parts {
		size += p.size
	}
	if len(s.runs) > 0 || size > maxChunk && len(s.keys) > 0 {
		for _, p := range s.parts {
			if err := p.spill(); err != nil {
				return err
			}
		}
		return s.reduce(ctx)
	}
	var chunks []chunk
	for _, p := range s.parts {
		chunks = append(chunks, p.chunks...)
		p.chunks = nil
	}
	var err error
	s.sorted, err = s.sort(chunks)
	return err
}

// Morsels are the sorted rows, MaxRows a morsel, or one merge of the runs.
func (s *Sort) Morsels(context.Context) ([]Morsel, error) {
	if len(s.runs) > 0 {
		return []Morsel{s.merged}, nil
	}
	if s.sorted == nil {
		return nil, nil
	}
	var out []Morsel
	from, to := min(s.offset, int64(len(s.sorted.refs))), min(s.wanted(), int64(len(s.sorted.refs)))
	for part := range slices.Chunk(s.sorted.refs[from:to], MaxRows) {
		out = append(out, func(_ context.Context, yield func(*Batch) error) error {
			return yieldRefs(s.sorted.columns, part, yield)
		})
	}
	return out, nil
}

func yieldRefs(columns []*vector.Gather, refs []int64, yield func(*Batch) error) error {
	cols, err := gatherAll(columns, refs)
	if err != nil {
		return err
	}
	defer releaseAll(cols)
	return yield(&Batch{Columns: cols, N: len(refs)})
}

// Close frees everything.
func (s *Sort) Close() error {
	for _, p := range s.parts {
		releaseChunks(p.chunks)
		p.mem.free()
	}
	s.parts = nil
	if s.sorted != nil {
		s.sorted.release()
		s.sorted = nil
	}
	return s.file.close()
}

// sorted is rows in order: places in gathered columns.
type sorted struct {
	columns []*vector.Gather
	refs    []int64
	keys    []sortColumn // of all rows, by number; what run writers encode
	perm    []uint32
}

func (x *sorted) release() {
	for _, g := range x.columns {
		g.Release()
	}
	for _, k := range x.keys {
		k.Release()
	}
}

// sort orders the rows of chunks, which it takes over.
func (s *Sort) sort(chunks []chunk) (*sorted, error) {
	defer releaseChunks(chunks)
	x := &sorted{}
	if err := s.fill(x, chunks); err != nil {
		x.release()
		return nil, err
	}
	return x, nil
}

func (s *Sort) fill(x *sorted, chunks []chunk) error {
	if len(chunks) == 0 {
		return nil
	}
	for c := range chunks[0].cols {
		g, err := gatherOf(s.env, chunks, c)
		if err != nil {
			return err
		}
		x.columns = append(x.columns, g)
	}
	n := 0
	for _, c := range chunks {
		n += c.n
	}
	var err error
	if x.keys, err = s.keyColumns(chunks); err != nil {
		return err
	}
	if x.perm, err = sortPerm(x.keys, n); err != nil {
		return err
	}
	places := make([]int64, 0, n)
	for i, c := range chunks {
		for r := range c.n {
			places = append(places, vector.Ref(i, r))
		}
	}
	x.refs = make([]int64, n)
	for i, p := range x.perm {
		x.refs[i] = places[p]
	}
	return nil
}

// gatherOf prepares one column of chunks.
func gatherOf(env *Env, chunks []chunk, c int) (*vector.Gather, error) {
	parts := make([]arrow.Array, len(chunks))
	for i, k := range chunks {
		parts[i] = k.cols[c]
	}
	return vector.NewGather(env.Alloc, parts)
}

// keyColumns evaluates the keys of all chunks, each as one column.
func (s *Sort) keyColumns(chunks []chunk) ([]sortColumn, error) {
	whole, err := evalWhole(s.env, s.keys, chunks)
	return sortColumns(whole, s.order), err
}

func sortColumns(cols []arrow.Array, order []expr.BoundSort) []sortColumn {
	out := make([]sortColumn, len(cols))
	for i, c := range cols {
		out[i] = sortColumn{Array: c, descending: order[i].Descending, nullsFirst: order[i].NullsFirst}
	}
	return out
}
