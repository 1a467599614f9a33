// Package skipping decides by statistics which pieces of a table a predicate may keep rows of: files, row groups and pages, whose columns are known by their
// least and greatest values and by whether there are NULLs. It is never wrong in what it rules out, and may keep what a better look would not.
package skipping

import (
	"cmp"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// Scalar is one value of a type that has an order, for comparing bounds.
type Scalar struct {
	Kind    Kind
	Integer int64 // integers, booleans (0, 1), dates (days), timestamps (µs)
	Float   float64
	Text    string
	Decimal decimal128.Num // unscaled; both sides of a comparison have one scale
}

// Kind is which of a Scalar's fields holds it.
type Kind uint8

// The kinds.
const (
	KindNone Kind = iota // unknown
	KindInt
	KindFloat
	KindText
	KindDecimal
)

// KindOf is how bounds of the type are held, KindNone for types that have none.
func KindOf(t arrow.DataType) Kind {
	switch t.ID() {
	case arrow.BOOL, arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.DATE32, arrow.TIMESTAMP:
		return KindInt
	case arrow.FLOAT32, arrow.FLOAT64:
		return KindFloat
	case arrow.STRING, arrow.BINARY:
		return KindText
	case arrow.DECIMAL128:
		return KindDecimal
	default:
		return KindNone
	}
}

// IsInteger tells the signed integer types, whose values are bounded alike.
func IsInteger(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64:
		return true
	default:
		return false
	}
}

// Int is the Scalar of an integer, a date or a timestamp.
func Int(v int64) Scalar { return Scalar{Kind: KindInt, Integer: v} }

// Float is the Scalar of a FLOAT or DOUBLE.
func Float(v float64) Scalar { return Scalar{Kind: KindFloat, Float: v} }

// Text is the Scalar of a STRING or BINARY.
func Text(v string) Scalar { return Scalar{Kind: KindText, Text: v} }

// Decimal is the Scalar of an unscaled DECIMAL.
func Decimal(v decimal128.Num) Scalar { return Scalar{Kind: KindDecimal, Decimal: v} }

// ScalarOf is a value as expr.BoundLiteral holds it; ok is false for kinds without an order here.
func ScalarOf(v any) (s Scalar, ok bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return Int(1), true
		}
		return Int(0), true
	case int8:
		return Int(int64(v)), true
	case int16:
		return Int(int64(v)), true
	case int32:
		return Int(int64(v)), true
	case int64:
		return Int(v), true
	case arrow.Date32:
		return Int(int64(v)), true
	case arrow.Timestamp:
		return Int(int64(v)), true
	case float32:
		return Float(float64(v)), true
	case float64:
		return Float(v), true
	case string:
		return Text(v), true
	case []byte:
		return Text(string(v)), true
	case decimal128.Num:
		return Decimal(v), true
	default:
		return Scalar{}, false
	}
}

// Compare orders two scalars of one kind as Spark does: NaN equals itself and is greatest, -0.0 equals 0.0.
func (s Scalar) Compare(o Scalar) int {
	switch s.Kind {
	case KindInt:
		return cmp.Compare(s.Integer, o.Integer)
	case KindFloat:
		return compareFloats(s.Float, o.Float)
	case KindText:
		return cmp.Compare(s.Text, o.Text)
	case KindDecimal:
		return s.Decimal.Cmp(o.Decimal)
	default:
		return 0
	}
}

func compareFloats(a, b float64) int {
	switch an, bn := math.IsNaN(a), math.IsNaN(b); {
	case an && bn:
		return 0
	case an:
		return 1
	case bn:
		return -1
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}
