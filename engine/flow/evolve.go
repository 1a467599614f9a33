package flow

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
)

// SchemaError says that a table is not what its declaration says, and that the flow cannot change it into that.
type SchemaError struct {
	Table  string
	Reason string
}

// Error names the table, the difference and the remedy.
func (e *SchemaError) Error() string {
	return fmt.Sprintf("flow: %s: the table %s: rebuild it under another name, or change the declaration back", e.Table, e.Reason)
}

// Describe makes the table's metadata what its declaration says; an existing table keeps what others have added to its properties.
func (j *Job) Describe(tx *delta.Transaction) error {
	if j.Snapshot != nil {
		return j.evolve(tx)
	}
	return tx.SetMetadata(j.Table.Rows, delta.Metadata{
		Name: j.Table.Ident, Description: j.Table.Comment, PartitionColumns: j.Table.PartitionBy, Configuration: maps.Clone(j.Table.Properties),
	})
}

// evolve brings an existing table's metadata to what its declaration says now: a flow that replaces all rows may change anything, others only add columns.
func (j *Job) evolve(tx *delta.Transaction) error {
	have, want := j.Snapshot.Schema(), j.Table.Rows
	if sameColumns(have, want) && j.samePartitions() {
		return nil
	}
	if j.Overwrites() {
		m := j.Snapshot.Metadata()
		m.PartitionColumns = j.Table.PartitionBy
		return tx.SetMetadata(want, m)
	}
	added, err := j.Added()
	if err != nil || len(added) == 0 {
		return err
	}
	return tx.UpdateSchema(arrow.NewSchema(slices.Concat(have.Fields(), added), nil))
}

// Added are the declaration's columns that the table does not have yet, or a *SchemaError where they cannot be added or others have changed.
func (j *Job) Added() (added []arrow.Field, err error) {
	have, want := j.Snapshot.Schema(), j.Table.Rows
	if !j.samePartitions() {
		return nil, &SchemaError{j.Table.Ident, fmt.Sprintf("is partitioned by (%s), the declaration says (%s)",
			strings.Join(j.Snapshot.PartitionColumns(), ", "), strings.Join(j.Table.PartitionBy, ", "))}
	}
	for _, f := range want.Fields() {
		at := schema.Find(have.Fields(), f.Name)
		switch {
		case at < 0 && !f.Nullable:
			return nil, &SchemaError{j.Table.Ident, "has rows without the new column " + f.Name + ", which is declared NOT NULL"}
		case at < 0:
			added = append(added, f)
		case !schema.Equal(have.Field(at).Type, f.Type):
			return nil, &SchemaError{j.Table.Ident, fmt.Sprintf("has column %s of type %s, the declaration says %s", f.Name, schema.Name(have.Field(at).Type), schema.Name(f.Type))}
		}
	}
	return added, nil
}

// Changed tells whether the table's columns or partitions are others than the declaration's, so that a flow that replaces all rows replaces them too. A
// column that the table lets be NULL, and the declaration does not, is no change.
func (j *Job) Changed() bool {
	same := slices.EqualFunc(j.Snapshot.Schema().Fields(), j.Table.Rows.Fields(), func(have, want arrow.Field) bool {
		return strings.EqualFold(have.Name, want.Name) && (have.Nullable || !want.Nullable) && schema.Equal(have.Type, want.Type)
	})
	return !same || !j.samePartitions()
}

func (j *Job) samePartitions() bool {
	return slices.EqualFunc(j.Snapshot.PartitionColumns(), j.Table.PartitionBy, strings.EqualFold)
}

func sameColumns(have, want *arrow.Schema) bool {
	return slices.EqualFunc(have.Fields(), want.Fields(), func(a, b arrow.Field) bool {
		return strings.EqualFold(a.Name, b.Name) && a.Nullable == b.Nullable && schema.Equal(a.Type, b.Type)
	})
}
