package delta

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// The protocol versions whose features are listed by name.
const (
	readerWithFeatures = 3
	writerWithFeatures = 7
)

// readable are the reader features whose tables this package reads. Those that need more than to be known are checked where they are used:
// columnMapping only in mode none, deletionVectors only on files that are not scanned.
var readable = []string{"columnMapping", "deletionVectors", "timestampNtz", "v2Checkpoint", "vacuumProtocolCheck", "typeWidening", "typeWidening-preview"}

// writable are the writer features whose tables this package writes, each with what is checked in checkWritable.
var writable = []string{
	"appendOnly", "invariants", "checkConstraints", "changeDataFeed", "generatedColumns", "identityColumns", "columnMapping", "deletionVectors",
	"timestampNtz", "domainMetadata", "v2Checkpoint", "vacuumProtocolCheck", "allowColumnDefaults", "typeWidening", "typeWidening-preview",
	"checkpointProtection",
}

// checkReadable refuses, by name, what this package would read wrongly.
func (s *Snapshot) checkReadable() error {
	p := s.protocol
	switch {
	case p.MinReaderVersion < 1 || p.MinReaderVersion > readerWithFeatures:
		return s.unsupported("minReaderVersion", "", true)
	case p.MinReaderVersion == readerWithFeatures && (p.MinWriterVersion != writerWithFeatures || p.ReaderFeatures == nil):
		return s.corrupt("protocol: reader version 3 needs readerFeatures and writer version 7", nil)
	case p.MinReaderVersion < readerWithFeatures && len(p.ReaderFeatures) > 0:
		return s.corrupt("protocol: readerFeatures without reader version 3", nil)
	}
	for _, f := range p.ReaderFeatures {
		if !slices.Contains(readable, f) {
			return s.unsupported(f, "", true)
		}
		if !slices.Contains(p.WriterFeatures, f) {
			return s.corrupt("protocol: reader feature "+f+" is not among the writer features", nil)
		}
	}
	if mode := s.metadata.Configuration["delta.columnMapping.mode"]; mode != "" && mode != "none" {
		return s.unsupported("columnMapping", "delta.columnMapping.mode is "+mode, true)
	}
	if p := s.metadata.provider; p != "" && p != "parquet" {
		return s.unsupported("format "+p, "", true)
	}
	return s.checkPartitionColumns()
}

func (s *Snapshot) checkPartitionColumns() error {
	for _, c := range s.metadata.PartitionColumns {
		if !s.metadata.schema.HasField(c) {
			return s.corrupt("partition column "+c+" is not in the schema", nil)
		}
	}
	return nil
}

// checkWritable refuses, by name, what this package would write wrongly.
func checkWritable(table string, version int64, p *Protocol, m *tableMetadata) error {
	refuse := func(feature, detail string) error {
		return &UnsupportedError{Feature: feature, Table: table, Version: version, Detail: detail}
	}
	err := checkWriterFeatures(table, version, p)
	visitFields(m.schema.Fields(), "", func(path string, f arrow.Field) {
		if err != nil {
			return
		}
		rule := columnRule(f.Metadata)
		if strings.Contains(path, ".") && f.Metadata.FindKey("delta.invariants") >= 0 {
			rule = "invariants" // those of whole columns are evaluated, those of nested fields are not
		}
		if rule != "" {
			err = refuse(rule, "column "+path)
		}
		if f.Type.ID() == arrow.NULL {
			err = refuse("void", "column "+path)
		}
	})
	if err == nil && m.Configuration["delta.enableInCommitTimestamps"] == "true" {
		return refuse("inCommitTimestamp", "")
	}
	return err
}

// checkWriterFeatures refuses a protocol that this package does not know all of.
func checkWriterFeatures(table string, version int64, p *Protocol) error {
	if p.MinWriterVersion > writerWithFeatures {
		return &UnsupportedError{Feature: "minWriterVersion", Table: table, Version: version}
	}
	for _, f := range p.WriterFeatures {
		if !slices.Contains(writable, f) {
			return &UnsupportedError{Feature: f, Table: table, Version: version}
		}
	}
	return nil
}

