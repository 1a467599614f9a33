package exec

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
)

// arranged are rows sorted by partition and order. Places are positions in that order.
type arranged struct {
	n      int
	perm   []uint32 // the row at a place
	part   []int32  // where each partition begins, and the end
	partOf []int32  // the partition of a place
	peer   []int32  // where the peers of a place begin: rows equal in order
	after  []int32  // where they end
	order  []sortColumn
	keys   []arrow.Array
}

func (p *arranged) release() {
	releaseAll(p.keys)
	for _, c := range p.order {
		c.Release()
	}
}

// begin and end of the partition of a place.
func (p *arranged) begin(place int) int32 { return p.part[p.partOf[place]] }
func (p *arranged) end(place int) int32   { return p.part[p.partOf[place]+1] }

// arrange sorts all rows of the chunks and finds partitions and peers.
func (s *windowStage) arrange(chunks []chunk, n int) (*arranged, error) {
	p := &arranged{n: n}
	if err := s.fillArranged(p, chunks); err != nil {
		p.release()
		return nil, err
	}
	return p, nil
}

func (s *windowStage) fillArranged(p *arranged, chunks []chunk) error {
	var err error
	if p.keys, err = evalWhole(s.env, s.partition, chunks); err != nil {
		return err
	}
	by, err := evalWhole(s.env, s.by, chunks)
	if err != nil {
		return err
	}
	p.order = sortColumns(by, s.order)
	var cols []sortColumn
	for _, k := range p.keys {
		cols = append(cols, sortColumn{Array: k, nullsFirst: true})
	}
	if p.perm, err = sortPerm(append(cols, p.order...), p.n); err != nil {
		return err
	}
	newPartition, err := p.changes(cols)
	if err != nil {
		return err
	}
	newPeer, err := p.changes(p.order)
	if err != nil {
		return err
	}
	p.mark(newPartition, newPeer)
	return nil
}

// changes tells at which places a row differs from the one before in the columns.
func (p *arranged) changes(cols []sortColumn) (func(place int) bool, error) {
	compares := make([]vector.Compare, len(cols))
	for i, c := range cols {
		f, err := vector.NewCompare(c.Array, c.Array, false, true)
		if err != nil {
			return nil, err
		}
		compares[i] = f
	}
	return func(place int) bool {
		for _, f := range compares {
			if f(int(p.perm[place-1]), int(p.perm[place])) != 0 {
				return true
			}
		}
		return false
	}, nil
}

func (p *arranged) mark(newPartition, newPeer func(int) bool) {
	p.partOf, p.peer, p.after = make([]int32, p.n), make([]int32, p.n), make([]int32, p.n)
	p.part = append(p.part, 0)
	peer := int32(0)
	closePeers := func(end int32) {
		for i := peer; i < end; i++ {
			p.after[i] = end
		}
		peer = end
	}
	for i := range p.n {
		if i > 0 {
			switch {
			case newPartition(i):
				p.part = append(p.part, int32(i))
				closePeers(int32(i))
			case newPeer(i):
				closePeers(int32(i))
			}
		}
		p.partOf[i], p.peer[i] = int32(len(p.part)-1), peer
	}
	closePeers(int32(p.n))
	p.part = append(p.part, int32(p.n))
}
