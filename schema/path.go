package schema

import (
	"reflect"

	"github.com/apache/arrow-go/v18/arrow"
)

// Path tells which column an accessor points at: for func(o *Order) *string { return &o.Device.OS } it is [device os] and STRING. Fields of nullable
// structs may be reached too: the accessor is given a row in which no pointer to a struct is nil. An accessor that returns anything but the address
// of a column's field is a *TypeError.
func Path[R, T any](accessor func(*R) *T) ([]string, arrow.DataType, error) {
	s, err := Of[R]()
	if err != nil {
		return nil, nil, err
	}
	row := reflect.New(reflect.TypeFor[R]())
	fillPointers(row.Elem())
	target := accessor(row.Interface().(*R))
	path, typ := findField(row.Elem(), s.Fields(), any(target))
	if path == nil {
		return nil, nil, &TypeError{Type: reflect.TypeFor[T]().String(), Reason: "the accessor does not return the address of a field that is a column"}
	}
	return path, typ, nil
}

// fillPointers makes every pointer to a struct point at one. Of has ruled out recursion.
func fillPointers(row reflect.Value) {
	members, err := membersOf(row.Type())
	if err != nil {
		return
	}
	for _, m := range members {
		v := row.FieldByIndex(m.index)
		if v.Kind() == reflect.Pointer && v.Type().Elem().Kind() == reflect.Struct {
			v.Set(reflect.New(v.Type().Elem()))
			v = v.Elem()
		}
		if v.Kind() == reflect.Struct && !isScalarStruct(v.Type()) {
			fillPointers(v)
		}
	}
}

// findField looks for the field whose address, as a typed pointer, is target. A pointer field can be meant itself or by what it points at.
func findField(row reflect.Value, fields []arrow.Field, target any) ([]string, arrow.DataType) {
	members, err := membersOf(row.Type())
	if err != nil {
		return nil, nil
	}
	for i, m := range members {
		v := row.FieldByIndex(m.index)
		if v.Addr().Interface() == target {
			return []string{fields[i].Name}, fields[i].Type
		}
		if v.Kind() == reflect.Pointer && !v.IsNil() {
			if v.Interface() == target {
				return []string{fields[i].Name}, fields[i].Type
			}
			v = v.Elem()
		}
		inner, ok := fields[i].Type.(*arrow.StructType)
		if !ok {
			continue
		}
		if path, typ := findField(v, inner.Fields(), target); path != nil {
			return append([]string{fields[i].Name}, path...), typ
		}
	}
	return nil, nil
}
