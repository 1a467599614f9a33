package delta

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// columnUnion brings the columns of many files together.
type columnUnion struct {
	widens bool // columns may be of several types, one of which is wider than the others
}

// fields adds to columns those of another file. What both have must be of one type, or of one that is wider, but for the fields of structs.
func (u columnUnion) fields(path []string, into, fields []arrow.Field) ([]arrow.Field, error) {
	for _, f := range fields {
		f.Nullable = true
		i := schema.Find(into, f.Name)
		if i < 0 {
			into = append(into, f)
			continue
		}
		t, err := u.types(append(slices.Clip(path), f.Name), &into[i], nil, into[i].Type, f.Type)
		if err != nil {
			return nil, err
		}
		into[i].Type = t
	}
	return into, nil
}

// types is what two types of a column, or of a part of it, become; of is the field of a struct that is nearest to it, which takes the note of the change.
func (u columnUnion) types(path []string, of *arrow.Field, part []string, a, b arrow.DataType) (arrow.DataType, error) {
	switch x := a.(type) {
	case *arrow.StructType:
		if y, ok := b.(*arrow.StructType); ok {
			inner, err := u.fields(path, slices.Clone(x.Fields()), y.Fields())
			if err != nil {
				return nil, err
			}
			return arrow.StructOf(inner...), nil
		}
	case *arrow.ListType:
		if y, ok := b.(*arrow.ListType); ok {
			e, err := u.types(append(slices.Clip(path), "element"), of, append(slices.Clip(part), "element"), x.Elem(), y.Elem())
			if err != nil {
				return nil, err
			}
			return schema.ArrayOf(e, true), nil
		}
	case *arrow.MapType:
		if y, ok := b.(*arrow.MapType); ok {
			key, err := u.types(append(slices.Clip(path), "key"), of, append(slices.Clip(part), "key"), x.KeyType(), y.KeyType())
			if err != nil {
				return nil, err
			}
			value, err := u.types(append(slices.Clip(path), "value"), of, append(slices.Clip(part), "value"), x.ItemType(), y.ItemType())
			if err != nil {
				return nil, err
			}
			return schema.MapOf(key, value, true), nil
		}
	}
	return u.primitive(path, of, part, a, b)
}

// primitive is the wider of two types.
func (u columnUnion) primitive(path []string, of *arrow.Field, part []string, a, b arrow.DataType) (arrow.DataType, error) {
	if schema.Equal(a, b) {
		return a, nil
	}
	from, to := a, b
	if canWiden(b, a) {
		from, to = b, a
	}
	reason := fmt.Sprintf("it is %s in one file and %s in another: ", schema.Name(b), schema.Name(a))
	switch {
	case arrow.IsNested(from.ID()) || arrow.IsNested(to.ID()) || !canWiden(from, to):
		return nil, &SchemaError{quotePath(path), reason + "write the files anew"}
	case !u.widens:
		return nil, &SchemaError{quotePath(path), reason + "write the files anew, or give the table " + typeWideningProperty + " = true, with which it is " + schema.Name(to)}
	}
	var err error
	*of, err = recordChange(*of, part, from, to)
	return to, err
}
