package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
)

// latestSet is what one worker, or one spilled partition, keeps.
type latestSet struct {
	l      *Latest
	level  int
	kept   []*keyed
	rows   int // kept and not known to be beaten
	mem    account
	enc    vector.Encoder
	sketch distinctSketch
	sizer  vector.Sizer
}

// compactAfter is the number of rows from which on it is worth asking whether half of them are beaten.
const compactAfter = 1 << 18

// add takes over a batch. When it does not fit, what is kept is compacted, or else spilled.
func (s *latestSet) add(ctx context.Context, cols []arrow.Array, n int, sel []int32, note func(int, extent)) error {
	k, err := s.l.index(cols, n, sel, s.level, s.sizer.Size(cols))
	if err != nil {
		return err
	}
	s.kept = append(s.kept, k)
	s.rows += k.live
	s.sketch.add(k.hash)
	fits := s.mem.grow(k.memory())
	if (!fits || s.rows >= compactAfter) && s.sketch.estimate() <= s.rows/2 {
		if err := s.compact(ctx); err != nil {
			return err
		}
		fits = s.mem.set(s.memory())
	}
	switch {
	case fits:
		return nil
	case s.level >= maxLevels-1: // cannot be divided further
		s.mem.force(s.memory() - s.mem.held)
		return nil
	default:
		return s.spill(note)
	}
}

// compact drops beaten rows from memory.
func (s *latestSet) compact(ctx context.Context) error {
	if err := resolveAll(ctx, 1, s.kept); err != nil {
		return err
	}
	old := s.kept
	s.kept, s.rows, s.sizer = nil, 0, vector.Sizer{}
	defer func() {
		for _, k := range old {
			k.release()
		}
	}()
	pack := packer{env: s.l.env}
	defer pack.drop()
	for _, k := range old {
		c, ok, err := pack.add(k.batch())
		if err == nil && ok {
			err = s.keep(c)
		}
		if err != nil {
			return err
		}
	}
	c, ok, err := pack.flush()
	if err == nil && ok {
		err = s.keep(c)
	}
	return err
}

func (s *latestSet) keep(c chunk) error {
	k, err := s.l.index(c.cols, c.n, nil, s.level, s.sizer.Size(c.cols))
	if err != nil {
		return err
	}
	s.kept = append(s.kept, k)
	s.rows += k.live
	return nil
}

// memory is the bytes held.
func (s *latestSet) memory() int64 {
	size := int64(0)
	for _, k := range s.kept {
		size += k.memory()
	}
	return size
}

// spill writes everything to the file, by partition.
func (s *latestSet) spill(note func(int, extent)) error {
	if len(s.kept) == 0 {
		return nil
	}
	columns := make([]*vector.Gather, 0, s.l.schema.NumFields())
	defer func() {
		for _, g := range columns {
			g.Release()
		}
	}()
	for c := range s.l.schema.NumFields() {
		chunks := make([]arrow.Array, len(s.kept))
		for i, k := range s.kept {
			chunks[i] = k.cols[c]
		}
		g, err := vector.NewGather(s.l.env.Alloc, chunks)
		if err != nil {
			return err
		}
		columns = append(columns, g)
	}
	for p := range partitions {
		var refs []int64
		for i, k := range s.kept {
			for _, r := range k.rows[k.ends[p]:k.ends[p+1]] {
				if k.dead == nil || !k.dead[r] {
					refs = append(refs, vector.Ref(i, int(r)))
				}
			}
		}
		for part := range slices.Chunk(refs, MaxRows) {
			e, err := spillRefs(&s.l.file, &s.enc, columns, part)
			if err != nil {
				return err
			}
			note(p, e)
		}
	}
	s.clear()
	return nil
}

// spillRefs writes the named rows as one batch.
func spillRefs(file *overflow, enc *vector.Encoder, columns []*vector.Gather, refs []int64) (extent, error) {
	cols, err := gatherAll(columns, refs)
	if err != nil {
		return extent{}, err
	}
	defer releaseAll(cols)
	return file.write(enc, cols, len(refs))
}

func gatherAll(columns []*vector.Gather, refs []int64) ([]arrow.Array, error) {
	cols := make([]arrow.Array, 0, len(columns))
	for _, g := range columns {
		c, err := g.Take(refs)
		if err != nil {
			releaseAll(cols)
			return nil, err
		}
		cols = append(cols, c)
	}
	return cols, nil
}

func (s *latestSet) emit(ctx context.Context, yield func(*Batch) error) error {
	if err := resolveAll(ctx, 1, s.kept); err != nil {
		return err
	}
	for _, k := range s.kept {
		if k.live == 0 {
			continue
		}
		if err := yield(k.batch()); err != nil {
			return err
		}
	}
	return nil
}

// clear drops all rows.
func (s *latestSet) clear() {
	for _, k := range s.kept {
		k.release()
	}
	s.kept, s.rows, s.sketch, s.sizer = nil, 0, distinctSketch{}, vector.Sizer{}
	s.mem.free()
}

func (s *latestSet) close() { s.clear() }
