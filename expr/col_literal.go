package expr

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// Lit is a constant: a bool, number, string, []byte, time.Time, schema.Date, schema.TimestampNTZ or schema.Decimal, a type that is one of those
// underneath, a slice of them, or a pointer to one (nil is NULL). It panics for any other T.
func Lit[T any](v T) Col[T] { return Col[T]{constantNode(reflect.ValueOf(&v).Elem())} }

func constantNode(v reflect.Value) Node {
	switch x := v.Interface().(type) {
	case time.Time:
		return Literal{Value: arrow.Timestamp(x.UnixMicro()), Type: typeTimestamp}
	case schema.Date:
		return Literal{Value: arrow.Date32(x), Type: typeDate}
	case schema.TimestampNTZ:
		return Literal{Value: arrow.Timestamp(x), Type: typeNTZ}
	case schema.Decimal:
		return decimalConstant(x)
	case []byte:
		return Literal{Value: x, Type: typeBinary}
	}
	switch v.Kind() {
	case reflect.Bool:
		return Literal{Value: v.Bool(), Type: typeBoolean}
	case reflect.Int8:
		return Literal{Value: int8(v.Int()), Type: typeTinyInt}
	case reflect.Int16:
		return Literal{Value: int16(v.Int()), Type: typeSmallInt}
	case reflect.Int32:
		return Literal{Value: int32(v.Int()), Type: typeInt}
	case reflect.Int, reflect.Int64:
		return Literal{Value: v.Int(), Type: typeBigInt}
	case reflect.Float32:
		return Literal{Value: float32(v.Float()), Type: typeFloat}
	case reflect.Float64:
		return Literal{Value: v.Float(), Type: typeDouble}
	case reflect.String:
		return Literal{Value: v.String(), Type: typeString}
	case reflect.Slice:
		return arrayConstant(v)
	case reflect.Pointer:
		if v.IsNil() {
			return Literal{Type: goType(v.Type().Elem())}
		}
		return constantNode(v.Elem())
	}
	panic(fmt.Sprintf("expr: a %s cannot be a constant", v.Type()))
}

func arrayConstant(v reflect.Value) Node {
	c := Call{Func: "array"}
	for i := range v.Len() {
		c.Args = append(c.Args, constantNode(v.Index(i)))
	}
	return Cast{Arg: c, Type: goType(v.Type())}
}

// decimalConstant has just the digits that the number has.
func decimalConstant(d schema.Decimal) Node {
	v, precision, scale, ok := parseDecimal(d.String())
	if !ok {
		panic("expr: the decimal " + d.String() + " has more than " + strconv.Itoa(maxPrecision) + " digits")
	}
	return Literal{Value: v, Type: decimalOf(precision, scale)}
}

func columnType[T any]() arrow.DataType { return goType(reflect.TypeFor[T]()) }

// goType is the column type of a Go type, as schema.Of has it.
func goType(t reflect.Type) arrow.DataType {
	switch t {
	case reflect.TypeFor[time.Time]():
		return typeTimestamp
	case reflect.TypeFor[schema.Date]():
		return typeDate
	case reflect.TypeFor[schema.TimestampNTZ]():
		return typeNTZ
	case reflect.TypeFor[[]byte]():
		return typeBinary
	}
	switch t.Kind() {
	case reflect.Pointer:
		return goType(t.Elem())
	case reflect.Bool:
		return typeBoolean
	case reflect.Int8:
		return typeTinyInt
	case reflect.Int16:
		return typeSmallInt
	case reflect.Int32:
		return typeInt
	case reflect.Int, reflect.Int64:
		return typeBigInt
	case reflect.Float32:
		return typeFloat
	case reflect.Float64:
		return typeDouble
	case reflect.String:
		return typeString
	case reflect.Slice:
		return schema.ArrayOf(goType(t.Elem()), t.Elem().Kind() == reflect.Pointer)
	}
	panic(fmt.Sprintf("expr: a cast to %s needs more than the Go type says; for a decimal use CastToDecimal", t))
}
