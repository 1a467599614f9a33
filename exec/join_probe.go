package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
)

// prober finds the partners of one worker's probe rows.
type prober struct {
	j       *Join
	t       *joinTable
	shape   shape
	keys    keys
	first   []int32 // by selected row: the first candidate
	matched []bool  // by selected row
	paired  []bool  // by build row
	left    []int32 // pairs that wait: the probe row, the build row, and which selected row it was
	right   []int32
	which   []int32
	sel     []int32 // memory for the rows that are given
}

func newProber(j *Join, t *joinTable) *prober {
	p := &prober{j: j, t: t, shape: j.shape()}
	if p.shape.build != keepNone {
		p.paired = make([]bool, t.rows)
	}
	return p
}

// Push gives the pairs of b's rows, and what is due for those without a partner.
func (p *prober) Push(ctx context.Context, b *Batch, yield func(*Batch) error) error {
	if err := p.lookup(b); err != nil {
		return err
	}
	if p.firstDecides() {
		return p.pushUnique(b, yield)
	}
	return p.pushChains(ctx, b, yield)
}

// firstDecides tells whether a row's first candidate is all that matters: there are no others, or none of the pairs is wanted.
func (p *prober) firstDecides() bool {
	return p.j.residual == nil && (p.t.next == nil || !p.shape.pairs)
}

// Close hands over which build rows found partners.
func (p *prober) Close() error {
	if p.paired != nil {
		p.t.pair(p.paired, p.firstDecides())
	}
	return nil
}

// lookup finds the first candidate of each selected row; -1: there is none.
func (p *prober) lookup(b *Batch) error {
	n := b.Len()
	p.first = resize(p.first, n)
	if p.j.codec == nil {
		for i := range p.first {
			p.first[i] = -1
			if p.t.rows > 0 {
				p.first[i] = 0
			}
		}
		return nil
	}
	cols, err := p.j.probeKeys().eval(p.j.env, b)
	if err != nil {
		return err
	}
	defer releaseAll(cols)
	if p.t.ints != nil {
		err = p.lookupInts(cols, b)
	} else {
		err = p.lookupHashed(cols, b)
	}
	if null := anyNull(cols); null != nil && err == nil {
		for i := range p.first {
			if null(at(b.Selection, i)) {
				p.first[i] = -1
			}
		}
	}
	return err
}

func (p *prober) lookupInts(cols []arrow.Array, b *Batch) error {
	if err := p.t.words.fill(cols, b.N, b.Selection, &p.keys); err != nil {
		return err
	}
	p.t.ints.lookup(p.keys.words, p.t.first, p.first)
	return nil
}

func (p *prober) lookupHashed(cols []arrow.Array, b *Batch) error {
	if err := p.t.encode(cols, b.N, b.Selection, &p.keys); err != nil {
		return err
	}
	p.t.keys.find(&p.keys, p.first)
	for i, id := range p.first {
		if id >= 0 {
			p.first[i] = p.t.first[id]
		}
	}
	return nil
}

// pushUnique is the common case of rows with no partner but the first that matters: probe columns stay where they are.
func (p *prober) pushUnique(b *Batch, yield func(*Batch) error) error {
	if p.paired != nil {
		for _, r := range p.first {
			if r >= 0 {
				p.paired[r] = true
			}
		}
	}
	switch {
	case !p.shape.pairs && p.shape.probe == keepNone:
		return nil
	case !p.shape.pairs:
		return p.yieldProbe(b, p.chosen(b, p.shape.probe == keepMatched), yield)
	case p.shape.probe == keepUnmatched:
		return p.yieldBeside(b, b.Selection, yield)
	default:
		return p.yieldBeside(b, p.chosen(b, true), yield)
	}
}