// columnRule is the feature that a column's metadata asks for and that this package does not do, empty for none.
func columnRule(m arrow.Metadata) string {
	switch {
	case m.FindKey("delta.generationExpression") >= 0:
		return "generatedColumns"
	case m.FindKey("delta.identity.start") >= 0, m.FindKey("delta.identity.step") >= 0:
		return "identityColumns"
	default:
		return ""
	}
}

// visitFields calls visit for every field, nested ones too, with its dotted path.
func visitFields(fields []arrow.Field, prefix string, visit func(path string, f arrow.Field)) {
	for _, f := range fields {
		visit(prefix+f.Name, f)
		if n, ok := f.Type.(arrow.NestedType); ok {
			visitFields(n.Fields(), prefix+f.Name+".", visit)
		}
	}
}

// requiredProtocol is the lowest protocol that serves the metadata, and never lower than the one that is there.
func requiredProtocol(have *Protocol, m *tableMetadata) *Protocol {
	p := Protocol{MinReaderVersion: 1, MinWriterVersion: 2}
	if have != nil {
		p = *have
	}
	ntz := false
	visitFields(m.schema.Fields(), "", func(_ string, f arrow.Field) {
		t, ok := f.Type.(*arrow.TimestampType)
		ntz = ntz || ok && t.TimeZone == ""
	})
	if ntz && !slices.Contains(p.ReaderFeatures, "timestampNtz") {
		p = p.withFeatures("timestampNtz")
	}
	if len(m.constraints()) > 0 {
		p = p.withLegacy(3, "checkConstraints")
	}
	if m.Configuration["delta.enableChangeDataFeed"] == "true" {
		p = p.withLegacy(4, "changeDataFeed")
	}
	return &p
}

// withLegacy asks for a feature that a legacy writer version implies.
func (p Protocol) withLegacy(version int, feature string) Protocol {
	switch {
	case p.MinWriterVersion < writerWithFeatures:
		p.MinWriterVersion = max(p.MinWriterVersion, version)
	case !slices.Contains(p.WriterFeatures, feature):
		p.WriterFeatures = append(slices.Clone(p.WriterFeatures), feature)
	}
	return p
}

// withFeatures asks for reader-writer features, and lists what the legacy versions implied (Delta protocol: Table Features).
func (p Protocol) withFeatures(names ...string) Protocol {
	n := Protocol{MinReaderVersion: readerWithFeatures, MinWriterVersion: writerWithFeatures}
	n.ReaderFeatures = append(slices.Clone(p.ReaderFeatures), names...)
	n.WriterFeatures = append(slices.Clone(p.WriterFeatures), names...)
	if p.MinReaderVersion == 2 {
		n.ReaderFeatures = append(n.ReaderFeatures, "columnMapping")
	}
	if p.MinWriterVersion < writerWithFeatures {
		for version, implied := range impliedFeatures {
			if version <= p.MinWriterVersion {
				n.WriterFeatures = append(n.WriterFeatures, implied...)
			}
		}
	}
	return n
}

// impliedFeatures are the writer features that each legacy version adds.
var impliedFeatures = [...][]string{
	2: {"appendOnly", "invariants"}, 3: {"checkConstraints"}, 4: {"changeDataFeed", "generatedColumns"}, 5: {"columnMapping"}, 6: {"identityColumns"},
}

func (s *Snapshot) unsupported(feature, detail string, reading bool) error {
	return &UnsupportedError{Feature: feature, Table: s.table.Name(), Version: s.version, Detail: detail, Reading: reading}
}

// schemaError tells a schema with a type that is not supported from one that is damaged.
func (s *Snapshot) schemaError(err error) error {
	var unknown *schema.TypeError
	if errors.As(err, &unknown) {
		return s.unsupported("type "+unknown.Type, "column "+unknown.Column, true)
	}
	return s.corrupt("the schema cannot be parsed", err)
}

// constraint is a CHECK constraint or an invariant: every row must make it TRUE.
type constraint struct{ name, sql, feature string }

// constraints are the table's CHECK constraints, by name.
func (m *tableMetadata) constraints() []constraint {
	var list []constraint
	for _, k := range slices.Sorted(maps.Keys(m.Configuration)) {
		if name, ok := strings.CutPrefix(k, "delta.constraints."); ok {
			list = append(list, constraint{name, m.Configuration[k], "checkConstraints"})
		}
	}
	return list
}
