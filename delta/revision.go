package delta

import (
	"context"
	"errors"
	"iter"
	"math"
	"sort"
	"time"

	"github.com/medallion-go/medallion/storage"
)

// Revision is what one commit did to the table's files: the unit that streams of a table are made of.
type Revision struct {
	Version  int64
	Time     time.Time // from inside the commit where it tells, else its file's, in whole ms, which is at least 1 ms after that of the one before
	Added    []*File
	Removed  []*File   // Size and PartitionValues are empty where the log does not tell them
	Metadata *Metadata // nil: the commit left it as it was

	changes []*changeFile
	info    string
}

// Recorded reports whether the commit has files that tell its changes row by row. Otherwise the files that it adds and removes do.
func (r *Revision) Recorded() bool { return len(r.changes) > 0 }

// Commit is what the commit says about itself.
func (r *Revision) Commit() Commit {
	c := parseCommitInfo(r.info)
	c.Version, c.Timestamp = r.Version, r.Time
	return c
}

// Revisions holds few commits at first, as many a reader stops early, and more later.
const (
	firstRevisions = 4
	mostRevisions  = 64
)

// Revisions yields the table's commits from a version on, in order, up to the newest. It ends with a *VersionError, which is ErrVersionNotFound, when one of them was
// cleaned up.
func (t *Table) Revisions(ctx context.Context, from int64) iter.Seq2[*Revision, error] {
	return t.revisions(ctx, from, math.MaxInt64)
}

// revisions are those from a version to another or to the newest.
func (t *Table) revisions(ctx context.Context, from, to int64) iter.Seq2[*Revision, error] {
	return func(yield func(*Revision, error) bool) {
		commits, times, err := t.commitsFrom(ctx, from, to)
		if err != nil {
			yield(nil, err)
			return
		}
		for first, n := 0, firstRevisions; first < len(commits); first, n = first+n, min(2*n, mostRevisions) {
			part := commits[first:min(first+n, len(commits))]
			read, err := t.log.readCommits(ctx, infosOf(part), part[0].version)
			if errors.Is(err, storage.ErrNotFound) { // it was there a moment ago
				err = errors.Join(t.lost(ctx, part[0].version), err)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for i, a := range read {
				if !yield(newRevision(a, times[first+i]), nil) {
					return
				}
			}
		}
	}
}

// commitsFrom are the commits from a version to another or to the newest, of which the log must hold every one, and their times. These do not depend on where one
// begins, as long as no more than so many commits before were made in as many ms.
func (t *Table) commitsFrom(ctx context.Context, from, to int64) ([]commitFile, []time.Time, error) {
	const before = 100
	found, err := t.log.list(ctx, max(from-before, 0))
	if err != nil {
		return nil, nil, err
	}
	times := monotonic(found.commits)
	at := func(version int64) int {
		return sort.Search(len(found.commits), func(i int) bool { return found.commits[i].version >= version })
	}
	first, end := at(from), len(found.commits)
	if to < math.MaxInt64 {
		end = at(to + 1)
	}
	commits := found.commits[first:max(first, end)]
	if len(commits) == 0 {
		newest, err := t.Snapshot(ctx)
		if err == nil && from <= newest.version {
			err = t.lost(ctx, from)
		}
		return nil, nil, err
	}
	for i, c := range commits {
		if want := from + int64(i); c.version != want {
			return nil, nil, t.lost(ctx, want)
		}
	}
	return commits, times[first:], nil
}

// lost is the error for the first commit from a version on that is not there: the table never had it, or it was cleaned up, which a checkpoint tells that stands for
// it. Without one the log is damaged.
func (t *Table) lost(ctx context.Context, version int64) error {
	found, err := t.log.list(ctx, 0)
	if err != nil {
		return err
	}
	for _, c := range found.commits {
		if c.version == version {
			version++
		}
	}
	cleaned := version >= 0 && version <= found.newest()
	if n := len(found.checkpoints); cleaned && (n == 0 || found.checkpoints[n-1].version < version) {
		return t.log.gap(version)
	}
	return &VersionError{Table: t.Name(), Version: version, Changes: true, Cleaned: cleaned, Readable: found.changing()}
}

func infosOf(commits []commitFile) []storage.Info {
	infos := make([]storage.Info, len(commits))
	for i, c := range commits {
		infos[i] = c.info
	}
	return infos
}

func newRevision(a *actions, at time.Time) *Revision {
	r := &Revision{Version: a.version, Time: at.UTC(), Added: a.adds, Metadata: a.metadata, changes: a.changes, info: a.info}
	if ms, ok := a.inCommitTime(); ok {
		r.Time = time.UnixMilli(ms).UTC()
	}
	for _, t := range a.removes {
		r.Removed = append(r.Removed, &File{
			Path: t.path, PartitionValues: t.partitionValues, Size: t.size, ModificationTime: t.deletionTimestamp, DataChange: t.dataChange, more: t.more,
		})
	}
	return r
}
