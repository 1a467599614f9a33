package expr

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

func isIntegral(t arrow.DataType) bool { return schema.IntegerDigits(t) > 0 }

func isFloating(t arrow.DataType) bool { return t.ID() == arrow.FLOAT32 || t.ID() == arrow.FLOAT64 }

func isDecimal(t arrow.DataType) bool { return t.ID() == arrow.DECIMAL128 }

func isNumeric(t arrow.DataType) bool { return isIntegral(t) || isFloating(t) || isDecimal(t) }

func isString(t arrow.DataType) bool { return t.ID() == arrow.STRING }

func isBoolean(t arrow.DataType) bool { return t.ID() == arrow.BOOL }

func isDate(t arrow.DataType) bool { return t.ID() == arrow.DATE32 }

func isTimestamp(t arrow.DataType) bool { return t.ID() == arrow.TIMESTAMP }

func isDatetime(t arrow.DataType) bool { return isDate(t) || isTimestamp(t) }

func isInterval(t arrow.DataType) bool {
	return t.ID() == arrow.DURATION || t.ID() == arrow.INTERVAL_MONTHS
}

// isCalendar tells the INTERVAL of make_interval, which is none of isInterval's.
func isCalendar(t arrow.DataType) bool { return schema.IsCalendar(t) }

func isVariant(t arrow.DataType) bool { return t.ID() == arrow.EXTENSION }

// holdsVariant is true for VARIANT, also inside.
func holdsVariant(t arrow.DataType) bool {
	n, ok := t.(arrow.NestedType)
	return isVariant(t) || ok && slices.ContainsFunc(n.Fields(), func(f arrow.Field) bool { return holdsVariant(f.Type) })
}

func isNull(t arrow.DataType) bool { return t.ID() == arrow.NULL }

// isAtomic is true for what is neither nested nor VARIANT nor VOID.
func isAtomic(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.LIST, arrow.MAP, arrow.STRUCT, arrow.EXTENSION, arrow.NULL:
		return false
	default:
		return true
	}
}

// isOrderable is true for types that < compares and min takes: all but MAP, VARIANT and INTERVAL, also inside.
func isOrderable(t arrow.DataType) bool {
	switch t := t.(type) {
	case *arrow.MapType, arrow.ExtensionType, *arrow.MonthDayNanoIntervalType:
		return false
	case *arrow.ListType:
		return isOrderable(t.Elem())
	case *arrow.StructType:
		for _, f := range t.Fields() {
			if !isOrderable(f.Type) {
				return false
			}
		}
	}
	return true
}

// CommonType is the type that both operands of a comparison, the results of a CASE and the columns of a UNION are cast to; false if there is none
// (Spark's AnsiTypeCoercion.findWiderTypeForTwo).
func CommonType(a, b arrow.DataType) (arrow.DataType, bool) {
	if t, ok := commonWithoutStrings(a, b); ok {
		return t, true
	}
	switch {
	case isString(a):
		return stringPromotion(b)
	case isString(b):
		return stringPromotion(a)
	}
	return nil, false
}

// commonWithoutStrings is CommonType where a string stays apart from everything else.
func commonWithoutStrings(a, b arrow.DataType) (arrow.DataType, bool) {
	switch {
	case equalType(a, b), isNull(b):
		return a, true
	case isNull(a):
		return b, true
	case isNumeric(a) && isNumeric(b):
		return commonNumeric(a, b), true
	case isDatetime(a) && isDatetime(b):
		return commonDatetime(a, b), true
	case isInterval(a) && isInterval(b):
		return commonInterval(a, b)
	}
	return commonNested(a, b, CommonType)
}

// tightestType is the type that holds the values of both as they are: numbers widen, but decimals of unlike precision or scale have none.
func tightestType(a, b arrow.DataType) (arrow.DataType, bool) {
	switch {
	case equalType(a, b), isNull(b):
		return a, true
	case isNull(a):
		return b, true
	case isDecimal(a) || isDecimal(b):
		return tightestDecimal(a, b)
	case a.ID() == arrow.FLOAT32 && isIntegral(b), isIntegral(a) && b.ID() == arrow.FLOAT32:
		return typeFloat, true
	case isNumeric(a) && isNumeric(b):
		return commonNumeric(a, b), true
	case isDatetime(a) && isDatetime(b):
		return commonDatetime(a, b), true
	case isInterval(a) && isInterval(b):
		return commonInterval(a, b)
	}
	return commonNested(a, b, tightestType)
}

