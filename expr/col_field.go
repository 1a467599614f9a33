package expr

import "github.com/medallion-go/medallion/schema"

// FieldOf is the column that access points at: expr.FieldOf(func(o *Order) *float64 { return &o.Amount }). Its name is the one that schema.Of gives the
// field; a field of a nested struct is a path. Call it once, for a package variable. It panics if access does not return the address of a field of R
// that is a column.
func FieldOf[R, T any](access func(row *R) *T) Col[T] { return Col[T]{columnOf(access)} }

// NullableOf is FieldOf for a field that is a pointer, which is a nullable column: func(o *Order) **string { return &o.Coupon }.
func NullableOf[R, T any](access func(row *R) **T) Col[T] { return Col[T]{columnOf(access)} }

func columnOf[R, T any](access func(row *R) *T) Column {
	path, _, err := schema.Path(access)
	if err != nil {
		panic("expr: " + err.Error())
	}
	return Column{Path: path}
}
