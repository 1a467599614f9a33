package expr

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/medallion-go/medallion/schema"
)

// FieldOf is the column that access points at: expr.FieldOf(func(o *Order) *float64 { return &o.Amount }). Its name is the one that schema.Of gives the
// field; a field of a nested struct is a path. Call it once, for a package variable. It panics if access does not return the address of a field of R
// that is a column.
func FieldOf[R, T any](access func(row *R) *T) Col[T] {
	row := new(R)
	return Col[T]{Column{Path: pathTo(reflect.ValueOf(row).Elem(), reflect.ValueOf(access(row)))}}
}

// NullableOf is FieldOf for a field that is a pointer, which is a nullable column: func(o *Order) **string { return &o.Coupon }.
func NullableOf[R, T any](access func(row *R) **T) Col[T] {
	row := new(R)
	return Col[T]{Column{Path: pathTo(reflect.ValueOf(row).Elem(), reflect.ValueOf(access(row)))}}
}

func pathTo(row, field reflect.Value) []string {
	if row.Kind() == reflect.Struct {
		if path := findField(row, field); path != nil {
			return path
		}
	}
	panic(fmt.Sprintf("expr: the function does not return the address of a column of %s", row.Type()))
}

// findField compares addresses. A struct and its first field share one, so the types count too.
func findField(row, field reflect.Value) []string {
	for i := range row.NumField() {
		f, v := row.Type().Field(i), row.Field(i)
		tag, tagged := f.Tag.Lookup(schema.TagKey)
		if tag == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		flattened := f.Anonymous && !tagged && f.Type.Kind() == reflect.Struct
		if !flattened && v.Type() == field.Type().Elem() && v.Addr().Pointer() == field.Pointer() {
			return []string{columnName(f.Name, tag)}
		}
		if v.Kind() != reflect.Struct {
			continue
		}
		path := findField(v, field)
		if path == nil {
			continue
		}
		if flattened {
			return path
		}
		return append([]string{columnName(f.Name, tag)}, path...)
	}
	return nil
}

// columnName follows schema.Of: the tag's name, else the Go name in snake case.
func columnName(field, tag string) string {
	name, _, _ := strings.Cut(tag, ",")
	if name = strings.TrimSpace(name); name != "" {
		return name
	}
	return schema.SnakeCase(field)
}
