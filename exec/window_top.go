package exec

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
)

// firstTrim is how many rows a worker gathers before it leaves out the first ones.
const firstTrim = 32 << 10

// keepTop leaves out the rows that at least as many rows of their partition come before as are of use. It is done again when there are twice as many rows as
// were left, or four times as many where it was not worth it.
func (w *windowWorker) keepTop() (trimmed bool, err error) {
	refs, err := w.s.topOf(w.chunks, w.rows)
	if err != nil {
		return false, err
	}
	if 2*len(refs) > w.rows {
		w.trim = 4 * w.rows
		return false, nil
	}
	kept, err := gatherChunks(w.s.env, w.chunks, refs)
	if err != nil {
		return false, err
	}
	releaseChunks(w.chunks)
	w.chunks, w.rows, w.trim = []chunk{kept}, kept.n, 2*kept.n
	return true, nil
}

// topOf finds the rows of use among the first n, which are all, of some chunks.
func (s *windowStage) topOf(chunks []chunk, n int) (refs []int64, err error) {
	p, err := s.arrange(chunks, n)
	if err != nil {
		return nil, err
	}
	defer p.release()
	starts := make([]int, 0, len(chunks))
	for row, i := 0, 0; i < len(chunks); i++ {
		starts = append(starts, row)
		row += chunks[i].n
	}
	places := chunkPlaces(chunks, n)
	peers := int64(0)
	for place := range n {
		before := int64(int32(place) - p.begin(place))
		if before == 0 {
			peers = 0
		} else if p.peer[place] == int32(place) {
			peers++
		}
		switch s.topBy {
		case "rank":
			before = int64(p.peer[place] - p.begin(place))
		case "dense_rank":
			before = peers
		}
		if before < s.top {
			row := p.perm[place]
			c := places[row]
			refs = append(refs, vector.Ref(int(c), int(row)-starts[c]))
		}
	}
	return refs, nil
}

// chunkPlaces tells for each of n rows which chunk it is in.
func chunkPlaces(chunks []chunk, n int) []int32 {
	places := make([]int32, 0, n)
	for i, c := range chunks {
		for range c.n {
			places = append(places, int32(i))
		}
	}
	return places
}

// gatherChunks makes one chunk of some rows of several.
func gatherChunks(env *Env, chunks []chunk, refs []int64) (chunk, error) {
	if len(chunks[0].cols) == 0 {
		return chunk{n: len(refs)}, nil
	}
	cols := make([]arrow.Array, 0, len(chunks[0].cols))
	for c := range chunks[0].cols {
		col, err := gatherColumn(env, chunks, c, refs)
		if err != nil {
			releaseAll(cols)
			return chunk{}, err
		}
		cols = append(cols, col)
	}
	return newChunk(cols, len(refs)), nil
}

func gatherColumn(env *Env, chunks []chunk, column int, refs []int64) (arrow.Array, error) {
	parts := make([]arrow.Array, len(chunks))
	for i, c := range chunks {
		parts[i] = c.cols[column]
	}
	g, err := vector.NewGather(env.Alloc, parts)
	if err != nil {
		return nil, err
	}
	defer g.Release()
	return g.Take(refs)
}
