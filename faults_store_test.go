package medallion_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/local"
)

// errDenied is the cause of every failure of a denied store.
var errDenied = errors.New("the test denies it")

// denied is a store that refuses what deny says: open, list, create, put or delete of a key, or a write to or commit of one.
type denied struct {
	storage.Store
	deny func(op, key string) bool
	err  error
}

func (d *denied) check(op, key string) error {
	if d.deny(op, key) {
		return fmt.Errorf("%s %s: %w", op, key, d.err)
	}
	return nil
}

func (d *denied) Open(ctx context.Context, key string) (storage.Object, error) {
	if err := d.check("open", key); err != nil {
		return nil, err
	}
	return d.Store.Open(ctx, key)
}

func (d *denied) Create(ctx context.Context, key string) (storage.Writer, error) {
	if err := d.check("create", key); err != nil {
		return nil, err
	}
	w, err := d.Store.Create(ctx, key)
	return &deniedWriter{Writer: w, store: d, key: key}, err
}

func (d *denied) PutIfAbsent(ctx context.Context, key string, data []byte) error {
	if err := d.check("put", key); err != nil {
		return err
	}
	return d.Store.PutIfAbsent(ctx, key, data)
}

// deniedWriter is a writer of a denied store.
type deniedWriter struct {
	storage.Writer
	store *denied
	key   string
}

func (w *deniedWriter) Write(p []byte) (int, error) {
	if err := w.store.check("write", w.key); err != nil {
		return 0, err
	}
	return w.Writer.Write(p)
}

func (w *deniedWriter) Commit(ctx context.Context) (storage.Info, error) {
	if err := w.store.check("commit", w.key); err != nil {
		return storage.Info{}, err
	}
	return w.Writer.Commit(ctx)
}

func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}

// diskLake is a lake in a directory of the test's own.
func diskLake(t *testing.T) *medalliontest.Lake {
	t.Helper()
	store, err := local.Config{NoSync: true}.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	lake := medalliontest.NewLake(t)
	onStore(lake, store)
	return lake
}
