package files

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

const microsPerDay = 24 * 60 * 60 * 1_000_000

// conversion appends one value, which is not null, to a builder of the wider type.
type conversion func(b array.Builder, a arrow.Array, i int)

// wideningOf is the conversion between scalars that keeps every value exactly, or nil.
func wideningOf(from, to arrow.DataType) adapter {
	p := wideningPut(from, to)
	if p == nil {
		return nil
	}
	return func(alloc memory.Allocator, d arrow.ArrayData) arrow.ArrayData {
		a := array.MakeFromData(d)
		defer a.Release()
		b := array.NewBuilder(alloc, to)
		defer b.Release()
		b.Reserve(a.Len())
		for i := range a.Len() {
			if a.IsNull(i) {
				b.AppendNull()
			} else {
				p(b, a, i)
			}
		}
		out := b.NewArray()
		defer out.Release()
		out.Data().Retain()
		return out.Data()
	}
}

func wideningPut(from, to arrow.DataType) conversion {
	digits := integerDigits(from)
	switch to := to.(type) {
	case *arrow.Int16Type, *arrow.Int32Type, *arrow.Int64Type:
		if digits > 0 && digits < integerDigits(to) {
			return putInteger
		}
	case *arrow.Float64Type:
		if from.ID() == arrow.FLOAT32 {
			return func(b array.Builder, a arrow.Array, i int) {
				b.(*array.Float64Builder).Append(float64(a.(*array.Float32).Value(i)))
			}
		}
		if digits > 0 && digits < integerDigits(arrow.PrimitiveTypes.Int64) { // above 2^53 a double is not exact
			return func(b array.Builder, a arrow.Array, i int) {
				b.(*array.Float64Builder).Append(float64(integerAt(a, i)))
			}
		}
	case *arrow.Decimal128Type:
		return decimalPut(from, to)
	case *arrow.TimestampType:
		return timestampPut(from, to)
	}
	return nil
}

// integerDigits is how many decimal digits an integer type needs; 0 for other types.
func integerDigits(t arrow.DataType) int32 {
	switch t.ID() {
	case arrow.INT8:
		return 3
	case arrow.INT16:
		return 5
	case arrow.INT32:
		return 10
	case arrow.INT64:
		return 19
	}
	return 0
}

func integerAt(a arrow.Array, i int) int64 {
	switch a := a.(type) {
	case *array.Int8:
		return int64(a.Value(i))
	case *array.Int16:
		return int64(a.Value(i))
	case *array.Int32:
		return int64(a.Value(i))
	case *array.Int64:
		return a.Value(i)
	}
	return 0
}

func putInteger(b array.Builder, a arrow.Array, i int) {
	switch b := b.(type) {
	case *array.Int16Builder:
		b.Append(int16(integerAt(a, i)))
	case *array.Int32Builder:
		b.Append(int32(integerAt(a, i)))
	case *array.Int64Builder:
		b.Append(integerAt(a, i))
	}
}

func decimalPut(from arrow.DataType, to *arrow.Decimal128Type) conversion {
	if digits := integerDigits(from); digits > 0 && to.Precision-to.Scale >= digits {
		return func(b array.Builder, a arrow.Array, i int) {
			b.(*array.Decimal128Builder).Append(decimal128.FromI64(integerAt(a, i)).IncreaseScaleBy(to.Scale))
		}
	}
	narrow, ok := from.(*arrow.Decimal128Type)
	if !ok || to.Scale < narrow.Scale || to.Precision-to.Scale < narrow.Precision-narrow.Scale {
		return nil
	}
	return func(b array.Builder, a arrow.Array, i int) {
		b.(*array.Decimal128Builder).Append(a.(*array.Decimal128).Value(i).IncreaseScaleBy(to.Scale - narrow.Scale))
	}
}

// timestampPut takes timestamps without a zone as UTC, the session's zone, and dates as their midnight.
func timestampPut(from arrow.DataType, to *arrow.TimestampType) conversion {
	switch from := from.(type) {
	case *arrow.TimestampType:
		if from.TimeZone == "" && to.TimeZone != "" {
			return func(b array.Builder, a arrow.Array, i int) {
				b.(*array.TimestampBuilder).Append(a.(*array.Timestamp).Value(i))
			}
		}
	case *arrow.Date32Type:
		if to.TimeZone == "" {
			return func(b array.Builder, a arrow.Array, i int) {
				b.(*array.TimestampBuilder).Append(arrow.Timestamp(int64(a.(*array.Date32).Value(i)) * microsPerDay))
			}
		}
	}
	return nil
}
