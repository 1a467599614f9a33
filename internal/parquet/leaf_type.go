package parquet

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// conversion is what happens to a value between the file and Arrow.
type conversion uint8

const (
	asIs       conversion = iota // same bits
	toInt8                       // from INT32
	toInt16                      // from INT32
	fromUint8                    // INT32 to Int16
	fromUint16                   // INT32 to Int32
	fromUint32                   // INT32 to Int64
	fromUint64                   // INT64 to Decimal128
	fromMillis                   // INT64 to microseconds
	fromNanos                    // INT64 to microseconds, rounded down
	fromInt96                    // to microseconds, rounded down
	fromHalf                     // FIXED_LEN_BYTE_ARRAY(2) to Float32
	decimal32                    // INT32 to Decimal128
	decimal64                    // INT64 to Decimal128
	decimalBE                    // bytes, big endian, to Decimal128
	asBytes                      // FIXED_LEN_BYTE_ARRAY to Binary
)

// leafType is a leaf in Arrow: its type, the conversion from the file, and how its statistics are read.
type leafType struct {
	typ   arrow.DataType
	conv  conversion
	width int       // bytes of a value in Arrow; 0: bits; -1: variable
	kind  valueKind // of statistics; kindNull: they are not read
}

func leaf(typ arrow.DataType, conv conversion, width int, kind valueKind) leafType {
	return leafType{typ: typ, conv: conv, width: width, kind: kind}
}

var (
	timestampUTC arrow.DataType = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	timestampNTZ arrow.DataType = &arrow.TimestampType{Unit: arrow.Microsecond}
)

// typeOfLeaf maps a leaf to Arrow (parquet-format, LogicalTypes.md). The string says what is not supported.
func typeOfLeaf(e *meta.SchemaElement) (leafType, string) {
	if e.Logical.Kind == meta.LogicalDecimal || e.Logical.Kind == meta.LogicalNone && e.Converted == meta.ConvDecimal {
		return decimalLeaf(e)
	}
	switch e.Type {
	case meta.Boolean:
		return leaf(arrow.FixedWidthTypes.Boolean, asIs, 0, kindBool), ""
	case meta.Int32:
		return int32Leaf(e)
	case meta.Int64:
		return int64Leaf(e)
	case meta.Int96:
		return leaf(timestampUTC, fromInt96, 8, kindNull), ""
	case meta.Float:
		return leaf(arrow.PrimitiveTypes.Float32, asIs, 4, kindFloat), ""
	case meta.Double:
		return leaf(arrow.PrimitiveTypes.Float64, asIs, 8, kindDouble), ""
	case meta.ByteArray:
		return bytesLeaf(e), ""
	case meta.FixedLenByteArray:
		if e.Logical.Kind == meta.LogicalFloat16 && e.TypeLength == 2 {
			return leaf(arrow.PrimitiveTypes.Float32, fromHalf, 4, kindNull), ""
		}
		if e.Converted == meta.ConvInterval { // which has no order
			return leaf(arrow.BinaryTypes.Binary, asBytes, -1, kindNull), ""
		}
		return leaf(arrow.BinaryTypes.Binary, asBytes, -1, kindBytes), ""
	case meta.NoType:
	}
	return leafType{}, fmt.Sprintf("the physical type %s", e.Type)
}

func decimalLeaf(e *meta.SchemaElement) (leafType, string) {
	p, s := e.Logical.Precision, e.Logical.Scale
	if e.Logical.Kind == meta.LogicalNone {
		p, s = e.Precision, e.Scale
	}
	if p < 1 || p > 38 || s < 0 || s > p {
		return leafType{}, fmt.Sprintf("DECIMAL(%d,%d)", p, s)
	}
	typ := &arrow.Decimal128Type{Precision: p, Scale: s}
	switch e.Type {
	case meta.Int32:
		return leaf(typ, decimal32, 16, kindDecimal32), ""
	case meta.Int64:
		return leaf(typ, decimal64, 16, kindDecimal64), ""
	case meta.FixedLenByteArray, meta.ByteArray:
		return leaf(typ, decimalBE, 16, kindDecimal), ""
	}
	return leafType{}, fmt.Sprintf("DECIMAL as %s", e.Type)
}

