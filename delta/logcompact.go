package delta

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/medallion-go/medallion/storage"
)

// compactedLog is a file that stands for a range of commits (Delta protocol: Log Compaction Files).
type compactedLog struct {
	from, to int64
	info     storage.Info
}

func compactionName(from, to int64) string {
	return fmt.Sprintf("%020d.%020d.compacted.json", from, to)
}

// addCompaction files an object whose name goes on after the first version as a compaction's does.
func (o *listing) addCompaction(from int64, rest string, info storage.Info) {
	digits, ok := strings.CutSuffix(rest, ".compacted.json")
	to, err := strconv.ParseInt(digits, 10, 64)
	if ok && err == nil && len(digits) == 20 && to > from {
		o.compactions = append(o.compactions, compactedLog{from, to, info})
	}
}

// longest is the compaction that begins at the version and stands for the most commits, none of them after the segment's end; nil where there is none.
func (s *segment) longest(version int64) *compactedLog {
	var best *compactedLog
	for i, c := range s.compactions {
		if c.from == version && c.to <= s.version && (best == nil || c.to > best.to) {
			best = &s.compactions[i]
		}
	}
	return best
}

// readTail reads the commits of a segment from a version on, in their place compactions where there are some that can be relied on.
func (t *Table) readTail(ctx context.Context, seg *segment, infos []storage.Info, first int64) ([]*actions, error) {
	if len(seg.compactions) == 0 {
		return t.log.readCommits(ctx, infos, first)
	}
	var out []*actions
	for from := 0; from < len(infos); {
		c := seg.longest(first + int64(from))
		if c == nil {
			to := from + 1
			for to < len(infos) && seg.longest(first+int64(to)) == nil {
				to++
			}
			read, err := t.log.readCommits(ctx, infos[from:to], first+int64(from))
			if err != nil {
				return nil, err
			}
			out, from = append(out, read...), to
			continue
		}
		to := from + int(c.to-c.from) + 1
		read, err := t.readRange(ctx, c, infos[from:to])
		if err != nil {
			return nil, err
		}
		out, from = append(out, read...), to
	}
	return out, nil
}

// readRange reads a compaction, or the commits that it stands for.
func (t *Table) readRange(ctx context.Context, c *compactedLog, commits []storage.Info) ([]*actions, error) {
	a, err := t.log.readCompaction(ctx, c)
	if err == nil {
		return []*actions{a}, nil
	}
	if ctx.Err() != nil {
		return nil, err
	}
	t.warn(ctx, "delta: log compaction "+c.info.Key+" is passed over for the commits that it stands for", err)
	return t.log.readCommits(ctx, commits, c.from)
}

// readCompaction reads a compaction and checks that it is reconciled: writers have been seen to string the commits together instead, and then no order says
// which of a file's actions counts.
func (l *log) readCompaction(ctx context.Context, c *compactedLog) (*actions, error) {
	a, err := l.readCommit(ctx, newParser(), c.info.Key, c.to)
	if err != nil {
		return nil, err
	}
	if key := a.repeated(); key != "" {
		return nil, &CorruptError{Table: l.table, Version: c.to, File: c.info.Key, Reason: "two actions are about " + key}
	}
	return a, nil
}

// repeated is what more than one action is about, empty where nothing: the actions are reconciled.
func (a *actions) repeated() string {
	files := make(map[string]struct{}, len(a.adds)+len(a.removes))
	for _, f := range a.adds {
		if !unseen(files, f.key()) {
			return "file " + f.Path
		}
	}
	for _, t := range a.removes {
		if !unseen(files, t.key()) {
			return "file " + t.path
		}
	}
	apps, domains := make(map[string]struct{}), make(map[string]struct{})
	for _, t := range a.txns {
		if !unseen(apps, t.AppID) {
			return "application " + t.AppID
		}
	}
	for _, d := range a.domains {
		if !unseen(domains, d.name) {
			return "domain " + d.name
		}
	}
	return ""
}

// CompactLog writes one file that readers can read in place of the commits of the versions from and to and all between, of which there must be at least two.
// The commits stay. It returns ErrVersionNotFound where one of them is not there.
func (t *Table) CompactLog(ctx context.Context, from, to int64) error {
	if from < 0 || to <= from {
		return fmt.Errorf("delta: compact the log of %s: versions %d to %d are no range of at least two", t.Name(), from, to)
	}
	found, err := t.log.list(ctx, from)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(found.commits, func(c commitFile) bool { return c.version == from })
	j := slices.IndexFunc(found.commits, func(c commitFile) bool { return c.version == to })
	if i < 0 || j < 0 || int64(j-i) != to-from {
		return fmt.Errorf("%w: compact the log of %s: not every commit of the versions %d to %d is there", ErrVersionNotFound, t.Name(), from, to)
	}
	infos := make([]storage.Info, 0, j-i+1)
	for _, c := range found.commits[i : j+1] {
		infos = append(infos, c.info)
	}
	tail, err := t.log.readCommits(ctx, infos, from)
	if err != nil {
		return err
	}
	err = t.store.PutIfAbsent(ctx, t.log.key(compactionName(from, to)), appendCompacted(nil, tail))
	if err != nil && !errors.Is(err, storage.ErrExists) {
		return fmt.Errorf("delta: compact the log of %s: %w", t.Name(), err)
	}
	return nil
}

// appendCompacted appends the lines that remain of commits, oldest first. Removed files and domains remain as such: what they take away may lie before.
func appendCompacted(dst []byte, tail []*actions) []byte {
	var protocol *Protocol
	var metadata *Metadata
	txns, domains := make(map[string]Txn), make(map[string]domain)
	for _, a := range tail {
		if a.protocol != nil {
			protocol = a.protocol
		}
		if a.metadata != nil {
			metadata = a.metadata
		}
		for _, t := range a.txns {
			txns[t.AppID] = t
		}
		for _, d := range a.domains {
			domains[d.name] = d
		}
	}
	if protocol != nil {
		dst = append(appendProtocol(append(dst, `{"protocol":`...), protocol), "}\n"...)
	}
	if metadata != nil {
		dst = append(appendMetadata(append(dst, `{"metaData":`...), metadata), "}\n"...)
	}
	for _, id := range slices.Sorted(maps.Keys(txns)) {
		dst = append(appendTxn(append(dst, `{"txn":`...), txns[id]), "}\n"...)
	}
	for _, name := range slices.Sorted(maps.Keys(domains)) {
		dst = append(appendDomain(append(dst, `{"domainMetadata":`...), domains[name]), "}\n"...)
	}
	for _, a := range tail {
		for _, line := range a.extras {
			dst = append(append(dst, line...), '\n')
		}
	}
	set := reconcile(newFileSet(nil, nil), tail)
	for _, t := range set.tombstones {
		dst = appendRemove(dst, t)
	}
	for _, f := range set.live {
		dst = appendAdd(dst, f)
	}
	return dst
}
