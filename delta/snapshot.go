package delta

import (
	"iter"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// Snapshot is one version of a table. It is immutable and safe for concurrent use.
type Snapshot struct {
	table   *Table
	version int64
	seen    time.Time // when the log was last known to end here

	protocol *Protocol
	metadata *tableMetadata
	txns     map[string]Txn
	domains  map[string]domain
	unknown  bool     // the log holds what a Parquet checkpoint by this package would lose
	extras   []string // the actions among that, as lines of JSON
	opaque   bool     // the log holds what any checkpoint by this package would lose

	base       *fileSet   // reconciled
	tail       []*actions // on top of base, oldest first
	resolved   atomic.Pointer[fileSet]
	statistics atomic.Pointer[[]ColumnStatistics] // nil until asked for
	totals     *totals                            // nil until known
	mark       commitMark                         // of the commit that made this version
	bare       bool                               // its files are not known
	checkpoint int64                              // newest checkpoint known, -1 for none
	committed  int64                              // the in-commit timestamp of the version, ms since the epoch; 0 where it has none or it is unknown
}

// tableMetadata is a Metadata with its schema parsed.
type tableMetadata struct {
	*Metadata
	schema *arrow.Schema
}

// parseMetadata parses the schema; where there is none, the table has no columns, and can only be looked at.
func parseMetadata(m *Metadata) (*tableMetadata, error) {
	if m.SchemaString == "" {
		return &tableMetadata{m, arrow.NewSchema(nil, nil)}, nil
	}
	s, err := schema.UnmarshalDelta(m.SchemaString)
	if err != nil {
		return nil, err
	}
	return &tableMetadata{m, s}, nil
}

// Table is the table that the snapshot is a version of.
func (s *Snapshot) Table() *Table { return s.table }

// Version is the snapshot's version, from 0.
func (s *Snapshot) Version() int64 { return s.version }

// Schema is the table's schema, partition columns included. Delta's column metadata is the fields' metadata.
func (s *Snapshot) Schema() *arrow.Schema { return s.metadata.schema }

// PartitionColumns names the partition columns in order; it must not be changed.
func (s *Snapshot) PartitionColumns() []string { return s.metadata.PartitionColumns }

// Properties is a copy of the table's properties.
func (s *Snapshot) Properties() map[string]string { return maps.Clone(s.metadata.Configuration) }

// Property is one of the table's properties, empty where it is not set.
func (s *Snapshot) Property(name string) string { return s.metadata.Configuration[name] }

// Metadata is a copy of the table's metadata.
func (s *Snapshot) Metadata() Metadata { return s.metadata.clone() }

// Protocol is what a reader and a writer must know.
func (s *Snapshot) Protocol() Protocol { return *s.protocol }

// ID is the table's own identifier, which a table that is dropped and created again does not keep.
func (s *Snapshot) ID() string { return s.metadata.ID }

// CreatedAt is when the table was created, the zero time where the log does not say.
func (s *Snapshot) CreatedAt() time.Time {
	if s.metadata.CreatedTime == 0 {
		return time.Time{}
	}
	return time.UnixMilli(s.metadata.CreatedTime).UTC()
}

// Txn is how far an application has got, and false where it never wrote. Versions may go down: the newest entry counts.
func (s *Snapshot) Txn(appID string) (int64, bool) {
	t, ok := s.txns[appID]
	return t.Version, ok
}

// Txns are the newest entries of all applications, ordered by name.
func (s *Snapshot) Txns() []Txn {
	list := make([]Txn, 0, len(s.txns))
	for _, id := range slices.Sorted(maps.Keys(s.txns)) {
		list = append(list, s.txns[id])
	}
	return list
}

// Files yields the live files, oldest first. They must not be changed.
func (s *Snapshot) Files() iter.Seq[*File] { return slices.Values(s.files().live) }

// NumFiles is the number of live files.
func (s *Snapshot) NumFiles() int { return len(s.files().live) }

// Size is the live files' bytes.
func (s *Snapshot) Size() int64 { return s.files().bytes }

// NumRows is the number of rows by the files' statistics; exact is false where a file has none or a deletion vector.
func (s *Snapshot) NumRows() (rows int64, exact bool) {
	exact = true
	for _, f := range s.files().live {
		n, ok := f.NumRows()
		rows += n
		exact = exact && ok
	}
	return rows, exact
}

// files reconciles the log at first use: a write that only appends never needs it.
func (s *Snapshot) files() *fileSet {
	if set := s.resolved.Load(); set != nil {
		return set
	}
	set := reconcile(s.base, s.tail)
	s.resolved.Store(set)
	return set
}

// advance is the snapshot after further commits. With none it is the same version, seen to be the newest at that time.
func (s *Snapshot) advance(tail []*actions, seen time.Time) (*Snapshot, error) {
	n := &Snapshot{
		table: s.table, version: s.version, seen: seen, protocol: s.protocol, metadata: s.metadata, txns: s.txns, domains: s.domains,
		unknown: s.unknown, extras: s.extras, opaque: s.opaque, base: s.base, tail: s.tail, totals: s.totals, mark: s.mark, bare: s.bare, checkpoint: s.checkpoint, committed: s.committed,
	}
	if set := s.resolved.Load(); set != nil {
		n.base, n.tail = set, nil
		n.totals = &set.totals
	}
	if len(tail) == 0 {
		n.resolved.Store(s.resolved.Load())
		return n, nil
	}
	if len(n.tail) > maxTail {
		n.base, n.tail = reconcile(n.base, n.tail), nil
	}
	n.totals = nil
	if err := n.apply(tail); err != nil {
		return nil, err
	}
	return n, nil
}

// maxTail bounds how many commits a kept snapshot carries unreconciled: each refresh copies their list.
const maxTail = 512

// apply takes over what the commits, oldest first, say, and checks that the result can be read.
func (s *Snapshot) apply(tail []*actions) error {
	var metadata *Metadata
	for _, a := range tail {
		if a.protocol != nil {
			s.protocol = a.protocol
		}
		if a.metadata != nil {
			metadata = a.metadata
		}
		s.unknown, s.opaque = s.unknown || a.unknown, s.opaque || a.opaque
		s.extras = append(s.extras[:len(s.extras):len(s.extras)], a.extras...)
		s.applyTxns(a.txns)
		s.applyDomains(a.domains)
		s.version = a.version
	}
	s.committed, _ = tail[len(tail)-1].inCommitTime()
	if !s.bare {
		s.tail = append(s.tail[:len(s.tail):len(s.tail)], tail...)
	}
	if metadata != nil {
		parsed, err := parseMetadata(metadata)
		if err != nil {
			return s.schemaError(err)
		}
		s.metadata = parsed
	}
	return s.checkReadable()
}

func (s *Snapshot) applyTxns(txns []Txn) {
	if len(txns) == 0 {
		return
	}
	s.txns = maps.Clone(s.txns)
	if s.txns == nil {
		s.txns = make(map[string]Txn)
	}
	for _, t := range txns {
		s.txns[t.AppID] = t
	}
}

func (s *Snapshot) applyDomains(domains []domain) {
	if len(domains) == 0 {
		return
	}
	s.domains = maps.Clone(s.domains)
	if s.domains == nil {
		s.domains = make(map[string]domain)
	}
	for _, d := range domains {
		if d.removed {
			delete(s.domains, d.name)
		} else {
			s.domains[d.name] = d
		}
	}
}

func (s *Snapshot) corrupt(reason string, err error) error {
	return &CorruptError{Table: s.table.Name(), Version: s.version, Reason: reason, Err: err}
}

// NumRows is the number of rows by the file's statistics; ok is false where they do not tell exactly.
func (f *File) NumRows() (rows int64, ok bool) {
	rows, ok = statsNumRecords(f.Stats)
	if v := f.vector(); v != nil {
		return rows - v.cardinality, ok
	}
	return rows, ok
}

func (m *Metadata) clone() Metadata {
	c := *m
	c.PartitionColumns = slices.Clone(m.PartitionColumns)
	c.Configuration = maps.Clone(m.Configuration)
	c.options = maps.Clone(m.options)
	return c
}
