package files

import (
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/storage"
)

// NoFolderError says that the local folder which a pattern begins with is not there: its name is wrong, or what holds it is not mounted.
type NoFolderError struct {
	Folder  string // its path
	Pattern string
}

// Error names the folder and what to do.
func (e *NoFolderError) Error() string {
	return fmt.Sprintf("files: %s: there is no folder %s: correct the pattern, or make the folder if its files are yet to come", e.Pattern, e.Folder)
}

// Unwrap is storage.ErrNotFound.
func (e *NoFolderError) Unwrap() error { return storage.ErrNotFound }

// GoneError says that a file of a batch is no longer there, so that the batch cannot be read again.
type GoneError struct {
	File string // its URL, or its key where the store has no URLs
}

// Error names the file and what to do.
func (e *GoneError) Error() string {
	return fmt.Sprintf("files: %s was listed for this batch and is gone: the next run goes on without it", e.File)
}

// Unwrap is storage.ErrNotFound and source.ErrGone.
func (e *GoneError) Unwrap() []error { return []error{storage.ErrNotFound, source.ErrGone} }

// ChangedError says that a file of a batch is no longer the one that was listed.
type ChangedError struct {
	File          string
	Listed, Found storage.Info
}

// Error names the file, what differs and what to do.
func (e *ChangedError) Error() string {
	const layout = "2006-01-02T15:04:05.000Z07:00"
	return fmt.Sprintf("files: %s changed after it was listed for this batch (%d bytes of %s, now %d bytes of %s): "+
		"files must not be written to once they are in the folder; the next run takes it as it is then",
		e.File, e.Listed.Size, e.Listed.ModTime.Format(layout), e.Found.Size, e.Found.ModTime.Format(layout))
}

// Unwrap is storage.ErrChanged and source.ErrGone.
func (e *ChangedError) Unwrap() []error { return []error{storage.ErrChanged, source.ErrGone} }

// CorruptError says that a file as a whole cannot be read: it is cut short, or damaged, or not of the format that its name tells, or CSV in UTF-16. Nothing of its batch is
// committed. The flow waits until the file is put right or taken away; its next run then goes on.
type CorruptError struct {
	File   string
	Format string // what it was read as: gzip, zstd, snappy, UTF-8 or Parquet
	Err    error  // what the reader of that format found
}

// Error names the file, what is wrong and what to do.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("files: %s cannot be read as %s: %v: replace it with a sound copy, or take it out of the folder; the next run then goes on",
		e.File, e.Format, e.Err)
}

// Unwrap is what the reader of the format found.
func (e *CorruptError) Unwrap() error { return e.Err }

// NewColumnsError says that a file has columns that the schema lacks, where the source's evolution mode does not take that (FailOnNewColumns,
// AddNewColumns).
type NewColumnsError struct {
	File    string
	Columns []string
	Added   bool // the next Schema includes them: run again

	inferred bool // the schema is
}

// Error names the file, the columns and what to do.
func (e *NewColumnsError) Error() string {
	advice := "change the schema or the file"
	switch {
	case e.Added:
		advice = "run again, the schema that is inferred then has them"
	case e.inferred:
		advice = "what the schema is inferred from does not have them: name them by files.WithDDL, keep them in _rescued_data by files.Evolution(files.Rescue), " +
			"or widen files.Sample"
	}
	return fmt.Sprintf("files: %s has columns that the schema lacks: %s (%s)", e.File, strings.Join(e.Columns, ", "), advice)
}

// TypeError says that a Parquet file's column cannot be read as the schema's type, and that there is no _rescued_data to keep it in.
type TypeError struct {
	File, Column, Have, Want string
}

// Error names the file, the column, both types and what to do.
func (e *TypeError) Error() string {
	return fmt.Sprintf("files: %s: column %s is %s and cannot be read as %s: add a column _rescued_data STRING to keep such values",
		e.File, e.Column, e.Have, e.Want)
}
