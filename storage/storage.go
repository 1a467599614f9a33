// Package storage is the port through which medallion reads and writes objects.
//
// A Store is a flat space of objects named by slash-separated keys. Keys are relative: they never begin with a slash and hold no empty, "." or ".."
// component. The implementations are storage/local, storage/memory, storage/s3 and storage/s3dynamodb; storage/storagetest is the suite that each passes, and
// storage/faultstore fails the n-th call of another store, for tests.
package storage

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

// Errors that callers branch on. Implementations wrap them together with the key and the operation.
var (
	// ErrExists says that PutIfAbsent found an object under its key. It is certain: nothing was written.
	ErrExists = errors.New("storage: object exists")
	// ErrNotFound says that there is no object under the key.
	ErrNotFound = errors.New("storage: object not found")
	// ErrUndecided says that a write may or may not have taken effect (a time-out, a lost response, S3's 409). The caller must look before it
	// tries again.
	ErrUndecided = errors.New("storage: outcome of the write is unknown")
	// ErrChanged says that an object is no longer the one that was opened: its size or ETag differs.
	ErrChanged = errors.New("storage: object changed while it was read")
)

// Info describes one object.
type Info struct {
	Key     string
	Size    int64     // bytes
	ModTime time.Time // UTC, as the store tells it
	ETag    string    // opaque; empty where the store has none
}

// Store holds objects. Implementations are safe for concurrent use. Reads see every write that ended before them, lists too.
type Store interface {
	// Open returns the object for ranged reads, or ErrNotFound. Reads fail once ctx has ended, and with ErrChanged when the object was replaced.
	Open(ctx context.Context, key string) (Object, error)
	// Create starts a new object, whole or not at all: nothing is visible under key before Commit, which replaces an object that is there.
	Create(ctx context.Context, key string) (Writer, error)
	// PutIfAbsent creates the object, or returns ErrExists. Exactly one of concurrent callers wins; ErrUndecided means look and decide.
	PutIfAbsent(ctx context.Context, key string, data []byte) error
	// List yields the objects whose keys begin with prefix and are greater than startAfter, in ascending order of the keys' bytes, at every depth.
	// A prefix that matches nothing yields nothing. An error comes last and alone.
	List(ctx context.Context, prefix, startAfter string) iter.Seq2[Info, error]
	// Delete removes the objects. A key that does not exist is no error.
	Delete(ctx context.Context, keys ...string) error
}

// Object is an open object. Its owner closes it.
type Object interface {
	io.ReaderAt
	io.Closer
	Info() Info
}

// Writer streams one new object. Exactly one of Commit and Abort ends it; Abort after Commit does nothing, so it can be deferred.
type Writer interface {
	io.Writer
	Commit(ctx context.Context) (Info, error)
	Abort() error
}

// Locator is what a Store has besides, when its objects have an address outside the program: file:///data/x, s3://bucket/x.
type Locator interface {
	URL(key string) string
}
