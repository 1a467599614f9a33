package delta

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/medallion-go/medallion/storage"
)

// reloads is how many times the log is listed again because what was listed is gone when it is read: it may have been cleaned up in between.
const reloads = 2

// load rebuilds a version from the log, the newest one when version is -1.
func (t *Table) load(ctx context.Context, version int64) (*Snapshot, error) {
	for attempt := 0; ; attempt++ {
		s, err := t.loadListed(ctx, version)
		if attempt == reloads || !errors.Is(err, storage.ErrNotFound) || errors.Is(err, ErrNotTable) {
			return s, err
		}
	}
}

// loadListed lists the log once, from the last checkpoint or from its beginning.
func (t *Table) loadListed(ctx context.Context, version int64) (*Snapshot, error) {
	hint, err := t.log.lastCheckpoint(ctx)
	if err != nil {
		t.warn(ctx, "delta: the log is listed from its beginning", err)
	}
	if hint >= 0 && (version < 0 || hint <= version) {
		found, err := t.log.list(ctx, hint)
		if err != nil {
			return nil, err
		}
		if len(found.checkpoints) > 0 && (version < 0 || holds(found.readable(), version)) {
			s, err := t.loadFrom(ctx, found, version, hint)
			if err == nil {
				return s, nil
			}
			if ctx.Err() != nil {
				return nil, err
			}
			t.warn(ctx, "delta: the log since the last checkpoint cannot be used, reading it from its beginning", err)
		}
	}
	found, err := t.log.list(ctx, 0)
	if err != nil {
		return nil, err
	}
	if found.newest() < 0 {
		return nil, fmt.Errorf("%w: %s", ErrNotTable, t.Name())
	}
	return t.loadFrom(ctx, found, version, -1)
}

// loadFrom rebuilds a version from a listing. A checkpoint that cannot be read is passed over with a warning.
func (t *Table) loadFrom(ctx context.Context, found *listing, version, hint int64) (*Snapshot, error) {
	if version >= 0 {
		if err := t.log.lacks(found, version); err != nil {
			return nil, err
		}
	}
	seg, err := found.segment(t.log, version)
	if err != nil {
		return nil, err
	}
	var damage []error
	for _, files := range slices.Backward(seg.checkpoints) {
		c, err := t.log.readCheckpoint(ctx, files, t.config.Alloc)
		if err == nil {
			return t.replay(ctx, seg, c)
		}
		if ctx.Err() != nil {
			return nil, err
		}
		t.warn(ctx, "delta: checkpoint "+strconv.FormatInt(files.version, 10)+" cannot be read, using what is older", err)
		damage = append(damage, err)
	}
	if hint >= 0 {
		return nil, fmt.Errorf("delta: no checkpoint from version %d on can be read", hint)
	}
	if len(damage) > 0 && (len(seg.commits) == 0 || seg.first > 0) {
		return nil, &CorruptError{
			Table: t.Name(), Version: seg.version, Reason: "no checkpoint can be read, and the commits do not begin with the first",
			Err: errors.Join(damage...),
		}
	}
	return t.replay(ctx, seg, nil)
}

// replay builds the snapshot at the segment's end from a checkpoint (nil: none) and the commits after it.
func (t *Table) replay(ctx context.Context, seg *segment, c *checkpointState) (*Snapshot, error) {
	s := &Snapshot{table: t, version: -1, seen: t.config.Clock(), base: newFileSet(nil, nil), checkpoint: -1}
	var all []*actions
	if c != nil {
		s.checkpoint, s.base = c.actions.version, c.files
		all = append(all, c.actions)
	}
	infos, err := seg.after(t.log, s.checkpoint)
	if err != nil {
		return nil, err
	}
	tail, err := t.readTail(ctx, seg, infos, s.checkpoint+1)
	if err != nil {
		return nil, err
	}
	if all = append(all, tail...); len(all) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNotTable, t.Name())
	}
	if err := s.requireHeader(all); err != nil {
		return nil, err
	}
	if err := s.apply(all); err != nil {
		return nil, err
	}
	s.mark = seg.markOf(s.version)
	return s, nil
}

// requireHeader checks that the log says how to read the table at all.
func (s *Snapshot) requireHeader(all []*actions) error {
	protocol, metadata := false, false
	for _, a := range all {
		protocol = protocol || a.protocol != nil
		metadata = metadata || a.metadata != nil
	}
	s.version = all[len(all)-1].version
	switch {
	case !protocol:
		return s.corrupt("the log holds no protocol action", nil)
	case !metadata:
		return s.corrupt("the log holds no metaData action", nil)
	}
	return nil
}

// markOf is the mark of a commit of the segment.
func (s *segment) markOf(version int64) commitMark {
	if i := version - s.first; len(s.commits) > 0 && i >= 0 && i < int64(len(s.commits)) {
		return markOf(s.commits[i])
	}
	return commitMark{size: -1}
}
