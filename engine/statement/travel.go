package statement

import (
	"context"
	"errors"
	"time"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan/sql"
)

// Snapshot is the version of a table that a query names: the newest where it names none. One that cannot be read, as it was cleaned up or never was, is an *expr.Error
// of a *delta.VersionError.
func Snapshot(ctx context.Context, table *delta.Table, t sql.Table) (*delta.Snapshot, error) {
	return snapshot(ctx, table, t, travelling)
}

func snapshot(ctx context.Context, table *delta.Table, t sql.Table, classes versionClasses) (*delta.Snapshot, error) {
	if !t.Travels {
		return table.Snapshot(ctx)
	}
	if t.Version >= 0 {
		s, err := table.SnapshotAt(ctx, t.Version)
		return s, classes.of(err, t.Pos)
	}
	at, err := ParseTime(t.Timestamp)
	if err != nil {
		return nil, failed(t.Pos, "INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT", "42K0E", "%s: %v", t, err)
	}
	s, err := table.SnapshotAsOf(ctx, at)
	return s, classes.of(err, t.Pos)
}

// versionClasses are Spark's classes for a version that cannot be read, for a time before all that can, and for one after the newest; each with its SQLSTATE.
type versionClasses struct{ version, early, late [2]string }

var (
	travelling = versionClasses{
		[2]string{"DELTA_VERSION_NOT_FOUND", "22003"},
		[2]string{"DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION", "42816"},
		[2]string{"DELTA_TIMESTAMP_GREATER_THAN_COMMIT", "42816"},
	}
	restoring = versionClasses{
		[2]string{"DELTA_CANNOT_RESTORE_TABLE_VERSION", "22003"},
		[2]string{"DELTA_CANNOT_RESTORE_TIMESTAMP_EARLIER", "22003"},
		[2]string{"DELTA_CANNOT_RESTORE_TIMESTAMP_GREATER", "22003"},
	}
)

// of gives an error about a version its class and its place.
func (c versionClasses) of(err error, pos expr.Pos) error {
	var e *delta.VersionError
	if !errors.As(err, &e) {
		return err
	}
	class := c.version
	switch {
	case e.Changes && !e.Cleaned:
		class = [2]string{"DELTA_CDC_START_VERSION_AFTER_LATEST", "22003"}
	case e.Time.IsZero():
	case e.Nearest.After(e.Time):
		class = c.early
	case !e.Cleaned:
		class = c.late
	}
	return &expr.Error{Class: class[0], SQLState: class[1], Message: err.Error(), Line: pos.Line, Column: pos.Column, Err: err}
}

// Changes is what changed in a table between the moments that a query names.
func Changes(ctx context.Context, table *delta.Table, t sql.Table) (*delta.Changes, error) {
	var c delta.ChangesConfig
	for _, m := range []struct {
		sql.Moment
		version func(int64)
		time    *time.Time
	}{
		{t.From, func(v int64) { c.From = v }, &c.FromTime},
		{t.To, func(v int64) { c.To = &v }, &c.ToTime},
	} {
		switch {
		case m.Version >= 0:
			m.version(m.Version)
		case m.Timestamp != "":
			at, err := ParseTime(m.Timestamp)
			if err != nil {
				return nil, failed(t.Pos, "INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT", "42K0E", "%s: %v", t, err)
			}
			*m.time = at
		}
	}
	changes, err := table.Changes(ctx, c)
	return changes, travelling.of(err, t.Pos)
}

// ParseTime reads a time to travel to, in UTC where the text names no zone.
func ParseTime(text string) (time.Time, error) {
	var first error
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", time.DateOnly} {
		t, err := time.Parse(layout, text)
		if err == nil {
			return t, nil
		}
		if first == nil {
			first = err
		}
	}
	return time.Time{}, first
}
