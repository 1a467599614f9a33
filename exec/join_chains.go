package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
)

// pushChains goes through all candidates of each row, a batch of pairs at a time.
func (p *prober) pushChains(ctx context.Context, b *Batch, yield func(*Batch) error) error {
	p.matched = resize(p.matched, len(p.first))
	clear(p.matched)
	for i, r := range p.first {
		pos := int32(at(b.Selection, i))
		for r >= 0 {
			p.left, p.right, p.which = append(p.left, pos), append(p.right, r), append(p.which, int32(i))
			if len(p.left) == MaxRows {
				if err := context.Cause(ctx); err != nil {
					return err
				}
				if err := p.flush(b, yield); err != nil {
					return err
				}
			}
			if p.t.next == nil {
				break
			}
			r = p.t.next[r]
		}
	}
	if err := p.flush(b, yield); err != nil {
		return err
	}
	return p.rest(b, yield)
}

// flush decides the waiting pairs and gives them where pairs are wanted.
func (p *prober) flush(b *Batch, yield func(*Batch) error) error {
	if len(p.left) == 0 {
		return nil
	}
	defer func() { p.left, p.right, p.which = p.left[:0], p.right[:0], p.which[:0] }()
	if p.j.residual == nil {
		p.note(nil)
		if !p.shape.pairs {
			return nil
		}
		return p.yieldPairs(b, p.left, p.right, yield)
	}
	sel, err := p.decide(b)
	if err != nil {
		return err
	}
	p.note(sel)
	if !p.shape.pairs || len(sel) == 0 {
		return nil
	}
	for i, k := range sel {
		p.left[i], p.right[i] = p.left[k], p.right[k]
	}
	return p.yieldPairs(b, p.left[:len(sel)], p.right[:len(sel)], yield)
}

// decide gives the waiting pairs for which the residual condition is TRUE. It takes the columns that the condition reads, and no others.
func (p *prober) decide(b *Batch) (sel []int32, err error) {
	width := p.j.config.Left.NumFields()
	cols := make([]arrow.Array, width+p.j.config.Right.NumFields())
	defer releaseAll(cols)
	for _, c := range p.j.reads {
		of := c
		if c >= width {
			of -= width
		}
		if (c < width) == p.j.config.BuildLeft {
			cols[c], err = p.t.takeColumn(of, p.right)
		} else {
			cols[c], err = vector.Take(p.j.env.Alloc, b.Columns[of], p.left)
		}
		if err != nil {
			return nil, err
		}
	}
	p.sel = resize(p.sel, len(p.left))
	return p.j.residual.Select(p.j.env.Kernel, cols, len(p.left), nil, p.sel[:0])
}

// note marks both rows of the chosen waiting pairs (nil: all).
func (p *prober) note(sel []int32) {
	n := len(p.left)
	if sel != nil {
		n = len(sel)
	}
	for i := range n {
		k := at(sel, i)
		p.matched[p.which[k]] = true
		if p.paired != nil {
			p.paired[p.right[k]] = true
		}
	}
}
