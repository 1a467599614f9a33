package exec

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// Aggregate groups rows and computes aggregate functions over each group. Each worker groups what it sees; what the workers found is merged by
// partitions of the keys' hashes, in parallel, as the result is read. A worker whose memory is refused writes its groups to the spill file, by
// partition, and starts anew. NULLs are one key, as are NaNs, and 0.0 and -0.0.
type Aggregate struct {
	env   *Env
	out   *arrow.Schema
	keys  exprs
	codec *keyCodec // nil without keys
	aggs  []expr.BoundAggregate
	args  []aggregateArgs
	file  overflow

	mu      sync.Mutex
	found   []*workerGroups
	spilled [partitions][]extent
}

// aggregateArgs are one aggregate's compiled arguments and filter.
type aggregateArgs struct {
	args   exprs
	filter exprs // none or one
	same   int   // the first aggregate with that filter
}

// workerGroups are the groups that one worker holds at its end, and where each partition's lie among them.
type workerGroups struct {
	*groups
	mem   account
	parts [partitions][]uint32
}

var (
	_ Sink   = (*Aggregate)(nil)
	_ Source = (*Aggregate)(nil)
)

// NewAggregate compiles the keys and the arguments over the in columns. Rows of the result are the keys, then the aggregates, as out names them. Without
// keys there is one row, also over no rows.
func NewAggregate(env *Env, keys []expr.Bound, aggs []expr.BoundAggregate, out *arrow.Schema) (*Aggregate, error) {
	if out.NumFields() != len(keys)+len(aggs) {
		return nil, fmt.Errorf("exec: aggregate: %d keys and %d aggregates for %d columns", len(keys), len(aggs), out.NumFields())
	}
	env = env.withDefaults()
	a := &Aggregate{env: env, out: out, aggs: aggs, file: overflow{env: env}}
	var err error
	if a.keys, err = compileAll(keys); err != nil {
		return nil, err
	}
	if len(keys) > 0 {
		if a.codec, err = newKeyCodec(a.keys.types()); err != nil {
			return nil, err
		}
	}
	for i, g := range aggs {
		x, err := compileArgs(g)
		if err != nil {
			return nil, err
		}
		x.same = slices.IndexFunc(aggs[:i+1], func(other expr.BoundAggregate) bool { return expr.Equal(g.Filter, other.Filter) })
		a.args = append(a.args, x)
	}
	probe, err := newGroups(env, a.codec, aggs) // reports functions and types that are not supported
	if err != nil {
		return nil, err
	}
	probe.release()
	return a, nil
}

func compileArgs(g expr.BoundAggregate) (aggregateArgs, error) {
	args, err := compileAll(g.Args)
	if err != nil || g.Filter == nil {
		return aggregateArgs{args: args}, err
	}
	filter, err := compileAll([]expr.Bound{g.Filter})
	return aggregateArgs{args: args, filter: filter}, err
}

// Schema is the output's.
func (a *Aggregate) Schema() *arrow.Schema { return a.out }

// Ordered is false.
func (a *Aggregate) Ordered() bool { return false }

// Worker has groups of its own.
func (a *Aggregate) Worker() (SinkWorker, error) {
	g, err := newGroups(a.env, a.codec, a.aggs)
	if err != nil {
		return nil, err
	}
	g.numbering = newNumbering(a.codec)
	if a.codec != nil && a.codec.mayPage() {
		g.table.usePages()
	}
	return &aggregateWorker{a: a, own: &workerGroups{groups: g, mem: account{budget: a.env.Budget}}}, nil
}

// Finish merges the workers' groups where they are few, and sorts them into partitions otherwise, unless their pages are partitions already.
func (a *Aggregate) Finish(ctx context.Context) error {
	if len(a.found) > 1 && a.few() {
		return a.unite(ctx)
	}
	if a.paged() {
		return nil
	}
	return spread(ctx, a.env.Workers, len(a.found), func(_ context.Context, i int) error {
		if f := a.found[i]; f.table != nil {
			f.parts = split(f.table.hashes(), 0)
		}
		return nil
	})
}

// few tells whether all groups are in memory and merged in one go.
func (a *Aggregate) few() bool {
	total := 0
	for _, f := range a.found {
		total += f.len()
	}
	return a.codec == nil || total <= fewGroups && !a.over()
}

// over tells whether groups were spilled.
func (a *Aggregate) over() bool {
	return slices.ContainsFunc(a.spilled[:], func(s []extent) bool { return len(s) > 0 })
}

