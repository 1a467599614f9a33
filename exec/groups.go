package exec

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// groups is a set of groups with the state of all aggregates: one worker's, or one partition's while it is merged.
type groups struct {
	codec *keyCodec // nil: one group of all rows
	table *table
	accs  []accumulator

	numbering *numbering // nil where it does not pay
	runs      *keyRuns   // nil for keys that are words

	keys  keys
	ids   []uint32
	tally tally
	byKey []uint32 // dense path: group number by combined code
	codes []uint32
	skip  int // batches until the dense path is tried again
	skips int // how many it was left out for last
}

func newGroups(env *Env, codec *keyCodec, aggs []expr.BoundAggregate) (*groups, error) {
	g := &groups{codec: codec, runs: newKeyRuns(codec)}
	if codec != nil {
		g.table = newTable(codec)
	}
	for i, a := range aggs {
		acc := follow(aggs[:i+1], g.accs)
		if acc == nil {
			var err error
			if acc, err = newAccumulator(env, a); err != nil {
				g.release()
				return nil, err
			}
		}
		g.accs = append(g.accs, acc)
	}
	g.share()
	g.grow()
	return g, nil
}

// share has the aggregates that count rows of groups count them once.
func (g *groups) share() {
	for _, a := range g.accs {
		switch a := a.(type) {
		case *counts:
			a.tally = &g.tally
		case *totals:
			a.tally = &g.tally
		}
	}
}

func (g *groups) release() {
	for _, a := range g.accs {
		a.release()
	}
}

func (g *groups) len() int {
	if g.table == nil {
		return 1
	}
	return g.table.len()
}

func (g *groups) size() int64 {
	n := int64(0)
	if g.table != nil {
		n = g.table.size()
	}
	if g.numbering != nil {
		n += g.numbering.size()
	}
	for _, a := range g.accs {
		n += a.size()
	}
	return n
}

func (g *groups) grow() {
	for _, a := range g.accs {
		a.grow(g.len())
	}
}

// assign finds or makes the group of each selected row.
func (g *groups) assign(cols []arrow.Array, n int, sel []int32) ([]uint32, error) {
	ids, err := g.number(cols, n, sel)
	g.tally.begin(ids)
	return ids, err
}

func (g *groups) number(cols []arrow.Array, n int, sel []int32) ([]uint32, error) {
	count := n
	if sel != nil {
		count = len(sel)
	}
	if g.table == nil {
		if len(g.ids) < count {
			g.ids = make([]uint32, count)
		}
		return g.ids[:count], nil
	}
	g.ids = resize(g.ids, count)
	if g.table.pages == nil {
		if combos, ok := g.dense(cols, n, sel); ok {
			return g.ids, g.assignDense(cols, n, sel, combos)
		}
	}
	if g.runs != nil {
		if ok, err := g.assignRuns(cols, n, sel); ok || err != nil {
			return g.ids, err
		}
	}
	return g.ids, g.lookUp(cols, n, sel, g.ids)
}

// assignRuns looks up the keys of the first row of each run. It reports false where there are too few.
func (g *groups) assignRuns(cols []arrow.Array, n int, sel []int32) (ok bool, err error) {
	if ok, err := g.runs.find(cols, sel, len(g.ids)); !ok || err != nil {
		return false, err
	}
	if err := g.lookUp(cols, n, g.runs.first, g.runs.found); err != nil {
		return false, err
	}
	g.runs.spread(g.ids)
	return true, nil
}

// lookUp looks up each row by the numbers of its keys, or by the keys.
func (g *groups) lookUp(cols []arrow.Array, n int, sel []int32, ids []uint32) error {
	if g.numbering != nil && g.numbering.takes(cols, len(ids)) {
		if ok, err := g.assignNumbered(cols, n, sel, ids); ok || err != nil {
			return err
		}
	}
	return g.assignKeys(cols, n, sel, ids)
}

// assignKeys looks up the keys of each row.
func (g *groups) assignKeys(cols []arrow.Array, n int, sel []int32, ids []uint32) error {
	if err := g.codec.layOut(cols, n, sel, &g.keys); err != nil {
		return err
	}
	g.table.insert(&g.keys, ids)
	g.grow()
	return nil
}

