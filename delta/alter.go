package delta

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// alteration is a change of a table's metadata in the making.
type alteration struct {
	tx     *Transaction
	before *tableMetadata
	meta   Metadata // what it becomes
	fields []arrow.Field
}

// alter commits a change of the metadata; rows that are there stay as they are.
func (t *Table) alter(ctx context.Context, op Operation, change func(*alteration) error) (version int64, err error) {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	tx := t.Begin(s, op)
	a := &alteration{tx: tx, before: s.metadata, meta: s.Metadata(), fields: s.Schema().Fields()}
	if err := change(a); err != nil {
		return 0, fmt.Errorf("delta: %s on %s: %w", op.Name, t.Name(), err)
	}
	if err := a.apply(); err != nil {
		return 0, err
	}
	return tx.Commit(ctx)
}

// apply puts the changed metadata into the transaction.
func (a *alteration) apply() error {
	text, err := a.tx.schemaString(arrow.NewSchema(a.fields, nil), a.meta.PartitionColumns)
	if err != nil {
		return err
	}
	a.meta.SchemaString = text
	return a.tx.setMetadata(&a.meta)
}

// edit changes the fields of the struct that the path leads to.
func (a *alteration) edit(path []string, change func([]arrow.Field) ([]arrow.Field, error)) (err error) {
	a.fields, err = editFields(a.fields, path, path, change)
	return err
}

// editField changes the fields among which the one is that the path leads to.
func (a *alteration) editField(path []string, change func(fields []arrow.Field, i int) ([]arrow.Field, error)) error {
	if len(path) == 0 {
		return &SchemaError{"", "no column is named"}
	}
	last := len(path) - 1
	return a.edit(path[:last], func(fields []arrow.Field) ([]arrow.Field, error) {
		i := schema.Find(fields, path[last])
		if i < 0 {
			return nil, missingColumn(path)
		}
		return change(slices.Clone(fields), i)
	})
}

func missingColumn(path []string) error {
	return &SchemaError{strings.Join(path, "."), "the table does not have it"}
}

// editFields follows the rest of a path through structs, arrays and maps.
func editFields(fields []arrow.Field, path, rest []string, change func([]arrow.Field) ([]arrow.Field, error)) ([]arrow.Field, error) {
	if len(rest) == 0 {
		return change(fields)
	}
	i := schema.Find(fields, rest[0])
	if i < 0 {
		return nil, missingColumn(path)
	}
	t, err := editType(fields[i].Type, path, rest[1:], change)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(fields)
	out[i].Type = t
	return out, nil
}

func editType(t arrow.DataType, path, rest []string, change func([]arrow.Field) ([]arrow.Field, error)) (arrow.DataType, error) {
	if st, ok := t.(*arrow.StructType); ok {
		fields, err := editFields(st.Fields(), path, rest, change)
		if err != nil {
			return nil, err
		}
		return arrow.StructOf(fields...), nil
	}
	if len(rest) == 0 {
		return nil, &SchemaError{strings.Join(path, "."), "it is no struct"}
	}
	return editPart(t, rest[0], func(part arrow.DataType) (arrow.DataType, error) { return editType(part, path, rest[1:], change) }, path)
}

// editPart changes the element of an array, or the key or value of a map.
func editPart(t arrow.DataType, name string, change func(arrow.DataType) (arrow.DataType, error), path []string) (arrow.DataType, error) {
	name = strings.ToLower(name)
	switch t := t.(type) {
	case *arrow.ListType:
		if name == "element" {
			e, err := change(t.Elem())
			if err != nil {
				return nil, err
			}
			return schema.ArrayOf(e, t.ElemField().Nullable), nil
		}
	case *arrow.MapType:
		key, value := t.KeyType(), t.ItemType()
		part := map[string]*arrow.DataType{"key": &key, "value": &value}[name]
		if part == nil {
			break
		}
		var err error
		if *part, err = change(*part); err != nil {
			return nil, err
		}
		return schema.MapOf(key, value, t.ItemField().Nullable), nil
	}
	return nil, missingColumn(path)
}

// quotePath writes a path as SQL does.
func quotePath(path []string) string {
	parts := make([]string, len(path))
	for i, p := range path {
		parts[i] = schema.Quote(p)
	}
	return strings.Join(parts, ".")
}
