package delta

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Errors that a *ChangesError wraps.
var (
	// ErrNoChangeFeed says that a version did not record its changes.
	ErrNoChangeFeed = errors.New("delta: the change data feed is not enabled")
	// ErrSchemaChanged says that a version's columns cannot be read as those of a later one.
	ErrSchemaChanged = errors.New("delta: the schema changed")
)

// ChangesError says which version's changes cannot be told, and why.
type ChangesError struct {
	Table   string
	Version int64
	Detail  string
	Err     error // ErrNoChangeFeed or ErrSchemaChanged
}

// Error names the version and what to do.
func (e *ChangesError) Error() string {
	s := fmt.Sprintf("delta: %s version %d: its changes cannot be read: %s", e.Table, e.Version, e.Detail)
	if errors.Is(e.Err, ErrSchemaChanged) {
		return s + fmt.Sprintf(": read the versions up to %d and those after it separately", e.Version)
	}
	return s + ": begin with a version from which on " + changeFeedProperty + " is true"
}

// Unwrap gives the sentinel.
func (e *ChangesError) Unwrap() error { return e.Err }

// Retryable is false: the log stays as it is.
func (e *ChangesError) Retryable() bool { return false }

// changeRange is the first and the last version of a range.
func (t *Table) changeRange(ctx context.Context, newest *Snapshot, c ChangesConfig) (from, to int64, err error) {
	from, to = c.From, newest.version
	if !c.FromTime.IsZero() {
		if from, err = t.versionFrom(ctx, newest, c.FromTime); err != nil {
			return 0, 0, err
		}
	}
	switch {
	case !c.ToTime.IsZero():
		if to, err = t.versionAsOf(ctx, c.ToTime); err != nil {
			return 0, 0, err
		}
	case c.To != nil:
		to = min(*c.To, newest.version)
	}
	switch {
	case from < 0 || from > newest.version:
		return 0, 0, t.lost(ctx, from)
	case to < from:
		return 0, 0, fmt.Errorf("%w: changes of %s from version %d to %d: the range ends before it begins", ErrVersionNotFound, t.Name(), from, to)
	}
	return from, to, nil
}

// VersionFrom is the first version, of those whose commits are there, that is not earlier than a time; a *VersionError where the newest is, or it was cleaned up
// between others.
func (t *Table) VersionFrom(ctx context.Context, at time.Time) (int64, error) {
	newest, err := t.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	return t.versionFrom(ctx, newest, at)
}

// versionFrom is the first version that is not earlier than a time.
func (t *Table) versionFrom(ctx context.Context, newest *Snapshot, at time.Time) (int64, error) {
	last, err := newest.committedAt(ctx)
	if err != nil {
		return 0, err
	}
	if _, err := t.versionAsOf(ctx, at); err != nil && at.After(time.UnixMilli(last)) {
		return 0, err
	}
	before, err := t.versionAsOf(ctx, at.Add(-1))
	var gone *VersionError
	if !errors.As(err, &gone) || gone.Nearest.Before(at) {
		return before + 1, err
	}
	found, listErr := t.log.list(ctx, 0)
	if listErr != nil || len(found.commits) == 0 {
		return 0, errors.Join(err, listErr)
	}
	return found.commits[0].version, nil
}
