package delta

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// feedColumn is a column of the table's own that is called as one of its feed's, empty for none.
func (m *tableMetadata) feedColumn() string {
	for _, name := range []string{ChangeTypeColumn, CommitVersionColumn, CommitTimestampColumn} {
		if schema.Find(m.schema.Fields(), name) >= 0 {
			return name
		}
	}
	return ""
}

// checkFeedColumns refuses to enable the feed of a table with such a column.
func (m *tableMetadata) checkFeedColumns() error {
	if name := m.feedColumn(); name != "" && m.Configuration[changeFeedProperty] == "true" {
		return &PropertyError{Name: changeFeedProperty, Value: "true", Reason: "the table has a column " + name + ", as the change data feed has one: rename it"}
	}
	return nil
}

// changesSchema is a table's columns with those of its changes.
func changesSchema(s *arrow.Schema) *arrow.Schema {
	fields := append(s.Fields()[:s.NumFields():s.NumFields()],
		arrow.Field{Name: ChangeTypeColumn, Type: schema.String, Nullable: true},
		arrow.Field{Name: CommitVersionColumn, Type: schema.BigInt, Nullable: true},
		arrow.Field{Name: CommitTimestampColumn, Type: schema.Timestamp, Nullable: true})
	return arrow.NewSchema(fields, nil)
}

// CheckHolds returns an error that wraps ErrSchemaChanged unless rows that were written under the metadata can be read with the snapshot's columns, and lose
// nothing: each column is there under its name, and can hold its values.
func (s *Snapshot) CheckHolds(m *Metadata) error {
	parsed, err := parseMetadata(m)
	if err != nil {
		return s.schemaError(err)
	}
	if reason := s.metadata.cannotHold(parsed); reason != "" {
		return fmt.Errorf("%w: %s in version %d", ErrSchemaChanged, reason, s.version)
	}
	return nil
}

// cannotHold says why the columns of other metadata cannot be read as these without loss: one was dropped or renamed, or has values that do not fit. Empty: they
// can.
func (m *tableMetadata) cannotHold(other *tableMetadata) string {
	if len(m.PartitionColumns) != len(other.PartitionColumns) {
		return "the partition columns differ from those"
	}
	for i, c := range m.PartitionColumns {
		if !strings.EqualFold(c, other.PartitionColumns[i]) {
			return "the partition columns differ from those"
		}
	}
	return m.cannotHoldFields(other.Metadata, "", other.schema.Fields(), m.schema.Fields())
}

func (m *tableMetadata) cannotHoldFields(other *Metadata, path string, from, to []arrow.Field) string {
	for _, f := range from {
		name := path + f.Name
		var at *arrow.Field
		for i := range to {
			if strings.EqualFold(m.physical(to[i]), other.physical(f)) {
				at = &to[i]
			}
		}
		switch {
		case at == nil:
			return "column " + schema.Quote(name) + " is not there"
		case !strings.EqualFold(at.Name, f.Name):
			return "column " + schema.Quote(name) + " is called " + schema.Quote(path+at.Name)
		case f.Nullable && !at.Nullable:
			return "column " + schema.Quote(name) + " is NOT NULL"
		}
		if reason := m.cannotHoldType(other, name, f.Type, at.Type); reason != "" {
			return reason
		}
	}
	return ""
}

func (m *tableMetadata) cannotHoldType(other *Metadata, path string, from, to arrow.DataType) string {
	switch t := to.(type) {
	case *arrow.StructType:
		if f, ok := from.(*arrow.StructType); ok {
			return m.cannotHoldFields(other, path+".", f.Fields(), t.Fields())
		}
	case *arrow.ListType:
		if f, ok := from.(*arrow.ListType); ok {
			return m.cannotHoldType(other, path+".element", f.Elem(), t.Elem())
		}
	case *arrow.MapType:
		if f, ok := from.(*arrow.MapType); ok {
			if reason := m.cannotHoldType(other, path+".key", f.KeyType(), t.KeyType()); reason != "" {
				return reason
			}
			return m.cannotHoldType(other, path+".value", f.ItemType(), t.ItemType())
		}
	}
	if _, err := newConversion(path, from, to, reading); err != nil {
		return fmt.Sprintf("column %s is %s and was %s", schema.Quote(path), schema.Name(to), schema.Name(from))
	}
	return ""
}
