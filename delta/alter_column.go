package delta

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// Position is where a column, or a field of a struct, stands among the others. The zero Position is the end of a new one, and where it is of one that is there.
type Position struct {
	First bool
	After string // the column that it comes after; empty: not said
}

// NewColumn is a column, or a field of a struct, for AddColumns.
type NewColumn struct {
	Parent   []string // the path of the struct that gets it, with element, key and value for the parts of arrays and maps; nil: the table
	Field    arrow.Field
	Position Position
}

// AddColumns adds columns, and fields of structs; rows that are there have NULL in them. It returns the commit's version.
func (t *Table) AddColumns(ctx context.Context, columns ...NewColumn) (int64, error) {
	op := Operation{Name: "ADD COLUMNS", Parameters: map[string]string{"columns": newColumnsJSON(columns)}}
	return t.alter(ctx, op, func(a *alteration) error {
		for _, c := range columns {
			if err := a.add(c); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *alteration) add(c NewColumn) error {
	path := append(slices.Clone(c.Parent), c.Field.Name)
	name := strings.Join(path, ".")
	switch m := c.Field.Metadata; {
	case !c.Field.Nullable:
		return &SchemaError{name, "a new column cannot be NOT NULL: rows that are there have NULL in it"}
	case m.FindKey(defaultKey) >= 0:
		return &SchemaError{name, "a new column cannot have a default: add it, then set its default with ChangeColumn"}
	case m.FindKey(generationKey) >= 0 || isIdentity(m):
		return &SchemaError{name, "a new column cannot be generated: create the table with it"}
	}
	if err := schema.Supported(c.Field.Type); err != nil && !arrow.IsNested(c.Field.Type.ID()) {
		return &SchemaError{name, err.Error()}
	}
	return a.edit(c.Parent, func(fields []arrow.Field) ([]arrow.Field, error) {
		if schema.Find(fields, c.Field.Name) >= 0 {
			return nil, &SchemaError{name, "it is there already"}
		}
		added := unmapped([]arrow.Field{c.Field})[0]
		return c.Position.insert(fields, added, name)
	})
}

// insert puts a field in its place; at the end where the position does not say.
func (p Position) insert(fields []arrow.Field, f arrow.Field, name string) ([]arrow.Field, error) {
	at := len(fields)
	switch {
	case p.First:
		at = 0
	case p.After != "":
		i := schema.Find(fields, p.After)
		if i < 0 {
			return nil, &SchemaError{name, "there is no column " + schema.Quote(p.After) + " that it could come after"}
		}
		at = i + 1
	}
	return slices.Insert(slices.Clone(fields), at, f), nil
}

// RenameColumn gives a column, or a field of a struct, another name; path leads to it. Files keep theirs, so that the table must have column mapping. A
// column that a constraint or a generated column reads cannot be renamed.
func (t *Table) RenameColumn(ctx context.Context, path []string, name string) (int64, error) {
	renamed := append(slices.Clone(path[:max(len(path)-1, 0)]), name)
	op := Operation{Name: "RENAME COLUMN", Parameters: map[string]string{"oldColumnPath": quotePath(path), "newColumnPath": quotePath(renamed)}}
	return t.alter(ctx, op, func(a *alteration) error { return a.rename(path, name) })
}

func (a *alteration) rename(path []string, name string) error {
	if err := errors.Join(a.needsMapping("renaming a column"), a.unread(path)); err != nil {
		return err
	}
	if len(path) == 1 {
		for i, c := range a.meta.PartitionColumns {
			if strings.EqualFold(c, path[0]) {
				a.meta.PartitionColumns[i] = name
			}
		}
	}
	a.renameStatsColumns(path, name)
	return a.editField(path, func(fields []arrow.Field, i int) ([]arrow.Field, error) {
		if other := schema.Find(fields, name); other >= 0 && other != i {
			return nil, &SchemaError{strings.Join(path, "."), "there is a column " + schema.Quote(name) + " already"}
		}
		fields[i].Name = name
		return fields, nil
	})
}

// DropColumns takes columns, and fields of structs, away; paths lead to them. Files keep their values until they are rewritten, so that the table must have
// column mapping. Partition columns and columns that a constraint or a generated column reads cannot be dropped.
func (t *Table) DropColumns(ctx context.Context, paths ...[]string) (int64, error) {
	names := make([]string, len(paths))
	for i, p := range paths {
		names[i] = quotePath(p)
	}
	op := Operation{Name: "DROP COLUMNS", Parameters: map[string]string{"columns": jsonList(names)}}
	return t.alter(ctx, op, func(a *alteration) error {
		for _, path := range paths {
			if err := a.drop(path); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *alteration) drop(path []string) error {
	name := strings.Join(path, ".")
	if err := errors.Join(a.needsMapping("dropping a column"), a.unread(path), a.unclustered(path)); err != nil {
		return err
	}
	if len(path) == 1 && slices.ContainsFunc(a.meta.PartitionColumns, func(c string) bool { return strings.EqualFold(c, path[0]) }) {
		return &SchemaError{name, "it partitions the table: a partition column cannot be dropped"}
	}
	a.renameStatsColumns(path, "")
	return a.editField(path, func(fields []arrow.Field, i int) ([]arrow.Field, error) {
		if len(fields) == 1 {
			return nil, &SchemaError{name, "it is the only one: a table, or a struct, cannot be without columns"}
		}
		return slices.Delete(fields, i, i+1), nil
	})
}

// needsMapping refuses what files cannot follow as long as they have the table's own names.
func (a *alteration) needsMapping(what string) error {
	if a.before.mapping() != mappingNone {
		return nil
	}
	return &UnsupportedError{
		Feature: "columnMapping", Table: a.tx.table.Name(), Version: a.tx.base.version,
		Detail: what + " needs it: set the table property " + mappingModeKey + " = name first",
	}
}

// unread refuses a change of a column that a constraint or a generated column reads.
func (a *alteration) unread(path []string) error {
	list := a.before.allConstraints()
	for _, f := range a.before.schema.Fields() {
		if sql, ok := f.Metadata.GetValue(generationKey); ok {
			list = append(list, constraint{name: "generated column " + f.Name, sql: sql})
		}
	}
	for _, c := range list {
		reads, err := readsColumn(c.sql, path)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", c.name, c.sql, err)
		}
		if reads {
			return &SchemaError{strings.Join(path, "."), c.name + " reads it: " + c.sql + ": drop that first"}
		}
	}
	return nil
}

// readsColumn reports whether an expression reads the column that the path leads to, a part of it or what it is a part of.
func readsColumn(sql string, path []string) (bool, error) {
	node, err := expr.Parse(sql)
	if err != nil {
		return false, err
	}
	reads := false
	expr.WalkNode(node, func(n expr.Node) bool {
		if c, ok := n.(expr.Column); ok {
			common := min(len(c.Path), len(path))
			reads = reads || slices.EqualFunc(c.Path[:common], path[:common], strings.EqualFold)
		}
		return true
	})
	return reads, nil
}

// unclustered refuses a change of a column that the table is clustered by.
func (a *alteration) unclustered(path []string) error {
	physical := a.before.physicalPath(path)
	for _, column := range a.tx.base.clustering() {
		common := min(len(column), len(physical))
		if slices.Equal(column[:common], physical[:common]) {
			return &SchemaError{strings.Join(path, "."), "the table is clustered by it"}
		}
	}
	return nil
}

// physicalPath is a path by the names in files, as far as it leads to fields of structs.
func (m *tableMetadata) physicalPath(path []string) []string {
	out := slices.Clone(path)
	for i := range path {
		if f := fieldAt(m.schema.Fields(), path[:i+1]); f != nil {
			out[i] = m.physical(*f)
		}
	}
	return out
}

// renameStatsColumns keeps delta.dataSkippingStatsColumns true of a column that is renamed or, without a name, dropped.
func (a *alteration) renameStatsColumns(path []string, name string) {
	text, ok := a.meta.Configuration[statsColumnsKey]
	if !ok {
		return
	}
	var kept []string
	for _, column := range splitColumnNames(text) {
		if len(column) >= len(path) && slices.EqualFunc(column[:len(path)], path, strings.EqualFold) {
			if name == "" {
				continue
			}
			column[len(path)-1] = name
		}
		kept = append(kept, quotePath(column))
	}
	a.meta.Configuration[statsColumnsKey] = strings.Join(kept, ",")
}

// newColumnsJSON describes added columns as Spark does.
func newColumnsJSON(columns []NewColumn) string {
	dst := []byte{'['}
	for i, c := range columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendFieldJSON(append(dst, `{"column":`...), append(slices.Clone(c.Parent), c.Field.Name), c.Field)
		if p := c.Position.String(); p != "" {
			dst = schema.AppendQuoted(append(dst, `,"position":`...), p)
		}
		dst = append(dst, '}')
	}
	return string(append(dst, ']'))
}

// String is the position in SQL, empty for the zero one.
func (p Position) String() string {
	switch {
	case p.First:
		return "FIRST"
	case p.After != "":
		return "AFTER " + schema.Quote(p.After)
	default:
		return ""
	}
}

// appendFieldJSON describes a column by its path, as the schema of the log does; what has no place there is left out.
func appendFieldJSON(dst []byte, path []string, f arrow.Field) []byte {
	f.Name = quotePath(path)
	text, err := schema.MarshalDelta(arrow.NewSchema([]arrow.Field{f}, nil))
	if err != nil {
		return append(schema.AppendQuoted(append(dst, `{"name":`...), f.Name), '}')
	}
	return append(dst, text[len(`{"type":"struct","fields":[`):len(text)-len(`]}`)]...)
}
