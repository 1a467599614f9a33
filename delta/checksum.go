package delta

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/medallion-go/medallion/storage"
)

// totals are figures over the live files.
type totals struct {
	files   int64
	bytes   int64
	vectors int64 // deletion vectors
	deleted int64 // rows that they delete
	sizes   fileSizes
}

func (t *totals) add(f *File, sign int64) {
	t.files, t.bytes = t.files+sign, t.bytes+sign*f.Size
	t.sizes.add(f.Size, sign)
	if v := f.vector(); v != nil {
		t.vectors, t.deleted = t.vectors+sign, t.deleted+sign*v.cardinality
	}
}

// knownTotals are the snapshot's totals, where they are known without the whole log being gone through: carried on from commit to commit, or told by the
// version's checksum file. Else nil.
func (s *Snapshot) knownTotals(ctx context.Context) *totals {
	if s.totals != nil || s.version < 0 {
		return s.totals
	}
	if set := s.resolved.Load(); set != nil {
		return &set.totals
	}
	c, err := s.table.log.readChecksum(ctx, s.version)
	if err != nil || c == nil || !c.hasVectors && s.protocol.supports("deletionVectors") {
		return nil
	}
	return &c.totals
}

// checksum is what a version's .crc file says (Delta protocol: Version Checksum File). Members that it does not have are nil.
type checksum struct {
	totals
	hasVectors bool // vectors and deleted are known
	protocol   *Protocol
	metadata   *Metadata
	txns       []Txn
	domains    []domain
	committed  *int64 // the in-commit timestamp
}

func checksumName(version int64) string { return fmt.Sprintf("%020d.crc", version) }

// maxChecksumList bounds the applications and the domains in a checksum file, so that a commit's cost does not grow with them.
const maxChecksumList = 100

// writeChecksum writes the version's .crc file unless there is one or the totals are not known.
func (t *Table) writeChecksum(ctx context.Context, s *Snapshot) error {
	if s.totals == nil {
		return nil
	}
	err := t.store.PutIfAbsent(ctx, t.log.key(checksumName(s.version)), s.appendChecksum(nil))
	if errors.Is(err, storage.ErrExists) {
		return nil
	}
	return err
}

func (s *Snapshot) appendChecksum(dst []byte) []byte {
	dst = strconv.AppendInt(append(dst, `{"tableSizeBytes":`...), s.totals.bytes, 10)
	dst = strconv.AppendInt(append(dst, `,"numFiles":`...), s.totals.files, 10)
	dst = strconv.AppendInt(append(dst, `,"numDeletedRecordsOpt":`...), s.totals.deleted, 10)
	dst = strconv.AppendInt(append(dst, `,"numDeletionVectorsOpt":`...), s.totals.vectors, 10)
	dst = append(dst, `,"numMetadata":1,"numProtocol":1`...)
	if s.committed != 0 {
		dst = strconv.AppendInt(append(dst, `,"inCommitTimestampOpt":`...), s.committed, 10)
	}
	if len(s.txns) <= maxChecksumList {
		dst = append(dst, `,"setTransactions":[`...)
		for i, t := range s.Txns() {
			dst = appendTxn(appendComma(dst, i), t)
		}
		dst = append(dst, ']')
	}
	if len(s.domains) <= maxChecksumList {
		dst = append(dst, `,"domainMetadata":[`...)
		for i, name := range slices.Sorted(maps.Keys(s.domains)) {
			dst = appendDomain(appendComma(dst, i), s.domains[name])
		}
		dst = append(dst, ']')
	}
	dst = appendMetadata(append(dst, `,"metadata":`...), s.metadata.Metadata)
	dst = appendProtocol(append(dst, `,"protocol":`...), s.protocol)
	if !s.totals.sizes.unknown {
		dst = s.totals.sizes.appendJSON(append(dst, `,"fileSizeHistogram":`...))
	}
	return append(dst, '}')
}

func appendComma(dst []byte, i int) []byte {
	if i == 0 {
		return dst
	}
	return append(dst, ',')
}

// readChecksum reads a version's .crc file: nil where there is none.
func (l *log) readChecksum(ctx context.Context, version int64) (*checksum, error) {
	key := l.key(checksumName(version))
	data, err := storage.ReadAll(ctx, l.store, key)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("delta: read the checksum file of %s version %d: %w", l.table, version, err)
	}
	c, err := newParser().checksum(string(data))
	if err != nil {
		return nil, &CorruptError{Table: l.table, Version: version, File: key, Reason: "the checksum file cannot be parsed", Err: err}
	}
	return c, nil
}

