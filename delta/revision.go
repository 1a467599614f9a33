package delta

import (
	"context"
	"errors"
	"fmt"
	"iter"
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

// revisionsAtOnce is how many commits Revisions holds.
const revisionsAtOnce = 64

// Revisions yields the table's commits from a version on, in order, up to the newest. It ends with ErrVersionNotFound when the log no longer holds one of them.
func (t *Table) Revisions(ctx context.Context, from int64) iter.Seq2[*Revision, error] {
	return func(yield func(*Revision, error) bool) {
		found, err := t.log.list(ctx, max(from, 0))
		if err == nil {
			err = t.checkContiguous(ctx, found, from)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		times := monotonic(found.commits)
		for first := 0; first < len(found.commits); first += revisionsAtOnce {
			part := found.commits[first:min(first+revisionsAtOnce, len(found.commits))]
			read, err := t.log.readCommits(ctx, infosOf(part), part[0].version)
			if errors.Is(err, storage.ErrNotFound) {
				err = fmt.Errorf("%w: %s: the log was cleaned up while it was read: %w", ErrVersionNotFound, t.Name(), err)
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

// checkContiguous refuses a log that does not hold every commit from a version on.
func (t *Table) checkContiguous(ctx context.Context, found *listing, from int64) error {
	if len(found.commits) == 0 {
		newest, err := t.Snapshot(ctx)
		if err == nil && from <= newest.version {
			err = t.cleaned(from)
		}
		return err
	}
	for i, c := range found.commits {
		if want := from + int64(i); c.version != want {
			return t.cleaned(want)
		}
	}
	return nil
}

func (t *Table) cleaned(version int64) error {
	return fmt.Errorf("%w: %s: the log no longer holds version %d, whose changes are wanted", ErrVersionNotFound, t.Name(), version)
}

func infosOf(commits []commitFile) []storage.Info {
	infos := make([]storage.Info, len(commits))
	for i, c := range commits {
		infos[i] = c.info
	}
	return infos
}

func newRevision(a *actions, at time.Time) *Revision {
	r := &Revision{Version: a.version, Time: at.UTC().Truncate(time.Millisecond), Added: a.adds, Metadata: a.metadata, changes: a.changes, info: a.info}
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
