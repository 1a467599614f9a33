package expr

import "github.com/apache/arrow-go/v18/arrow"

// precision is a DECIMAL's digits and decimals.
type precision struct{ digits, scale int32 }

const minAdjustedScale = 6 // decimals that arithmetic keeps when a result needs more than 38 digits

func (p precision) typ() arrow.DataType { return decimalOf(p.digits, p.scale) }

// bounded cuts off what 38 digits do not hold, digits and decimals each by itself.
func bounded(digits, scale int32) precision {
	return precision{min(digits, maxPrecision), min(scale, maxPrecision)}
}

// adjusted gives up decimals for whole digits, down to six, when 38 digits do not hold both (spark.sql.decimalOperations.allowPrecisionLoss).
func adjusted(digits, scale int32) precision {
	if digits <= maxPrecision {
		return precision{digits, scale}
	}
	whole := digits - scale
	return precision{maxPrecision, max(maxPrecision-whole, min(scale, minAdjustedScale))}
}

// wider holds every value of both, or as many whole digits of them as 38 digits can.
func wider(a, b precision) precision {
	scale := max(a.scale, b.scale)
	digits := max(a.digits-a.scale, b.digits-b.scale) + scale
	if digits <= maxPrecision {
		return precision{digits, scale}
	}
	return precision{maxPrecision, max(0, scale-(digits-maxPrecision))}
}

// arithmeticResult is the type of a op b for decimals, as Spark's DecimalPrecision has it.
func arithmeticResult(op string, a, b precision) precision {
	whole := func(p precision) int32 { return p.digits - p.scale }
	scale := max(a.scale, b.scale)
	switch op {
	case "*":
		return adjusted(a.digits+b.digits+1, a.scale+b.scale)
	case "/":
		scale = max(minAdjustedScale, a.scale+b.digits+1)
		return adjusted(whole(a)+b.scale+scale, scale)
	case "%", "pmod":
		return adjusted(min(whole(a), whole(b))+scale, scale)
	default: // + and -
		return adjusted(max(whole(a), whole(b))+scale+1, scale)
	}
}

// roundResult is the type of round(decimal, places): one more whole digit, as 9.9 rounds to 10.
func roundResult(a precision, places int32) precision {
	whole := a.digits - a.scale + 1
	if places < 0 {
		return precision{min(max(whole, -places+1), maxPrecision), 0}
	}
	scale := min(a.scale, places)
	return precision{min(whole+scale, maxPrecision), scale}
}

// precisionOf is the DECIMAL that holds every value of a numeric type; for FLOAT and DOUBLE it is Spark's choice.
func precisionOf(t arrow.DataType) (p precision, ok bool) {
	switch t.ID() {
	case arrow.DECIMAL128:
		d := t.(*arrow.Decimal128Type)
		return precision{d.Precision, d.Scale}, true
	case arrow.INT8:
		return precision{3, 0}, true
	case arrow.INT16:
		return precision{5, 0}, true
	case arrow.INT32:
		return precision{10, 0}, true
	case arrow.INT64:
		return precision{20, 0}, true
	case arrow.FLOAT32:
		return precision{14, 7}, true
	case arrow.FLOAT64:
		return precision{30, 15}, true
	default:
		return precision{}, false
	}
}

// literalPrecision is the least DECIMAL for an integral constant, so that amount + 1 does not grow by ten digits. Spark does not look into a TINYINT.
func literalPrecision(b Bound) (p precision, ok bool) {
	l, ok := b.(BoundLiteral)
	if !ok || l.Value == nil || !isIntegral(l.Typ) || l.Typ.ID() == arrow.INT8 {
		return precision{}, false
	}
	v, _ := integerOf(l.Value)
	digits := int32(1)
	for v /= 10; v != 0; v /= 10 {
		digits++
	}
	return precision{digits, 0}, true
}
