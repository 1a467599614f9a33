package exec

import (
	"context"
	"slices"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// Latest keeps one row per key: the first in a given order, any one of equal rows. NULLs are one key. Batches are kept as they come and given back as
// they came, with the beaten rows left out of their selections; where most rows of what is kept are beaten, it is compacted. What memory refuses is
// spilled by partition of the key's hash.
type Latest struct {
	env    *Env
	schema *arrow.Schema
	keys   exprs
	codec  *keyCodec
	by     exprs
	order  []expr.BoundSort
	file   overflow

	mu      sync.Mutex
	sets    []*latestSet
	kept    []*keyed // after Finish, when nothing was spilled
	mem     account  // for them
	spilled [partitions][]extent
	over    bool // something was spilled
}

var (
	_ Sink   = (*Latest)(nil)
	_ Source = (*Latest)(nil)
)

// NewLatest keeps, for each key over the schema's columns, the first row in the order of by.
func NewLatest(env *Env, schema *arrow.Schema, keys []expr.Bound, by []expr.BoundSort) (*Latest, error) {
	env = env.withDefaults()
	l := &Latest{env: env, schema: schema, order: by, file: overflow{env: env}, mem: account{budget: env.Budget}}
	var err error
	if l.keys, err = compileAll(keys); err != nil {
		return nil, err
	}
	if l.codec, err = newKeyCodec(l.keys.types()); err != nil {
		return nil, err
	}
	if l.by, err = compileSorts(by); err != nil {
		return nil, err
	}
	return l, nil
}

// compileSorts compiles the arguments of ordering keys, whose types must have an order.
func compileSorts(by []expr.BoundSort) (exprs, error) {
	args := make([]expr.Bound, len(by))
	for i, s := range by {
		args[i] = s.Arg
		if err := hasOrder(s.Arg.Type()); err != nil {
			return nil, err
		}
	}
	return compileAll(args)
}

// Schema is the input's.
func (l *Latest) Schema() *arrow.Schema { return l.schema }

// Ordered is false.
func (l *Latest) Ordered() bool { return false }

// Worker keeps batches of its own.
func (l *Latest) Worker() (SinkWorker, error) {
	return &latestWorker{set: l.newSet(0), pack: packer{env: l.env}}, nil
}

func (l *Latest) newSet(level int) *latestSet {
	return &latestSet{l: l, level: level, mem: account{budget: l.env.Budget}}
}

// Finish finds the winners among all workers' rows, or spills what is left when something was spilled.
func (l *Latest) Finish(ctx context.Context) error {
	if l.over {
		return spread(ctx, l.env.Workers, len(l.sets), func(_ context.Context, i int) error { return l.sets[i].spill(l.note) })
	}
	for _, s := range l.sets {
		l.kept = append(l.kept, s.kept...)
		l.mem.held += s.mem.held
		s.kept, s.mem.held = nil, 0
	}
	if err := resolveAll(ctx, l.env.Workers, l.kept); err != nil {
		return err
	}
	size := int64(0)
	for _, k := range l.kept {
		k.drop()
		size += k.memory()
	}
	l.mem.force(size - l.mem.held)
	return nil
}

// resolveAll marks the beaten rows of batches.
func resolveAll(ctx context.Context, workers int, kept []*keyed) error {
	for _, k := range kept {
		k.mark()
	}
	pool := sync.Pool{New: func() any { return &resolver{} }}
	err := spread(ctx, workers, partitions, func(_ context.Context, p int) error {
		r := pool.Get().(*resolver)
		defer pool.Put(r)
		return r.resolve(kept, p)
	})
	if err != nil {
		return err
	}
	for _, k := range kept {
		k.count()
	}
	return nil
}

// note records what a worker spilled.
func (l *Latest) note(p int, e extent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	l.spilled[p] = append(l.spilled[p], e)
}

// Morsels are the kept batches, or the spilled partitions.
func (l *Latest) Morsels(context.Context) ([]Morsel, error) {
	var out []Morsel
	if l.over {
		for _, s := range l.spilled {
			if len(s) > 0 {
				out = append(out, func(ctx context.Context, yield func(*Batch) error) error { return l.partition(ctx, s, 1, yield) })
			}
		}
		return out, nil
	}
	for _, k := range l.kept {
		if k.live > 0 {
			out = append(out, func(_ context.Context, yield func(*Batch) error) error {
				defer l.free(k)
				return yield(k.batch())
			})
		}
	}
	return out, nil
}

// free lets go of a batch that was read.
func (l *Latest) free(k *keyed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mem.force(-k.memory())
	k.release()
	k.cols = nil
}

// partition finds the winners of one spilled partition, dividing it further when it does not fit.
func (l *Latest) partition(ctx context.Context, spilled []extent, level int, yield func(*Batch) error) error {
	s := l.newSet(level)
	defer s.close()
	var sub [partitions][]extent
	over := false
	note := func(p int, e extent) { sub[p], over = append(sub[p], e), true }
	for _, e := range spilled {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		cols, err := l.file.read(e, l.env.Alloc, typesOf(l.schema))
		if err != nil {
			return err
		}
		if err := s.add(ctx, cols, e.rows, nil, note); err != nil {
			return err
		}
	}
	if !over {
		return s.emit(ctx, yield)
	}
	if err := s.spill(note); err != nil {
		return err
	}
	for _, part := range sub {
		if len(part) == 0 {
			continue
		}
		if err := l.partition(ctx, part, level+1, yield); err != nil {
			return err
		}
	}
	return nil
}

// Close frees everything.
func (l *Latest) Close() error {
	for _, s := range l.sets {
		s.close()
	}
	for _, k := range l.kept {
		k.release()
	}
	l.sets, l.kept = nil, nil
	l.mem.free()
	return l.file.close()
}

// latestWorker keeps big batches as they are and packs small ones together.
type latestWorker struct {
	set  *latestSet
	pack packer
}

func (w *latestWorker) Push(ctx context.Context, b *Batch) error {
	if b.Len() >= smallChunk/2 && 2*b.Len() >= b.N {
		return w.set.add(ctx, retained(b.Columns), b.N, slices.Clone(b.Selection), w.set.l.note)
	}
	c, ok, err := w.pack.add(b)
	if err != nil || !ok {
		return err
	}
	return w.set.add(ctx, c.cols, c.n, nil, w.set.l.note)
}

func (w *latestWorker) Close(ctx context.Context) error {
	l := w.set.l
	l.mu.Lock()
	l.sets = append(l.sets, w.set)
	l.mu.Unlock()
	c, ok, err := w.pack.flush()
	if err != nil || !ok {
		return err
	}
	return w.set.add(ctx, c.cols, c.n, nil, l.note)
}
