package faultstore

import (
	"context"

	"github.com/medallion-go/medallion/storage"
)

type object struct {
	storage.Object
	store *Store
}

func (o *object) ReadAt(p []byte, off int64) (int, error) {
	step := o.store.before(Read, o.Info().Key)
	switch {
	case step.err == nil:
		return o.Object.ReadAt(p, off)
	case step.does(Partly):
		n, _ := o.Object.ReadAt(p[:len(p)/2], off) // the injected failure covers whatever this one is
		return n, step.err
	}
	return 0, step.err
}

type writer struct {
	inner storage.Writer
	store *Store
	key   string
}

func (w *writer) Write(p []byte) (int, error) {
	step := w.store.before(Write, w.key)
	switch {
	case step.err == nil:
		return w.inner.Write(p)
	case step.does(After):
		n, _ := w.inner.Write(p) // the injected failure covers whatever this one is
		return n, step.err
	case step.does(Partly):
		n, _ := w.inner.Write(p[:len(p)/2])
		return n, step.err
	}
	return 0, step.err
}

func (w *writer) Commit(ctx context.Context) (storage.Info, error) {
	step := w.store.before(Commit, w.key)
	switch {
	case step.err == nil:
		return w.inner.Commit(ctx)
	case step.does(After):
		_, err := w.inner.Commit(ctx)
		return storage.Info{}, step.undecided(err)
	case step.does(Partly):
		return storage.Info{}, step.undecided(w.inner.Abort())
	}
	return storage.Info{}, step.err
}

// Abort leaves the half-made object where it is once the store has stopped.
func (w *writer) Abort() error {
	if err := w.store.stop("abort", w.key); err != nil {
		return err
	}
	return w.inner.Abort()
}
