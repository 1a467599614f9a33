package files

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/medallion-go/medallion/storage"
)

// textFile is the open file of a split. What is appended to a plain file while it is read does not disturb: the store then refuses the open object, so it is
// opened again.
type textFile struct {
	split  *textSplit
	ctx    context.Context
	object storage.Object
	bytes  int64 // read from the store
	fault  error // the store's last error, which is not the file's
}

func (f *textFile) open() (err error) {
	f.object, err = f.split.source.open(f.ctx, f.split.block.file)
	return err
}

func (f *textFile) close() error {
	if f.object == nil {
		return nil
	}
	return f.object.Close()
}

// ReadAt reads of the listed bytes only.
func (f *textFile) ReadAt(p []byte, at int64) (int, error) {
	left := f.split.block.file.Size - at
	if left <= 0 {
		return 0, io.EOF
	}
	short := int64(len(p)) > left
	if short {
		p = p[:left]
	}
	n, err := f.readUnchanged(p, at)
	f.bytes += int64(n)
	if n < len(p) {
		f.fault = err
		return n, err
	}
	if short {
		return n, io.EOF
	}
	return n, nil
}

func (f *textFile) readUnchanged(p []byte, at int64) (int, error) {
	const attempts = 5
	for try := 1; ; try++ {
		n, err := f.object.ReadAt(p, at)
		if !errors.Is(err, storage.ErrChanged) {
			return n, err
		}
		found := f.object.Info()
		if try == attempts {
			return 0, &ChangedError{File: f.split.block.url, Listed: f.split.block.file, Found: found}
		}
		err = f.object.Close()
		f.object = nil
		if err = errors.Join(err, f.open()); err != nil {
			return 0, err
		}
	}
}

// full fills p from at, or fails.
func (f *textFile) full(p []byte, at int64) error {
	n, err := f.ReadAt(p, at)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("files: read %s at byte %d: %w", f.split.block.url, at+int64(n), err)
}

// packing is how the file is packed: by its first bytes if it is one split, else not at all, for Plan has looked.
func (f *textFile) packing() (compression, error) {
	if !f.split.isWhole() {
		return plain, nil
	}
	return f.magic()
}

func (f *textFile) magic() (compression, error) {
	head := make([]byte, min(magicBytes, f.split.block.file.Size))
	if err := f.full(head, 0); err != nil {
		return plain, err
	}
	if f.split.format == CSV && isUTF16(head) {
		return plain, &CorruptError{File: f.split.block.url, Format: "UTF-8", Err: errUTF16}
	}
	return compressionOf(head), nil
}
