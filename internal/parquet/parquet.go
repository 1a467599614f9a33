// Package parquet moves data between Arrow arrays and Parquet files, with no value boxed on the way. It stands on the leaf packages of
// parquet-go (thrift structures, RLE, delta and plain encodings, bloom filters) and owns levels, dictionaries, statistics, page cutting, the page loop,
// every bound check and the assembly of Arrow arrays. Damaged files give *CorruptError, never a panic.
package parquet

import (
	"fmt"
)

// CorruptError says that a file is not what its format promises.
type CorruptError struct {
	File   string // as the caller named it; may be empty
	Column string // dotted path; empty for the file itself
	Reason string
}

// Error says which file and column, and what is wrong.
func (e *CorruptError) Error() string {
	s := "parquet: "
	if e.File != "" {
		s += e.File + ": "
	}
	if e.Column != "" {
		s += "column " + e.Column + ": "
	}
	return fmt.Sprintf("%sfile is damaged: %s", s, e.Reason)
}
