// Package parquet moves data between Arrow arrays and Parquet files, with no value boxed on the way. It owns the whole path: metadata, levels,
// dictionaries, statistics, page cutting, the page loop, every bound check and the assembly of Arrow arrays. From parquet-go come the leaf packages that
// pack integers and hash bloom filters on the way out, and unpack groups of integers on the way in. Damaged files give *CorruptError, never a panic; what is
// sound but not understood gives *UnsupportedError.
package parquet

import "fmt"

// CorruptError says that a file is not what its format promises.
type CorruptError struct {
	File   string // as the caller named it; may be empty
	Column string // dotted path; empty for the file itself
	Reason string
}

// Error says which file and column, and what is wrong.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("parquet: %sfile is damaged: %s", place(e.File, e.Column), e.Reason)
}

// UnsupportedError says that a file, or a schema to be written, needs something that this package does not know.
type UnsupportedError struct {
	File   string // as the caller named it; may be empty
	Column string // dotted path; empty for the file itself
	What   string
}

// Error says which file and column, and what is not supported.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("parquet: %s%s is not supported", place(e.File, e.Column), e.What)
}

func place(file, column string) string {
	s := ""
	if file != "" {
		s = file + ": "
	}
	if column != "" {
		s += "column " + column + ": "
	}
	return s
}