// assignNumbered looks up the keys of rows whose numbers are new. It reports false, for good, when a column has too many values.
func (g *groups) assignNumbered(cols []arrow.Array, n int, sel []int32, ids []uint32) (ok bool, err error) {
	x := g.numbering
	first, ok, err := x.number(cols, n, sel, ids)
	if !ok || err != nil {
		g.numbering = nil
		return false, err
	}
	if len(first) > 0 {
		known := len(x.groups)
		x.groups = growTo(x.groups, known+len(first))
		if err := g.assignKeys(cols, n, first, x.groups[known:]); err != nil {
			return false, err
		}
	}
	for i, id := range ids {
		ids[i] = x.groups[id]
	}
	if !x.pays() {
		g.numbering = nil
	}
	return true, nil
}

// dense tries to number the rows' key combinations. Where that fails, it is tried ever more rarely.
func (g *groups) dense(cols []arrow.Array, n int, sel []int32) (combos int, ok bool) {
	if g.skip > 0 {
		g.skip--
		return 0, false
	}
	g.codes = resize(g.codes, len(g.ids))
	if combos, ok = combineCodes(cols, n, sel, g.codes); ok {
		g.skips = 0
		return combos, true
	}
	g.skips = min(2*g.skips+1, 63)
	g.skip = g.skips
	return 0, false
}

// assignDense looks up one row for each combination of keys that occurs; the other rows follow it by their code.
func (g *groups) assignDense(cols []arrow.Array, n int, sel []int32, combos int) error {
	g.byKey = resize(g.byKey, combos)
	clear(g.byKey)
	firsts := make([]int32, 0, 256)
	for i, c := range g.codes {
		if g.byKey[c] == 0 {
			g.byKey[c] = 1
			firsts = append(firsts, int32(i))
		}
	}
	rows := make([]int32, len(firsts))
	for i, f := range firsts {
		rows[i] = int32(at(sel, int(f)))
	}
	found := make([]uint32, len(rows))
	if err := g.assignKeys(cols, n, rows, found); err != nil {
		return err
	}
	for i, f := range firsts {
		g.byKey[g.codes[f]] = found[i]
	}
	for i, c := range g.codes {
		g.ids[i] = g.byKey[c]
	}
	return nil
}

// absorb merges picked groups of another set into this one.
func (g *groups) absorb(from *groups, picked []uint32) error {
	n := from.len()
	if picked != nil {
		n = len(picked)
	}
	ids := make([]uint32, n)
	if g.table != nil {
		var k keys
		from.table.keys(picked, &k)
		g.table.insert(&k, ids)
		g.grow()
	}
	return g.merge(ids, picked, from)
}

// merge adds the states of another set's picked groups, the i-th of which is ids[i] here.
func (g *groups) merge(ids, picked []uint32, from *groups) error {
	for i, a := range g.accs {
		if m, ok := a.(directMerge); ok {
			if err := m.merge(ids, picked, from.accs[i]); err != nil {
				return err
			}
			continue
		}
		state, err := from.accs[i].state(picked)
		if err != nil {
			return err
		}
		err = a.absorb(ids, state)
		releaseAll(state)
		if err != nil {
			return err
		}
	}
	return nil
}

// partitionBits is how many bits of a hash tell partitions apart, from the top; every level of partitioning takes the next ones.
const (
	partitionBits = 6
	partitions    = 1 << partitionBits
	maxLevels     = 8
)

// partitionOf is a hash's partition at a level.
func partitionOf(hash uint64, level int) int {
	return int(hash >> (64 - partitionBits*(level+1)) & (partitions - 1))
}

// split sorts hashes' indexes by partition.
func split(hash []uint64, level int) (parts [partitions][]uint32) {
	var counts [partitions]int
	for _, h := range hash {
		counts[partitionOf(h, level)]++
	}
	all := make([]uint32, len(hash))
	for p, n := range counts {
		parts[p], all = all[:0:n], all[n:]
	}
	for i, h := range hash {
		p := partitionOf(h, level)
		parts[p] = append(parts[p], uint32(i))
	}
	return parts
}
