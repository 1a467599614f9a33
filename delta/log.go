package delta

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/medallion-go/medallion/storage"
)

// logFolder is where the log lies under the table.
const logFolder = "_delta_log/"

// replayParallel is how many commits are read at a time: object stores answer slowly but many at once.
const replayParallel = 16

// log is what a listing of the table's log found, and how to read it.
type log struct {
	store storage.Store
	root  string // key prefix of the table: empty, or ending with a slash
	table string // name for errors
}

// segment is the part of the log that rebuilds one version.
type segment struct {
	version     int64
	commits     []storage.Info // contiguous, ascending; the first follows the checkpoint where there is one
	compactions []compactedLog
	checkpoints []checkpointFiles
	first       int64 // version of commits[0]
}

// checkpointFiles is one complete checkpoint.
type checkpointFiles struct {
	version int64
	parts   []storage.Info
	named   bool // after a UUID: a v2 checkpoint
}

// compare orders checkpoints by how much they are preferred: the newest; of those of one version first a v2 one, then the one in a single file, then the
// greater name. They all hold the same.
func (c checkpointFiles) compare(o checkpointFiles) int {
	rank := func(c checkpointFiles) int {
		switch {
		case c.named:
			return 2
		case len(c.parts) == 1:
			return 1
		default:
			return 0
		}
	}
	return cmp.Or(cmp.Compare(c.version, o.version), cmp.Compare(rank(c), rank(o)), strings.Compare(c.parts[0].Key, o.parts[0].Key))
}

func (l *log) key(name string) string { return l.root + logFolder + name }

func commitName(version int64) string { return fmt.Sprintf("%020d.json", version) }

// segment chooses what rebuilds the version, or the newest one when version is -1.
func (o *listing) segment(l *log, version int64) (*segment, error) {
	s := &segment{version: version, compactions: o.compactions, commits: make([]storage.Info, 0, len(o.commits))}
	if version < 0 {
		s.version = o.newest()
	}
	for _, c := range o.checkpoints {
		if c.version <= s.version {
			s.checkpoints = append(s.checkpoints, c)
		}
	}
	for i, c := range o.commits {
		if c.version > s.version {
			break
		}
		if i > 0 && c.version != o.commits[i-1].version+1 {
			if c.version > s.newestCheckpoint()+1 {
				return nil, l.gap(o.commits[i-1].version + 1)
			}
			s.commits = nil // a gap that a checkpoint covers: what lies before it is the rest of an unfinished clean-up
		}
		s.commits = append(s.commits, c.info)
		s.first = c.version + 1 - int64(len(s.commits))
	}
	return s, nil
}

func (l *log) gap(version int64) error {
	return &CorruptError{Table: l.table, Version: version, File: l.key(commitName(version)), Reason: "the commit is missing, but later ones are there"}
}

func (o *listing) newest() int64 {
	newest := int64(-1)
	if n := len(o.commits); n > 0 {
		newest = o.commits[n-1].version
	}
	if n := len(o.checkpoints); n > 0 {
		newest = max(newest, o.checkpoints[n-1].version)
	}
	return newest
}

func (s *segment) newestCheckpoint() int64 {
	if n := len(s.checkpoints); n > 0 {
		return s.checkpoints[n-1].version
	}
	return -1
}

// after gives the commits that follow the version up to the segment's end, or an error when one of them is missing.
func (s *segment) after(l *log, version int64) ([]storage.Info, error) {
	if version == s.version {
		return nil, nil
	}
	skip := version + 1 - s.first
	if len(s.commits) == 0 || skip < 0 || s.first+int64(len(s.commits)) != s.version+1 {
		if version < 0 {
			return nil, &CorruptError{Table: l.table, Version: 0, File: l.key(commitName(0)), Reason: "neither the first commit nor a readable checkpoint is there"}
		}
		return nil, l.gap(version + 1)
	}
	return s.commits[skip:], nil
}

// readCommits reads and parses commits, many at a time; first is the version of infos[0].
func (l *log) readCommits(ctx context.Context, infos []storage.Info, first int64) ([]*actions, error) {
	out := make([]*actions, len(infos))
	g, gctx := errgroup.WithContext(ctx)
	workers := min(replayParallel, (len(infos)+3)/4)
	for w := range workers {
		g.Go(func() error {
			p := newParser()
			for i := w; i < len(infos); i += workers {
				a, err := l.readCommit(gctx, p, infos[i].Key, first+int64(i))
				if err != nil {
					return err
				}
				out[i] = a
			}
			return nil
		})
	}
	return out, g.Wait()
}

func (l *log) readCommit(ctx context.Context, p *parser, key string, version int64) (*actions, error) {
	o, err := l.store.Open(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("delta: read commit %d of %s: %w", version, l.table, err)
	}
	a, err := p.object(o, version)
	if err = errors.Join(err, o.Close()); errors.Is(err, errJSON) {
		return nil, &CorruptError{Table: l.table, Version: version, File: key, Reason: "the commit cannot be parsed", Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("delta: read commit %d of %s: %w", version, l.table, err)
	}
	return a, nil
}

// tryCommit reads one commit that may not be there: nil, nil where it is not.
func (l *log) tryCommit(ctx context.Context, version int64) (*actions, error) {
	a, err := l.readCommit(ctx, newParser(), l.key(commitName(version)), version)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	return a, err
}

// monotonic gives the commits' times, in whole ms, each at least 1 ms after the one before, as Spark adjusts file times that are not.
func monotonic(commits []commitFile) []time.Time {
	times := make([]time.Time, len(commits))
	for i, c := range commits {
		times[i] = c.info.ModTime.Truncate(time.Millisecond)
		if i > 0 && !times[i].After(times[i-1]) {
			times[i] = times[i-1].Add(time.Millisecond)
		}
	}
	return times
}
