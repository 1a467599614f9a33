package parquet

import (
	"errors"
	"fmt"
	"strings"
)

// The limits that keep what is read in proportion, whatever a file claims.
const (
	maxFooterBytes = 1 << 30
	maxPageHeader  = 1 << 20
	maxIndexBytes  = 64 << 20
)

// guard runs decoding code. An index out of range in there means that the file lied where no check of its own was worth its time; it is reported as damage.
func (f *File) guard(column string, decode func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = f.corrupt(column, "%v", r)
		}
	}()
	return decode()
}

// corrupt makes the error for a damaged file.
func (f *File) corrupt(column, format string, args ...any) error {
	return &CorruptError{File: f.cfg.Name, Column: column, Reason: strings.TrimPrefix(fmt.Sprintf(format, args...), "runtime error: ")}
}

// explain turns what decoding found wrong into *CorruptError; other errors stay.
func (f *File) explain(column string, err error) error {
	var c *CorruptError
	var u *UnsupportedError
	if err == nil || errors.As(err, &c) || errors.As(err, &u) || errors.Is(err, errTooLong) || isReadError(err) {
		return err
	}
	return f.corrupt(column, "%v", err)
}

// readError is an error of the io.ReaderAt or of a context, not of the file's content.
type readError struct{ error }

func (e readError) Unwrap() error { return e.error }

func isReadError(err error) bool {
	var r readError
	return errors.As(err, &r)
}
