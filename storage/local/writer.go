package local

import (
	"bufio"
	"context"
	"errors"
	"os"

	"github.com/medallion-go/medallion/storage"
)

// writeBuffer gathers small writes; larger ones pass it by.
const writeBuffer = 64 << 10

// writer fills the temporary file of a new object. It keeps the context of Create because that one bounds the writes.
type writer struct {
	ctx   context.Context
	store *Store
	key   string
	path  string
	file  *os.File
	buf   *bufio.Writer
	ended bool
}

func newWriter(ctx context.Context, s *Store, key, path string, f *os.File) *writer {
	return &writer{ctx: ctx, store: s, key: key, path: path, file: f, buf: bufio.NewWriterSize(f, writeBuffer)}
}

func (w *writer) Write(p []byte) (int, error) {
	if err := w.usable(w.ctx); err != nil {
		return 0, opError("write", w.key, err)
	}
	n, err := w.buf.Write(p)
	if err != nil {
		return n, opError("write", w.key, err)
	}
	return n, nil
}

// Commit flushes the file to the disk and renames it. It ends the writer unless ctx has ended already.
func (w *writer) Commit(ctx context.Context) (storage.Info, error) {
	if err := errors.Join(w.usable(w.ctx), ctx.Err()); err != nil {
		return storage.Info{}, opError("commit", w.key, err)
	}
	w.ended = true
	info, err := w.finish()
	if err == nil {
		err = os.Rename(w.file.Name(), w.path)
	}
	if err != nil {
		return storage.Info{}, opError("commit", w.key, errors.Join(err, removeFile(w.file.Name())))
	}
	if err := w.store.confirm(w.path, nil); err != nil {
		return storage.Info{}, opError("commit", w.key, err)
	}
	return info, nil
}

func (w *writer) Abort() error {
	if w.ended {
		return nil
	}
	w.ended = true
	if err := errors.Join(w.file.Close(), removeFile(w.file.Name())); err != nil {
		return opError("abort", w.key, err)
	}
	return nil
}

// finish writes out what is buffered and closes the file, whatever happens.
func (w *writer) finish() (info storage.Info, err error) {
	err = w.buf.Flush()
	if err == nil && w.store.sync {
		err = w.file.Sync()
	}
	if err == nil {
		var stat os.FileInfo
		if stat, err = w.file.Stat(); err == nil {
			info = infoOf(w.key, stat)
		}
	}
	return info, errors.Join(err, w.file.Close())
}

func (w *writer) usable(ctx context.Context) error {
	if w.ended {
		return os.ErrClosed
	}
	return ctx.Err()
}
