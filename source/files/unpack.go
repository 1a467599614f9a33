package files

import (
	"errors"
	"fmt"
	"io"
)

// unpacked is the text of a packed file.
func (f *textFile) unpacked(packed compression) (io.ReadCloser, error) {
	r, err := unpack(io.NewSectionReader(f, 0, f.split.block.file.Size), packed)
	if err != nil {
		return nil, f.unpackError(packed, err)
	}
	return &unpacker{ReadCloser: r, file: f, packed: packed}, nil
}

// unpacker gives the errors of a packed file's reader as what they are. A file that was cut short must not end in io.ErrUnexpectedEOF itself: io.ReadFull
// says that of any end.
type unpacker struct {
	io.ReadCloser
	file   *textFile
	packed compression
	failed bool // Close then has nothing to add
}

func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		u.failed = true
		err = u.file.unpackError(u.packed, err)
	}
	return n, err
}

func (u *unpacker) Close() error {
	if err := u.ReadCloser.Close(); err != nil && !u.failed {
		return u.file.unpackError(u.packed, err)
	}
	return nil
}

// unpackError tells damage in the file from a store that failed.
func (f *textFile) unpackError(packed compression, err error) error {
	if f.fault != nil {
		return fmt.Errorf("files: unpack %s: %w", f.split.block.url, err)
	}
	return &CorruptError{File: f.split.block.url, Format: packed.String(), Err: err}
}
