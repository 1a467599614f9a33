package parquet

import (
	"cmp"
	"context"
	"slices"
)

// How much is fetched at a time.
const (
	maxRequest = 16 << 20  // one request, when neighbours are fetched together
	maxGap     = 128 << 10 // bytes between neighbours that are fetched along
	minWindow  = 256 << 10
)

// extent is a stretch of the file that holds whole pages of one leaf.
type extent struct {
	at, n    int64
	firstRow int64 // of the first page in it; -1: goes on where the extent before ended
	buf      []byte
}

// source gives the bytes of a leaf's extents in order.
type source struct {
	ctx     context.Context
	f       *File
	extents []extent // those not begun yet
	cur     extent
	pos     int64   // in cur
	window  int     // bytes fetched at a time, when cur has no buf
	mem     *buffer // of the window
	buf     []byte  // the window
	bufAt   int64   // where it begins, in cur
}

// nextExtent goes to the next extent; false when there is none.
func (s *source) nextExtent() bool {
	if len(s.extents) == 0 {
		return false
	}
	s.cur, s.extents = s.extents[0], s.extents[1:]
	s.pos, s.bufAt, s.buf = 0, 0, nil
	return true
}

// left is how many bytes of the extent at hand are still to come.
func (s *source) left() int64 { return s.cur.n - s.pos }

// endsRow says that what comes next, if anything, begins a row.
func (s *source) endsRow() bool {
	return s.left() == 0 && (len(s.extents) == 0 || s.extents[0].firstRow >= 0)
}

// peek gives the next n bytes, or as many as the extent has, without passing over them. They are valid until the next call.
func (s *source) peek(n int) ([]byte, error) {
	n = int(min(int64(n), s.left()))
	if s.cur.buf != nil {
		return s.cur.buf[s.pos : s.pos+int64(n) : s.pos+int64(n)], nil
	}
	if s.pos >= s.bufAt && s.pos+int64(n) <= s.bufAt+int64(len(s.buf)) {
		i := s.pos - s.bufAt
		return s.buf[i : i+int64(n) : i+int64(n)], nil
	}
	if err := s.ctx.Err(); err != nil {
		return nil, readError{err}
	}
	s.buf = s.mem.room(int(min(int64(max(n, s.window)), s.left())))
	s.bufAt = s.pos
	if err := s.f.readAt(s.buf, s.cur.at+s.pos); err != nil {
		return nil, err
	}
	return s.buf[:n:n], nil
}

func (s *source) skip(n int) { s.pos += int64(n) }

// ending gives n bytes of the file that are in its tail; nil: they are not.
func (f *File) ending(at int64, n int) []byte {
	from := f.size - int64(len(f.tail))
	if at < from || at+int64(n) > f.size {
		return nil
	}
	return f.tail[at-from:][:n:n]
}

// span gives n bytes of the file: a part of the tail if they are in it, else in the i-th memory that is kept for this.
func (s *scan) span(i int, at int64, n int) ([]byte, error) {
	if b := s.f.ending(at, n); b != nil {
		return b, nil
	}
	for len(s.spans) <= i {
		s.spans = append(s.spans, &buffer{alloc: s.f.cfg.Alloc})
	}
	mem := s.spans[i].room(n)
	return mem, s.f.readAt(mem, at)
}

// preload fetches the extents of all sources with few requests when they are not too large together, and otherwise sets how they are read in windows.
func (s *scan) preload(ctx context.Context, sources []*source) error {
	total := int64(0)
	var all []*extent
	for _, src := range sources {
		src.window = max(minWindow, s.cfg.FetchBytes/len(sources))
		for i := range src.extents {
			total += src.extents[i].n
			all = append(all, &src.extents[i])
		}
	}
	if total > int64(s.cfg.FetchBytes) {
		return nil
	}
	slices.SortFunc(all, func(a, b *extent) int { return cmp.Compare(a.at, b.at) })
	for i := 0; len(all) > 0; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		from, to, k := neighbours(all)
		b, err := s.span(i, from, int(to-from))
		if err != nil {
			return err
		}
		for _, e := range all[:k] {
			e.buf = b[e.at-from : e.at-from+e.n : e.at-from+e.n]
		}
		all = all[k:]
	}
	return nil
}

// neighbours counts the extents at the front that are worth one request, for the bytes [from, to).
func neighbours(all []*extent) (from, to int64, k int) {
	from, to = all[0].at, all[0].at+all[0].n
	for k = 1; k < len(all); k++ {
		end := max(to, all[k].at+all[k].n)
		if all[k].at-to > maxGap || end-from > max(maxRequest, to-from) {
			break
		}
		to = end
	}
	return from, to, k
}
