package statement

import (
	"context"
	"time"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/plan/sql"
)

// Snapshot is the version of a table that a query names: the newest where it names none.
func Snapshot(ctx context.Context, table *delta.Table, t sql.Table) (*delta.Snapshot, error) {
	switch {
	case !t.Travels:
		return table.Snapshot(ctx)
	case t.Version >= 0:
		return table.SnapshotAt(ctx, t.Version)
	}
	at, err := ParseTime(t.Timestamp)
	if err != nil {
		return nil, failed(t.Pos, "INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT", "42K0E", "%s: %v", t, err)
	}
	return table.SnapshotAsOf(ctx, at)
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
	return table.Changes(ctx, c)
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
