package exec

import (
	"context"

	"github.com/medallion-go/medallion/exec/vector"
)

// Worker gathers build rows.
func (j *Join) Worker() (SinkWorker, error) {
	return &buildWorker{j: j, pack: packer{env: j.env}, mem: account{budget: j.env.Budget}}, nil
}

// buildWorker gathers one worker's build rows.
type buildWorker struct {
	j      *Join
	pack   packer
	chunks []chunk
	mem    account
	enc    vector.Encoder
	nulls  uint64
}

func (w *buildWorker) Push(_ context.Context, b *Batch) error {
	c, ok, err := w.pack.add(b)
	if err != nil || !ok {
		return err
	}
	return w.keep(c)
}

func (w *buildWorker) Close(context.Context) error {
	w.j.mu.Lock()
	w.j.workers = append(w.j.workers, w)
	w.j.mu.Unlock()
	c, ok, err := w.pack.flush()
	if err != nil || !ok {
		return err
	}
	return w.keep(c)
}

// tableBytes is what a row of the table takes beside its columns, about.
const tableBytes = 40

// keep takes over a chunk. Without keys there are no partitions: then all is kept in memory.
func (w *buildWorker) keep(c chunk) error {
	w.chunks = append(w.chunks, c)
	size := c.size + tableBytes*int64(c.n)
	if w.j.codec == nil {
		w.mem.force(size)
		return nil
	}
	if w.mem.grow(size) && !w.j.spilling() {
		return nil
	}
	w.j.mu.Lock()
	w.j.grace = true
	w.j.mu.Unlock()
	return w.spill()
}

func (j *Join) spilling() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.grace
}

// spill writes the worker's chunks to the file, by partition.
func (w *buildWorker) spill() error {
	for len(w.chunks) > 0 {
		c := w.chunks[len(w.chunks)-1]
		w.chunks = w.chunks[:len(w.chunks)-1]
		err := w.j.scatter(c, w.j.buildKeys(), 0, &w.enc, &w.nulls, func(p int, e extent) {
			w.j.mu.Lock()
			defer w.j.mu.Unlock()
			w.j.build[p] = append(w.j.build[p], e)
		})
		c.release()
		if err != nil {
			return err
		}
	}
	w.mem.free()
	return nil
}
