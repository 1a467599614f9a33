package expr

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// Convert casts b to a type: it is b itself where b has that type already, a literal where b is one and the result is beyond doubt, else a BoundCast.
// Whether the conversion exists at all is CanCast's answer.
func Convert(b Bound, to arrow.DataType) Bound {
	if equalType(b.Type(), to) {
		return b
	}
	if l, ok := b.(BoundLiteral); ok {
		if v, f := fold(l.Value, l.Typ, to); f == folded {
			return BoundLiteral{Value: v, Typ: to}
		}
	}
	return BoundCast{Arg: b, Typ: to}
}

// ConvertAt is Convert with the place that the conversion's errors name.
func ConvertAt(b Bound, to arrow.DataType, at Pos) Bound {
	cast, ok := Convert(b, to).(BoundCast)
	if !ok || equalType(b.Type(), to) {
		return Convert(b, to)
	}
	cast.Pos = at
	return cast
}

// CanCast reports whether CAST may convert from one type to the other (Spark's ANSI mode); single values can still fail.
func CanCast(from, to arrow.DataType) bool {
	switch {
	case equalType(from, to), isNull(from):
		return true
	case isNull(to):
		return false
	case isVariant(from):
		return isAtomic(to) && !isInterval(to) && !isCalendar(to)
	case isVariant(to):
		return isAtomic(from) && !isInterval(from) && !isCalendar(from) || from.ID() == arrow.LIST && becomesVariant(from)
	case isString(to):
		return !holdsVariant(from)
	case isString(from):
		return isAtomic(to)
	case isCalendar(from) || isCalendar(to):
		return false
	case isInterval(from), isInterval(to):
		return castsInterval(from, to)
	case isNumeric(to):
		return isNumeric(from) || isBoolean(from) || equalType(from, typeTimestamp)
	case isBoolean(to):
		return isNumeric(from)
	case equalType(to, typeTimestamp):
		return isDatetime(from) || isNumeric(from)
	case isDatetime(to):
		return isDatetime(from)
	}
	return castNested(from, to, CanCast)
}

// castsInterval takes intervals of one kind into each other, and to and from exact numbers, which count the last field.
func castsInterval(from, to arrow.DataType) bool {
	exact := func(t arrow.DataType) bool { return isIntegral(t) || isDecimal(t) }
	return from.ID() == to.ID() || exact(to) || exact(from)
}

func lastField(t arrow.DataType) schema.IntervalField {
	_, last, _ := schema.IntervalFields(t)
	return last
}

// castNested carries a conversion into arrays, maps and structs of as many fields; nullable elements do not go into places that hold no NULL.
func castNested(from, to arrow.DataType, can func(from, to arrow.DataType) bool) bool {
	field := func(f, g arrow.Field) bool { return can(f.Type, g.Type) && (g.Nullable || !f.Nullable) }
	switch from := from.(type) {
	case *arrow.MapType:
		to, ok := to.(*arrow.MapType)
		return ok && can(from.KeyType(), to.KeyType()) && field(from.ItemField(), to.ItemField())
	case *arrow.ListType:
		to, ok := to.(*arrow.ListType)
		return ok && field(from.ElemField(), to.ElemField())
	case *arrow.StructType:
		to, ok := to.(*arrow.StructType)
		if !ok || from.NumFields() != to.NumFields() {
			return false
		}
		for i, f := range from.Fields() {
			if !field(f, to.Field(i)) {
				return false
			}
		}
		return true
	}
	return false
}

// CanAssign is nil if a value of type from may be stored into a column of type to: ANSI store assignment, which lets numbers change their width (an
// overflow fails at run time) and anything become a string, but no string become a number. Otherwise it is an *Error of class
// INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST.
func CanAssign(from, to arrow.DataType) error {
	if assignable(from, to) {
		return nil
	}
	return &Error{
		Class: "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST", SQLState: "KD000",
		Message: fmt.Sprintf("%s cannot be stored as %s", TypeSQL(from), TypeSQL(to)),
		Hint:    fmt.Sprintf("write CAST(… AS %s) where that is meant", TypeSQL(to)),
	}
}

func assignable(from, to arrow.DataType) bool {
	switch {
	case equalType(from, to), isNull(from):
		return true
	case isInterval(from) && isInterval(to):
		return from.ID() == to.ID()
	case isNull(to):
		return false
	case isNumeric(from) && isNumeric(to), isDatetime(from) && isDatetime(to):
		return true
	case isString(to):
		return isAtomic(from)
	}
	return castNested(from, to, assignable)
}
