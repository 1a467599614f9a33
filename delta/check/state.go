package check

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// vector is a deletion vector's descriptor.
type vector struct {
	storage     string
	path        string
	offset      *int64
	size        int64
	cardinality int64
}

func vectorOf(m members) *vector {
	if m == nil {
		return nil
	}
	return &vector{m.text("storageType"), m.text("pathOrInlineDv"), m.optional("offset"), m.integer("sizeInBytes"), m.integer("cardinality")}
}

// id is what tells the vectors of one file apart.
func (v *vector) id() string {
	if v == nil {
		return ""
	}
	id := v.storage + v.path
	if v.offset != nil {
		id += "@" + strconv.FormatInt(*v.offset, 10)
	}
	return id
}

// file is a file that is added or removed.
type file struct {
	path       string // as in the log
	partition  map[string]*string
	size       int64
	hasSize    bool
	dataChange bool
	stats      string
	vector     *vector
	baseRowID  *int64
	version    *int64 // defaultRowCommitVersion
	added      int64  // the version that added it
}

func fileOf(m members) *file {
	f := &file{
		path: m.text("path"), partition: m.texts("partitionValues"), size: m.integer("size"), hasSize: m.optional("size") != nil, dataChange: m.boolean("dataChange"),
		stats: m.text("stats"), vector: vectorOf(m.object("deletionVector")), baseRowID: m.optional("baseRowId"), version: m.optional("defaultRowCommitVersion"),
	}
	return f
}

// key tells logical files apart (Action Reconciliation).
func (f *file) key() string { return canonical(f.path) + "\x00" + f.vector.id() }

// canonical is one spelling of a path: decoded, and without the scheme where it is a file's.
func canonical(path string) string {
	p, err := decodePath(path)
	if err != nil {
		p = path
	}
	if rest, ok := strings.CutPrefix(p, "file:"); ok {
		p = "/" + strings.TrimLeft(rest, "/")
	}
	return p
}

// state is a table at one version.
type state struct {
	version    int64 // -1: before the first commit
	protocol   *protocol
	metadata   *metadata
	live       map[string]*file // by key
	paths      map[string]int   // how many live files have a path
	tombstones map[string]*file
	txns       map[string]int64
	domains    map[string]string
	timestamp  int64 // in-commit timestamp, 0 where there is none
	rowIDs     int64 // high-water mark, -1 where there is none
}

func newState() *state {
	return &state{
		version: -1, live: make(map[string]*file), paths: make(map[string]int), tombstones: make(map[string]*file), txns: make(map[string]int64), domains: make(map[string]string), rowIDs: -1,
	}
}

// adopt makes what a checkpoint held the state that replay goes on from.
func (s *state) adopt(version int64) {
	s.version = version
	if mark, ok := highWaterMark(s.domains[rowTrackingDomain]); ok {
		s.rowIDs = mark
	}
}

// apply takes over what a commit says.
func (s *state) apply(c *commit) {
	s.version = c.version
	if c.protocol != nil {
		s.protocol = c.protocol
	}
	if c.metadata != nil {
		s.metadata = c.metadata
	}
	for _, t := range c.removes {
		s.remove(t)
	}
	for _, f := range c.adds {
		f.added = c.version
		s.add(f)
	}
	maps.Copy(s.txns, c.txns)
	for name, d := range c.domains {
		if d.removed {
			delete(s.domains, name)
		} else {
			s.domains[name] = d.configuration
		}
	}
	if c.timestamp != 0 {
		s.timestamp = c.timestamp
	}
}

func (s *state) add(f *file) {
	delete(s.tombstones, f.key())
	if s.live[f.key()] == nil {
		s.paths[canonical(f.path)]++
	}
	s.live[f.key()] = f
}

func (s *state) remove(f *file) {
	if s.live[f.key()] != nil {
		s.paths[canonical(f.path)]--
	}
	delete(s.live, f.key())
	s.tombstones[f.key()] = f
}

// supports reports whether the protocol has a feature, listed or implied by its versions.
func (s *state) supports(feature string) bool {
	return s.protocol != nil && s.protocol.supports(feature)
}

// property is one of the table's properties.
func (s *state) property(name string) string {
	if s.metadata == nil {
		return ""
	}
	return s.metadata.configuration[name]
}

// sortedLive are the live files in the order of their keys.
func (s *state) sortedLive() []*file {
	files := make([]*file, 0, len(s.live))
	for _, k := range slices.Sorted(maps.Keys(s.live)) {
		files = append(files, s.live[k])
	}
	return files
}
