package delta

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// schemaMerge is a table's columns growing by those of rows.
type schemaMerge struct {
	widens  bool // the table has delta.enableTypeWidening
	assigns bool // values are assigned, which changes their type: where one does not go with the table's, binding tells
	grown   bool
	widened []widened
}

// widened is a column, or a part of one, that takes on the wider type of rows.
type widened struct {
	path []string
	to   arrow.DataType
}

// mergeSchema adds the columns, and fields of structs, that rows have and the table does not. A type becomes the rows' wider one where the table has
// delta.enableTypeWidening; any other that does not widen to the table's is an error.
func (tx *Transaction) mergeSchema(rows *arrow.Schema) error {
	return tx.growSchema(rows.Fields(), false)
}

func (tx *Transaction) growSchema(rows []arrow.Field, assigns bool) error {
	m := tx.current()
	now := m.schema
	merge := schemaMerge{widens: m.Configuration[typeWideningProperty] == "true", assigns: assigns}
	fields, err := merge.fields(nil, now.Fields(), rows)
	for _, w := range merge.widened {
		if err == nil {
			fields, err = widenAt(fields, w.path, w.to)
		}
	}
	if err != nil {
		return fmt.Errorf("delta: merge the schema of %s: %w", tx.table.Name(), err)
	}
	if !merge.grown && len(merge.widened) == 0 {
		return nil
	}
	meta := now.Metadata()
	return tx.UpdateSchema(arrow.NewSchema(fields, &meta))
}

func (m *schemaMerge) fields(prefix []string, table, rows []arrow.Field) (merged []arrow.Field, err error) {
	merged = append(merged, table...)
	for _, r := range rows {
		path := append(prefix[:len(prefix):len(prefix)], r.Name)
		i := schema.Find(table, r.Name)
		if i < 0 {
			if err := schema.Supported(r.Type); err != nil {
				return nil, &SchemaError{strings.Join(path, "."), err.Error()}
			}
			added := plain([]arrow.Field{r})[0]
			added.Nullable = true
			merged, m.grown = append(merged, added), true
			continue
		}
		if merged[i].Type, err = m.types(path, table[i].Type, r.Type); err != nil {
			return nil, err
		}
	}
	return merged, nil
}

// types descends to the structs; anything else must widen to the table's type, or may widen it.
func (m *schemaMerge) types(path []string, table, rows arrow.DataType) (arrow.DataType, error) {
	at := func(part string) []string { return append(path[:len(path):len(path)], part) }
	switch t := table.(type) {
	case *arrow.StructType:
		if r, ok := rows.(*arrow.StructType); ok {
			fields, err := m.fields(path, t.Fields(), r.Fields())
			return arrow.StructOf(fields...), err
		}
	case *arrow.ListType:
		if r, ok := rows.(*arrow.ListType); ok {
			e, err := m.types(at("element"), t.Elem(), r.Elem())
			if err != nil {
				return nil, err
			}
			return schema.ArrayOf(e, t.ElemField().Nullable), nil
		}
	case *arrow.MapType:
		if r, ok := rows.(*arrow.MapType); ok {
			v, err := m.types(at("value"), t.ItemType(), r.ItemType())
			if err != nil {
				return nil, err
			}
			return schema.MapOf(t.KeyType(), v, t.ItemField().Nullable), nil
		}
	}
	_, err := newConversion(strings.Join(path, "."), rows, table, writing)
	if err != nil && m.widens && !arrow.IsNested(table.ID()) && !arrow.IsNested(rows.ID()) && widensByItself(table, rows) {
		m.widened = append(m.widened, widened{path, rows})
		return table, nil
	}
	if m.assigns {
		return table, nil
	}
	return table, err
}
