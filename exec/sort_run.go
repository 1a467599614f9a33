package exec

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
)

// run is sorted rows in the file: blocks, one after the other, whose last column is the encoded key.
type run []extent

const (
	runBytes = 256 << 10 // of a block, about
	runRows  = 4 << 10   // at most
	fanIn    = 32        // runs merged at a time
)

// spill writes the part's rows as a run.
func (p *sortPart) spill() error {
	if len(p.chunks) == 0 {
		return nil
	}
	perRow := p.size/int64(p.rows) + 1
	x, err := p.s.sort(p.chunks)
	p.chunks, p.rows, p.size = nil, 0, 0
	if err != nil {
		return err
	}
	defer func() { x.release(); p.mem.free() }()
	write, err := newRowOrderWriter(x.keys)
	if err != nil {
		return err
	}
	var r run
	size := int(max(64, min(runRows, runBytes/perRow)))
	at := 0
	for refs := range slices.Chunk(x.refs, size) {
		e, err := p.s.writeBlock(&p.enc, x.columns, refs, func(dst []byte, i int) []byte { return write(dst, int(x.perm[at+i])) })
		if err != nil {
			return err
		}
		at += len(refs)
		r = append(r, e)
	}
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.s.runs = append(p.s.runs, r)
	return nil
}

// writeBlock writes gathered rows and their encoded keys.
func (s *Sort) writeBlock(enc *vector.Encoder, columns []*vector.Gather, refs []int64, key rowWriter) (extent, error) {
	cols, err := gatherAll(columns, refs)
	if err != nil {
		return extent{}, err
	}
	defer func() { releaseAll(cols) }()
	b := array.NewBinaryBuilder(s.env.Alloc, arrow.BinaryTypes.Binary)
	defer b.Release()
	var buf []byte
	for i := range refs {
		buf = key(buf[:0], i)
		b.Append(buf)
	}
	cols = append(cols, b.NewArray())
	return s.file.write(enc, cols, len(refs))
}
