package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
)

// scatter writes a chunk's rows to the file by the partition of their keys. Rows with a NULL key find no partner: they are spread over all partitions.
func (j *Join) scatter(c chunk, keys exprs, level int, enc *vector.Encoder, nulls *uint64, note func(int, extent)) error {
	cols, err := keys.eval(j.env, &Batch{Columns: c.cols, N: c.n})
	if err != nil {
		return err
	}
	defer releaseAll(cols)
	hash := make([]uint64, c.n)
	if err := vector.Hash(cols, nil, keySeed, hash); err != nil {
		return err
	}
	if null := anyNull(cols); null != nil {
		for i := range hash {
			if null(i) {
				*nulls++
				hash[i] = vector.HashWord(*nulls, keySeed)
			}
		}
	}
	return scatterChunk(j.env, &j.file, c, split(hash, level), enc, note)
}

// scatterChunk writes the parts of a chunk to a file.
func scatterChunk(env *Env, file *overflow, c chunk, parts [partitions][]uint32, enc *vector.Encoder, note func(int, extent)) error {
	for p, rows := range parts {
		if len(rows) == 0 {
			continue
		}
		idx := make([]int32, len(rows))
		for i, r := range rows {
			idx[i] = int32(r)
		}
		taken, err := vector.TakeAll(env.Alloc, c.cols, idx)
		if err != nil {
			return err
		}
		e, err := file.write(enc, taken, len(idx))
		releaseAll(taken)
		if err != nil {
			return err
		}
		note(p, e)
	}
	return nil
}

// scatterWorker is the probe of a join whose build side was spilled: it spills, too, and the pairs come with the tail.
type scatterWorker struct {
	j     *Join
	enc   vector.Encoder
	nulls uint64
}

func (w *scatterWorker) Push(_ context.Context, b *Batch, _ func(*Batch) error) error {
	cols, err := b.Compact(w.j.env.Alloc)
	if err != nil {
		return err
	}
	c := chunk{cols: cols, n: b.Len()}
	defer c.release()
	return w.j.scatter(c, w.j.probeKeys(), 0, &w.enc, &w.nulls, func(p int, e extent) {
		w.j.mu.Lock()
		defer w.j.mu.Unlock()
		w.j.probe[p] = append(w.j.probe[p], e)
	})
}

func (w *scatterWorker) Close() error { return nil }

// Tail gives what the probe could not: the spilled partitions' pairs, and the build rows that are due by themselves.
func (s *probeStep) Tail(context.Context) (Source, error) {
	j := s.Join
	if j.grace {
		return &graceSource{j}, nil
	}
	if j.shape().build == keepNone {
		return nil, nil
	}
	return &aloneSource{j: j, t: j.table}, nil
}

// Unmatched is Tail for callers that drive the pipeline themselves: a Source to be read after the last probe row, nil when there is nothing left to give.
func (j *Join) Unmatched(ctx context.Context) (Source, error) { return (&probeStep{j}).Tail(ctx) }

// aloneSource gives build rows without a partner (or, for semi joins built from the left, with one).
type aloneSource struct {
	j *Join
	t *joinTable
}

func (s *aloneSource) Schema() *arrow.Schema { return s.j.config.Out }
func (s *aloneSource) Ordered() bool         { return false }

func (s *aloneSource) Morsels(context.Context) ([]Morsel, error) {
	var out []Morsel
	for from := 0; from < s.t.rows; from += MaxRows {
		out = append(out, func(_ context.Context, yield func(*Batch) error) error {
			return s.t.yieldAlone(from, min(from+MaxRows, s.t.rows), yield)
		})
	}
	return out, nil
}

