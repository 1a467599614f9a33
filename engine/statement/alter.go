package statement

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
)

// alter runs ALTER TABLE, each statement in one commit.
func (r *Runner) alter(ctx context.Context, s sql.Alter) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	table, snapshot, err := r.target(ctx, s.Table)
	if err != nil {
		return nil, nil, err
	}
	switch c := s.Change.(type) {
	case sql.AddColumns:
		_, err = table.AddColumns(ctx, newColumns(c.Columns)...)
	case sql.RenameColumn:
		_, err = table.RenameColumn(ctx, c.Path, c.Name)
	case sql.DropColumns:
		err = dropColumns(ctx, table, snapshot, c)
	case sql.AlterColumn:
		_, err = table.ChangeColumn(ctx, delta.ColumnChange{
			Path: c.Path, Type: c.Type, Comment: c.Comment, Nullable: c.Nullable, Default: c.Default, Position: delta.Position{First: c.First, After: c.After},
		})
	case sql.SyncIdentity:
		_, err = table.SyncIdentity(ctx, c.Path...)
	case sql.SetProperties:
		_, err = table.SetProperties(ctx, c.Properties)
	case sql.UnsetProperties:
		_, err = table.UnsetProperties(ctx, c.IfExists, c.Names...)
	case sql.AddConstraint:
		_, err = table.AddConstraint(ctx, c.Check.Name, c.Check.Condition)
	case sql.DropConstraint:
		_, err = table.DropConstraint(ctx, c.IfExists, c.Name)
	case sql.ClusterBy:
		_, err = table.ClusterBy(ctx, c.Columns...)
	case sql.DropFeature:
		_, err = table.DropFeature(ctx, c.Name)
	}
	if err != nil {
		return nil, nil, replaced(refused(err, s.Table.Pos), s.Table.Pos)
	}
	return counted(nil)
}

// refused gives an error of package delta about a table's columns, properties or rules the class that Spark has for it.
func refused(err error, pos expr.Pos) error {
	var column *delta.SchemaError
	var property *delta.PropertyError
	var unsupported *delta.UnsupportedError
	switch {
	case errors.As(err, &property):
		return failed(pos, "DELTA_UNKNOWN_CONFIGURATION", "F0000", "%v", err)
	case errors.As(err, &column):
		return failed(pos, "DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP", "0AKDC", "%v", err)
	case errors.As(err, &unsupported):
		return failed(pos, "DELTA_UNSUPPORTED_FEATURE_STATUS", "0AKDE", "%v", err)
	default:
		return err
	}
}

func newColumns(list []sql.ColumnDef) []delta.NewColumn {
	columns := make([]delta.NewColumn, len(list))
	for i, c := range list {
		columns[i] = delta.NewColumn{Parent: c.Parent, Field: defined(c), Position: delta.Position{First: c.First, After: c.After}}
	}
	return columns
}

// defined is a column with what the table does to its values.
func defined(c sql.ColumnDef) arrow.Field {
	f := c.Field
	if c.Default != "" {
		f = delta.WithDefault(f, c.Default)
	}
	if c.Generated != "" {
		f = delta.WithGeneration(f, c.Generated)
	}
	if id := c.Identity; id != nil {
		f = delta.WithIdentity(f, id.Start, id.Step, id.ByDefault)
	}
	if c.Char != "" {
		f = delta.WithLength(f, c.Char)
	}
	return f
}

// dropColumns drops those of the columns that are there, if the others may be named too.
func dropColumns(ctx context.Context, table *delta.Table, s *delta.Snapshot, c sql.DropColumns) error {
	paths := c.Paths
	if c.IfExists {
		paths = slices.DeleteFunc(slices.Clone(paths), func(path []string) bool { return !has(s.Schema().Fields(), path) })
	}
	if len(paths) == 0 {
		return nil
	}
	_, err := table.DropColumns(ctx, paths...)
	return err
}

// has tells whether a path leads to a column or a field of a struct.
func has(fields []arrow.Field, path []string) bool {
	i := schema.Find(fields, path[0])
	if i < 0 || len(path) == 1 {
		return i >= 0
	}
	st, ok := fields[i].Type.(*arrow.StructType)
	return ok && has(st.Fields(), path[1:])
}
