package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/medallion-go/medallion/storage"
)

// Open fetches the end of the object, Config.Tail bytes, and with it its size and ETag: a small object, or the footer of a Parquet file, is one request.
// Later reads demand the same ETag.
func (s *Store) Open(ctx context.Context, key string) (storage.Object, error) {
	objectKey, err := s.objectKey(ctx, key)
	if err != nil {
		return nil, s.opError("open", key, err)
	}
	info, tail, err := s.fetchTail(ctx, key, objectKey)
	if err != nil {
		return nil, s.opError("open", key, err)
	}
	return &object{ctx: ctx, store: s, objectKey: objectKey, info: info, tail: tail}, nil
}

// object is an object of a certain ETag. It keeps the context of Open because the contract ties the reads to it.
type object struct {
	ctx       context.Context
	store     *Store
	objectKey string
	info      storage.Info
	tail      window // never changed

	mu      sync.Mutex
	recent  [places]window
	next    int           // the recent window that is replaced next
	ends    [places]int64 // of the ranges that were asked for last
	nextEnd int           // the end that is replaced next
}

// places is how many places of an object can be read from in turn, each in sequence, with every sequence found and fetched ahead.
const places = 4

// smallRead is what a read out of sequence fetches at least: a request costs more than the bytes.
const smallRead = 64 << 10

// window is a part of an object.
type window struct {
	off  int64
	data []byte
}

// from returns the bytes of the window from off on.
func (w window) from(off int64) []byte {
	if off < w.off || off >= w.off+int64(len(w.data)) {
		return nil
	}
	return w.data[off-w.off:]
}

func (o *object) Info() storage.Info { return o.info }

func (o *object) Close() error { return nil }

func (o *object) ReadAt(p []byte, off int64) (int, error) {
	if err := o.ctx.Err(); err != nil {
		return 0, o.store.opError("read", o.info.Key, err)
	}
	if off < 0 {
		return 0, o.store.opError("read", o.info.Key, fmt.Errorf("negative offset %d", off))
	}
	if len(p) > 0 && off >= o.info.Size {
		return 0, io.EOF
	}
	end := min(off+int64(len(p)), o.info.Size)
	n, err := o.read(p[:max(end-off, 0)], off)
	switch {
	case err != nil:
		return n, o.store.opError("read", o.info.Key, err)
	case n < len(p):
		return n, io.EOF
	}
	return n, nil
}

// read fills p, which lies within the object, from what is there and by as few requests as the gaps need.
func (o *object) read(p []byte, off int64) (int, error) {
	sequential := o.follows(off, len(p))
	n := 0
	for n < len(p) {
		at := off + int64(n)
		if hit := o.cached(p[n:], at); hit > 0 {
			n += hit
			continue
		}
		want := int(min(int64(len(p)-n), o.tail.off-at))
		if o.ahead(at, sequential) <= want {
			if err := o.fetch(p[n:n+want], at); err != nil {
				return n, err
			}
			n += want
			continue
		}
		w := window{off: at, data: make([]byte, o.ahead(at, sequential))}
		if err := o.fetch(w.data, at); err != nil {
			return n, err
		}
		o.keep(w)
		n += copy(p[n:n+want], w.data)
	}
	return n, nil
}

// follows notes a range and says whether it continues one of those before.
func (o *object) follows(off int64, size int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	end := off + int64(size)
	if i := slices.Index(o.ends[:], off); i >= 0 && off > 0 {
		o.ends[i] = end
		return true
	}
	o.ends[o.nextEnd] = end
	o.nextEnd = (o.nextEnd + 1) % places
	return false
}

// ahead is how many bytes to fetch at least from an offset before the tail.
func (o *object) ahead(off int64, sequential bool) int {
	size := smallRead
	if sequential {
		size = o.store.cfg.ReadAhead
	}
	return int(min(int64(size), o.tail.off-off))
}

func (o *object) cached(p []byte, off int64) int {
	if b := o.tail.from(off); b != nil {
		return copy(p, b)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, w := range o.recent {
		if b := w.from(off); b != nil {
			return copy(p, b)
		}
	}
	return 0
}

func (o *object) keep(w window) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.recent[o.next] = w
	o.next = (o.next + 1) % places
}

// fetch fills p from the server, a range larger than a part in several requests at once.
func (o *object) fetch(p []byte, off int64) error {
	part := int(o.store.cfg.PartSize)
	if len(p) <= part {
		return o.store.fetchRange(o.ctx, o, p, off)
	}
	ctx, cancel := context.WithCancelCause(o.ctx)
	defer cancel(nil)
	slots := make(chan struct{}, o.store.cfg.Parallel)
	var wg sync.WaitGroup
	for start := 0; start < len(p); start += part {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := o.store.fetchRange(ctx, o, p[start:min(start+part, len(p))], off+int64(start)); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

var errNoRange = errors.New("the server does not answer with the range that it was asked for")