// tightestDecimal is a decimal that is wide enough for the whole numbers beside it.
func tightestDecimal(a, b arrow.DataType) (arrow.DataType, bool) {
	if isIntegral(a) {
		a, b = b, a
	}
	if !isDecimal(a) || !isIntegral(b) {
		return nil, false
	}
	wide, _ := precisionOf(a)
	whole, _ := precisionOf(b)
	return a, wide.digits-wide.scale >= whole.digits
}

func commonNumeric(a, b arrow.DataType) arrow.DataType {
	switch {
	case isFloating(a) || isFloating(b):
		if a.ID() == arrow.FLOAT32 && b.ID() == arrow.FLOAT32 {
			return typeFloat
		}
		return typeDouble
	case isDecimal(a) || isDecimal(b):
		pa, _ := precisionOf(a)
		pb, _ := precisionOf(b)
		return wider(pa, pb).typ()
	case a.ID() > b.ID(): // Arrow numbers INT8 … INT64 by width
		return a
	}
	return b
}

// commonDatetime is TIMESTAMP unless a zoneless timestamp meets a date.
func commonDatetime(a, b arrow.DataType) arrow.DataType {
	if equalType(a, typeTimestamp) || equalType(b, typeTimestamp) {
		return typeTimestamp
	}
	return typeNTZ
}

// stringPromotion is what a string becomes beside an atomic type: whole numbers are compared as BIGINT, other numbers as DOUBLE.
func stringPromotion(t arrow.DataType) (arrow.DataType, bool) {
	switch {
	case isIntegral(t):
		return typeBigInt, true
	case isNumeric(t):
		return typeDouble, true
	case isInterval(t) || isCalendar(t) || !isAtomic(t):
		return nil, false
	}
	return t, true
}

// commonInterval has the fields of both; months and days do not go together.
func commonInterval(a, b arrow.DataType) (arrow.DataType, bool) {
	firstA, lastA, _ := schema.IntervalFields(a)
	firstB, lastB, _ := schema.IntervalFields(b)
	if a.ID() != b.ID() {
		return nil, false
	}
	return schema.IntervalOf(min(firstA, firstB), max(lastA, lastB)), true
}

// commonNested carries a rule into arrays, maps and structs.
func commonNested(a, b arrow.DataType, common func(a, b arrow.DataType) (arrow.DataType, bool)) (arrow.DataType, bool) {
	switch a := a.(type) {
	case *arrow.MapType:
		b, ok := b.(*arrow.MapType)
		if !ok {
			return nil, false
		}
		key, okKey := common(a.KeyType(), b.KeyType())
		item, okItem := common(a.ItemType(), b.ItemType())
		if !okKey || !okItem || isString(a.KeyType()) != isString(b.KeyType()) && !isNull(a.KeyType()) && !isNull(b.KeyType()) {
			return nil, false // a key is never read from a text, which might give NULL
		}
		return schema.MapOf(key, item, a.ItemField().Nullable || b.ItemField().Nullable), true
	case *arrow.ListType:
		b, ok := b.(*arrow.ListType)
		if !ok {
			return nil, false
		}
		element, ok := common(a.Elem(), b.Elem())
		if !ok {
			return nil, false
		}
		return schema.ArrayOf(element, a.ElemField().Nullable || b.ElemField().Nullable), true
	case *arrow.StructType:
		b, ok := b.(*arrow.StructType)
		if !ok {
			return nil, false
		}
		return commonStruct(a, b, common)
	}
	return nil, false
}

// commonStruct needs the same field names in the same order.
func commonStruct(a, b *arrow.StructType, common func(a, b arrow.DataType) (arrow.DataType, bool)) (arrow.DataType, bool) {
	if a.NumFields() != b.NumFields() {
		return nil, false
	}
	fields := make([]arrow.Field, a.NumFields())
	for i, f := range a.Fields() {
		g := b.Field(i)
		t, ok := common(f.Type, g.Type)
		if !ok || !strings.EqualFold(f.Name, g.Name) {
			return nil, false
		}
		fields[i] = arrow.Field{Name: f.Name, Type: t, Nullable: f.Nullable || g.Nullable, Metadata: f.Metadata}
	}
	return arrow.StructOf(fields...), true
}