func (p *parser) checksum(text string) (*checksum, error) {
	c := &checksum{totals: totals{files: -1, bytes: -1, sizes: fileSizes{unknown: true}}}
	s := &scanner{text: text}
	for k := range s.given {
		switch k {
		case "tableSizeBytes":
			c.bytes = s.int64()
		case "numFiles":
			c.files = s.int64()
		case "numDeletedRecordsOpt":
			c.deleted = s.int64()
		case "numDeletionVectorsOpt":
			c.vectors, c.hasVectors = s.int64(), true
		case "inCommitTimestampOpt":
			c.committed = new(s.int64())
		case "setTransactions":
			c.txns = []Txn{}
			for s.open('['); s.element(); {
				c.txns = append(c.txns, p.txn(s))
			}
		case "domainMetadata":
			c.domains = []domain{}
			for s.open('['); s.element(); {
				c.domains = append(c.domains, p.domain(s))
			}
		case "metadata":
			c.metadata = p.metadata(s)
		case "protocol":
			c.protocol = p.protocol(s)
		case "fileSizeHistogram", "histogramOpt": // the second is what Delta for Spark called it at first
			c.sizes = p.fileSizes(s)
		default:
			s.skip(0)
		}
	}
	if s.err == nil && (c.files < 0 || c.bytes < 0) {
		s.err = fmt.Errorf("%w: it has no numFiles or no tableSizeBytes", errJSON)
	}
	return c, s.err
}

// Verify compares the snapshot with its version's checksum file: files, bytes, deleted rows, protocol, metadata, transactions, domains and time, as far as it
// tells them. Without such a file there is nothing to compare, and ok is false; a difference is a *CorruptError.
func (s *Snapshot) Verify(ctx context.Context) (ok bool, err error) {
	c, err := s.table.log.readChecksum(ctx, s.version)
	if c == nil || err != nil {
		return false, err
	}
	reason := s.differs(c)
	if reason == "" && c.committed != nil {
		var at int64
		if at, err = s.committedAt(ctx); err == nil && at != *c.committed {
			reason = fmt.Sprintf("the checksum file tells the time %d, the commit %d", *c.committed, at)
		}
	}
	if reason != "" {
		err = &CorruptError{Table: s.table.Name(), Version: s.version, File: s.table.log.key(checksumName(s.version)), Reason: reason}
	}
	return err == nil, err
}

// differs is what the checksum file tells otherwise than the log, empty where nothing.
func (s *Snapshot) differs(c *checksum) string {
	have := s.files().totals
	switch {
	case c.files != have.files || c.bytes != have.bytes:
		return fmt.Sprintf("the checksum file tells %d files of %d bytes, the log %d of %d", c.files, c.bytes, have.files, have.bytes)
	case c.hasVectors && (c.vectors != have.vectors || c.deleted != have.deleted):
		return fmt.Sprintf("the checksum file tells %d deletion vectors of %d rows, the log %d of %d", c.vectors, c.deleted, have.vectors, have.deleted)
	case !c.sizes.unknown && c.sizes != have.sizes:
		return "the checksum file tells other sizes of files than the log"
	case c.protocol != nil && !sameProtocol(c.protocol, s.protocol):
		return "the checksum file tells another protocol than the log"
	case c.metadata != nil && !c.metadata.equal(s.metadata.Metadata):
		return "the checksum file tells another metadata than the log"
	case c.txns != nil && !maps.Equal(s.txns, mapOf(c.txns, func(t Txn) string { return t.AppID })):
		return "the checksum file tells other transactions than the log"
	case c.domains != nil && !maps.Equal(s.domains, mapOf(c.domains, func(d domain) string { return d.name })):
		return "the checksum file tells other domains than the log"
	}
	return ""
}

// sameProtocol compares the features as sets: writers list them in any order.
func sameProtocol(a, b *Protocol) bool {
	sorted := func(p *Protocol) *Protocol {
		c := *p
		c.ReaderFeatures, c.WriterFeatures = slices.Sorted(slices.Values(p.ReaderFeatures)), slices.Sorted(slices.Values(p.WriterFeatures))
		return &c
	}
	return sorted(a).equal(sorted(b))
}

func (m *Metadata) equal(o *Metadata) bool {
	return m.ID == o.ID && m.Name == o.Name && m.Description == o.Description && m.SchemaString == o.SchemaString && m.CreatedTime == o.CreatedTime &&
		slices.Equal(m.PartitionColumns, o.PartitionColumns) && maps.Equal(m.Configuration, o.Configuration)
}

func mapOf[K comparable, V any](list []V, key func(V) K) map[K]V {
	m := make(map[K]V, len(list))
	for _, v := range list {
		m[key(v)] = v
	}
	return m
}
