package expr

import (
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// TypeSQL is a type in Databricks SQL, as CAST takes it: DECIMAL(18,2), STRUCT<a: BIGINT NOT NULL>. Intervals print as Spark names them.
func TypeSQL(t arrow.DataType) string { return string(appendType(nil, t)) }

func appendType(dst []byte, t arrow.DataType) []byte {
	switch t := t.(type) {
	case *arrow.Decimal128Type:
		dst = append(dst, "DECIMAL("...)
		dst = strconv.AppendInt(dst, int64(t.Precision), 10)
		dst = append(dst, ',')
		dst = strconv.AppendInt(dst, int64(t.Scale), 10)
		return append(dst, ')')
	case *arrow.ListType:
		dst = append(dst, "ARRAY<"...)
		return append(appendType(dst, t.Elem()), '>')
	case *arrow.MapType:
		dst = append(dst, "MAP<"...)
		dst = append(appendType(dst, t.KeyType()), ", "...)
		return append(appendType(dst, t.ItemType()), '>')
	case *arrow.StructType:
		return appendStructType(dst, t)
	case *arrow.DictionaryType:
		return appendType(dst, t.ValueType)
	case *arrow.TimestampType:
		if t.TimeZone == "" {
			return append(dst, "TIMESTAMP_NTZ"...)
		}
		return append(dst, "TIMESTAMP"...)
	}
	return append(dst, simpleName(t)...)
}

func appendStructType(dst []byte, t *arrow.StructType) []byte {
	dst = append(dst, "STRUCT<"...)
	for i, f := range t.Fields() {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(append(dst, Quote(f.Name)...), ": "...)
		dst = appendType(dst, f.Type)
		if !f.Nullable {
			dst = append(dst, " NOT NULL"...)
		}
		if comment, ok := f.Metadata.GetValue("comment"); ok {
			dst = appendQuoted(append(dst, " COMMENT "...), comment)
		}
	}
	return append(dst, '>')
}

// simpleName names a type without parameters; one that Spark SQL does not have keeps Arrow's name.
func simpleName(t arrow.DataType) string {
	switch t.ID() {
	case arrow.EXTENSION:
		return "VARIANT"
	case arrow.BOOL:
		return "BOOLEAN"
	case arrow.INT8:
		return "TINYINT"
	case arrow.INT16:
		return "SMALLINT"
	case arrow.INT32:
		return "INT"
	case arrow.INT64:
		return "BIGINT"
	case arrow.FLOAT32:
		return "FLOAT"
	case arrow.FLOAT64:
		return "DOUBLE"
	case arrow.STRING, arrow.LARGE_STRING:
		return "STRING"
	case arrow.BINARY, arrow.LARGE_BINARY:
		return "BINARY"
	case arrow.DATE32:
		return "DATE"
	case arrow.NULL:
		return "VOID"
	case arrow.INTERVAL_MONTHS, arrow.DURATION, arrow.INTERVAL_MONTH_DAY_NANO:
		return strings.ToUpper(schema.Name(t))
	default:
		return t.String()
	}
}
