package delta

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/medallion-go/medallion/delta/internal/deletionvector"
	"github.com/medallion-go/medallion/storage"
)

// versionBytes is how far into a file of vectors a vector may begin for the file's version to be read in one go with it.
const versionBytes = 64 << 10

// fileVector is the deletion vector of a file that a scan reads: it is loaded once, by whoever needs it first.
type fileVector struct {
	mu   sync.Mutex
	rows *deletionvector.Vector
}

// load gives the vector. One that fails to load is tried again by the next who needs it.
func (v *fileVector) load(ctx context.Context, s *Snapshot, f *File) (*deletionvector.Vector, error) {
	if v == nil {
		return nil, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.rows != nil {
		return v.rows, nil
	}
	rows, err := s.deletedRows(ctx, f)
	if t := f.told(); t != nil && err == nil {
		rows, err = s.toldRows(ctx, f, t)
	}
	if err != nil {
		return nil, err
	}
	v.rows = rows
	return rows, nil
}

// deletedRows reads the deletion vector of a file: the positions of its rows that are deleted, none where it has no vector. A vector that is not what the log
// says of it, by its checksum, its size, its number of rows or a row beyond the file's, is a *CorruptError.
func (s *Snapshot) deletedRows(ctx context.Context, f *File) (*deletionvector.Vector, error) {
	return s.vectorRows(ctx, f, f.vector())
}

// numDeleted is how many rows the file's deletion vector says are deleted.
func (f *File) numDeleted() int64 {
	if v := f.vector(); v != nil {
		return v.cardinality
	}
	return 0
}

// vectorRows reads a deletion vector of a file, nil for none.
func (s *Snapshot) vectorRows(ctx context.Context, f *File, d *deletionVector) (*deletionvector.Vector, error) {
	if d == nil {
		return &deletionvector.Vector{}, nil
	}
	rows, err := s.table.readVector(ctx, d)
	if err == nil {
		err = d.check(rows, f)
	}
	var unreadable *vectorError
	switch {
	case err == nil:
		return rows, nil
	case errors.As(err, &unreadable):
		return nil, &CorruptError{Table: s.table.Name(), Version: s.version, File: f.Path, Reason: "its deletion vector cannot be used", Err: unreadable.err}
	default:
		return nil, fmt.Errorf("delta: read %s version %d: deletion vector of file %s: %w", s.table.Name(), s.version, f.Path, err)
	}
}

// toldRows are the rows of one vector of a file that are not in another.
func (s *Snapshot) toldRows(ctx context.Context, f *File, t *toldRows) (*deletionvector.Vector, error) {
	in, err := s.vectorRows(ctx, f, t.in)
	if err != nil {
		return nil, err
	}
	notIn, err := s.vectorRows(ctx, f, t.notIn)
	if err != nil {
		return nil, err
	}
	return in.Without(notIn), nil
}

// vectorError is a fault of a vector, rather than of the store that holds it.
type vectorError struct{ err error }

func (e *vectorError) Error() string { return e.err.Error() }

func (e *vectorError) Unwrap() error { return e.err }

// check compares a vector with what the log says of it.
func (d *deletionVector) check(rows *deletionvector.Vector, f *File) error {
	if n := rows.Count(); n != d.cardinality {
		return &vectorError{fmt.Errorf("it has %d rows, the log says %d", n, d.cardinality)}
	}
	last := rows.Max()
	if d.maxRowIndex != nil && rows.Count() > 0 && last > *d.maxRowIndex {
		return &vectorError{fmt.Errorf("it has row %d, the log says that %d is the last", last, *d.maxRowIndex)}
	}
	if records, ok := statsNumRecords(f.Stats); ok && last >= records {
		return &vectorError{fmt.Errorf("it has row %d, the file has %d rows", last, records)}
	}
	return nil
}

// readVector reads a vector from the log's text or from its file.
func (t *Table) readVector(ctx context.Context, d *deletionVector) (*deletionvector.Vector, error) {
	path, err := d.path()
	if err != nil {
		return nil, &vectorError{err}
	}
	if path == "" {
		v, err := deletionvector.ParseInline(d.pathOrInline, d.sizeInBytes)
		if err != nil {
			return nil, &vectorError{err}
		}
		return v, nil
	}
	o, key, err := t.openPath(ctx, path)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, fmt.Errorf("its file %s is gone; a vacuum that does not know deletion vectors may have removed it: %w", key, err)
	}
	if err != nil {
		return nil, err
	}
	v, err := readFrame(o, d)
	return v, errors.Join(err, o.Close())
}

// readFrame reads a vector from its file, of which no more is read than the file has.
func readFrame(o storage.Object, d *deletionVector) (*deletionvector.Vector, error) {
	at := int64(0)
	if d.offset != nil {
		at = *d.offset
	}
	size := deletionvector.FrameSize(d.sizeInBytes)
	if at < deletionvector.FirstOffset || d.sizeInBytes < 0 || d.sizeInBytes > math.MaxInt32 || at > o.Info().Size-size {
		return nil, &vectorError{fmt.Errorf("%d bytes at %d are not within its file of %d bytes", d.sizeInBytes, at, o.Info().Size)}
	}
	from := at
	if at <= versionBytes {
		from = 0
	}
	data := make([]byte, at-from+size)
	if _, err := io.ReadFull(io.NewSectionReader(o, from, int64(len(data))), data); err != nil {
		return nil, err
	}
	first := data[:1]
	if from > 0 {
		first = make([]byte, 1)
		if _, err := io.ReadFull(io.NewSectionReader(o, 0, 1), first); err != nil {
			return nil, err
		}
	}
	if err := deletionvector.CheckVersion(first[0]); err != nil {
		return nil, &vectorError{err}
	}
	v, err := deletionvector.ParseFrame(data[at-from:])
	if err != nil {
		return nil, &vectorError{err}
	}
	return v, nil
}
