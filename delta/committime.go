package delta

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/medallion-go/medallion/storage"
)

// The properties of in-commit timestamps (Delta protocol: In-Commit Timestamps). The latter two are there if the table is older than the feature.
const (
	inCommitProperty  = "delta.enableInCommitTimestamps"
	inCommitVersion   = "delta.inCommitTimestampEnablementVersion"
	inCommitTimestamp = "delta.inCommitTimestampEnablementTimestamp"
)

// inCommitTimes reports whether commits tell their own time.
func inCommitTimes(p *Protocol, m *Metadata) bool {
	return p != nil && m != nil && m.Configuration[inCommitProperty] == "true" && p.supports("inCommitTimestamp")
}

// stamp gives the attempt the time that its commit will tell, at least a millisecond after the commit before, and records in the metadata since when commits
// do so. Each attempt needs its own: another version may be the one before by then.
func (c *commit) stamp(ctx context.Context) error {
	c.metadata = c.tx.metadata
	protocol, m := c.outcome()
	if c.committed = 0; !inCommitTimes(protocol, m.Metadata) {
		return nil
	}
	c.committed = c.tx.table.config.Clock().UnixMilli()
	if c.latest == nil {
		return nil
	}
	before, err := c.latest.committedAt(ctx)
	if err != nil {
		return err
	}
	c.committed = max(c.committed, before+1)
	if c.metadata != nil {
		c.metadata = c.metadata.enabledAfter(c.latest, c.committed)
	}
	return nil
}

// enabledAfter is the metadata with what it must say about when in-commit timestamps were enabled: by this commit, or long before it.
func (m *tableMetadata) enabledAfter(before *Snapshot, at int64) *tableMetadata {
	c := m.clone()
	if inCommitTimes(before.protocol, before.metadata.Metadata) {
		for _, k := range []string{inCommitVersion, inCommitTimestamp} {
			if v := before.Property(k); v != "" {
				c.Configuration[k] = v
			}
		}
	} else {
		c.Configuration[inCommitVersion] = strconv.FormatInt(before.version+1, 10)
		c.Configuration[inCommitTimestamp] = strconv.FormatInt(at, 10)
	}
	return &tableMetadata{&c, m.schema}
}

// committedAt is when the snapshot's version was committed, in ms since the epoch: by the commit's own word where the table has in-commit timestamps, else by
// its file.
func (s *Snapshot) committedAt(ctx context.Context) (int64, error) {
	if s.committed != 0 {
		return s.committed, nil
	}
	l := s.table.log
	if inCommitTimes(s.protocol, s.metadata.Metadata) {
		ms, err := l.inCommitTime(ctx, newParser(), s.version)
		if errors.Is(err, storage.ErrNotFound) {
			if c, crcErr := l.readChecksum(ctx, s.version); crcErr == nil && c != nil && c.committed != nil {
				return *c.committed, nil
			}
		}
		return ms, err
	}
	o, err := l.store.Open(ctx, l.key(commitName(s.version)))
	if errors.Is(err, storage.ErrNotFound) {
		return 0, nil // cleaned up: it is older than anything that is committed now
	}
	if err != nil {
		return 0, fmt.Errorf("delta: the time of commit %d of %s: %w", s.version, l.table, err)
	}
	return o.Info().ModTime.UnixMilli(), o.Close()
}

// inCommitTime reads the time that a commit tells.
func (l *log) inCommitTime(ctx context.Context, p *parser, version int64) (int64, error) {
	key := l.key(commitName(version))
	a, err := l.readCommit(ctx, p, key, version)
	if err != nil {
		return 0, err
	}
	ms, ok := a.inCommitTime()
	if !ok {
		return 0, &CorruptError{Table: l.table, Version: version, File: key, Reason: "the commit has no inCommitTimestamp, which the table's properties promise"}
	}
	return ms, nil
}

// inCommitTime is the time that the commit tells, in ms since the epoch.
func (a *actions) inCommitTime() (ms int64, ok bool) {
	if a.info == "" {
		return 0, false
	}
	s := &scanner{text: a.info}
	for k := range s.members {
		if k == "inCommitTimestamp" && !s.null() {
			ms, ok = s.int64(), true
		} else {
			s.skip(0)
		}
	}
	return ms, ok && s.err == nil
}
