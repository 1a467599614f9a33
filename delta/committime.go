package delta

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"time"

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

// SnapshotAsOf reads the version that was the newest at the time: the last whose commit is not later. It returns ErrVersionNotFound for times before the
// first commit that is still there and, as Spark does, for times after the newest.
func (t *Table) SnapshotAsOf(ctx context.Context, at time.Time) (*Snapshot, error) {
	version, err := t.versionAsOf(ctx, at)
	if err != nil {
		return nil, err
	}
	return t.SnapshotAt(ctx, version)
}

// versionAsOf is the newest version that is not later than the time. Commits since in-commit timestamps were enabled are compared by them and are the only
// ones asked from that time on; those before are compared by their files' times.
func (t *Table) versionAsOf(ctx context.Context, at time.Time) (int64, error) {
	newest, err := t.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	found, err := t.log.list(ctx, 0)
	if err != nil {
		return 0, err
	}
	if len(found.commits) == 0 {
		return 0, fmt.Errorf("%w: %s has no commit left that tells its time", ErrVersionNotFound, t.Name())
	}
	before, inside := newest.splitAtEnablement(found.commits)
	if len(inside) == 0 {
		return t.asOfFiles(at, before, true)
	}
	first, err := t.log.inCommitTime(ctx, newParser(), inside[0].version)
	if err != nil {
		return 0, err
	}
	if len(before) > 0 && at.UnixMilli() < first {
		return t.asOfFiles(at, before, false)
	}
	return t.asOfCommits(ctx, at, inside)
}

// splitAtEnablement parts the commits by whether they tell their own time.
func (s *Snapshot) splitAtEnablement(commits []commitFile) (before, inside []commitFile) {
	if !inCommitTimes(s.protocol, s.metadata.Metadata) {
		return commits, nil
	}
	enabled, _ := strconv.ParseInt(s.Property(inCommitVersion), 10, 64) // without the property: since version 0
	i := sort.Search(len(commits), func(i int) bool { return commits[i].version >= enabled })
	return commits[:i], commits[i:]
}

// asOfFiles searches by the files' times; newest says that the last of these commits is the table's.
func (t *Table) asOfFiles(at time.Time, commits []commitFile, newest bool) (int64, error) {
	times := monotonic(commits)
	i := sort.Search(len(times), func(i int) bool { return times[i].After(at) })
	switch last := len(times) - 1; {
	case i == 0:
		return 0, t.tooEarly(at, times[0], commits[0].version)
	case newest && at.After(times[last]):
		return 0, t.tooLate(at, times[last], commits[last].version)
	}
	return commits[i-1].version, nil
}

// asOfCommits searches by the times that the commits tell, which ascend.
func (t *Table) asOfCommits(ctx context.Context, at time.Time, commits []commitFile) (int64, error) {
	p := newParser()
	var err error
	told := func(i int) time.Time {
		ms, readErr := t.log.inCommitTime(ctx, p, commits[i].version)
		if err == nil {
			err = readErr
		}
		return time.UnixMilli(ms)
	}
	i := sort.Search(len(commits), func(i int) bool { return err != nil || told(i).After(at) })
	if err != nil {
		return 0, err
	}
	last := len(commits) - 1
	if i == 0 {
		return 0, t.tooEarly(at, told(0), commits[0].version)
	}
	if i > last && at.After(told(last)) {
		return 0, t.tooLate(at, told(last), commits[last].version)
	}
	return commits[i-1].version, err
}

func (t *Table) tooEarly(at, first time.Time, version int64) error {
	return fmt.Errorf("%w: %s is before the first commit of %s that is still there, version %d of %s", ErrVersionNotFound,
		at.UTC().Format(time.RFC3339Nano), t.Name(), version, first.UTC().Format(time.RFC3339Nano))
}

func (t *Table) tooLate(at, last time.Time, version int64) error {
	return fmt.Errorf("%w: %s is after the newest commit of %s, version %d of %s: use Snapshot", ErrVersionNotFound,
		at.UTC().Format(time.RFC3339Nano), t.Name(), version, last.UTC().Format(time.RFC3339Nano))
}
