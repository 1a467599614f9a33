package delta

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// mergeSchema adds the columns, and fields of structs, that rows have and the table does not. Types are never changed: what does not widen is an error.
func (tx *Transaction) mergeSchema(rows *arrow.Schema) error {
	now := tx.current().schema
	fields, grown, err := mergeFields("", now.Fields(), rows.Fields())
	if err != nil {
		return fmt.Errorf("delta: merge the schema of %s: %w", tx.table.Name(), err)
	}
	if !grown {
		return nil
	}
	meta := now.Metadata()
	return tx.UpdateSchema(arrow.NewSchema(fields, &meta))
}

func mergeFields(prefix string, table, rows []arrow.Field) (merged []arrow.Field, grown bool, err error) {
	merged = append(merged, table...)
	for _, r := range rows {
		i := schema.Find(table, r.Name)
		if i < 0 {
			if err := schema.Supported(r.Type); err != nil {
				return nil, false, &SchemaError{prefix + r.Name, err.Error()}
			}
			added := plain([]arrow.Field{r})[0]
			added.Nullable = true
			merged, grown = append(merged, added), true
			continue
		}
		t, changed, err := mergeTypes(prefix+r.Name, table[i].Type, r.Type)
		if err != nil {
			return nil, false, err
		}
		merged[i].Type = t
		grown = grown || changed
	}
	return merged, grown, nil
}

// mergeTypes descends to the structs; anything else must widen to the table's type.
func mergeTypes(path string, table, rows arrow.DataType) (arrow.DataType, bool, error) {
	switch t := table.(type) {
	case *arrow.StructType:
		if r, ok := rows.(*arrow.StructType); ok {
			fields, grown, err := mergeFields(path+".", t.Fields(), r.Fields())
			return arrow.StructOf(fields...), grown, err
		}
	case *arrow.ListType:
		if r, ok := rows.(*arrow.ListType); ok {
			e, grown, err := mergeTypes(path+".element", t.Elem(), r.Elem())
			return schema.ArrayOf(e, t.ElemField().Nullable), grown, err
		}
	case *arrow.MapType:
		if r, ok := rows.(*arrow.MapType); ok {
			v, grown, err := mergeTypes(path+".value", t.ItemType(), r.ItemType())
			return schema.MapOf(t.KeyType(), v, t.ItemField().Nullable), grown, err
		}
	}
	_, err := newConversion(path, rows, table, writing)
	return table, false, err
}
