package schema

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
)

// Nullable is the type with nullable fields all the way down.
func Nullable(t arrow.DataType) arrow.DataType {
	switch t := t.(type) {
	case *arrow.ListType:
		return ArrayOf(Nullable(t.Elem()), true)
	case *arrow.MapType:
		return MapOf(Nullable(t.KeyType()), Nullable(t.ItemType()), true)
	case *arrow.StructType:
		fields := slices.Clone(t.Fields())
		for i, f := range fields {
			fields[i] = arrow.Field{Name: f.Name, Type: Nullable(f.Type), Nullable: true}
		}
		return arrow.StructOf(fields...)
	}
	return t
}
