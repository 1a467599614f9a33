package delta

import (
	"errors"
	"fmt"
)

// What an *Error wraps, beside delta.ErrSchemaChanged, delta.ErrNoChangeFeed and, where the log was cleaned up, delta.ErrVersionNotFound.
var (
	// ErrRowsRemoved says that a commit deleted rows.
	ErrRowsRemoved = errors.New("delta: rows were deleted")
	// ErrRowsChanged says that a commit changed rows, or replaced them.
	ErrRowsChanged = errors.New("delta: rows were changed")
	// ErrReplaced says that another table lies where the one was that was read.
	ErrReplaced = errors.New("delta: the table was replaced by another")
)

// Error says which version a stream cannot pass, why, and what to do.
type Error struct {
	Table   string
	Version int64
	Err     error
	Hint    string
}

// Error names the version and what to do.
func (e *Error) Error() string {
	return fmt.Sprintf("delta: stream of %s stops at version %d: %v: %s", e.Table, e.Version, e.Err, e.Hint)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Retryable is false: the commit stays as it is.
func (e *Error) Retryable() bool { return false }
