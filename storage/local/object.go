package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"github.com/medallion-go/medallion/storage"
)

// object is an open file. It keeps the context of Open because the contract ties the reads to it.
type object struct {
	ctx  context.Context
	file *os.File
	stat fs.FileInfo // at Open
	info storage.Info
}

func openObject(ctx context.Context, path, key string) (*object, error) {
	// Opening a named pipe or a device could block, so look first.
	if stat, err := os.Stat(path); isMissing(err) || err == nil && !stat.Mode().IsRegular() {
		return nil, storage.ErrNotFound
	}
	f, err := os.Open(path)
	if isMissing(err) {
		return nil, storage.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	stat, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &object{ctx: ctx, file: f, stat: stat, info: infoOf(key, stat)}, nil
}

func (o *object) Info() storage.Info { return o.info }

// ReadAt looks at the file after the read: what was read before a change that is seen here was read before the change.
func (o *object) ReadAt(p []byte, off int64) (int, error) {
	if err := o.ctx.Err(); err != nil {
		return 0, opError("read", o.info.Key, err)
	}
	n, err := o.file.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, opError("read", o.info.Key, err)
	}
	if changed := o.checkUnchanged(); changed != nil {
		return 0, opError("read", o.info.Key, changed)
	}
	return n, err
}

func (o *object) Close() error {
	if err := o.file.Close(); err != nil {
		return opError("close", o.info.Key, err)
	}
	return nil
}

func (o *object) checkUnchanged() error {
	now, err := o.file.Stat()
	if err != nil {
		return err
	}
	if now.Size() == o.stat.Size() && now.ModTime().Equal(o.stat.ModTime()) {
		return nil
	}
	return fmt.Errorf("%w: %s had %d bytes, written to %s, and now has %d, written to %s",
		storage.ErrChanged, o.file.Name(), o.stat.Size(), o.stat.ModTime().UTC(), now.Size(), now.ModTime().UTC())
}

// infoOf gives the ETag from what tells two contents of a path apart: the file's identity, its size and its modification time.
func infoOf(key string, stat fs.FileInfo) storage.Info {
	mod := stat.ModTime().UTC()
	tag := strconv.AppendUint(make([]byte, 0, 48), fileID(stat), 16)
	tag = strconv.AppendInt(append(tag, '-'), stat.Size(), 16)
	tag = strconv.AppendInt(append(tag, '-'), mod.UnixNano(), 16)
	return storage.Info{Key: key, Size: stat.Size(), ModTime: mod, ETag: string(tag)}
}
