package kernel

import (
	"bytes"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// order compares row i of one array with row j of another: negative, zero or positive. Neither row is NULL.
type order func(i, j int) int

// ordering checks that values of t can be ordered: all types but maps.
func ordering(t arrow.DataType) (arrow.DataType, error) {
	switch t := t.(type) {
	case *arrow.MapType:
		return nil, fmt.Errorf("kernel: values of type %s have no order", t)
	case *arrow.ListType:
		return ordering(t.Elem())
	case *arrow.StructType:
		for _, f := range t.Fields() {
			if _, err := ordering(f.Type); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

// orderingOf compares rows of a with rows of b, which have the same orderable type. Within arrays and structs NULL is least.
func orderingOf(a, b arrow.Array) order {
	switch a.DataType().ID() {
	case arrow.INT8:
		return intOrder[int8](a, b)
	case arrow.INT16:
		return intOrder[int16](a, b)
	case arrow.INT32, arrow.DATE32, arrow.INTERVAL_MONTHS:
		return intOrder[int32](a, b)
	case arrow.INT64, arrow.TIMESTAMP, arrow.DURATION:
		return intOrder[int64](a, b)
	case arrow.FLOAT32:
		return floatOrder[float32](a, b)
	case arrow.FLOAT64:
		return floatOrder[float64](a, b)
	case arrow.DECIMAL128:
		x, y := valuesOf[decimal128.Num](vec{arr: a}).v, valuesOf[decimal128.Num](vec{arr: b}).v
		return func(i, j int) int { return x[i].Cmp(y[j]) }
	case arrow.BOOL:
		x, y := booleansOf(vec{arr: a}), booleansOf(vec{arr: b})
		return func(i, j int) int { return b2i(x.get(i)) - b2i(y.get(j)) }
	case arrow.LIST:
		return listOrder(a.(*array.List), b.(*array.List))
	case arrow.STRUCT:
		return structOrder(a.(*array.Struct), b.(*array.Struct))
	case arrow.STRING, arrow.BINARY, arrow.DICTIONARY:
		x, y := textsOf(vec{arr: a}), textsOf(vec{arr: b})
		x.mask, y.mask = -1, -1
		return func(i, j int) int { return bytes.Compare(x.at(i), y.at(j)) }
	default: // VOID: all rows are NULL, none is compared
		return func(int, int) int { return 0 }
	}
}

func intOrder[T signed](a, b arrow.Array) order {
	x, y := valuesOf[T](vec{arr: a}).v, valuesOf[T](vec{arr: b}).v
	return func(i, j int) int { return compareInt(x[i], y[j]) }
}

func floatOrder[T floating](a, b arrow.Array) order {
	x, y := valuesOf[T](vec{arr: a}).v, valuesOf[T](vec{arr: b}).v
	return func(i, j int) int { return compareFloat(x[i], y[j]) }
}

// nullable extends an order to NULLs, which come first.
func nullable(a, b arrow.Array, f order) order {
	if a.NullN() == 0 && b.NullN() == 0 {
		return f
	}
	return func(i, j int) int {
		x, y := a.IsNull(i), b.IsNull(j)
		if x || y {
			return b2i(y) - b2i(x)
		}
		return f(i, j)
	}
}

func listOrder(a, b *array.List) order {
	elements := nullable(a.ListValues(), b.ListValues(), orderingOf(a.ListValues(), b.ListValues()))
	return func(i, j int) int {
		p, pEnd := a.ValueOffsets(i)
		q, qEnd := b.ValueOffsets(j)
		for ; p < pEnd && q < qEnd; p, q = p+1, q+1 {
			if c := elements(int(p), int(q)); c != 0 {
				return c
			}
		}
		return compareInt(pEnd-p, qEnd-q)
	}
}

func structOrder(a, b *array.Struct) order {
	fields := make([]order, a.NumField())
	for f := range fields {
		fields[f] = nullable(a.Field(f), b.Field(f), orderingOf(a.Field(f), b.Field(f)))
	}
	return func(i, j int) int {
		for _, f := range fields {
			if c := f(i, j); c != 0 {
				return c
			}
		}
		return 0
	}
}
