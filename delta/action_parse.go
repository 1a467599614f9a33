package delta

import (
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/schema"
)

func (p *parser) action(a *actions, kind string, s *scanner) error {
	switch kind {
	case "add":
		return p.add(a, s)
	case "remove":
		return p.remove(a, s)
	case "commitInfo":
		a.info = s.raw()
	case "metaData":
		if a.metadata != nil {
			return fmt.Errorf("%w: a second metaData action", errJSON)
		}
		a.metadata = p.metadata(s)
		a.unknown = a.unknown || a.metadata.unknown != ""
	case "protocol":
		if a.protocol != nil {
			return fmt.Errorf("%w: a second protocol action", errJSON)
		}
		a.protocol = p.protocol(s)
	case "txn":
		a.txns = append(a.txns, p.txn(s))
	case "domainMetadata":
		a.domains = append(a.domains, p.domain(s))
	case "cdc":
		return p.change(a, s)
	default:
		a.extras = append(a.extras, "{"+appendMember("", kind, s.raw())+"}")
		a.unknown = true
	}
	return nil
}

func (p *parser) add(a *actions, s *scanner) error {
	f := &File{}
	var more fileMore
	hasPath := false
	for k := range s.given {
		switch k {
		case "path":
			f.Path, hasPath = strings.Clone(s.str()), true
		case "partitionValues":
			f.PartitionValues = p.partitionValues(s)
		case "size":
			f.Size = s.int64()
		case "modificationTime":
			f.ModificationTime = s.int64()
		case "dataChange":
			f.DataChange = s.bool()
		case "stats":
			f.Stats = s.str()
		default:
			p.more(&more, k, s)
		}
	}
	if s.err == nil && !hasPath {
		return fmt.Errorf("%w: an add action without path", errJSON)
	}
	f.more = more.orNil()
	a.unknown = a.unknown || more.unknown != ""
	a.adds = append(a.adds, f)
	return nil
}

func (p *parser) remove(a *actions, s *scanner) error {
	t := &tombstone{dataChange: true}
	var more fileMore
	hasPath := false
	for k := range s.given {
		switch k {
		case "path":
			t.path, hasPath = strings.Clone(s.str()), true
		case "deletionTimestamp":
			t.deletionTimestamp = s.int64()
		case "dataChange":
			t.dataChange = s.bool()
		case "extendedFileMetadata":
			t.extended = s.bool()
		case "partitionValues":
			t.partitionValues = p.partitionValues(s)
		case "size":
			t.size = s.int64()
		case "stats":
			s.skip(0) // nothing reads the statistics of a removed file
		default:
			p.more(&more, k, s)
		}
	}
	if s.err == nil && !hasPath {
		return fmt.Errorf("%w: a remove action without path", errJSON)
	}
	t.more = more.orNil()
	a.unknown = a.unknown || more.unknown != ""
	a.removes = append(a.removes, t)
	return nil
}

func (p *parser) change(a *actions, s *scanner) error {
	f := &changeFile{}
	for k := range s.given {
		switch k {
		case "path":
			f.path = strings.Clone(s.str())
		case "partitionValues":
			f.partitionValues = p.partitionValues(s)
		case "size":
			f.size = s.int64()
		default:
			s.skip(0)
		}
	}
	if s.err == nil && f.path == "" {
		return fmt.Errorf("%w: a cdc action without path", errJSON)
	}
	a.changes = append(a.changes, f)
	return nil
}

// more reads a member that add and remove share and that few files have.
func (p *parser) more(m *fileMore, key string, s *scanner) {
	switch key {
	case "tags":
		m.tags = strings.Clone(s.raw())
	case "deletionVector":
		m.vector = p.deletionVector(s)
	case "baseRowId":
		m.baseRowID = new(s.int64())
	case "defaultRowCommitVersion":
		m.defaultRowCommitVersion = new(s.int64())
	case "clusteringProvider":
		m.clusteringProvider = p.intern(s.str())
	default:
		m.unknown = appendMember(m.unknown, key, s.raw())
	}
}

func (m *fileMore) orNil() *fileMore {
	if *m == (fileMore{}) {
		return nil
	}
	c := *m
	return &c
}

func (p *parser) deletionVector(s *scanner) *deletionVector {
	v := &deletionVector{}
	for k := range s.given {
		switch k {
		case "storageType":
			v.storageType = p.intern(s.str())
		case "pathOrInlineDv":
			v.pathOrInline = strings.Clone(s.str())
		case "offset":
			v.offset = new(s.int64())
		case "sizeInBytes":
			v.sizeInBytes = s.int64()
		case "cardinality":
			v.cardinality = s.int64()
		case "maxRowIndex":
			v.maxRowIndex = new(s.int64())
		default:
			s.skip(0)
		}
	}
	return v
}

func (p *parser) partitionValues(s *scanner) []PartitionValue {
	var list []PartitionValue
	for k := range s.members {
		v := PartitionValue{Column: p.intern(k)}
		if s.null() {
			v.Null = true
		} else {
			v.Value = p.intern(s.str())
		}
		list = append(list, v)
	}
	return list
}

func (p *parser) protocol(s *scanner) *Protocol {
	r := &Protocol{}
	for k := range s.members {
		switch k {
		case "minReaderVersion":
			r.MinReaderVersion = int(s.int64())
		case "minWriterVersion":
			r.MinWriterVersion = int(s.int64())
		case "readerFeatures":
			r.ReaderFeatures = s.strings()
		case "writerFeatures":
			r.WriterFeatures = s.strings()
		default:
			s.skip(0)
		}
	}
	return r
}

func (p *parser) metadata(s *scanner) *Metadata {
	m := &Metadata{}
	for k := range s.given {
		switch k {
		case "id":
			m.ID = s.str()
		case "name":
			m.Name = s.str()
		case "description":
			m.Description = s.str()
		case "schemaString":
			m.SchemaString = s.str()
		case "partitionColumns":
			m.PartitionColumns = s.strings()
		case "configuration":
			m.Configuration = s.stringMap()
		case "createdTime":
			m.CreatedTime = s.int64()
		case "format":
			p.format(m, s)
		default:
			m.unknown = appendMember(m.unknown, k, s.raw())
		}
	}
	return m
}

func (p *parser) format(m *Metadata, s *scanner) {
	for k := range s.members {
		switch k {
		case "provider":
			m.provider = s.str()
		case "options":
			m.options = s.stringMap()
		default:
			s.skip(0)
		}
	}
}

func (p *parser) txn(s *scanner) Txn {
	var t Txn
	for k := range s.given {
		switch k {
		case "appId":
			t.AppID = strings.Clone(s.str())
		case "version":
			t.Version = s.int64()
		case "lastUpdated":
			t.LastUpdated = s.int64()
		default:
			s.skip(0)
		}
	}
	return t
}

func (p *parser) domain(s *scanner) domain {
	var d domain
	for k := range s.members {
		switch k {
		case "domain":
			d.name = s.str()
		case "configuration":
			d.configuration = s.str()
		case "removed":
			d.removed = s.bool()
		default:
			s.skip(0)
		}
	}
	return d
}

func appendMember(list, key, raw string) string {
	if list != "" {
		list += ","
	}
	return list + string(schema.AppendQuoted(nil, key)) + ":" + raw
}