// chosen are the positions of the rows that have a first candidate, or of those that have none.
func (p *prober) chosen(b *Batch, with bool) []int32 {
	p.sel = resize(p.sel, len(p.first))
	flip, n := int32(0), 0
	if with {
		flip = -1
	}
	for i, r := range p.first {
		p.sel[n] = int32(at(b.Selection, i))
		n -= int((r ^ flip) >> 31) // no branch: who has a partner is hard to predict
	}
	return p.sel[:n]
}

func (p *prober) yieldProbe(b *Batch, sel []int32, yield func(*Batch) error) error {
	if len(sel) == 0 {
		return nil
	}
	return yield(&Batch{Columns: b.Columns, Selection: sel, N: b.N})
}

// yieldBeside puts each row's partner beside it. sel are the rows to be given (nil: all).
func (p *prober) yieldBeside(b *Batch, sel []int32, yield func(*Batch) error) error {
	if sel != nil && len(sel) == 0 {
		return nil
	}
	if sel != nil && len(sel)*4 < b.N {
		return p.yieldTaken(b, sel, yield)
	}
	rows := p.first
	if b.Selection != nil {
		rows = make([]int32, b.N)
		for i := range rows {
			rows[i] = -1
		}
		for i, r := range p.first {
			rows[b.Selection[i]] = r
		}
	}
	build, err := p.t.take(rows)
	if err != nil {
		return err
	}
	defer releaseAll(build)
	return yield(&Batch{Columns: p.j.columns(build, b.Columns), Selection: sel, N: b.N})
}

// yieldTaken is yieldBeside for few rows, which are taken out.
func (p *prober) yieldTaken(b *Batch, sel []int32, yield func(*Batch) error) error {
	rows := make([]int32, 0, len(sel))
	at := 0
	for i, r := range p.first {
		pos := int32(i)
		if b.Selection != nil {
			pos = b.Selection[i]
		}
		if at < len(sel) && sel[at] == pos {
			rows = append(rows, r)
			at++
		}
	}
	return p.yieldPairs(b, sel, rows, yield)
}

func (p *prober) yieldPairs(b *Batch, left, right []int32, yield func(*Batch) error) error {
	probe, err := takeNeeded(b.Columns, p.j.needsProbe(), func(c int) (arrow.Array, error) { return vector.Take(p.j.env.Alloc, b.Columns[c], left) })
	if err != nil {
		return err
	}
	defer releaseAll(probe)
	build, err := p.t.take(right)
	if err != nil {
		return err
	}
	defer releaseAll(build)
	return yield(&Batch{Columns: p.j.columns(build, probe), N: len(left)})
}

// rest gives the probe rows that are due by themselves: with NULLs beside them in an outer join.
func (p *prober) rest(b *Batch, yield func(*Batch) error) error {
	if p.shape.probe == keepNone {
		return nil
	}
	sel := make([]int32, 0, len(p.matched))
	for i, m := range p.matched {
		if m == (p.shape.probe == keepMatched) {
			sel = append(sel, int32(at(b.Selection, i)))
		}
	}
	return p.j.yieldAlone(b, sel, p.shape, yield)
}

// yieldAlone gives probe rows without a partner.
func (j *Join) yieldAlone(b *Batch, sel []int32, s shape, yield func(*Batch) error) error {
	if len(sel) == 0 {
		return nil
	}
	if !s.pairs {
		return yield(&Batch{Columns: b.Columns, Selection: sel, N: b.N})
	}
	nulls := nullColumns(j.env, j.buildSchema(), b.N)
	defer releaseAll(nulls)
	return yield(&Batch{Columns: j.columns(nulls, b.Columns), Selection: sel, N: b.N})
}

// nullColumns are n rows of NULLs.
func nullColumns(env *Env, s *arrow.Schema, n int) []arrow.Array {
	out := make([]arrow.Array, s.NumFields())
	for i, f := range s.Fields() {
		out[i] = nullColumn(env, f.Type, n)
	}
	return out
}

func nullColumn(env *Env, t arrow.DataType, n int) arrow.Array {
	return vector.AllNull(env.Alloc, t, n)
}
