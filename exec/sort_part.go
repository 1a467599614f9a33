package exec

import (
	"context"
	"math"

	"github.com/medallion-go/medallion/exec/vector"
)

// sortPart is one worker's rows of a Sort.
type sortPart struct {
	s      *Sort
	pack   packer
	chunks []chunk
	rows   int
	size   int64
	mem    account
	enc    vector.Encoder

	top   int    // ≥ 0 rows to be kept when only the best matter
	worst uint64 // the prefix word of the first key that a row must not exceed to matter
	full  bool   // worst is known
	words []uint64
}

// sortBytes is what sorting takes for a row beside its columns.
const sortBytes = 40

func (p *sortPart) Push(_ context.Context, b *Batch) error {
	if len(p.s.keys) == 0 {
		return p.pushUnordered(b)
	}
	if p.full {
		var err error
		if b, err = p.promising(b); err != nil || b.Len() == 0 {
			return err
		}
	}
	c, ok, err := p.pack.add(b)
	if err != nil || !ok {
		return err
	}
	return p.keep(c)
}

// pushUnordered takes rows until there are enough of them.
func (p *sortPart) pushUnordered(b *Batch) error {
	if seen := p.s.seen.Add(int64(b.Len())); seen-int64(b.Len()) >= p.s.wanted() {
		return ErrEnough
	}
	c, ok, err := p.pack.add(b)
	if err == nil && ok {
		err = p.keep(c)
	}
	if err == nil && p.s.seen.Load() >= p.s.wanted() {
		return ErrEnough
	}
	return err
}

// promising leaves out the rows that come after the worst of the best ones.
func (p *sortPart) promising(b *Batch) (*Batch, error) {
	first, err := p.s.keys[:1].eval(p.s.env, b)
	if err != nil {
		return nil, err
	}
	defer releaseAll(first)
	p.words = resize(p.words, b.Len())
	key := sortColumns(first, p.s.order)[0]
	if _, err := key.prefixWords(b.Selection, p.words); err != nil {
		return nil, err
	}
	sel := make([]int32, 0, 64)
	for i, w := range p.words {
		if w <= p.worst {
			sel = append(sel, int32(at(b.Selection, i)))
		}
	}
	return &Batch{Columns: b.Columns, Selection: sel, N: b.N}, nil
}

func (p *sortPart) Close(context.Context) error {
	p.s.mu.Lock()
	p.s.parts = append(p.s.parts, p)
	p.s.mu.Unlock()
	c, ok, err := p.pack.flush()
	if err != nil || !ok {
		return err
	}
	return p.keep(c)
}

func (p *sortPart) keep(c chunk) error {
	p.chunks = append(p.chunks, c)
	p.rows += c.n
	size := c.size + sortBytes*int64(c.n)
	p.size += size
	switch {
	case p.s.topOnly():
		p.mem.force(size)
		if p.rows >= max(4*p.top, smallChunk) {
			return p.cut()
		}
		return nil
	case len(p.s.keys) == 0:
		p.mem.force(size)
		return nil
	case p.mem.grow(size) && p.size <= maxChunk:
		return nil
	default:
		return p.spill()
	}
}

func (s *Sort) topOnly() bool { return len(s.keys) > 0 && s.wanted() <= topRows }

// cut keeps the best rows only.
func (p *sortPart) cut() error {
	x, err := p.s.sort(p.chunks)
	p.chunks, p.rows, p.size = nil, 0, 0
	p.mem.free()
	if err != nil {
		return err
	}
	defer x.release()
	n := min(p.top, len(x.refs))
	cols, err := gatherAll(x.columns, x.refs[:n])
	if err != nil {
		return err
	}
	c := newChunk(cols, n)
	p.chunks, p.rows, p.size = []chunk{c}, n, c.size
	p.mem.force(c.size)
	if n == p.top {
		p.full, p.worst = true, math.MaxUint64
		if n == 0 {
			return nil
		}
		var word [1]uint64
		if _, err := x.keys[0].prefixWords([]int32{int32(x.perm[n-1])}, word[:]); err != nil {
			return err
		}
		p.worst = word[0]
	}
	return nil
}
