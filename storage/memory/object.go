package memory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/medallion-go/medallion/storage"
)

// object reads an entry. It keeps the context of Open because the contract ties the reads to it.
type object struct {
	ctx   context.Context
	entry entry
}

func (o *object) Info() storage.Info { return o.entry.info }

func (o *object) ReadAt(p []byte, off int64) (int, error) {
	if err := o.ctx.Err(); err != nil {
		return 0, fmt.Errorf("memory: read %s: %w", o.entry.info.Key, err)
	}
	if off < 0 {
		return 0, fmt.Errorf("memory: read %s: negative offset %d", o.entry.info.Key, off)
	}
	if off >= int64(len(o.entry.data)) {
		return 0, io.EOF
	}
	n := copy(p, o.entry.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (o *object) Close() error { return nil }

// writer gathers the content of an object that nobody can see yet.
type writer struct {
	ctx   context.Context
	store *Store
	key   string
	data  []byte
	ended bool
}

func (w *writer) Write(p []byte) (int, error) {
	if err := w.usable(w.ctx, "write"); err != nil {
		return 0, err
	}
	w.data = append(w.data, p...)
	return len(p), nil
}

func (w *writer) Commit(ctx context.Context) (storage.Info, error) {
	if err := errors.Join(w.usable(w.ctx, "commit"), ctx.Err()); err != nil {
		return storage.Info{}, err
	}
	w.ended = true
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	return w.store.put(w.key, w.data), nil
}

func (w *writer) Abort() error {
	w.ended, w.data = true, nil
	return nil
}

func (w *writer) usable(ctx context.Context, op string) error {
	if w.ended {
		return fmt.Errorf("memory: %s %s: the writer has ended: %w", op, w.key, os.ErrClosed)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("memory: %s %s: %w", op, w.key, err)
	}
	return nil
}