func int32Leaf(e *meta.SchemaElement) (leafType, string) {
	c := e.Converted
	switch lt := e.Logical; lt.Kind {
	case meta.LogicalDate:
		c = meta.ConvDate
	case meta.LogicalTime:
		c = meta.ConvTimeMillis
	case meta.LogicalUnknown:
		return leaf(arrow.Null, asIs, 4, kindNull), ""
	case meta.LogicalInt:
		c = intConverted(lt)
	}
	switch c {
	case meta.ConvDate:
		return leaf(arrow.FixedWidthTypes.Date32, asIs, 4, kindInt32), ""
	case meta.ConvTimeMillis:
		return leafType{}, "TIME"
	case meta.ConvInt8:
		return leaf(arrow.PrimitiveTypes.Int8, toInt8, 1, kindInt8), ""
	case meta.ConvInt16:
		return leaf(arrow.PrimitiveTypes.Int16, toInt16, 2, kindInt16), ""
	case meta.ConvUint8:
		return leaf(arrow.PrimitiveTypes.Int16, fromUint8, 2, kindInt16), ""
	case meta.ConvUint16:
		return leaf(arrow.PrimitiveTypes.Int32, fromUint16, 4, kindInt32), ""
	case meta.ConvUint32:
		return leaf(arrow.PrimitiveTypes.Int64, fromUint32, 8, kindNull), ""
	}
	return leaf(arrow.PrimitiveTypes.Int32, asIs, 4, kindInt32), ""
}

// intConverted is the old annotation for an INT of the new ones; NoConverted for those that the physical type tells already.
func intConverted(t meta.LogicalType) meta.Converted {
	switch {
	case t.Bits == 8 && t.Signed:
		return meta.ConvInt8
	case t.Bits == 16 && t.Signed:
		return meta.ConvInt16
	case t.Bits == 8:
		return meta.ConvUint8
	case t.Bits == 16:
		return meta.ConvUint16
	case t.Bits == 32 && !t.Signed:
		return meta.ConvUint32
	case t.Bits == 64 && !t.Signed:
		return meta.ConvUint64
	}
	return meta.NoConverted
}

func int64Leaf(e *meta.SchemaElement) (leafType, string) {
	switch lt := e.Logical; lt.Kind {
	case meta.LogicalTimestamp:
		return timestampLeaf(lt)
	case meta.LogicalTime:
		return leafType{}, "TIME"
	case meta.LogicalInt:
		if intConverted(lt) == meta.ConvUint64 {
			return leaf(&arrow.Decimal128Type{Precision: 20}, fromUint64, 16, kindNull), ""
		}
		return leaf(arrow.PrimitiveTypes.Int64, asIs, 8, kindInt64), ""
	}
	switch e.Converted {
	case meta.ConvMicros:
		return leaf(timestampUTC, asIs, 8, kindInt64), ""
	case meta.ConvMillis:
		return leaf(timestampUTC, fromMillis, 8, kindInt64), ""
	case meta.ConvTimeMicros:
		return leafType{}, "TIME"
	case meta.ConvUint64:
		return leaf(&arrow.Decimal128Type{Precision: 20}, fromUint64, 16, kindNull), ""
	}
	return leaf(arrow.PrimitiveTypes.Int64, asIs, 8, kindInt64), ""
}

func timestampLeaf(t meta.LogicalType) (leafType, string) {
	typ := timestampNTZ
	if t.UTC {
		typ = timestampUTC
	}
	switch t.Unit {
	case meta.Micros:
		return leaf(typ, asIs, 8, kindInt64), ""
	case meta.Millis:
		return leaf(typ, fromMillis, 8, kindInt64), ""
	case meta.Nanos:
		return leaf(typ, fromNanos, 8, kindInt64), ""
	}
	return leafType{}, fmt.Sprintf("a TIMESTAMP of unit %d", t.Unit)
}

func bytesLeaf(e *meta.SchemaElement) leafType {
	switch e.Logical.Kind {
	case meta.LogicalString, meta.LogicalEnum, meta.LogicalJSON:
		return leaf(arrow.BinaryTypes.String, asIs, -1, kindBytes)
	case meta.LogicalNone:
		switch e.Converted {
		case meta.ConvUTF8, meta.ConvEnum, meta.ConvJSON:
			return leaf(arrow.BinaryTypes.String, asIs, -1, kindBytes)
		}
	}
	return leaf(arrow.BinaryTypes.Binary, asIs, -1, kindBytes)
}
