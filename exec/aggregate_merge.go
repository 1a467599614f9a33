package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
)

// fewGroups is how many groups are merged in one go instead of by partition.
const fewGroups = 16 << 10

// Morsels are the partitions of the result, or pieces of the one worker's groups where nothing has to be merged.
func (a *Aggregate) Morsels(context.Context) ([]Morsel, error) {
	if len(a.found) == 0 {
		if a.codec != nil {
			return nil, nil
		}
		return []Morsel{a.merged(merge{})}, nil // the one row over no rows
	}
	if len(a.found) == 1 && !a.over() {
		return a.pieces(a.found[0].groups), nil
	}
	if a.paged() {
		return a.pageMorsels(), nil
	}
	out := make([]Morsel, partitions)
	for p := range out {
		m := merge{spilled: a.spilled[p]}
		for _, f := range a.found {
			m.held = append(m.held, held{f.groups, f.parts[p]})
		}
		out[p] = a.merged(m)
	}
	return out, nil
}

// merge is what has to be merged into one set of groups: groups in memory and in the file, with hashes that are alike up to a level.
type merge struct {
	held    []held
	spilled []extent
	level   int
}

// held are some groups of a set in memory.
type held struct {
	from   *groups
	picked []uint32
}

// pieces yields finished groups in ranges, to be turned into batches in parallel.
func (a *Aggregate) pieces(g *groups) []Morsel {
	var out []Morsel
	for from := 0; from < g.len(); from += MaxRows {
		out = append(out, func(_ context.Context, yield func(*Batch) error) error {
			return a.emit(g, from, min(from+MaxRows, g.len()), yield)
		})
	}
	return out
}

// merged merges and yields the result.
func (a *Aggregate) merged(m merge) Morsel {
	return func(ctx context.Context, yield func(*Batch) error) error {
		return (&merger{a: a, mem: account{budget: a.env.Budget}}).run(ctx, m, yield)
	}
}

// merger merges one partition. When the result outgrows the memory, what is merged so far is spilled by the hash's next bits and each of those parts is
// merged on its own.
type merger struct {
	a    *Aggregate
	into *groups
	sub  *[partitions][]extent
	mem  account
	enc  vector.Encoder
}

func (m *merger) run(ctx context.Context, w merge, yield func(*Batch) error) error {
	var err error
	if m.into, err = newGroups(m.a.env, m.a.codec, m.a.aggs); err != nil {
		return err
	}
	defer func() { m.into.release(); m.mem.free() }()
	for _, h := range w.held {
		if err := m.absorb(h.from, h.picked, w.level); err != nil {
			return err
		}
	}
	for _, e := range w.spilled {
		if err := m.absorbSpilled(ctx, e, w.level); err != nil {
			return err
		}
	}
	if m.sub == nil {
		return m.a.emitAll(ctx, m.into, yield)
	}
	return m.deeper(ctx, w.level+1, yield)
}

func (m *merger) absorbSpilled(ctx context.Context, e extent, level int) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	g, err := m.a.restore(e)
	if err != nil {
		return err
	}
	defer g.release()
	return m.absorb(g, nil, level)
}

func (m *merger) absorb(from *groups, picked []uint32, level int) error {
	if picked != nil && len(picked) == 0 || from.len() == 0 {
		return nil
	}
	if err := m.into.absorb(from, picked); err != nil {
		return err
	}
	switch size := m.into.size(); {
	case m.mem.set(size):
		return nil
	case m.into.table == nil || level+1 >= maxLevels || m.into.len() == 1:
		m.mem.force(size - m.mem.held) // cannot be divided
		return nil
	}
	return m.flush(level + 1)
}

func (m *merger) flush(level int) error {
	if m.sub == nil {
		m.sub = new([partitions][]extent)
	}
	if err := m.a.spill(m.into, level, &m.enc, func(p int, e extent) { m.sub[p] = append(m.sub[p], e) }); err != nil {
		return err
	}
	fresh, err := newGroups(m.a.env, m.a.codec, m.a.aggs)
	if err != nil {
		return err
	}
	m.into.release()
	m.into = fresh
	m.mem.free()
	return nil
}

// deeper merges the parts that this partition was divided into, one after the other.
func (m *merger) deeper(ctx context.Context, level int, yield func(*Batch) error) error {
	if err := m.flush(level); err != nil {
		return err
	}
	for _, s := range m.sub {
		if len(s) == 0 {
			continue
		}
		part := merger{a: m.a, mem: account{budget: m.a.env.Budget}}
		if err := part.run(ctx, merge{spilled: s, level: level}, yield); err != nil {
			return err
		}
	}
	return nil
}

// emitAll yields the result's rows.
func (a *Aggregate) emitAll(ctx context.Context, g *groups, yield func(*Batch) error) error {
	for from := 0; from < g.len(); from += MaxRows {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := a.emit(g, from, min(from+MaxRows, g.len()), yield); err != nil {
			return err
		}
	}
	return nil
}

// emit yields groups from … to-1.
func (a *Aggregate) emit(g *groups, from, to int, yield func(*Batch) error) error {
	if from == 0 && to == g.len() {
		return a.emitPicked(g, nil, to, yield)
	}
	picked := make([]uint32, to-from)
	for i := range picked {
		picked[i] = uint32(from + i)
	}
	return a.emitPicked(g, picked, to-from, yield)
}

// emitPicked yields n picked groups (nil: all).
func (a *Aggregate) emitPicked(g *groups, picked []uint32, n int, yield func(*Batch) error) error {
	cols, err := a.columns(g, picked)
	if err != nil {
		return err
	}
	defer releaseAll(cols)
	return yield(&Batch{Columns: cols, N: n})
}

func (a *Aggregate) columns(g *groups, picked []uint32) ([]arrow.Array, error) {
	var cols []arrow.Array
	if g.table != nil {
		var k keys
		var err error
		g.table.keys(picked, &k)
		if cols, err = a.codec.decode(a.env.Alloc, &k); err != nil {
			return nil, err
		}
	}
	for _, acc := range g.accs {
		c, err := acc.result(picked)
		if err != nil {
			releaseAll(cols)
			return nil, err
		}
		cols = append(cols, c)
	}
	return cols, nil
}