// unite merges all workers' groups into those of the worker that holds most.
func (a *Aggregate) unite(ctx context.Context) error {
	slices.SortStableFunc(a.found, func(x, y *workerGroups) int { return cmp.Compare(y.size(), x.size()) })
	into := a.found[0]
	for _, f := range a.found[1:] {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := into.absorb(f.groups, nil); err != nil {
			return err
		}
		f.release()
		f.mem.free()
		into.mem.force(into.size() - into.mem.held)
	}
	a.found = a.found[:1]
	return nil
}

// Close frees everything.
func (a *Aggregate) Close() error {
	for _, f := range a.found {
		f.release()
		f.mem.free()
	}
	a.found = nil
	return a.file.close()
}

// add takes over a worker's groups.
func (a *Aggregate) add(w *workerGroups) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.found = append(a.found, w)
}

// spill writes all groups to the file, by partition of a level, and tells where they are.
func (a *Aggregate) spill(g *groups, level int, enc *vector.Encoder, note func(p int, e extent)) error {
	for p, picked := range split(g.table.hashes(), level) {
		if len(picked) == 0 {
			continue
		}
		cols, err := g.spillColumns(a.env, picked)
		if err != nil {
			return err
		}
		e, err := a.file.write(enc, cols, len(picked))
		releaseAll(cols)
		if err != nil {
			return err
		}
		note(p, e)
	}
	return nil
}

type aggregateWorker struct {
	a      *Aggregate
	own    *workerGroups
	enc    vector.Encoder
	chosen []chosenRows // by aggregate: what its filter lets through of the batch at hand
}

// chosenRows are some rows of a batch, and their groups.
type chosenRows struct {
	batch *Batch
	ids   []uint32
}

func (w *aggregateWorker) Push(_ context.Context, b *Batch) error {
	keys, err := w.a.keys.eval(w.a.env, b)
	if err != nil {
		return err
	}
	defer releaseAll(keys)
	ids, err := w.own.assign(keys, b.N, b.Selection)
	if err != nil {
		return err
	}
	w.chosen = resize(w.chosen, len(w.own.accs))
	for i, acc := range w.own.accs {
		if err := w.update(i, acc, b, ids); err != nil {
			return err
		}
	}
	return w.fit()
}

// update feeds one aggregate with the rows that its filter lets through.
func (w *aggregateWorker) update(i int, acc accumulator, b *Batch, ids []uint32) error {
	if _, follows := acc.(*follower); follows {
		return nil
	}
	x := w.a.args[i]
	if len(x.filter) > 0 {
		if x.same == i {
			var err error
			if w.chosen[i].batch, w.chosen[i].ids, err = w.filtered(x.filter, b, ids); err != nil {
				return err
			}
		}
		if b, ids = w.chosen[x.same].batch, w.chosen[x.same].ids; len(ids) == 0 {
			return nil
		}
	}
	args, err := x.args.eval(w.a.env, b)
	if err != nil {
		return err
	}
	defer releaseAll(args)
	return acc.update(ids, b.Selection, args)
}

func (w *aggregateWorker) filtered(filter exprs, b *Batch, ids []uint32) (*Batch, []uint32, error) {
	cond, err := filter.eval(w.a.env, b)
	if err != nil {
		return nil, nil, err
	}
	defer releaseAll(cond)
	null := vector.RowNulls(cond[0])
	bits, offset := vector.Bits(cond[0])
	sel, kept := make([]int32, 0, len(ids)), make([]uint32, 0, len(ids))
	for i, g := range ids {
		r := at(b.Selection, i)
		if j := offset + r; bits[j/8]>>(j%8)&1 == 1 && (null == nil || !null(r)) {
			sel, kept = append(sel, int32(r)), append(kept, g)
		}
	}
	return &Batch{Columns: b.Columns, Selection: sel, N: b.N}, kept, nil
}

// fit accounts for the memory held and spills it all when it is refused.
func (w *aggregateWorker) fit() error {
	if w.own.mem.set(w.own.size()) || w.own.table == nil {
		return nil
	}
	err := w.a.spill(w.own.groups, 0, &w.enc, func(p int, e extent) {
		w.a.mu.Lock()
		defer w.a.mu.Unlock()
		w.a.spilled[p] = append(w.a.spilled[p], e)
	})
	if err != nil {
		return err
	}
	fresh, err := newGroups(w.a.env, w.a.codec, w.a.aggs)
	if err != nil {
		return err
	}
	w.own.release()
	w.own.groups = fresh
	w.own.mem.free()
	return nil
}

func (w *aggregateWorker) Close(context.Context) error {
	w.a.add(w.own)
	return nil
}
