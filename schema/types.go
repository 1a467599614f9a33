// Package schema holds the words for data: how Go structs, Arrow schemas, Delta schemas and Spark's DDL name the same types.
//
// Arrow types are the one model inside medallion. The correspondence is one to one:
//
//	Spark SQL        Arrow                    Go (row struct field)
//	BOOLEAN          Boolean                  bool
//	TINYINT…BIGINT   Int8, 16, 32, 64         int8, int16, int32, int64 and int
//	FLOAT, DOUBLE    Float32, Float64         float32, float64
//	DECIMAL(p,s)     Decimal128(p,s)          schema.Decimal with a tag
//	STRING           String                   string
//	BINARY           Binary                   []byte
//	DATE             Date32                   schema.Date
//	TIMESTAMP        Timestamp(µs, "UTC")     time.Time
//	TIMESTAMP_NTZ    Timestamp(µs, "")        schema.TimestampNTZ
//	ARRAY<T>         List(element T)          []T
//	MAP<K,V>         Map(K, V)                map[K]V
//	STRUCT<…>        Struct                   struct
//	VARIANT          Extension                schema.Variant
//	VOID             Null
//
// Delta's column metadata is the Arrow field's metadata, key for key; values are JSON where they are not strings.
package schema

import "github.com/apache/arrow-go/v18/arrow"

// The Arrow types of Spark's parameterless types, to compare and to build with.
var (
	Boolean          arrow.DataType = arrow.FixedWidthTypes.Boolean
	TinyInt          arrow.DataType = arrow.PrimitiveTypes.Int8
	SmallInt         arrow.DataType = arrow.PrimitiveTypes.Int16
	Int              arrow.DataType = arrow.PrimitiveTypes.Int32
	BigInt           arrow.DataType = arrow.PrimitiveTypes.Int64
	Float            arrow.DataType = arrow.PrimitiveTypes.Float32
	Double           arrow.DataType = arrow.PrimitiveTypes.Float64
	String           arrow.DataType = arrow.BinaryTypes.String
	Binary           arrow.DataType = arrow.BinaryTypes.Binary
	DateType         arrow.DataType = arrow.FixedWidthTypes.Date32
	Timestamp        arrow.DataType = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	TimestampNTZType arrow.DataType = &arrow.TimestampType{Unit: arrow.Microsecond}
	Void             arrow.DataType = arrow.Null
)

// DecimalOf is DECIMAL(precision, scale): 1 ≤ precision ≤ 38, 0 ≤ scale ≤ precision.
func DecimalOf(precision, scale int32) arrow.DataType {
	return &arrow.Decimal128Type{Precision: precision, Scale: scale}
}

// ArrayOf is ARRAY<element>. The element field is named "element", as Delta and Parquet name it.
func ArrayOf(element arrow.DataType, containsNull bool) arrow.DataType {
	return arrow.ListOfField(arrow.Field{Name: "element", Type: element, Nullable: containsNull})
}

// MapOf is MAP<key, value>, with entries named "key_value", "key" and "value" as Parquet names them.
func MapOf(key, value arrow.DataType, valueContainsNull bool) arrow.DataType {
	return arrow.MapOfFields(arrow.Field{Name: "key", Type: key}, arrow.Field{Name: "value", Type: value, Nullable: valueContainsNull})
}

// IntegerDigits is how many decimal digits a value of an integer type may have, 0 for other types.
func IntegerDigits(t arrow.DataType) int32 {
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
