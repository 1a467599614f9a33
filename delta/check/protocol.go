package check

import (
	"slices"
	"strings"
)

// protocol is what a reader and a writer must know.
type protocol struct {
	reader, writer                 int64
	readerFeatures, writerFeatures []string
	hasReader, hasWriter           bool // the lists are there
}

func protocolOf(m members) *protocol {
	return &protocol{
		reader: m.integer("minReaderVersion"), writer: m.integer("minWriterVersion"), readerFeatures: m.list("readerFeatures"), writerFeatures: m.list("writerFeatures"),
		hasReader: m.has("readerFeatures"), hasWriter: m.has("writerFeatures"),
	}
}

// knownFeature is what the protocol says of a feature.
type knownFeature struct {
	reader bool     // readers must know it too
	legacy int64    // the writer version that implies it; 0: it is only listed
	needs  []string // features that it cannot be without
}

// featureOf is what the protocol says of a feature, and false where it is none of the protocol's.
func featureOf(name string) (knownFeature, bool) {
	switch name {
	case "appendOnly", "invariants":
		return knownFeature{legacy: 2}, true
	case "checkConstraints":
		return knownFeature{legacy: 3}, true
	case "changeDataFeed", "generatedColumns":
		return knownFeature{legacy: 4}, true
	case "columnMapping":
		return knownFeature{legacy: 5, reader: true}, true
	case "identityColumns":
		return knownFeature{legacy: 6}, true
	case "deletionVectors", "timestampNtz", "v2Checkpoint", "vacuumProtocolCheck", "typeWidening", "typeWidening-preview", "variantType", "variantType-preview":
		return knownFeature{reader: true}, true
	case "variantShredding", "variantShredding-preview":
		return knownFeature{reader: true}, true
	case "catalogManaged", "catalogOwned-preview":
		return knownFeature{reader: true, needs: []string{"inCommitTimestamp"}}, true
	case "rowTracking", "clustering":
		return knownFeature{needs: []string{"domainMetadata"}}, true
	case "icebergCompatV1", "icebergCompatV2":
		return knownFeature{needs: []string{"columnMapping"}}, true
	case "icebergCompatV3":
		return knownFeature{needs: []string{"columnMapping", "rowTracking"}}, true
	case "domainMetadata", "allowColumnDefaults", "checkpointProtection", "inCommitTimestamp":
		return knownFeature{}, true
	}
	return knownFeature{}, false
}

// supports reports whether the feature is listed or implied by the versions.
func (p *protocol) supports(name string) bool {
	if p.writer >= 7 {
		return slices.Contains(p.writerFeatures, name)
	}
	f, known := featureOf(name)
	return known && f.legacy > 0 && f.legacy <= p.writer
}

// supportsAny reports whether one of the names of a feature, which may have been one of a preview, is supported.
func (p *protocol) supportsAny(names ...string) bool { return slices.ContainsFunc(names, p.supports) }

func (c *checker) checkProtocol(p *protocol) {
	c.within("protocol", "")
	switch {
	case p.reader < 1 || p.writer < 1:
		c.report(ProtocolVersion, "versions %d and %d: both begin at 1", p.reader, p.writer)
	case p.reader > 3 || p.writer > 7:
		c.report(ProtocolVersion, "versions %d and %d: there is no reader version above 3 and no writer version above 7", p.reader, p.writer)
	case p.reader == 3 && p.writer != 7:
		c.report(ProtocolVersion, "reader version 3 needs writer version 7, not %d", p.writer)
	case p.reader == 3 && !p.hasReader:
		c.report(ProtocolVersion, "reader version 3 needs readerFeatures")
	case p.reader != 3 && len(p.readerFeatures) > 0:
		c.report(ProtocolVersion, "readerFeatures need reader version 3, not %d", p.reader)
	case p.writer == 7 && !p.hasWriter:
		c.report(ProtocolVersion, "writer version 7 needs writerFeatures")
	case p.writer != 7 && len(p.writerFeatures) > 0:
		c.report(ProtocolVersion, "writerFeatures need writer version 7, not %d", p.writer)
	}
	c.checkLists(p)
	for _, name := range p.writerFeatures {
		f, _ := featureOf(name)
		for _, needed := range f.needs {
			if !p.supports(needed) {
				c.report(FeatureNeeds, "%s needs %s, which is not listed", name, needed)
			}
		}
	}
}

