package delta

import (
	"github.com/apache/arrow-go/v18/arrow"
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

// mapping is how the table's columns are found in its files.
func (m *Metadata) mapping() string {
	if mode := m.Configuration["delta.columnMapping.mode"]; mode != "" {
		return mode
	}
	return mappingNone
}

// physical is the name that a column, or a nested field, has in data files, partition values, statistics and domains.
func (m *Metadata) physical(f arrow.Field) string {
	if m.mapping() == mappingNone {
		return f.Name
	}
	if name, ok := f.Metadata.GetValue(physicalNameKey); ok {
		return name
	}
	return f.Name
}
