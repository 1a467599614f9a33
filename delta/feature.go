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

// feature is one of the protocol's table features (Delta protocol: Valid Feature Names in Table Features) and what this package does with it.
type feature struct {
	name     string
	reader   bool     // readers must know it too
	legacy   int      // the writer version that implies it; 0: it is only listed by name
	needs    []string // features that it cannot be without
	property string   // the table property that asks for it when it is true; empty: none
	reads    bool     // this package reads tables that have it; of a writer feature: always
	writes   bool     // this package writes tables that have it
}

// features are those that this package knows by name. Another one, on a table, is refused.
var features = []feature{
	{name: "appendOnly", legacy: 2, property: "delta.appendOnly", reads: true, writes: true},
	{name: "invariants", legacy: 2, reads: true, writes: true},
	{name: "checkConstraints", legacy: 3, reads: true, writes: true},
	{name: "changeDataFeed", legacy: 4, property: "delta.enableChangeDataFeed", reads: true, writes: true},
	{name: "generatedColumns", legacy: 4, reads: true, writes: true},
	{name: "columnMapping", legacy: 5, reader: true, reads: true, writes: true},
	{name: "identityColumns", legacy: 6, reads: true, writes: true},
	{name: "deletionVectors", reader: true, property: "delta.enableDeletionVectors", reads: true, writes: true},
	{name: "timestampNtz", reader: true, reads: true, writes: true},
	{name: "timestampWithoutTimezone", reader: true, reads: true}, // what timestampNtz was called at first
	{name: "domainMetadata", reads: true, writes: true},
	{name: "v2Checkpoint", reader: true, reads: true, writes: true},
	{name: "vacuumProtocolCheck", reader: true, reads: true, writes: true},
	{name: "allowColumnDefaults", reads: true, writes: true},
	{name: "typeWidening", reader: true, property: "delta.enableTypeWidening", reads: true, writes: true},
	{name: "typeWidening-preview", reader: true, reads: true, writes: true},
	{name: "checkpointProtection", reads: true, writes: true},
	{name: "rowTracking", needs: []string{"domainMetadata"}, property: rowTrackingProperty, reads: true, writes: true},
	{name: "clustering", needs: []string{"domainMetadata"}, reads: true, writes: true},
	{name: "inCommitTimestamp", property: inCommitProperty, reads: true, writes: true},
	{name: "variantType", reader: true, reads: true, writes: true},
	{name: "variantType-preview", reader: true, reads: true, writes: true},
	{name: "variantShredding", reader: true, needs: []string{"variantType"}, property: "delta.enableVariantShredding", reads: true, writes: true},
	{name: "variantShredding-preview", reader: true, needs: []string{"variantType"}, reads: true, writes: true},
	{name: "icebergCompatV1", reads: true},
	{name: "icebergCompatV2", reads: true},
	{name: "icebergCompatV3", reads: true},
	{name: "catalogManaged", reader: true},
}

// featureNamed finds a feature, and nil where the name is not known here.
func featureNamed(name string) *feature {
	i := slices.IndexFunc(features, func(f feature) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return &features[i]
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
		if known := featureNamed(f); known == nil || !known.reads {
			return s.unsupported(f, "", true)
		}
		if !slices.Contains(p.WriterFeatures, f) {
			return s.corrupt("protocol: reader feature "+f+" is not among the writer features", nil)
		}
	}
	switch mode := s.metadata.mapping(); mode {
	case mappingNone, mappingName, mappingID:
	default:
		return s.unsupported("columnMapping", "delta.columnMapping.mode is "+mode+": it must be none, name or id", true)
	}
	if p := s.metadata.provider; p != "" && p != "parquet" {
		return s.unsupported("format "+p, "", true)
	}
	if err := s.checkTypeChanges(); err != nil {
		return err
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
	if fault := m.checkMapping(); err == nil && fault != nil {
		return refuse("columnMapping", fault.Error())
	}
	visitFields(m.schema.Fields(), "", func(path string, f arrow.Field) {
		if err != nil {
			return
		}
		if f.Type.ID() == arrow.NULL {
			err = refuse("void", "column "+path)
		}
	})
	return err
}

// checkWriterFeatures refuses a protocol that this package does not know all of.
func checkWriterFeatures(table string, version int64, p *Protocol) error {
	if p.MinWriterVersion > writerWithFeatures {
		return &UnsupportedError{Feature: "minWriterVersion", Table: table, Version: version}
	}
	for _, f := range p.WriterFeatures {
		if known := featureNamed(f); known == nil || !known.writes {
			return &UnsupportedError{Feature: f, Table: table, Version: version}
		}
	}
	return nil
}

// nestedRule is the feature that the metadata of a field within a column asks for and that this package does for whole columns only; empty for none.
func nestedRule(column arrow.Field) (rule, at string) {
	n, ok := column.Type.(arrow.NestedType)
	if !ok {
		return "", ""
	}
	visitFields(n.Fields(), column.Name+".", func(path string, f arrow.Field) {
		switch m := f.Metadata; {
		case m.FindKey(generationKey) >= 0:
			rule, at = "generatedColumns", path
		case isIdentity(m):
			rule, at = "identityColumns", path
		case m.FindKey(charTypeKey) >= 0:
			rule, at = "char/varchar", path
		}
	})
	return rule, at
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

// featureProperty begins a table property that asks for a feature by name, as delta.feature.deletionVectors = supported.
const featureProperty = "delta.feature."

// wants are the features that the schema and the properties cannot be without.
func (m *tableMetadata) wants() []string {
	var names []string
	for _, f := range features {
		if f.property != "" && m.Configuration[f.property] == "true" {
			names = append(names, f.name)
		}
	}
	if len(m.constraints()) > 0 {
		names = append(names, "checkConstraints")
	}
	if m.mapping() != mappingNone {
		names = append(names, "columnMapping")
	}
	if m.Configuration["delta.checkpointPolicy"] == "v2" {
		names = append(names, "v2Checkpoint")
	}
	visitFields(m.schema.Fields(), "", func(_ string, f arrow.Field) {
		if t, ok := f.Type.(*arrow.TimestampType); ok && t.TimeZone == "" {
			names = append(names, "timestampNtz")
		}
		if f.Type.ID() == arrow.EXTENSION {
			names = append(names, "variantType")
		}
		for _, rule := range [][2]string{{generationKey, "generatedColumns"}, {identityStartKey, "identityColumns"}, {defaultKey, "allowColumnDefaults"}} {
			if f.Metadata.FindKey(rule[0]) >= 0 {
				names = append(names, rule[1])
			}
		}
	})
	return names
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
		if name, ok := strings.CutPrefix(k, constraintProperty); ok {
			list = append(list, constraint{name, m.Configuration[k], "checkConstraints"})
		}
	}
	return list
}