// checkLists compares the two lists.
func (c *checker) checkLists(p *protocol) {
	for _, names := range [][]string{p.readerFeatures, p.writerFeatures} {
		for i, name := range names {
			if slices.Contains(names[:i], name) {
				c.report(ProtocolFeature, "%s is listed twice", name)
			}
		}
	}
	for _, name := range p.readerFeatures {
		if !slices.Contains(p.writerFeatures, name) {
			c.report(ProtocolFeature, "%s is among the readerFeatures alone", name)
		}
		if f, known := featureOf(name); known && !f.reader {
			c.report(ProtocolFeature, "%s is a feature of writers, but among the readerFeatures", name)
		}
	}
	for _, name := range p.writerFeatures {
		f, _ := featureOf(name)
		mappingAlone := name == "columnMapping" && p.reader == 2
		if f.reader && !mappingAlone && !slices.Contains(p.readerFeatures, name) {
			c.report(ProtocolFeature, "%s is a feature of readers too, but not among the readerFeatures", name)
		}
	}
}

// uses are the features that metadata cannot be without: each with what needs it, and the names that it has had.
func (m *metadata) uses() []use {
	var list []use
	property := func(name, value string, features ...string) {
		if v, ok := m.configuration[name]; ok && (value == "" || strings.EqualFold(v, value)) {
			list = append(list, use{what: "the property " + name, features: features})
		}
	}
	property("delta.appendOnly", "true", "appendOnly")
	property("delta.enableChangeDataFeed", "true", "changeDataFeed")
	property("delta.enableDeletionVectors", "true", "deletionVectors")
	property("delta.enableRowTracking", "true", "rowTracking")
	property("delta.enableInCommitTimestamps", "true", "inCommitTimestamp", "inCommitTimestamp-preview")
	property("delta.enableTypeWidening", "true", "typeWidening", "typeWidening-preview")
	property("delta.enableVariantShredding", "true", "variantShredding", "variantShredding-preview")
	property("delta.enableIcebergCompatV1", "true", "icebergCompatV1")
	property("delta.enableIcebergCompatV2", "true", "icebergCompatV2")
	property("delta.enableIcebergCompatV3", "true", "icebergCompatV3")
	property("delta.checkpointPolicy", "v2", "v2Checkpoint", "v2Checkpoint-preview")
	for name := range m.configuration {
		if strings.HasPrefix(name, "delta.constraints.") {
			list = append(list, use{what: "the property " + name, features: []string{"checkConstraints"}})
			break
		}
	}
	if m.mapping() != "none" {
		list = append(list, use{what: "column mapping", features: []string{"columnMapping"}})
	}
	m.visit(func(path []string, f *column) {
		at := "column " + strings.Join(path, ".")
		for key, features := range map[string][]string{
			"delta.invariants": {"invariants"}, "delta.generationExpression": {"generatedColumns"}, "delta.identity.start": {"identityColumns"},
			"CURRENT_DEFAULT": {"allowColumnDefaults"}, "delta.typeChanges": {"typeWidening", "typeWidening-preview"},
		} {
			if f.metadata[key] != nil {
				list = append(list, use{key + " of " + at, features, features[0] == "generatedColumns" || features[0] == "identityColumns"})
			}
		}
		f.typ.visitPrimitives(func(name string) {
			switch name {
			case "timestamp_ntz":
				list = append(list, use{what: "the type of " + at, features: []string{"timestampNtz"}})
			case "variant":
				list = append(list, use{what: "the type of " + at, features: []string{"variantType", "variantType-preview"}})
			}
		})
	})
	return list
}

// use is what cannot be without a feature.
type use struct {
	what     string
	features []string // one of them
	listed   bool     // only where the protocol lists its features: before, the columns of a table without it are plain ones
}

// checkUses looks for features that are used, and that the protocol does not have.
func (c *checker) checkUses() {
	s := c.state
	if s.protocol == nil || s.metadata == nil {
		return
	}
	for _, u := range s.metadata.uses() {
		if !s.protocol.supportsAny(u.features...) && (s.protocol.writer >= 7 || !u.listed) {
			c.report(FeatureMissing, "%s needs the feature %s", u.what, u.features[0])
		}
	}
}
