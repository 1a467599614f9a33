package files

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// wideningOf is the conversion between scalars that keeps every value exactly, or nil.
func wideningOf(from, to arrow.DataType) adapter {
	digits := schema.IntegerDigits(from)
	switch to := to.(type) {
	case *arrow.Int16Type:
		return widenInteger[int16](from, to)
	case *arrow.Int32Type:
		return widenInteger[int32](from, to)
	case *arrow.Int64Type:
		return widenInteger[int64](from, to)
	case *arrow.Float64Type:
		if from.ID() == arrow.FLOAT32 {
			return widen(to, func(x float32) float64 { return float64(x) })
		}
		if digits < 19 { // above 2^53 a double is not exact
			return widenInteger[float64](from, to)
		}
	case *arrow.Decimal128Type:
		if digits > 0 && to.Precision-to.Scale >= digits {
			return widenToDecimal(from, to)
		}
		return widenDecimal(from, to)
	case *arrow.TimestampType:
		return widenTimestamp(from, to)
	}
	return nil
}

// widen converts all values at once, those under NULL too, and shares the validity bitmap.
func widen[S, T arrow.FixedWidthType](to arrow.DataType, convert func(S) T) adapter {
	return func(alloc memory.Allocator, d arrow.ArrayData) arrow.ArrayData {
		if d.Len() == 0 || d.Buffers()[1] == nil {
			nulls := pool.Nulls(alloc, to, d.Len())
			defer nulls.Release()
			nulls.Data().Retain()
			return nulls.Data()
		}
		end := d.Offset() + d.Len()
		values := memory.NewResizableBuffer(alloc)
		defer values.Release()
		values.Resize(end * to.(arrow.FixedWidthDataType).Bytes())
		dst := arrow.GetData[T](values.Bytes())
		src := arrow.GetData[S](d.Buffers()[1].Bytes())
		for i := d.Offset(); i < end; i++ {
			dst[i] = convert(src[i])
		}
		return array.NewData(to, d.Len(), []*memory.Buffer{d.Buffers()[0], values}, nil, d.NullN(), d.Offset())
	}
}

func widenInteger[T int16 | int32 | int64 | float64](from, to arrow.DataType) adapter {
	if to.ID() != arrow.FLOAT64 && schema.IntegerDigits(from) >= schema.IntegerDigits(to) {
		return nil
	}
	switch from.ID() {
	case arrow.INT8:
		return widen(to, func(x int8) T { return T(x) })
	case arrow.INT16:
		return widen(to, func(x int16) T { return T(x) })
	case arrow.INT32:
		return widen(to, func(x int32) T { return T(x) })
	}
	return nil
}

// powerOfTen is 10^n, n ≤ 38.
func powerOfTen(n int32) decimal128.Num {
	return decimal128.FromI64(1).IncreaseScaleBy(n)
}

func widenToDecimal(from arrow.DataType, to *arrow.Decimal128Type) adapter {
	factor := powerOfTen(to.Scale)
	switch from.ID() {
	case arrow.INT8:
		return widen(to, func(x int8) decimal128.Num { return decimal128.FromI64(int64(x)).Mul(factor) })
	case arrow.INT16:
		return widen(to, func(x int16) decimal128.Num { return decimal128.FromI64(int64(x)).Mul(factor) })
	case arrow.INT32:
		return widen(to, func(x int32) decimal128.Num { return decimal128.FromI64(int64(x)).Mul(factor) })
	case arrow.INT64:
		return widen(to, func(x int64) decimal128.Num { return decimal128.FromI64(x).Mul(factor) })
	}
	return nil
}

func widenDecimal(from arrow.DataType, to *arrow.Decimal128Type) adapter {
	narrow, ok := from.(*arrow.Decimal128Type)
	if !ok || to.Scale < narrow.Scale || to.Precision-to.Scale < narrow.Precision-narrow.Scale {
		return nil
	}
	factor := powerOfTen(to.Scale - narrow.Scale)
	return widen(to, func(x decimal128.Num) decimal128.Num { return x.Mul(factor) })
}

// widenTimestamp takes timestamps without a zone as UTC, the session's zone, and dates as their midnight.
func widenTimestamp(from arrow.DataType, to *arrow.TimestampType) adapter {
	switch from := from.(type) {
	case *arrow.TimestampType:
		if from.TimeZone == "" && to.TimeZone != "" {
			return func(_ memory.Allocator, d arrow.ArrayData) arrow.ArrayData { return rebuild(d, to, nil) }
		}
	case *arrow.Date32Type:
		if to.TimeZone == "" {
			return widen(to, func(x arrow.Date32) arrow.Timestamp { return arrow.Timestamp(int64(x) * datetime.MicrosPerDay) })
		}
	}
	return nil
}
