package exec

import (
	"context"

	"github.com/medallion-go/medallion/exec/vector"
)

func (w *windowWorker) spill() error {
	for len(w.chunks) > 0 {
		c := w.chunks[len(w.chunks)-1]
		w.chunks = w.chunks[:len(w.chunks)-1]
		err := w.s.scatter(c, 0, &w.enc, func(p int, e extent) {
			w.s.mu.Lock()
			defer w.s.mu.Unlock()
			w.s.spilled[p] = append(w.s.spilled[p], e)
		})
		c.release()
		if err != nil {
			return err
		}
	}
	w.mem.free()
	w.rows = 0
	return nil
}

// scatter writes a chunk's rows to the file by the hash of their partition keys.
func (s *windowStage) scatter(c chunk, level int, enc *vector.Encoder, note func(int, extent)) error {
	keys, err := s.partition.eval(s.env, &Batch{Columns: c.cols, N: c.n})
	if err != nil {
		return err
	}
	defer releaseAll(keys)
	hash := make([]uint64, c.n)
	if err := vector.Hash(keys, nil, keySeed, hash); err != nil {
		return err
	}
	return scatterChunk(s.env, &s.file, c, split(hash, level), enc, note)
}

// restored computes the functions of one spilled partition, which is divided when it does not fit and holds more than one partition key.
func (s *windowStage) restored(ctx context.Context, spilled []extent, level int, yield func(*Batch) error) error {
	mem := account{budget: s.env.Budget}
	defer mem.free()
	size := int64(0)
	for _, e := range spilled {
		size += e.mem + windowBytes*int64(e.rows)
	}
	if !mem.grow(size) {
		if level < maxLevels {
			return s.divide(ctx, spilled, level, yield)
		}
		mem.force(size)
	}
	var chunks []chunk
	defer func() { releaseChunks(chunks) }()
	for _, e := range spilled {
		cols, err := s.file.read(e, s.env.Alloc, typesOf(s.in))
		if err != nil {
			return err
		}
		chunks = append(chunks, newChunk(cols, e.rows))
	}
	return s.compute(ctx, chunks, yield)
}

func (s *windowStage) divide(ctx context.Context, spilled []extent, level int, yield func(*Batch) error) error {
	var sub [partitions][]extent
	var enc vector.Encoder
	for _, e := range spilled {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		cols, err := s.file.read(e, s.env.Alloc, typesOf(s.in))
		if err != nil {
			return err
		}
		c := chunk{cols: cols, n: e.rows}
		err = s.scatter(c, level, &enc, func(p int, e extent) { sub[p] = append(sub[p], e) })
		c.release()
		if err != nil {
			return err
		}
	}
	for _, p := range sub {
		if len(p) == 0 {
			continue
		}
		if err := s.restored(ctx, p, level+1, yield); err != nil {
			return err
		}
	}
	return nil
}
