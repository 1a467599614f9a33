package delta

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/skipping"
)

// scalarAt is the value of a row; ok is false for NULL and for types without an order.
func scalarAt(a arrow.Array, row int) (s skipping.Scalar, ok bool) {
	if a.IsNull(row) {
		return skipping.Scalar{}, false
	}
	switch a := a.(type) {
	case *array.Dictionary:
		return scalarAt(a.Dictionary(), a.GetValueIndex(row))
	case *array.String:
		return skipping.Text(string([]byte(a.Value(row)))), true
	case *array.Binary:
		return skipping.Text(string(a.Value(row))), true
	case *array.Decimal128:
		return skipping.Decimal(a.Value(row)), true
	case *array.Float32:
		return skipping.Float(float64(a.Value(row))), true
	case *array.Float64:
		return skipping.Float(a.Value(row)), true
	}
	if value := integersOf(a); value != nil {
		return skipping.Int(value(row)), true
	}
	return skipping.Scalar{}, false
}

// integersOf reads a column whose values are integers in memory; floats by their bits, all NaN alike and -0.0 like 0.0. nil for other types.
func integersOf(a arrow.Array) func(int) int64 {
	switch a := a.(type) {
	case *array.Boolean:
		return func(i int) int64 {
			if a.Value(i) {
				return 1
			}
			return 0
		}
	case *array.Int8:
		return func(i int) int64 { return int64(a.Value(i)) }
	case *array.Int16:
		return func(i int) int64 { return int64(a.Value(i)) }
	case *array.Int32:
		return func(i int) int64 { return int64(a.Value(i)) }
	case *array.Int64:
		return a.Value
	case *array.Date32:
		return func(i int) int64 { return int64(a.Value(i)) }
	case *array.Timestamp:
		return func(i int) int64 { return int64(a.Value(i)) }
	case *array.Float32:
		return func(i int) int64 { return floatBits(float64(a.Value(i))) }
	case *array.Float64:
		return func(i int) int64 { return floatBits(a.Value(i)) }
	default:
		return nil
	}
}

func floatBits(f float64) int64 {
	switch {
	case math.IsNaN(f):
		f = math.NaN()
	case f == 0:
		f = 0
	}
	return int64(math.Float64bits(f))
}

// appendScalar appends a value to a builder of its type.
func appendScalar(b array.Builder, v skipping.Scalar) {
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(v.Integer != 0)
	case *array.Int8Builder:
		b.Append(int8(v.Integer))
	case *array.Int16Builder:
		b.Append(int16(v.Integer))
	case *array.Int32Builder:
		b.Append(int32(v.Integer))
	case *array.Int64Builder:
		b.Append(v.Integer)
	case *array.Date32Builder:
		b.Append(arrow.Date32(v.Integer))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(v.Integer))
	case *array.Float32Builder:
		b.Append(float32(v.Float))
	case *array.Float64Builder:
		b.Append(v.Float)
	case *array.StringBuilder:
		b.Append(v.Text)
	case *array.BinaryBuilder:
		b.Append([]byte(v.Text))
	case *array.Decimal128Builder:
		b.Append(v.Decimal)
	default:
		b.AppendNull()
	}
}

// borrowedScalar is scalarAt for a value that is not NULL, without a copy of text.
func borrowedScalar(a arrow.Array, row int) skipping.Scalar {
	switch a := a.(type) {
	case *array.String:
		return skipping.Text(a.Value(row))
	default:
		v, _ := scalarAt(a, row)
		return v
	}
}

// literalOf is a literal of the type, with a copy of the text.
func literalOf(s skipping.Scalar, t arrow.DataType) expr.BoundLiteral {
	l := expr.BoundLiteral{Typ: t}
	switch t.ID() {
	case arrow.BOOL:
		l.Value = s.Integer != 0
	case arrow.INT8:
		l.Value = int8(s.Integer)
	case arrow.INT16:
		l.Value = int16(s.Integer)
	case arrow.INT32:
		l.Value = int32(s.Integer)
	case arrow.DATE32:
		l.Value = arrow.Date32(s.Integer)
	case arrow.TIMESTAMP:
		l.Value = arrow.Timestamp(s.Integer)
	case arrow.STRING:
		l.Value = string([]byte(s.Text))
	case arrow.BINARY:
		l.Value = []byte(s.Text)
	case arrow.DECIMAL128:
		l.Value = s.Decimal
	default:
		l.Value = s.Integer
	}
	return l
}
