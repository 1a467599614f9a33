package delta

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// afterCommit writes what may follow a commit: the checksum file and, every few versions, a checkpoint. The commit stands whether they succeed or not.
func (t *Table) afterCommit(ctx context.Context, s *Snapshot) *Snapshot {
	if err := t.writeChecksum(ctx, s); err != nil {
		t.warn(ctx, "delta: checksum file of version "+strconv.FormatInt(s.version, 10)+" not written", err)
	}
	interval := t.checkpointInterval(s)
	if interval <= 0 || s.version == 0 || s.version%interval != 0 {
		return s
	}
	whole, err := s.whole(ctx)
	if err == nil {
		err = t.Checkpoint(ctx, whole)
	}
	if err != nil {
		t.warn(ctx, "delta: checkpoint of version "+strconv.FormatInt(s.version, 10)+" not written", err)
		return s
	}
	s = whole
	if s.Property("delta.enableExpiredLogCleanup") != "false" {
		if _, err := t.cleanLog(ctx, s); err != nil {
			t.warn(ctx, "delta: the log was not cleaned", err)
		}
	}
	if n, err := s.advance(nil, s.seen); err == nil {
		return n // without the commits that the checkpoint has taken up
	}
	return s
}

// checkpointInterval is how many commits lie between checkpoints: what the configuration or the table says, else 10, as Spark has it, and more for many files,
// so that a commit's part of the cost of a checkpoint hardly grows with them.
func (t *Table) checkpointInterval(s *Snapshot) int64 {
	if n := t.config.CheckpointInterval; n != 0 {
		return int64(n)
	}
	if n, err := strconv.ParseInt(s.Property("delta.checkpointInterval"), 10, 64); err == nil && n > 0 {
		return n
	}
	switch {
	case s.totals == nil || s.totals.files < 1000:
		return 10
	case s.totals.files < 2000:
		return 20
	case s.totals.files < 5000:
		return 50
	default:
		return 100
	}
}

// interval reads a property like "interval 1 week". Months and years have no fixed length and are refused.
func parseInterval(text string) (time.Duration, error) {
	words := strings.Fields(strings.ToLower(strings.TrimSpace(text)))
	if len(words) > 0 && words[0] == "interval" {
		words = words[1:]
	}
	if len(words) == 0 || len(words)%2 != 0 {
		return 0, fmt.Errorf("delta: %q is no interval: write one like interval 7 days", text)
	}
	units := map[string]time.Duration{
		"week": 7 * 24 * time.Hour, "day": 24 * time.Hour, "hour": time.Hour, "minute": time.Minute, "second": time.Second,
		"millisecond": time.Millisecond, "microsecond": time.Microsecond,
	}
	var sum time.Duration
	for i := 0; i < len(words); i += 2 {
		n, err := strconv.ParseInt(words[i], 10, 64)
		unit, ok := units[strings.TrimSuffix(words[i+1], "s")]
		if err != nil || !ok {
			return 0, fmt.Errorf("delta: %q is no interval of weeks, days, hours, minutes or seconds", text)
		}
		sum += time.Duration(n) * unit
	}
	return sum, nil
}

// retention is a property that holds an interval; a value that is none counts as the default.
func (s *Snapshot) retention(property string, otherwise time.Duration) time.Duration {
	if v := s.Property(property); v != "" {
		if d, err := parseInterval(v); err == nil {
			return d
		}
	}
	return otherwise
}
