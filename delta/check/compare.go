package check

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// shownDifferences bounds how many files of one checkpoint are told one by one.
const shownDifferences = 20

// compare holds what a checkpoint says against the state that the commits come to.
func (c *checker) compare(held *state) {
	s := c.state
	if held.protocol != nil && s.protocol != nil && !s.protocol.same(held.protocol) {
		c.report(CheckpointState, "the protocol is not that of the log")
	}
	if held.metadata != nil && s.metadata != nil {
		if what, same := s.metadata.same(held.metadata); !same {
			c.report(CheckpointState, "the metaData's %s is not that of the log", what)
		}
	}
	c.compareFiles(held)
	for _, app := range union(held.txns, s.txns) {
		if a, b := held.txns[app], s.txns[app]; a != b && (a != 0 || s.property("delta.setTransactionRetentionDuration") == "") {
			c.report(CheckpointState, "the application %s is at version %d, and at %d in the log", app, a, b)
		}
	}
	for _, name := range union(held.domains, s.domains) {
		if held.domains[name] != s.domains[name] {
			c.report(CheckpointState, "the domain %s is %q, and %q in the log", name, held.domains[name], s.domains[name])
		}
	}
}

func (c *checker) compareFiles(held *state) {
	left := shownDifferences
	differ := func(f *file, format string, args ...any) {
		if left--; left >= 0 {
			c.within("add", f.path)
			c.report(CheckpointState, format, args...)
		}
	}
	for _, f := range c.state.sortedLive() {
		switch h := held.live[f.key()]; {
		case h == nil:
			differ(f, "the file%s is missing", withVector(f))
		case h.size != f.size:
			differ(f, "the size is %d, and %d in the log", h.size, f.size)
		case !maps.EqualFunc(h.partition, f.partition, sameValue):
			differ(f, "the partition values are not those of the log")
		case !sameNumber(h.baseRowID, f.baseRowID) || !sameNumber(h.version, f.version):
			differ(f, "baseRowId or defaultRowCommitVersion is not that of the log")
		case h.stats != "" && f.stats != "" && !sameJSON(h.stats, f.stats):
			differ(f, "the statistics are not those of the log")
		}
	}
	for _, f := range held.sortedLive() {
		if c.state.live[f.key()] == nil {
			differ(f, "the file%s is not live", withVector(f))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(held.tombstones)) {
		if c.state.tombstones[k] == nil && c.state.live[k] != nil && held.live[k] == nil {
			differ(held.tombstones[k], "the file is removed, and live in the log")
		}
	}
	c.within("", "")
	if left < 0 {
		c.report(CheckpointState, "%d files more differ", -left)
	}
}

func (p *protocol) same(o *protocol) bool {
	sorted := func(names []string) []string { return slices.Sorted(slices.Values(names)) }
	return p.reader == o.reader && p.writer == o.writer && slices.Equal(sorted(p.readerFeatures), sorted(o.readerFeatures)) &&
		slices.Equal(sorted(p.writerFeatures), sorted(o.writerFeatures))
}

// sameValue compares partition values: the empty string is NULL too.
func sameValue(a, b *string) bool {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	return text(a) == text(b)
}

func sameNumber(a, b *int64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// union are the keys of both, in order.
func union[V any](a, b map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// compact adds a commit to the compacted files that stand for it.
func (c *checker) compact(w *commit) {
	for _, k := range c.log.compactions {
		if w.version < k.from || w.version > k.to {
			continue
		}
		if k.files == nil {
			k.files = make(map[string]string)
		}
		for _, f := range w.removes {
			k.files[f.key()] = "remove"
		}
		for _, f := range w.adds {
			k.files[f.key()] = "add"
		}
	}
}

// checkCompactions compares the compacted files that end at the version.
func (c *checker) checkCompactions(ctx context.Context, version int64) error {
	for _, k := range c.log.compactions {
		if k.to != version || c.log.commits[k.from] == nil || k.files == nil {
			continue
		}
		data, err := c.content(ctx, k.object)
		if err != nil {
			return err
		}
		c.at(place{version: version, file: k.object.name})
		w := newCommit(version)
		c.parse(w, data)
		c.within("", "")
		c.compareCompaction(k, w)
	}
	return nil
}

func (c *checker) compareCompaction(k *compaction, w *commit) {
	held := make(map[string]string)
	for _, list := range []struct {
		action string
		files  []*file
	}{{"add", w.adds}, {"remove", w.removes}} {
		for _, f := range list.files {
			if held[f.key()] != "" {
				c.within(list.action, f.path)
				c.report(Compaction, "the file%s is there twice", withVector(f))
			}
			held[f.key()] = list.action
		}
	}
	c.within("", "")
	for _, key := range union(held, k.files) {
		if held[key] != k.files[key] {
			path, _, _ := strings.Cut(key, "\x00")
			c.report(Compaction, "the file %s is %s, and %s in the commits", path, orNothing(held[key]), orNothing(k.files[key]))
		}
	}
}

func orNothing(action string) string {
	switch action {
	case "add":
		return "added"
	case "remove":
		return "removed"
	default:
		return "not there"
	}
}
