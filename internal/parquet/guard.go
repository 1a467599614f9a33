package parquet

import (
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
