package schema

import (
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
)

// Name is the type's name as Spark's typeof and simpleString write it: bigint, decimal(18,2), struct<a:bigint,b:array<string>>. A dictionary has the
// name of its values. A type outside of Spark's has Arrow's own name; Supported tells which those are.
func Name(t arrow.DataType) string {
	return string(appendName(nil, t))
}

func appendName(dst []byte, t arrow.DataType) []byte {
	switch t := t.(type) {
	case *arrow.Decimal128Type:
		return appendDecimal(append(dst, "decimal"...), t)
	case *arrow.ListType:
		return append(appendName(append(dst, "array<"...), t.Elem()), '>')
	case *arrow.MapType:
		dst = appendName(append(dst, "map<"...), t.KeyType())
		return append(appendName(append(dst, ','), t.ItemType()), '>')
	case *arrow.StructType:
		dst = append(dst, "struct<"...)
		for i, f := range t.Fields() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendName(append(append(dst, f.Name...), ':'), f.Type)
		}
		return append(dst, '>')
	case *arrow.DictionaryType:
		return appendName(dst, t.ValueType)
	}
	if name, ok := atomicName(t); ok {
		return append(dst, name...)
	}
	return append(dst, t.String()...)
}

// atomicName is the name of a type without parameters; false for all others.
func atomicName(t arrow.DataType) (string, bool) {
	switch t.ID() {
	case arrow.BOOL:
		return "boolean", true
	case arrow.INT8:
		return "tinyint", true
	case arrow.INT16:
		return "smallint", true
	case arrow.INT32:
		return "int", true
	case arrow.INT64:
		return "bigint", true
	case arrow.FLOAT32:
		return "float", true
	case arrow.FLOAT64:
		return "double", true
	case arrow.STRING:
		return "string", true
	case arrow.BINARY:
		return "binary", true
	case arrow.DATE32:
		return "date", true
	case arrow.TIMESTAMP:
		return timestampName(t)
	case arrow.NULL:
		return "void", true
	case arrow.EXTENSION:
		return "variant", arrow.TypeEqual(t, VariantType)
	case arrow.INTERVAL_MONTHS, arrow.DURATION:
		first, last, ok := IntervalFields(t)
		return intervalName(first, last), ok
	case arrow.INTERVAL_MONTH_DAY_NANO:
		return "interval", true
	}
	return "", false
}

func timestampName(t arrow.DataType) (string, bool) {
	ts := t.(*arrow.TimestampType)
	switch {
	case ts.Unit != arrow.Microsecond:
		return "", false
	case ts.TimeZone == "":
		return "timestamp_ntz", true
	default:
		return "timestamp", ts.TimeZone == "UTC"
	}
}

func appendDecimal(dst []byte, t *arrow.Decimal128Type) []byte {
	dst = strconv.AppendInt(append(dst, '('), int64(t.Precision), 10)
	return append(strconv.AppendInt(append(dst, ','), int64(t.Scale), 10), ')')
}

// Supported returns nil if every part of the type has a counterpart in the table of the package's doc, so that Delta can store it, and an *TypeError
// otherwise. Intervals and dictionaries, which exist while a query runs, are not supported in this sense.
func Supported(t arrow.DataType) error {
	switch t := t.(type) {
	case *arrow.Decimal128Type:
		if t.Precision < 1 || t.Precision > 38 || t.Scale < 0 || t.Scale > t.Precision {
			return &TypeError{Type: Name(t), Reason: "precision must be 1 to 38 and scale 0 to precision"}
		}
		return nil
	case *arrow.ListType:
		return inColumn("element", Supported(t.Elem()))
	case *arrow.MapType:
		if err := Supported(t.KeyType()); err != nil {
			return inColumn("key", err)
		}
		return inColumn("value", Supported(t.ItemType()))
	case *arrow.StructType:
		for _, f := range t.Fields() {
			if err := Supported(f.Type); err != nil {
				return inColumn(f.Name, err)
			}
		}
		return nil
	}
	if _, ok := atomicName(t); !ok || t.ID() == arrow.INTERVAL_MONTHS || t.ID() == arrow.DURATION || IsCalendar(t) {
		return &TypeError{Type: Name(t), Reason: "it is not a type of a Delta table"}
	}
	return nil
}
