package delta

import (
	"context"
	"slices"
	"sort"
	"strconv"
	"time"
)

// SnapshotAsOf reads the version that was the newest at the time: the last whose commit is not later. It returns a *VersionError, which is ErrVersionNotFound, for times
// before the first version that can still be read, for those of versions that were cleaned up and, as Spark does, for times after the newest.
func (t *Table) SnapshotAsOf(ctx context.Context, at time.Time) (*Snapshot, error) {
	version, err := t.versionAsOf(ctx, at)
	if err != nil {
		return nil, err
	}
	return t.SnapshotAt(ctx, version)
}

// versionAsOf is the newest version that is not later than the time, of those that can be read.
func (t *Table) versionAsOf(ctx context.Context, at time.Time) (int64, error) {
	newest, err := t.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	found, err := t.log.list(ctx, 0)
	if err != nil {
		return 0, err
	}
	s := &timeSearch{log: t.log, parser: newParser(), at: at, readable: found.readable()}
	s.commits = slices.DeleteFunc(slices.Clone(found.commits), func(c commitFile) bool { return !holds(s.readable, c.version) })
	if len(s.commits) == 0 {
		return 0, &VersionError{Table: t.Name(), Version: newest.version, Time: at, Cleaned: true, Readable: s.readable}
	}
	return s.search(ctx, newest)
}

// timeSearch looks for the newest of some commits that is not later than a time.
type timeSearch struct {
	log      *log
	parser   *parser
	at       time.Time
	readable []VersionRange
	commits  []commitFile // of readable versions
}

// search compares commits since in-commit timestamps were enabled by them, and asks no others from that time on; those before are compared by their files' times.
func (s *timeSearch) search(ctx context.Context, newest *Snapshot) (int64, error) {
	before, inside := newest.splitAtEnablement(s.commits)
	if len(inside) > 0 {
		first, err := s.log.inCommitTime(ctx, s.parser, inside[0].version)
		if err != nil {
			return 0, err
		}
		if len(before) == 0 || s.at.UnixMilli() >= first {
			return s.byCommits(ctx, inside)
		}
	}
	times := monotonic(before)
	i := sort.Search(len(times), func(i int) bool { return times[i].After(s.at) })
	nearest := max(i-1, 0)
	return s.answer(before[nearest].version, times[nearest], i > 0)
}

// byCommits searches by the times that the commits tell, which ascend.
func (s *timeSearch) byCommits(ctx context.Context, commits []commitFile) (int64, error) {
	var err error
	told := func(i int) time.Time {
		ms, readErr := s.log.inCommitTime(ctx, s.parser, commits[i].version)
		if err == nil {
			err = readErr
		}
		return time.UnixMilli(ms)
	}
	i := sort.Search(len(commits), func(i int) bool { return err != nil || told(i).After(s.at) })
	if err != nil {
		return 0, err
	}
	nearest := max(i-1, 0)
	at := told(nearest)
	if err != nil {
		return 0, err
	}
	return s.answer(commits[nearest].version, at, i > 0)
}

// answer is the version, committed at a time, unless that is later than the time that is looked for, or another one may have followed in between: one that was cleaned
// up, or that is yet to come.
func (s *timeSearch) answer(version int64, committed time.Time, found bool) (int64, error) {
	i := sort.Search(len(s.commits), func(i int) bool { return s.commits[i].version > version })
	isLast := i == len(s.commits)
	if found && (committed.Equal(s.at) || !isLast && s.commits[i].version == version+1) {
		return version, nil
	}
	e := &VersionError{Table: s.log.table, Version: version, Time: s.at, Nearest: committed, Readable: s.readable, Cleaned: version > 0}
	if found {
		e.Cleaned = !isLast
	}
	return 0, e
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
