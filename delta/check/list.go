package check

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// logFolder is where the log lies under the table.
const logFolder = "_delta_log/"

// object is an object of the log.
type object struct {
	name string // key under the table
	size int64
}

// checkpointParts is one checkpoint.
type checkpointParts struct {
	version int64
	parts   []*object // by number; nil where one is missing
	unique  bool      // its name has a UUID
}

// compaction is a file that stands for several commits.
type compaction struct {
	from, to int64
	object   *object
	files    map[string]string // what its commits have come to so far: add or remove, by key
}

// listing is what the log's folder holds.
type listing struct {
	commits     map[int64]*object
	checkpoints map[int64][]*checkpointParts
	checksums   map[int64]*object
	compactions []*compaction
	sidecars    map[string]*object // by file name
	hint        *object            // _last_checkpoint
	versions    []int64            // of commits and checkpoints, ascending
}

// first is the oldest version that the log has something of.
func (l *listing) first() int64 { return l.versions[0] }

// last is the newest version that the log has something of, -1 where it is empty.
func (l *listing) last() int64 {
	if n := len(l.versions); n > 0 {
		return l.versions[n-1]
	}
	return -1
}

func (c *checker) list(ctx context.Context) (*listing, error) {
	l := &listing{
		commits: make(map[int64]*object), checkpoints: make(map[int64][]*checkpointParts), checksums: make(map[int64]*object), sidecars: make(map[string]*object),
	}
	for info, err := range c.store.List(ctx, c.root+logFolder, "") {
		if err != nil {
			return nil, fmt.Errorf("check: list the log of %s: %w", c.name(), err)
		}
		l.add(&object{strings.TrimPrefix(info.Key, c.root), info.Size})
	}
	for v := range l.commits {
		l.versions = append(l.versions, v)
	}
	for v := range l.checkpoints {
		l.versions = append(l.versions, v)
	}
	slices.Sort(l.versions)
	l.versions = slices.Compact(l.versions)
	return l, nil
}

// add files an object by its name; names that are not the protocol's are passed over.
func (l *listing) add(o *object) {
	name := strings.TrimPrefix(o.name, logFolder)
	switch {
	case name == "_last_checkpoint":
		l.hint = o
		return
	case strings.HasPrefix(name, "_sidecars/"):
		l.sidecars[path.Base(name)] = o
		return
	}
	words := strings.Split(name, ".")
	version, ok := parseVersion(words[0])
	if !ok || strings.Contains(name, "/") {
		return
	}
	switch rest := words[1:]; {
	case slices.Equal(rest, []string{"json"}):
		l.commits[version] = o
	case slices.Equal(rest, []string{"crc"}):
		l.checksums[version] = o
	case len(rest) == 3 && rest[1] == "compacted" && rest[2] == "json":
		if to, ok := parseVersion(rest[0]); ok {
			l.compactions = append(l.compactions, &compaction{from: version, to: to, object: o})
		}
	case len(rest) > 1 && rest[0] == "checkpoint":
		l.addCheckpoint(version, rest[1:], o)
	}
}

func (l *listing) addCheckpoint(version int64, rest []string, o *object) {
	switch {
	case len(rest) == 1 && rest[0] == "parquet":
		l.checkpoints[version] = append(l.checkpoints[version], &checkpointParts{version: version, parts: []*object{o}})
	case len(rest) == 2 && (rest[1] == "parquet" || rest[1] == "json"):
		l.checkpoints[version] = append(l.checkpoints[version], &checkpointParts{version: version, parts: []*object{o}, unique: true})
	case len(rest) == 3 && rest[2] == "parquet":
		part, err1 := strconv.Atoi(rest[0])
		total, err2 := strconv.Atoi(rest[1])
		if err1 != nil || err2 != nil || part < 1 || part > total {
			return
		}
		for _, p := range l.checkpoints[version] {
			if len(p.parts) == total && total > 1 {
				p.parts[part-1] = o
				return
			}
		}
		p := &checkpointParts{version: version, parts: make([]*object, total)}
		p.parts[part-1] = o
		l.checkpoints[version] = append(l.checkpoints[version], p)
	}
}

func parseVersion(text string) (int64, bool) {
	if len(text) != 20 {
		return 0, false
	}
	v, err := strconv.ParseInt(text, 10, 64)
	return v, err == nil && v >= 0
}

func commitName(version int64) string { return fmt.Sprintf("%s%020d.json", logFolder, version) }

// checkContiguous looks for commits that are missing between others, or between the newest checkpoint and the commits that follow it.
func (c *checker) checkContiguous() {
	var commits []int64
	for v := range c.log.commits {
		commits = append(commits, v)
	}
	slices.Sort(commits)
	for i, v := range commits {
		if i > 0 && commits[i-1]+1 != v {
			c.at(place{version: v - 1, file: commitName(v - 1)})
			c.report(CommitGap, "the commit is missing, but version %d is there", v)
		}
	}
	if len(commits) == 0 || commits[0] == 0 {
		return
	}
	for v := range c.log.checkpoints {
		if v >= commits[0]-1 {
			return
		}
	}
	c.at(place{version: commits[0] - 1, file: commitName(commits[0] - 1)})
	c.report(CommitGap, "the commit is missing, version %d is there, and no checkpoint bridges the gap", commits[0])
}
