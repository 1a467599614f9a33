package kernel

import (
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/internal/digits"
	"github.com/medallion-go/medallion/schema"
)

// printer appends the text of row i, which is not NULL, as CAST(… AS STRING) gives it.
type printer func(dst []byte, i int) []byte

// castToString prints any type.
func castToString(c conversion) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		mask := args[0].mask()
		print := printerOf(args[0].arr)
		return k.texted(8*k.n, func(dst []byte, i int) []byte { return print(dst, i&mask) })
	}}, nil
}

// printerOf prints values as Spark does: nested ones with NULL as null.
func printerOf(a arrow.Array) printer {
	v := vec{arr: a}
	if isInterval(a.DataType()) {
		return intervalPrinter(v)
	}
	switch t := a.DataType().(type) {
	case *arrow.BooleanType:
		x := booleansOf(v)
		return func(dst []byte, i int) []byte { return strconv.AppendBool(dst, x.get(i)) }
	case *arrow.Int8Type:
		return intPrinter[int8](v)
	case *arrow.Int16Type:
		return intPrinter[int16](v)
	case *arrow.Int32Type:
		return intPrinter[int32](v)
	case *arrow.Int64Type:
		return intPrinter[int64](v)
	case *arrow.Float32Type:
		return fixedPrinter(v, func(dst []byte, x float32) []byte { return appendFloat(dst, float64(x), 32) })
	case *arrow.Float64Type:
		return fixedPrinter(v, func(dst []byte, x float64) []byte { return appendFloat(dst, x, 64) })
	case *arrow.Decimal128Type:
		return fixedPrinter(v, func(dst []byte, x num) []byte { return appendDecimal(dst, x, t.Scale) })
	case *arrow.Date32Type:
		return fixedPrinter(v, datetime.AppendDate)
	case *arrow.TimestampType:
		return fixedPrinter(v, datetime.AppendTimestamp)
	case *arrow.MonthDayNanoIntervalType:
		return fixedPrinter(v, schema.AppendCalendar)
	case *arrow.ListType:
		return listPrinter(a.(*array.List))
	case *arrow.MapType:
		return mapPrinter(a.(*array.Map))
	case *arrow.StructType:
		return structPrinter(a.(*array.Struct))
	case *arrow.NullType:
		return func(dst []byte, _ int) []byte { return append(dst, "null"...) }
	default: // STRING and BINARY
		x := textsOf(v)
		return func(dst []byte, i int) []byte { return append(dst, x.at(i)...) }
	}
}

func fixedPrinter[T arrow.FixedWidthType](v vec, f func(dst []byte, x T) []byte) printer {
	x := valuesOf[T](v).v
	return func(dst []byte, i int) []byte { return f(dst, x[i]) }
}

func intPrinter[T signed](v vec) printer {
	return fixedPrinter(v, func(dst []byte, x T) []byte { return strconv.AppendInt(dst, int64(x), 10) })
}

// orNull prints NULL as null.
func orNull(a arrow.Array, p printer) printer {
	return func(dst []byte, i int) []byte {
		if a.IsNull(i) {
			return append(dst, "null"...)
		}
		return p(dst, i)
	}
}

func listPrinter(a *array.List) printer {
	element := orNull(a.ListValues(), printerOf(a.ListValues()))
	return func(dst []byte, i int) []byte {
		dst = append(dst, '[')
		start, end := a.ValueOffsets(i)
		for j := start; j < end; j++ {
			if j > start {
				dst = append(dst, ", "...)
			}
			dst = element(dst, int(j))
		}
		return append(dst, ']')
	}
}

func mapPrinter(a *array.Map) printer {
	key := orNull(a.Keys(), printerOf(a.Keys()))
	item := orNull(a.Items(), printerOf(a.Items()))
	return func(dst []byte, i int) []byte {
		dst = append(dst, '{')
		start, end := a.ValueOffsets(i)
		for j := start; j < end; j++ {
			if j > start {
				dst = append(dst, ", "...)
			}
			dst = item(append(key(dst, int(j)), " -> "...), int(j))
		}
		return append(dst, '}')
	}
}

func structPrinter(a *array.Struct) printer {
	fields := make([]printer, a.NumField())
	for f := range fields {
		fields[f] = orNull(a.Field(f), printerOf(a.Field(f)))
	}
	return func(dst []byte, i int) []byte {
		dst = append(dst, '{')
		for f, p := range fields {
			if f > 0 {
				dst = append(dst, ", "...)
			}
			dst = p(dst, i)
		}
		return append(dst, '}')
	}
}

// javaFloat is a number as Java prints it.
func javaFloat(x float64, bits int) string { return string(appendFloat(nil, x, bits)) }

// appendFloat is schema.AppendDouble.
func appendFloat(dst []byte, x float64, bits int) []byte { return schema.AppendDouble(dst, x, bits) }

// appendDecimal prints all digits of the scale, never an exponent.
func appendDecimal(dst []byte, n num, scale int32) []byte {
	if !isLong(n) || scale > maxLongDigits {
		return append(dst, n.ToString(scale)...)
	}
	v := toLong(n)
	u := uint64(v)
	if v < 0 {
		dst, u = append(dst, '-'), -u
	}
	if scale == 0 {
		return strconv.AppendUint(dst, u, 10)
	}
	dst = append(strconv.AppendUint(dst, u/pow10[scale], 10), '.')
	return digits.AppendPadded(dst, u%pow10[scale], int(scale))
}
