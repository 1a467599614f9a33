package delta

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
)

// commitMark recognises a commit's object again, and tells it from another under its name: that of a table which was put in the place of one.
type commitMark struct {
	size     int64 // bytes; -1: the object is not known
	etag     string
	modified time.Time
	txnID    string // of a commit of our own, whose object was never looked at
}

func markOf(i storage.Info) commitMark {
	return commitMark{size: i.Size, etag: i.ETag, modified: i.ModTime}
}

// matches reports whether a listing has the object still, as far as the mark knows it.
func (m commitMark) matches(i storage.Info) bool {
	switch {
	case m.size != i.Size:
		return false
	case m.txnID != "":
		return true
	case m.etag != "" || i.ETag != "":
		return m.etag == i.ETag
	default:
		return m.modified.Equal(i.ModTime)
	}
}

// isKept reports whether the log still has the commit that the kept snapshot ends with. Of a commit of our own only the size and the ID are known, so that it is looked
// into once.
func (t *Table) isKept(ctx context.Context, kept *Snapshot, now commitFile) (bool, error) {
	if now.version != kept.version || !kept.mark.matches(now.info) {
		return false, nil
	}
	if kept.mark.txnID == "" {
		return true, nil
	}
	is, err := t.log.look(ctx, kept)
	return is == sameCommit, err
}

// sighting is what the log has in the place of a snapshot's commit.
type sighting uint8

const (
	otherObject sighting = iota // none, or one that differs from what is known of the commit
	otherCommit                 // another commit for certain
	sameCommit
)

// look finds out whether the log still has a snapshot's commit, by opening that alone.
func (l *log) look(ctx context.Context, s *Snapshot) (is sighting, err error) {
	if s.mark.size < 0 {
		return otherObject, nil
	}
	o, err := l.store.Open(ctx, l.key(commitName(s.version)))
	if errors.Is(err, storage.ErrNotFound) {
		return otherObject, nil
	}
	if err != nil {
		return otherObject, fmt.Errorf("delta: look for commit %d of %s: %w", s.version, l.table, err)
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	switch {
	case s.mark.txnID != "":
		return s.mark.foundIn(o)
	case s.mark.matches(o.Info()):
		return sameCommit, nil
	default:
		return otherObject, nil
	}
}

// stillIs is nil where the log has a snapshot's commit still. Where it does not know that, it is the newest snapshot, if that is of the same table; a table in whose
// place there is another is a *ConflictError.
func (t *Table) stillIs(ctx context.Context, s *Snapshot) (now *Snapshot, err error) {
	is, err := t.log.look(ctx, s)
	if is == sameCommit || err != nil {
		return nil, err
	}
	now, err = t.Snapshot(ctx)
	if err == nil && (now.ID() != s.ID() || now.version < s.version || is == otherCommit) {
		err = &ConflictError{Kind: MetadataChanged, Table: t.Name(), Version: now.version, Detail: "the table, which was dropped and created again"}
	}
	return now, err
}

// commitHead is how much of a commit is read to find its ID, which our own tell at their beginning.
const commitHead = 16 << 10

// foundIn looks for the ID of a commit of our own in an object.
func (m commitMark) foundIn(o storage.Object) (sighting, error) {
	id := append([]byte(`"txnId":`), schema.AppendQuoted(nil, m.txnID)...)
	size := o.Info().Size
	for n := min(size, commitHead); m.size == size; n = size {
		head := make([]byte, n)
		if _, err := o.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
			return otherObject, err
		}
		if bytes.Contains(head, id) {
			return sameCommit, nil
		}
		if n == size {
			break
		}
	}
	return otherCommit, nil
}
