package delta

import (
	"fmt"
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

// SetMetadata creates the table with this schema, or replaces all its metadata but its ID. Partition columns and properties come from m; the schema string,
// ID and creation time are filled in where they are empty. What column mapping keeps in the columns' metadata is the table's own: the schema's is left out.
func (tx *Transaction) SetMetadata(s *arrow.Schema, m Metadata) error {
	text, err := tx.schemaString(arrow.NewSchema(unmapped(s.Fields()), nil), m.PartitionColumns)
	if err != nil {
		return err
	}
	m = m.clone()
	m.SchemaString = text
	if err := tx.checkNewProperties(&m); err != nil {
		return err
	}
	if err := checkColumnValues(s, m.PartitionColumns); err != nil {
		return fmt.Errorf("delta: schema for %s: %w", tx.table.Name(), err)
	}
	if tx.base != nil {
		m.ID, m.unknown = tx.base.metadata.ID, tx.base.metadata.unknown
		keepMapping(tx.base.metadata, &m)
	}
	if m.ID == "" {
		m.ID = tx.table.config.NewID()
	}
	if m.CreatedTime == 0 {
		m.CreatedTime = tx.table.config.Clock().UnixMilli()
	}
	return tx.setMetadata(&m)
}

// UpdateSchema replaces the schema and keeps the rest of the metadata. Columns are the table's own by their names; RenameColumn gives them others.
func (tx *Transaction) UpdateSchema(s *arrow.Schema) error {
	now := tx.current()
	if now == nil {
		return fmt.Errorf("delta: %s: UpdateSchema before SetMetadata on a new table", tx.table.Name())
	}
	text, err := tx.schemaString(arrow.NewSchema(unmapped(s.Fields()), nil), now.PartitionColumns)
	if err != nil {
		return err
	}
	m := now.clone()
	m.SchemaString = text
	return tx.setMetadata(&m)
}

func (tx *Transaction) schemaString(s *arrow.Schema, partition []string) (string, error) {
	if err := schema.Check(s); err != nil {
		return "", fmt.Errorf("delta: schema for %s: %w", tx.table.Name(), err)
	}
	for i, c := range partition {
		j := schema.Find(s.Fields(), c)
		if j < 0 || s.Field(j).Name != c {
			return "", fmt.Errorf("delta: schema for %s: partition column %s is not in the schema", tx.table.Name(), c)
		}
		if k := skipping.KindOf(s.Field(j).Type); k == skipping.KindNone || s.Field(j).Type.ID() == arrow.BINARY {
			return "", fmt.Errorf("delta: schema for %s: a column of type %s cannot partition the table: %s", tx.table.Name(), schema.Name(s.Field(j).Type), c)
		}
		if slices.Contains(partition[:i], c) {
			return "", fmt.Errorf("delta: schema for %s: partition column %s is named twice", tx.table.Name(), c)
		}
	}
	if len(partition) > 0 && len(partition) == s.NumFields() {
		return "", fmt.Errorf("delta: schema for %s: every column is a partition column, one must be left for the files", tx.table.Name())
	}
	return schema.MarshalDelta(s)
}

// checkNewProperties refuses properties that cannot be set, and takes those out that are none.
func (tx *Transaction) checkNewProperties(m *Metadata) error {
	var before map[string]string
	if tx.base != nil {
		before = tx.base.metadata.Configuration
	}
	changed := changedProperties(before, m.Configuration)
	checked, features, err := checkProperties(changed)
	if err != nil {
		return fmt.Errorf("delta: properties of %s: %w", tx.table.Name(), err)
	}
	for k := range changed {
		delete(m.Configuration, k)
	}
	maps.Copy(m.Configuration, checked)
	tx.require(features...)
	return nil
}

// setMetadata gives mapped columns what they lack.
func (tx *Transaction) setMetadata(m *Metadata) error {
	parsed, err := parseMetadata(m)
	if err == nil && !tx.mapped {
		parsed, err = mapColumns(tx.current(), parsed, tx.table.config.NewID)
	}
	if err == nil {
		parsed, err = trackRows(tx.current(), parsed, tx.table.config.NewID)
	}
	if err == nil {
		err = parsed.checkFeedColumns()
	}
	if err != nil {
		return fmt.Errorf("delta: schema for %s: %w", tx.table.Name(), err)
	}
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.metadata = parsed
	return nil
}
