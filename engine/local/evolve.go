package local

import (
	"fmt"
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
	return fmt.Sprintf("local: %s: the table %s: rebuild it under another name, or change the declaration back", e.Table, e.Reason)
}

// evolve brings an existing table's metadata to what its declaration says now: a flow that replaces all rows may change anything, others only add columns.
func (j *job) evolve(tx *delta.Transaction) error {
	have, want := j.snapshot.Schema(), j.table.Rows
	same := sameColumns(have, want)
	if same && slices.EqualFunc(j.snapshot.PartitionColumns(), j.table.PartitionBy, strings.EqualFold) {
		return nil
	}
	if j.overwrites() {
		m := j.snapshot.Metadata()
		m.PartitionColumns = j.table.PartitionBy
		return tx.SetMetadata(want, m)
	}
	if !slices.EqualFunc(j.snapshot.PartitionColumns(), j.table.PartitionBy, strings.EqualFold) {
		return &SchemaError{j.table.Ident, fmt.Sprintf("is partitioned by (%s), the declaration says (%s)",
			strings.Join(j.snapshot.PartitionColumns(), ", "), strings.Join(j.table.PartitionBy, ", "))}
	}
	merged, err := j.added(have, want)
	if err != nil || merged == nil {
		return err
	}
	return tx.UpdateSchema(merged)
}

// added is the table's schema with the declaration's new columns at its end, or nil when there are none.
func (j *job) added(have, want *arrow.Schema) (*arrow.Schema, error) {
	fields := slices.Clone(have.Fields())
	for _, f := range want.Fields() {
		at := schema.Find(have.Fields(), f.Name)
		switch {
		case at < 0 && !f.Nullable:
			return nil, &SchemaError{j.table.Ident, "has rows without the new column " + f.Name + ", which is declared NOT NULL"}
		case at < 0:
			fields = append(fields, f)
		case !schema.Equal(have.Field(at).Type, f.Type):
			return nil, &SchemaError{j.table.Ident, fmt.Sprintf("has column %s of type %s, the declaration says %s", f.Name, schema.Name(have.Field(at).Type), schema.Name(f.Type))}
		}
	}
	if len(fields) == have.NumFields() {
		return nil, nil
	}
	return arrow.NewSchema(fields, nil), nil
}

func sameColumns(have, want *arrow.Schema) bool {
	return slices.EqualFunc(have.Fields(), want.Fields(), func(a, b arrow.Field) bool {
		return strings.EqualFold(a.Name, b.Name) && a.Nullable == b.Nullable && schema.Equal(a.Type, b.Type)
	})
}
