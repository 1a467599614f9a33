package delta

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/medallion-go/medallion/storage"
)

// listing is the log's objects that matter, from some version on.
type listing struct {
	commits     []commitFile
	compactions []compactedLog
	checkpoints []checkpointFiles // complete ones, the preferred one last
	checksum    commitFile        // the newest checksum file
	parts       map[string]*checkpointFiles
}

// commitFile is one commit in a listing, or what belongs to it.
type commitFile struct {
	version int64
	info    storage.Info
}

// list finds the commits and complete checkpoints whose version is at least from. Names that are not the protocol's are passed over. The listing of a folder to which
// others add files may have a later one and not an earlier one: where that is so, it is listed again.
func (l *log) list(ctx context.Context, from int64) (*listing, error) {
	for attempt := 0; ; attempt++ {
		out := &listing{parts: make(map[string]*checkpointFiles)}
		for o, err := range l.objects(ctx, from) {
			if err != nil {
				return nil, fmt.Errorf("delta: list the log of %s: %w", l.table, err)
			}
			out.add(o)
		}
		out.done()
		missing := out.missing(from)
		if missing < 0 || attempt == relists {
			return out, nil
		}
		if there, err := l.tryCommit(ctx, missing); err != nil || there == nil {
			return out, err
		}
	}
}

// relists is how many times a log is listed again whose listing leaves out a commit that is there.
const relists = 10

// logObject is an object of the log whose name begins with a version.
type logObject struct {
	version int64
	rest    string // of its name, after the version and a dot
	info    storage.Info
}

// objects yields those whose version is at least from, in order. An error comes last and alone.
func (l *log) objects(ctx context.Context, from int64) iter.Seq2[logObject, error] {
	return func(yield func(logObject, error) bool) {
		prefix := l.key("")
		for info, err := range l.store.List(ctx, prefix, prefix+fmt.Sprintf("%020d", from)) {
			if err != nil {
				yield(logObject{}, err)
				return
			}
			name := strings.TrimPrefix(info.Key, prefix)
			if name == "" || name[0] > '9' {
				return // what follows are _sidecars, _last_checkpoint and other names that begin with a letter
			}
			version, rest, ok := splitVersion(name)
			if ok && version >= from && !yield(logObject{version, rest, info}, nil) {
				return
			}
		}
	}
}

// add files the log's next object.
func (o *listing) add(f logObject) {
	if f.rest == "json" {
		o.commits = append(o.commits, commitFile{f.version, f.info})
	} else if f.rest == "crc" {
		o.checksum = commitFile{f.version, f.info}
	} else if rest, ok := strings.CutPrefix(f.rest, "checkpoint."); ok {
		o.addCheckpoint(f.version, rest, f.info)
	} else {
		o.addCompaction(f.version, f.rest, f.info)
	}
}

func (o *listing) done() { slices.SortFunc(o.checkpoints, checkpointFiles.compare) }

// missing is the first version from one on that neither a checkpoint nor a commit has although a later commit is there, -1 for none.
func (o *listing) missing(from int64) int64 {
	last := from - 1
	if n := len(o.checkpoints); n > 0 {
		last = max(last, o.checkpoints[n-1].version)
	}
	for _, c := range o.commits {
		if c.version > last+1 {
			return last + 1
		}
		last = max(last, c.version)
	}
	return -1
}

// splitVersion splits "00000000000000000010.json" into 10 and "json".
func splitVersion(name string) (version int64, rest string, ok bool) {
	if len(name) < 22 || name[20] != '.' {
		return 0, "", false
	}
	v, err := strconv.ParseInt(name[:20], 10, 64)
	return v, name[21:], err == nil && v >= 0
}

// addCheckpoint files an object under its checkpoint: "parquet" (classic), "<uuid>.json" or "<uuid>.parquet" (v2), "<part>.<parts>.parquet". The parts
// of one multi-part checkpoint are listed in order.
func (o *listing) addCheckpoint(version int64, rest string, info storage.Info) {
	words := strings.Split(rest, ".")
	switch last := words[len(words)-1]; {
	case last != "parquet" && last != "json":
	case len(words) == 1 && last == "parquet", len(words) == 2:
		o.checkpoints = append(o.checkpoints, checkpointFiles{version, []storage.Info{info}, len(words) == 2})
	case len(words) == 3 && last == "parquet":
		part, err1 := strconv.Atoi(words[0])
		total, err2 := strconv.Atoi(words[1])
		if err1 != nil || err2 != nil {
			return
		}
		id := fmt.Sprint(version, "/", total)
		if part == 1 {
			o.parts[id] = &checkpointFiles{version: version}
		}
		c := o.parts[id]
		if c == nil || len(c.parts) != part-1 {
			return
		}
		if c.parts = append(c.parts, info); part == total {
			o.checkpoints = append(o.checkpoints, *c)
		}
	}
}
