package exec

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
)

// reduce merges runs into longer ones until few enough are left to be merged at once.
func (s *Sort) reduce(ctx context.Context) error {
	for len(s.runs) > fanIn {
		var merged run
		var enc vector.Encoder
		m := merging{s: s, emit: func(columns []*vector.Gather, refs []int64, keys [][]byte) error {
			e, err := s.writeBlock(&enc, columns, refs, func(dst []byte, i int) []byte { return append(dst, keys[i]...) })
			merged = append(merged, e)
			return err
		}}
		if err := m.run(ctx, s.runs[:fanIn]); err != nil {
			return err
		}
		s.runs = append(slices.Clone(s.runs[fanIn:]), merged)
	}
	return nil
}

// merged yields the rows of all runs in order, within offset and limit.
func (s *Sort) merged(ctx context.Context, yield func(*Batch) error) error {
	skip, left := s.offset, s.limit
	m := merging{s: s, emit: func(columns []*vector.Gather, refs []int64, _ [][]byte) error {
		drop := min(skip, int64(len(refs)))
		skip -= drop
		refs = refs[drop:]
		refs = refs[:min(left, int64(len(refs)))]
		left -= int64(len(refs))
		if len(refs) > 0 {
			if err := yieldRefs(columns, refs, yield); err != nil {
				return err
			}
		}
		if left == 0 {
			return ErrEnough
		}
		return nil
	}}
	err := m.run(ctx, s.runs)
	if errors.Is(err, ErrEnough) && left == 0 {
		return nil
	}
	return err
}

// merging reads runs side by side and hands on their rows in order, block by block.
type merging struct {
	s     *Sort
	emit  func(columns []*vector.Gather, refs []int64, keys [][]byte) error
	heap  []*cursor
	held  []*block // that rows of the next block to be handed on lie in
	refs  []int64
	keys  [][]byte
	types []arrow.DataType
}

// cursor is a place in a run.
type cursor struct {
	rest  run
	block *block
	row   int
}

// block is a piece of a run in memory.
type block struct {
	cols  []arrow.Array // without the keys
	keys  arrow.Array
	offs  []int32
	data  []byte
	n     int
	index int // among the held; -1: not held
}

func (b *block) key(r int) []byte { return b.data[b.offs[r]:b.offs[r+1]] }

func (b *block) release() {
	releaseAll(b.cols)
	b.keys.Release()
}

func (c *cursor) key() []byte { return c.block.key(c.row) }

func (m *merging) run(ctx context.Context, runs []run) error {
	m.types = append(typesOf(m.s.schema), arrow.BinaryTypes.Binary)
	defer m.close()
	for _, r := range runs {
		c := &cursor{rest: r}
		more, err := m.advance(c)
		if err != nil {
			return err
		}
		if more {
			m.heap = append(m.heap, c)
		}
	}
	for i := len(m.heap)/2 - 1; i >= 0; i-- {
		m.down(i)
	}
	for len(m.heap) > 0 {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := m.step(); err != nil {
			return err
		}
	}
	return m.flush()
}

// step takes the least row of all runs, and those that follow it in its run without a rival.
func (m *merging) step() error {
	c := m.heap[0]
	m.take(c)
	c.row++
	if c.row == c.block.n {
		more, err := m.advance(c)
		if err != nil {
			return err
		}
		if !more {
			m.heap[0] = m.heap[len(m.heap)-1]
			m.heap = m.heap[:len(m.heap)-1]
		}
	}
	m.down(0)
	if len(m.refs) >= runRows || len(m.held) > 2*fanIn {
		return m.flush()
	}
	return nil
}

func (m *merging) take(c *cursor) {
	if c.block.index < 0 {
		c.block.index = len(m.held)
		m.held = append(m.held, c.block)
	}
	m.refs = append(m.refs, vector.Ref(c.block.index, c.row))
	m.keys = append(m.keys, c.key())
}

// advance goes to the run's next block. The one before is released, unless rows of it still have to be handed on.
func (m *merging) advance(c *cursor) (bool, error) {
	if c.block != nil && c.block.index < 0 {
		c.block.release()
	}
	c.block, c.row = nil, 0
	if len(c.rest) == 0 {
		return false, nil
	}
	cols, err := m.s.file.read(c.rest[0], m.s.env.Alloc, m.types)
	if err != nil {
		return false, err
	}
	last := len(cols) - 1
	b := &block{cols: cols[:last:last], keys: cols[last], n: c.rest[0].rows, index: -1}
	b.offs, b.data = vector.Strings(b.keys)
	c.block, c.rest = b, c.rest[1:]
	return true, nil
}

func (m *merging) down(i int) {
	for {
		least := i
		for _, k := range [2]int{2*i + 1, 2*i + 2} {
			if k < len(m.heap) && bytes.Compare(m.heap[k].key(), m.heap[least].key()) < 0 {
				least = k
			}
		}
		if least == i {
			return
		}
		m.heap[i], m.heap[least] = m.heap[least], m.heap[i]
		i = least
	}
}

// flush hands on the rows taken so far and lets go of the blocks that no run stands in any more.
func (m *merging) flush() error {
	if len(m.refs) == 0 {
		return nil
	}
	columns := make([]*vector.Gather, 0, m.s.schema.NumFields())
	defer func() {
		for _, g := range columns {
			g.Release()
		}
	}()
	for c := range m.s.schema.NumFields() {
		parts := make([]arrow.Array, len(m.held))
		for i, b := range m.held {
			parts[i] = b.cols[c]
		}
		g, err := vector.NewGather(m.s.env.Alloc, parts)
		if err != nil {
			return err
		}
		columns = append(columns, g)
	}
	err := m.emit(columns, m.refs, m.keys)
	m.refs, m.keys = m.refs[:0], m.keys[:0]
	m.letGo()
	return err
}

// letGo releases held blocks except those that runs stand in.
func (m *merging) letGo() {
	for _, b := range m.held {
		b.index = -1
	}
	for _, c := range m.heap {
		if c.block != nil {
			c.block.index = 0
		}
	}
	for _, b := range m.held {
		if b.index < 0 {
			b.release()
		}
	}
	for _, c := range m.heap {
		if c.block != nil {
			c.block.index = -1
		}
	}
	m.held = m.held[:0]
}

// close releases everything after the end or an error.
func (m *merging) close() {
	m.letGo()
	for _, c := range m.heap {
		if c.block != nil {
			c.block.release()
		}
	}
	m.heap = nil
}
