package s3

import (
	"context"
	"errors"
	"os"

	"github.com/medallion-go/medallion/storage"
)

// Create starts a new object. Up to Config.PartSize bytes it is held in memory and written by one request at Commit; beyond that it goes up in parts,
// Config.Parallel of them at once, which S3 joins at Commit.
func (s *Store) Create(ctx context.Context, key string) (storage.Writer, error) {
	objectKey, err := s.objectKey(ctx, key)
	if err != nil {
		return nil, s.opError("create", key, err)
	}
	return &writer{ctx: ctx, store: s, key: key, objectKey: objectKey}, nil
}

// writer gathers one part. It keeps the context of Create because that one bounds the writes.
type writer struct {
	ctx       context.Context
	store     *Store
	key       string
	objectKey string
	part      []byte
	size      int64
	upload    *upload // nil while the object fits into one part
	err       error   // of a part that did not go up: the object has a hole from there on
	ended     bool
}

func (w *writer) Write(p []byte) (int, error) {
	if err := w.usable(); err != nil {
		return 0, w.store.opError("write", w.key, err)
	}
	written := 0
	for len(p) > 0 {
		if int64(len(w.part)) == w.store.cfg.PartSize {
			if w.err = w.send(); w.err != nil {
				return written, w.store.opError("write", w.key, w.err)
			}
		}
		n := min(len(p), int(w.store.cfg.PartSize)-len(w.part))
		w.grow(n)
		w.part = append(w.part, p[:n]...)
		p = p[n:]
		written += n
		w.size += int64(n)
	}
	return written, nil
}

// Commit ends the writer unless ctx has ended already. When it fails it removes the parts, so that Abort has nothing left to do.
func (w *writer) Commit(ctx context.Context) (storage.Info, error) {
	if err := errors.Join(w.usable(), ctx.Err()); err != nil {
		return storage.Info{}, w.store.opError("commit", w.key, err)
	}
	w.ended = true
	info, err := w.finish(ctx)
	if err != nil {
		return storage.Info{}, w.store.opError("commit", w.key, errors.Join(err, w.discard()))
	}
	return info, nil
}

func (w *writer) Abort() error {
	if w.ended {
		return nil
	}
	w.ended = true
	if err := w.discard(); err != nil {
		return w.store.opError("abort", w.key, err)
	}
	return nil
}

func (w *writer) usable() error {
	if w.ended {
		return os.ErrClosed
	}
	return errors.Join(w.err, w.ctx.Err())
}

// grow makes room for n bytes: twice the room while the object may be small, a whole part once it is large.
func (w *writer) grow(n int) {
	need := len(w.part) + n
	if need <= cap(w.part) {
		return
	}
	size := int(w.store.cfg.PartSize)
	if w.upload == nil {
		size = min(size, max(need, 2*cap(w.part)))
	}
	w.part = append(make([]byte, 0, size), w.part...)
}

// send sends the part that is full and takes an empty one.
func (w *writer) send() (err error) {
	if w.upload == nil {
		if w.upload, err = w.store.newUpload(w.ctx, w.objectKey); err != nil {
			return err
		}
	}
	w.part, err = w.upload.send(w.part)
	return err
}

func (w *writer) finish(ctx context.Context) (storage.Info, error) {
	if w.upload == nil {
		return w.putWhole(ctx)
	}
	if err := w.upload.sendLast(ctx, w.part); err != nil {
		return storage.Info{}, err
	}
	return w.upload.complete(ctx, w.key, w.size)
}

// putWhole replaces the object; a repeat after a lost answer writes the same again.
func (w *writer) putWhole(ctx context.Context) (info storage.Info, err error) {
	mark := w.store.newID()
	err = w.store.retry(ctx, func() error {
		out, err := w.store.putObject(ctx, w.objectKey, mark, w.part, nil)
		if err != nil {
			return err
		}
		info, err = w.store.writtenInfo(ctx, w.key, w.size, out.ETag, out.ResultMetadata)
		return err
	})
	if classify(err) == unknown {
		err = undecided(err)
	}
	return info, err
}

func (w *writer) discard() error {
	w.part = nil
	if w.upload == nil {
		return nil
	}
	return w.upload.abort()
}
