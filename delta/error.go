package delta

import (
	"errors"
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/storage"
)

// Errors that callers branch on.
var (
	// ErrNotTable says that there is no Delta log under the path. It is also a storage.ErrNotFound.
	ErrNotTable = fmt.Errorf("delta: not a Delta table: %w", storage.ErrNotFound)
	// ErrTableExists says that Create found a table under the path, or that another writer created it first.
	ErrTableExists = errors.New("delta: table exists")
	// ErrVersionNotFound says that the table has no such version, or no longer what is needed to rebuild it.
	ErrVersionNotFound = errors.New("delta: version not found")
)

// ConflictKind says what a concurrent commit did that this one cannot be put after. The names are Spark's.
type ConflictKind uint8

// The kinds of conflict.
const (
	ConcurrentAppend       ConflictKind = iota + 1 // added files that this transaction would have read
	ConcurrentDeleteRead                           // removed files that this transaction read
	ConcurrentDeleteDelete                         // removed files that this transaction removes
	MetadataChanged                                // changed the schema, partitioning or properties
	ProtocolChanged                                // changed the protocol
	ConcurrentTransaction                          // moved the same application's transaction on
	ConcurrentCreate                               // created the table that this transaction creates
	ConcurrentDomain                               // set the same domain's metadata
	RetriesExceeded                                // took one version after the other, though nothing in them is in the way, until Config.Retries was used up
)

// String is Spark's name of the conflict.
func (k ConflictKind) String() string {
	switch k {
	case ConcurrentAppend:
		return "ConcurrentAppend"
	case ConcurrentDeleteRead:
		return "ConcurrentDeleteRead"
	case ConcurrentDeleteDelete:
		return "ConcurrentDeleteDelete"
	case MetadataChanged:
		return "MetadataChanged"
	case ProtocolChanged:
		return "ProtocolChanged"
	case ConcurrentTransaction:
		return "ConcurrentTransaction"
	case ConcurrentCreate:
		return "ConcurrentCreate"
	case ConcurrentDomain:
		return "ConcurrentDomain"
	case RetriesExceeded:
		return "RetriesExceeded"
	default:
		return "Conflict"
	}
}

// ConflictError says that another writer's commit came first and that this transaction cannot be put after it.
type ConflictError struct {
	Kind      ConflictKind
	Table     string
	Version   int64  // the commit that came first
	File      string // a file that both touch; empty where none is
	Predicate string // what this transaction read, as SQL; empty: the whole table, or nothing
	Detail    string // the application or domain that both moved on; of RetriesExceeded, how many attempts there were
}

// Error says which commit conflicts, over what, and what to do.
func (e *ConflictError) Error() string {
	if e.Kind == RetriesExceeded {
		return fmt.Sprintf("delta: %s: RetriesExceeded: others were first at every version up to %d in %s: repeat the operation, or raise Config.Retries", e.Table, e.Version, e.Detail)
	}
	s := fmt.Sprintf("delta: %s: %s with commit %d", e.Table, e.Kind, e.Version)
	if e.File != "" {
		s += " over file " + e.File
	}
	if e.Predicate != "" {
		s += " read by " + e.Predicate
	}
	if e.Detail != "" {
		s += " over " + e.Detail
	}
	return s + ": read the table again and repeat the operation"
}

// Retryable reports whether the whole operation may succeed when it begins again from a fresh snapshot.
func (e *ConflictError) Retryable() bool {
	return e.Kind != ConcurrentTransaction && e.Kind != ConcurrentCreate
}

// Is makes errors.Is(err, &ConflictError{Kind: ConcurrentAppend}) true for every conflict of that kind. A ConcurrentCreate is ErrTableExists too.
func (e *ConflictError) Is(target error) bool {
	if target == ErrTableExists {
		return e.Kind == ConcurrentCreate
	}
	t, ok := target.(*ConflictError)
	return ok && t.Table == "" && (t.Kind == 0 || t.Kind == e.Kind)
}

// PropertyError says that a table property is not known, or that it cannot have that value.
type PropertyError struct {
	Name   string
	Value  string
	Reason string
}

// Error names the property, its value and what is wrong.
func (e *PropertyError) Error() string {
	return fmt.Sprintf("delta: table property %s = %q: %s", e.Name, e.Value, e.Reason)
}

// UnsupportedError says that the table needs something that this package does not do.
type UnsupportedError struct {
	Feature string // the protocol's name for it where there is one
	Table   string
	Version int64
	Reading bool   // false: the table can be read, but not written
	Detail  string // the column, file or setting that needs it; may be empty
}

// Error names the feature and where it is needed.
func (e *UnsupportedError) Error() string {
	verb := "writing"
	if e.Reading {
		verb = "reading"
	}
	s := fmt.Sprintf("delta: %s version %d: %s needs feature %q, which is not supported", e.Table, e.Version, verb, e.Feature)
	if e.Detail != "" {
		s += " (" + e.Detail + ")"
	}
	return s
}

// Retryable is false: the same table will be refused again.
func (e *UnsupportedError) Retryable() bool { return false }

// CorruptError says that the log or a file is not what the protocol promises.
type CorruptError struct {
	Table   string
	Version int64  // -1 where no one version is at fault
	File    string // key of the object at fault; may be empty
	Reason  string
	Err     error // cause; may be nil
}

// Error says which table, version and file, what is wrong and what to do.
func (e *CorruptError) Error() string {
	s := "delta: " + e.Table
	if e.Version >= 0 {
		s += fmt.Sprintf(" version %d", e.Version)
	}
	file, advice := e.File, " (put a sound copy of the file back, or remove it and have Repair, FSCK REPAIR TABLE, take it and its rows out of the table)"
	if at := strings.Index(file, logFolder); at >= 0 {
		file, advice = file[at:], " (put a sound copy of it back; versions that do not need it can still be read)"
	}
	if file != "" {
		s += ": " + file
	}
	s += ": table is damaged: " + e.Reason
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if file != "" {
		s += advice
	}
	return s
}

// Unwrap gives the cause.
func (e *CorruptError) Unwrap() error { return e.Err }

// Retryable is false: the table stays as it is.
func (e *CorruptError) Retryable() bool { return false }
