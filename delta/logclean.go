package delta

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// defaultLogRetention is delta.logRetentionDuration's default.
	defaultLogRetention = 30 * 24 * time.Hour
	// sidecarGrace is how long a sidecar stays that no checkpoint names: one may be about to.
	sidecarGrace = 24 * time.Hour
)

// CleanLog removes what the log no longer needs to rebuild the versions of the retention's time (delta.logRetentionDuration, by default 30 days, counted to
// the last midnight of UTC): commits, checkpoints and their sidecars, checksum files and log compactions. The newest checkpoint that all those versions can be
// rebuilt from stays with its commit; without one nothing is removed. It returns the number of objects removed. Commits that end with a checkpoint do it too,
// unless delta.enableExpiredLogCleanup is false.
func (t *Table) CleanLog(ctx context.Context) (int, error) {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	if err := checkWriterFeatures(t.Name(), s.version, s.protocol); err != nil {
		return 0, err
	}
	n, err := t.cleanLog(ctx, s)
	if err != nil {
		return n, fmt.Errorf("delta: clean the log of %s: %w", t.Name(), err)
	}
	return n, nil
}

// cleanLog removes what has expired, once a day: until the cut-off moves on there is nothing more.
func (t *Table) cleanLog(ctx context.Context, s *Snapshot) (int, error) {
	cutoff := t.config.Clock().Add(-s.retention("delta.logRetentionDuration", defaultLogRetention)).UTC().Truncate(24 * time.Hour)
	t.mu.Lock()
	idle := cutoff.Equal(t.cleanedTo)
	t.mu.Unlock()
	if idle {
		return 0, nil
	}
	c := &logCleaning{log: t.log, now: t.config.Clock(), cutoff: cutoff, found: &listing{parts: make(map[string]*checkpointFiles)}}
	whole, err := c.list(ctx)
	n := 0
	if err == nil && whole {
		_, err = t.stillIs(ctx, s) // what is old of another table is not of this one
	}
	if err == nil && whole {
		n, err = c.remove(ctx, c.keep(s))
	}
	if err != nil {
		return n, err
	}
	t.mu.Lock()
	t.cleanedTo = cutoff
	t.mu.Unlock()
	return n, nil
}

// logCleaning is a clean-up of the log under way.
type logCleaning struct {
	log     *log
	now     time.Time
	cutoff  time.Time
	found   *listing
	objects []logObject
}

// list finds the log's objects. It ends early, and whole is false, where the first commit is not old enough to go.
func (c *logCleaning) list(ctx context.Context) (whole bool, err error) {
	for o, err := range c.log.objects(ctx, 0) {
		if err != nil {
			return false, err
		}
		c.found.add(o)
		if len(c.found.commits) == 1 && c.found.commits[0].info.ModTime.After(c.cutoff) {
			return false, nil
		}
		if o.rest == "json" || o.rest == "crc" || strings.HasPrefix(o.rest, "checkpoint.") || strings.HasSuffix(o.rest, ".compacted.json") {
			c.objects = append(c.objects, o)
		}
	}
	c.found.done()
	return true, nil
}

// keep is the version of the checkpoint from which everything stays: the newest that is not newer than the newest commit of before the cut-off. 0: all stays.
func (c *logCleaning) keep(s *Snapshot) int64 {
	cut := int64(-1)
	for i, at := range monotonic(c.found.commits) {
		if !at.After(c.cutoff) {
			cut = c.found.commits[i].version
		}
	}
	keep := int64(0)
	for _, k := range c.found.checkpoints {
		if k.version <= cut {
			keep = max(keep, k.version)
		}
	}
	if keep < s.protectedBefore() {
		return 0 // the versions before may need what only their writers knew; they go all at once, when none of them is wanted
	}
	return keep
}

// remove deletes the objects of versions before the one to keep, and compactions that begin there or before.
func (c *logCleaning) remove(ctx context.Context, keep int64) (int, error) {
	var keys []string
	for _, o := range c.objects {
		if o.version < keep || o.version == keep && keep > 0 && strings.HasSuffix(o.rest, ".compacted.json") {
			keys = append(keys, o.info.Key)
		}
	}
	unused, err := c.sidecars(ctx, keep)
	if err != nil {
		return 0, err
	}
	n := 0
	for batch := range slices.Chunk(append(keys, unused...), vacuumBatch) {
		if err := c.log.store.Delete(ctx, batch...); err != nil {
			return n, err
		}
		n += len(batch)
	}
	return n, nil
}

// sidecars are those that no checkpoint which stays names. Where one of these cannot be read, all of them stay.
func (c *logCleaning) sidecars(ctx context.Context, keep int64) ([]string, error) {
	var old []string
	for info, err := range c.log.store.List(ctx, c.log.key(sidecarFolder), "") {
		if err != nil {
			return nil, err
		}
		if info.ModTime.Before(c.now.UTC().Truncate(24 * time.Hour).Add(-sidecarGrace)) {
			old = append(old, info.Key)
		}
	}
	if len(old) == 0 {
		return nil, nil
	}
	used := make(map[string]bool)
	for _, k := range c.found.checkpoints {
		if k.version < keep || len(k.parts) > 1 {
			continue
		}
		names, err := c.log.sidecarsOf(ctx, k)
		if err != nil {
			return nil, fmt.Errorf("sidecars of checkpoint %d: %w", k.version, err)
		}
		for _, name := range names {
			used[c.log.key(sidecarFolder+name)] = true
		}
	}
	return slices.DeleteFunc(old, func(key string) bool { return used[key] }), nil
}

// protectedBefore is the version before which the feature checkpointProtection wants the log left as it is, 0 where there is none.
func (s *Snapshot) protectedBefore() int64 {
	if !s.protocol.supports("checkpointProtection") {
		return 0
	}
	before, _ := strconv.ParseInt(s.Property(protectedBeforeKey), 10, 64)
	return before
}
