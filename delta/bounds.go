package delta

import (
	"cmp"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// scalar is one value of a type that has an order, for comparing bounds.
type scalar struct {
	kind    scalarKind
	integer int64 // integers, booleans (0, 1), dates (days), timestamps (µs)
	float   float64
	text    string
	decimal decimal128.Num // unscaled; both sides of a comparison have one scale
}

type scalarKind uint8

const (
	scalarNone scalarKind = iota // unknown
	scalarInt
	scalarFloat
	scalarText
	scalarDecimal
)

// kindOf is how bounds of the type are held, scalarNone for types that have none.
func kindOf(t arrow.DataType) scalarKind {
	switch t.ID() {
	case arrow.BOOL, arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.DATE32, arrow.TIMESTAMP:
		return scalarInt
	case arrow.FLOAT32, arrow.FLOAT64:
		return scalarFloat
	case arrow.STRING, arrow.BINARY:
		return scalarText
	case arrow.DECIMAL128:
		return scalarDecimal
	default:
		return scalarNone
	}
}

func intScalar(v int64) scalar     { return scalar{kind: scalarInt, integer: v} }
func floatScalar(v float64) scalar { return scalar{kind: scalarFloat, float: v} }
func textScalar(v string) scalar   { return scalar{kind: scalarText, text: v} }
func decimalScalar(v decimal128.Num) scalar {
	return scalar{kind: scalarDecimal, decimal: v}
}

// scalarOf is a literal's value; ok is false for kinds without an order here.
func scalarOf(v any) (s scalar, ok bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return intScalar(1), true
		}
		return intScalar(0), true
	case int8:
		return intScalar(int64(v)), true
	case int16:
		return intScalar(int64(v)), true
	case int32:
		return intScalar(int64(v)), true
	case int64:
		return intScalar(v), true
	case arrow.Date32:
		return intScalar(int64(v)), true
	case arrow.Timestamp:
		return intScalar(int64(v)), true
	case float32:
		return floatScalar(float64(v)), true
	case float64:
		return floatScalar(v), true
	case string:
		return textScalar(v), true
	case []byte:
		return textScalar(string(v)), true
	case decimal128.Num:
		return decimalScalar(v), true
	default:
		return scalar{}, false
	}
}

// compare orders two scalars of one kind as Spark does: NaN equals itself and is greatest, -0.0 equals 0.0.
func (a scalar) compare(b scalar) int {
	switch a.kind {
	case scalarInt:
		return cmp.Compare(a.integer, b.integer)
	case scalarFloat:
		return compareFloats(a.float, b.float)
	case scalarText:
		return cmp.Compare(a.text, b.text)
	case scalarDecimal:
		return a.decimal.Cmp(b.decimal)
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

// bounds is what is known of a column in a file, row group or page. The zero bounds is no rows at all; see unknownBounds.
type bounds struct {
	min, max  scalar // every value that is neither NULL nor NaN lies between them; scalarNone: unknown
	mayNull   bool   // false is a proof that no row is NULL
	mayNaN    bool   // false is a proof that no row is NaN
	mayNonNaN bool   // false is a proof that there is no value besides NULL and NaN
}

var unknownBounds = bounds{mayNull: true, mayNaN: true, mayNonNaN: true}

// exactly is the bounds of a column that has one value in all rows.
func exactly(v scalar) bounds {
	if v.kind == scalarFloat && math.IsNaN(v.float) {
		return bounds{mayNaN: true}
	}
	return bounds{min: v, max: v, mayNonNaN: true}
}

// onlyNull is the bounds of a column that is NULL in all rows.
func onlyNull() bounds { return bounds{mayNull: true} }

// orders is the set of results that comparing a row of one column with one of another may have.
type orders uint8

const (
	less orders = 1 << iota
	equal
	greater
)

// compareBounds is every order in which a value within a may stand to one within b; NULLs apart.
func compareBounds(a, b bounds) orders {
	var o orders
	if a.mayNonNaN && b.mayNonNaN {
		o |= compareRanges(a, b)
	}
	if a.mayNaN && b.mayNonNaN {
		o |= greater
	}
	if a.mayNonNaN && b.mayNaN {
		o |= less
	}
	if a.mayNaN && b.mayNaN {
		o |= equal
	}
	return o
}

func compareRanges(a, b bounds) orders {
	var o orders
	if !comparable2(a.min, b.max) || a.min.compare(b.max) < 0 {
		o |= less
	}
	if !comparable2(a.max, b.min) || a.max.compare(b.min) > 0 {
		o |= greater
	}
	below := comparable2(a.max, b.min) && a.max.compare(b.min) < 0
	above := comparable2(a.min, b.max) && a.min.compare(b.max) > 0
	if !below && !above {
		o |= equal
	}
	return o
}

func comparable2(a, b scalar) bool { return a.kind != scalarNone && a.kind == b.kind }