// yieldAlone gives those of the build rows from … to-1 that are due by themselves.
func (t *joinTable) yieldAlone(from, to int, yield func(*Batch) error) error {
	s := t.j.shape()
	rows := make([]int32, 0, to-from)
	for r := from; r < to; r++ {
		if paired := t.paired != nil && t.paired[r]; paired == (s.build == keepMatched) {
			rows = append(rows, int32(r))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	build, err := t.take(rows)
	if err != nil {
		return err
	}
	defer releaseAll(build)
	if !s.pairs {
		return yield(&Batch{Columns: build, N: len(rows)})
	}
	nulls := nullColumns(t.j.env, t.j.probeSchema(), len(rows))
	defer releaseAll(nulls)
	return yield(&Batch{Columns: t.j.columns(build, nulls), N: len(rows)})
}

// graceSource joins spilled partitions, one a morsel.
type graceSource struct{ j *Join }

func (s *graceSource) Schema() *arrow.Schema { return s.j.config.Out }
func (s *graceSource) Ordered() bool         { return false }

func (s *graceSource) Morsels(context.Context) ([]Morsel, error) {
	var out []Morsel
	for p := range partitions {
		if len(s.j.build[p]) == 0 && len(s.j.probe[p]) == 0 {
			continue
		}
		out = append(out, func(ctx context.Context, yield func(*Batch) error) error {
			return s.j.partition(ctx, s.j.build[p], s.j.probe[p], 1, yield)
		})
	}
	return out, nil
}

// partition joins one spilled partition. A build side that does not fit is divided by the hash's next bits, and the probe side with it.
func (j *Join) partition(ctx context.Context, build, probe []extent, level int, yield func(*Batch) error) error {
	mem := account{budget: j.env.Budget}
	defer mem.free()
	size := int64(0)
	for _, e := range build {
		size += e.mem + tableBytes*int64(e.rows)
	}
	if !mem.grow(size) {
		if level < maxLevels && len(build) > 0 {
			return j.divide(ctx, build, probe, level, yield)
		}
		mem.force(size)
	}
	chunks, err := j.restore(ctx, build)
	if err != nil {
		return err
	}
	t, err := j.newTable(ctx, chunks)
	if err != nil {
		return err
	}
	defer t.close()
	if err := j.probePartition(ctx, t, probe, yield); err != nil {
		return err
	}
	if j.shape().build == keepNone {
		return nil
	}
	for from := 0; from < t.rows; from += MaxRows {
		if err := t.yieldAlone(from, min(from+MaxRows, t.rows), yield); err != nil {
			return err
		}
	}
	return nil
}

func (j *Join) restore(ctx context.Context, build []extent) ([]chunk, error) {
	var chunks []chunk
	for _, e := range build {
		err := context.Cause(ctx)
		var cols []arrow.Array
		if err == nil {
			cols, err = j.file.read(e, j.env.Alloc, typesOf(j.buildSchema()))
		}
		if err != nil {
			releaseChunks(chunks)
			return nil, err
		}
		chunks = append(chunks, newChunk(cols, e.rows))
	}
	return chunks, nil
}

func (j *Join) probePartition(ctx context.Context, t *joinTable, probe []extent, yield func(*Batch) error) error {
	p := newProber(j, t)
	for _, e := range probe {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		cols, err := j.file.read(e, j.env.Alloc, typesOf(j.probeSchema()))
		if err != nil {
			return err
		}
		err = p.Push(ctx, &Batch{Columns: cols, N: e.rows}, yield)
		releaseAll(cols)
		if err != nil {
			return err
		}
	}
	return p.Close()
}

// divide scatters both sides of a partition again and joins the parts.
func (j *Join) divide(ctx context.Context, build, probe []extent, level int, yield func(*Batch) error) error {
	subBuild, err := j.scatterAgain(ctx, build, j.buildSchema(), j.buildKeys(), level)
	if err != nil {
		return err
	}
	subProbe, err := j.scatterAgain(ctx, probe, j.probeSchema(), j.probeKeys(), level)
	if err != nil {
		return err
	}
	for p := range partitions {
		if len(subBuild[p]) == 0 && len(subProbe[p]) == 0 {
			continue
		}
		if err := j.partition(ctx, subBuild[p], subProbe[p], level+1, yield); err != nil {
			return err
		}
	}
	return nil
}

func (j *Join) scatterAgain(ctx context.Context, side []extent, s *arrow.Schema, keys exprs, level int) (sub [partitions][]extent, err error) {
	var enc vector.Encoder
	var nulls uint64
	for _, e := range side {
		if err := context.Cause(ctx); err != nil {
			return sub, err
		}
		cols, err := j.file.read(e, j.env.Alloc, typesOf(s))
		if err != nil {
			return sub, err
		}
		c := chunk{cols: cols, n: e.rows}
		err = j.scatter(c, keys, level, &enc, &nulls, func(p int, e extent) { sub[p] = append(sub[p], e) })
		c.release()
		if err != nil {
			return sub, err
		}
	}
	return sub, nil
}
