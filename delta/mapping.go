package delta

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// The modes of column mapping (Delta protocol: Column Mapping).
const (
	mappingNone = "none" // data files have the table's own names
	mappingName = "name" // data files, partition values and statistics have physical names
	mappingID   = "id"   // as name, but columns of data files are found by their field IDs
)

// The members of a column's metadata that column mapping uses.
const (
	physicalNameKey = "delta.columnMapping.physicalName"
	columnIDKey     = "delta.columnMapping.id"
)

// The table properties of column mapping.
const (
	mappingModeKey = "delta.columnMapping.mode"
	maxColumnIDKey = "delta.columnMapping.maxColumnId"
)

// fileFieldIDKey is where internal/parquet keeps the field ID of a column.
const fileFieldIDKey = "PARQUET:field_id"

// mapping is how the table's columns are found in its files.
func (m *Metadata) mapping() string {
	if mode := m.Configuration[mappingModeKey]; mode != "" {
		return strings.ToLower(mode)
	}
	return mappingNone
}

// physical is the name that a column, or a nested field, has in data files, partition values, statistics and domains.
func (m *Metadata) physical(f arrow.Field) string {
	if m.mapping() == mappingNone {
		return f.Name
	}
	return physicalName(f)
}

func physicalName(f arrow.Field) string {
	if name, ok := f.Metadata.GetValue(physicalNameKey); ok {
		return name
	}
	return f.Name
}

// partitionNames are the partition columns' physical names, in order.
func (m *tableMetadata) partitionNames() []string {
	if m.mapping() == mappingNone {
		return m.PartitionColumns
	}
	names := make([]string, len(m.PartitionColumns))
	for i, c := range m.PartitionColumns {
		names[i] = c
		if at := schema.Find(m.schema.Fields(), c); at >= 0 {
			names[i] = m.physical(m.schema.Field(at))
		}
	}
	return names
}

// fileFields are columns as data files have them: with physical names at every level, and field IDs where columns are mapped.
func (m *Metadata) fileFields(fields []arrow.Field) []arrow.Field {
	out := make([]arrow.Field, len(fields))
	for i, f := range fields {
		out[i] = arrow.Field{Name: m.physical(f), Type: m.fileType(f.Type), Nullable: f.Nullable}
		if id, ok := f.Metadata.GetValue(columnIDKey); ok && m.mapping() != mappingNone {
			out[i].Metadata = arrow.NewMetadata([]string{fileFieldIDKey}, []string{id})
		}
	}
	return out
}

// fileType renames the fields of structs at any depth.
func (m *Metadata) fileType(t arrow.DataType) arrow.DataType {
	switch t := t.(type) {
	case *arrow.StructType:
		return arrow.StructOf(m.fileFields(t.Fields())...)
	case *arrow.ListType:
		return schema.ArrayOf(m.fileType(t.Elem()), t.ElemField().Nullable)
	case *arrow.MapType:
		return schema.MapOf(m.fileType(t.KeyType()), m.fileType(t.ItemType()), t.ItemField().Nullable)
	default:
		return t
	}
}

// matching is whose fields are matched with the table's, and how.
type matching uint8

const (
	writing       matching = iota // rows for the table, by name
	reading                       // a data file, by name; it may be older than the table's schema or another writer's
	readingMapped                 // a data file, by physical name
	readingIDs                    // a data file, by field ID
)

// reading is how the table's columns are found in its data files.
func (m *Metadata) reading() matching {
	switch m.mapping() {
	case mappingName:
		return readingMapped
	case mappingID:
		return readingIDs
	default:
		return reading
	}
}

// find gives the position of the table's field among others; -1: it is not there.
func (by matching) find(have []arrow.Field, want arrow.Field) int {
	switch by {
	case writing, reading:
		return schema.Find(have, want.Name)
	case readingMapped:
		return schema.Find(have, physicalName(want))
	default:
		id, ok := want.Metadata.GetValue(columnIDKey)
		if !ok { // not the table's own, as the type of a change
			return schema.Find(have, want.Name)
		}
		for i, f := range have {
			if got, ok := f.Metadata.GetValue(fileFieldIDKey); ok && got == id {
				return i
			}
		}
		return -1
	}
}

// path gives the names under which a file of these columns has the field that the table's fields, from the column down, lead to; nil: it does not have it.
func (by matching) path(have, fields []arrow.Field) []string {
	path := make([]string, 0, len(fields))
	for _, f := range fields {
		i := by.find(have, f)
		if i < 0 {
			return nil
		}
		path = append(path, have[i].Name)
		if st, ok := have[i].Type.(*arrow.StructType); ok {
			have = st.Fields()
		} else {
			have = nil
		}
	}
	return path
}

// hasFieldIDs reports whether a field among these, at any depth, has an ID.
func hasFieldIDs(have []arrow.Field) bool {
	found := false
	visitFields(have, "", func(_ string, f arrow.Field) { found = found || f.Metadata.FindKey(fileFieldIDKey) >= 0 })
	return found
}
