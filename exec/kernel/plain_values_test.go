package kernel_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// Plain values are what references compute with, a row at a time: nil for NULL, the Go types of literals, and these.
type (
	list    []any    // an ARRAY
	fields  []any    // a STRUCT
	entries [][2]any // a MAP: keys and values in their order
	failure string   // an error of this class
)

// order is Spark's: NULL is least, NaN greatest and equal to itself, -0.0 equals 0.0.
func order(x, y any) int {
	if x == nil || y == nil {
		return cmp.Compare(truth(x != nil), truth(y != nil))
	}
	switch x := x.(type) {
	case bool:
		return cmp.Compare(truth(x), truth(y.(bool)))
	case int32:
		return cmp.Compare(x, y.(int32))
	case int64:
		return cmp.Compare(x, y.(int64))
	case arrow.Date32:
		return cmp.Compare(x, y.(arrow.Date32))
	case decimal128.Num:
		return x.Cmp(y.(decimal128.Num))
	case []byte:
		return bytes.Compare(x, y.([]byte))
	case float32:
		return order(float64(x), float64(y.(float32)))
	case float64:
		if y := y.(float64); math.IsNaN(x) || math.IsNaN(y) {
			return cmp.Compare(truth(math.IsNaN(x)), truth(math.IsNaN(y)))
		}
		return cmp.Compare(x, y.(float64))
	case string:
		return cmp.Compare(x, y.(string))
	case list:
		return slices.CompareFunc(x, y.(list), order)
	case fields:
		return slices.CompareFunc(x, y.(fields), order)
	default:
		panic(fmt.Sprintf("%T has no order", x))
	}
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func equal(x, y any) bool { return order(x, y) == 0 }

// equals is x = y.
func equals(x, y any) any {
	if x == nil || y == nil {
		return nil
	}
	return equal(x, y)
}

func index(l list, x any) int { return slices.IndexFunc(l, func(y any) bool { return equal(x, y) }) }

// zero is a number with -0.0 made 0.0, as in sets and among the keys of maps; not within other values.
func zero(v any) any {
	switch x := v.(type) {
	case float32:
		return x + 0
	case float64:
		return x + 0
	default:
		return v
	}
}

// show prints a value so that all that can be told apart is.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return fmt.Sprintf("%q", v)
	case list:
		return "[" + showAll(v) + "]"
	case fields:
		return "{" + showAll(v) + "}"
	case entries:
		var parts []string
		for _, e := range v {
			parts = append(parts, show(e[0])+" -> "+show(e[1]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case failure:
		return "!" + string(v)
	default:
		return fmt.Sprint(v)
	}
}

func showAll(values []any) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = show(v)
	}
	return strings.Join(parts, ", ")
}

// valueAt reads a row of an array that is no dictionary.
func valueAt(a arrow.Array, i int) any {
	if a.IsNull(i) {
		return nil
	}
	switch a := a.(type) {
	case *array.Boolean:
		return a.Value(i)
	case *array.Int32:
		return a.Value(i)
	case *array.Int64:
		return a.Value(i)
	case *array.Date32:
		return a.Value(i)
	case *array.Decimal128:
		return a.Value(i)
	case *array.Binary:
		return bytes.Clone(a.Value(i))
	case *array.Float32:
		return a.Value(i)
	case *array.Float64:
		return a.Value(i)
	case *array.String:
		return strings.Clone(a.Value(i))
	case *array.Struct:
		out := make(fields, a.NumField())
		for f := range out {
			out[f] = valueAt(a.Field(f), i)
		}
		return out
	case *array.Map:
		start, end := a.ValueOffsets(i)
		out := make(entries, 0, end-start)
		for j := int(start); j < int(end); j++ {
			out = append(out, [2]any{valueAt(a.Keys(), j), valueAt(a.Items(), j)})
		}
		return out
	case *array.List:
		start, end := a.ValueOffsets(i)
		out := make(list, 0, end-start)
		for j := int(start); j < int(end); j++ {
			out = append(out, valueAt(a.ListValues(), j))
		}
		return out
	default:
		panic(fmt.Sprintf("%s is not read", a.DataType()))
	}
}

func appendValue(b array.Builder, v any) {
	if v == nil {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(v.(bool))
	case *array.Int32Builder:
		b.Append(v.(int32))
	case *array.Int64Builder:
		b.Append(v.(int64))
	case *array.Date32Builder:
		b.Append(v.(arrow.Date32))
	case *array.Decimal128Builder:
		b.Append(v.(decimal128.Num))
	case *array.BinaryBuilder:
		b.Append(v.([]byte))
	case *array.Float32Builder:
		b.Append(v.(float32))
	case *array.Float64Builder:
		b.Append(v.(float64))
	case *array.StringBuilder:
		b.Append(v.(string))
	case *array.StructBuilder:
		b.Append(true)
		for f, x := range v.(fields) {
			appendValue(b.FieldBuilder(f), x)
		}
	case *array.MapBuilder:
		b.Append(true)
		for _, e := range v.(entries) {
			appendValue(b.KeyBuilder(), e[0])
			appendValue(b.ItemBuilder(), e[1])
		}
	case *array.ListBuilder:
		b.Append(true)
		for _, x := range v.(list) {
			appendValue(b.ValueBuilder(), x)
		}
	default:
		panic(fmt.Sprintf("%s is not built", b.Type()))
	}
}

// literalOf is an expression without columns that has a value.
func literalOf(v any, t arrow.DataType) expr.Bound {
	var args []expr.Bound
	switch v := v.(type) {
	case list:
		for _, x := range v {
			args = append(args, literalOf(x, t.(*arrow.ListType).Elem()))
		}
		return call("array", t, args...)
	case fields:
		for f, x := range v {
			field := t.(*arrow.StructType).Field(f)
			args = append(args, lit(field.Name, schema.String), literalOf(x, field.Type))
		}
		return call("named_struct", t, args...)
	case entries: // map() would make 0.0 of -0.0
		m := t.(*arrow.MapType)
		keys, values := schema.ArrayOf(m.KeyType(), false), schema.ArrayOf(m.ItemType(), true)
		return call("map_from_arrays", t, literalOf(v.side(0), keys), literalOf(v.side(1), values))
	default:
		return lit(v, t)
	}
}
