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
		return s + fmt.Sprintf(": read up to version %d and from version %d on separately", e.Version, e.Version+1)
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
		if to, err = t.versionUpTo(ctx, newest, c.ToTime); err != nil {
			return 0, 0, err
		}
	case c.To != nil:
		to = *c.To
	}
	switch {
	case from < 0 || from > newest.version:
		return 0, 0, fmt.Errorf("%w: %s has no version %d to read changes from, the newest is %d", ErrVersionNotFound, t.Name(), from, newest.version)
	case to > newest.version:
		return 0, 0, fmt.Errorf("%w: %s has no version %d to read changes up to, the newest is %d", ErrVersionNotFound, t.Name(), to, newest.version)
	case to < from:
		return 0, 0, fmt.Errorf("%w: changes of %s from version %d to %d: the range ends before it begins", ErrVersionNotFound, t.Name(), from, to)
	}
	return from, to, nil
}

// versionFrom is the first version that is not earlier than a time.
func (t *Table) versionFrom(ctx context.Context, newest *Snapshot, at time.Time) (int64, error) {
	commits, times, err := t.timedCommits(ctx, newest)
	if err != nil {
		return 0, err
	}
	for i, when := range times {
		if !when.Before(at) {
			return commits[i].version, nil
		}
	}
	return 0, fmt.Errorf("%w: %s is after the newest commit of %s, version %d of %s", ErrVersionNotFound,
		at.UTC().Format(time.RFC3339Nano), t.Name(), newest.version, times[len(times)-1].UTC().Format(time.RFC3339Nano))
}

// versionUpTo is the last version that is not later than a time.
func (t *Table) versionUpTo(ctx context.Context, newest *Snapshot, at time.Time) (int64, error) {
	commits, times, err := t.timedCommits(ctx, newest)
	if err != nil {
		return 0, err
	}
	for i := len(times) - 1; i >= 0; i-- {
		if !times[i].After(at) {
			return commits[i].version, nil
		}
	}
	return 0, fmt.Errorf("%w: %s is before the first commit of %s that is still there, version %d of %s", ErrVersionNotFound,
		at.UTC().Format(time.RFC3339Nano), t.Name(), commits[0].version, times[0].UTC().Format(time.RFC3339Nano))
}

// timedCommits are the commits that are still there, with their times.
func (t *Table) timedCommits(ctx context.Context, newest *Snapshot) ([]commitFile, []time.Time, error) {
	found, err := t.log.list(ctx, 0)
	if err != nil {
		return nil, nil, err
	}
	if len(found.commits) == 0 {
		return nil, nil, fmt.Errorf("%w: %s has no commit left that tells its time", ErrVersionNotFound, t.Name())
	}
	times, err := t.commitTimes(ctx, newest, found.commits)
	return found.commits, times, err
}
