// Package meta holds the metadata of Parquet files: the structures of parquet.thrift that medallion reads and writes, and their encoding in Thrift's
// compact protocol. Reading needs memory in proportion to the input only, whatever lengths the input claims. Byte slices that come from reading are parts
// of the input.
package meta

import "strconv"

// Type is a physical type.
type Type int32

// The physical types; NoType marks a group.
const (
	NoType            Type = -1
	Boolean           Type = 0
	Int32             Type = 1
	Int64             Type = 2
	Int96             Type = 3
	Float             Type = 4
	Double            Type = 5
	ByteArray         Type = 6
	FixedLenByteArray Type = 7
)

// String is the name that the specification has for the type.
func (t Type) String() string {
	return name(int32(t), "BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")
}

// Repetition tells how often a field occurs in its parent.
type Repetition int32

// The repetitions; NoRepetition is the root's.
const (
	NoRepetition Repetition = -1
	Required     Repetition = 0
	Optional     Repetition = 1
	Repeated     Repetition = 2
)

// Encoding is how the values or levels of a page are encoded.
type Encoding int32

// The encodings.
const (
	Plain                Encoding = 0
	PlainDictionary      Encoding = 2
	RLE                  Encoding = 3
	BitPacked            Encoding = 4
	DeltaBinaryPacked    Encoding = 5
	DeltaLengthByteArray Encoding = 6
	DeltaByteArray       Encoding = 7
	RLEDictionary        Encoding = 8
	ByteStreamSplit      Encoding = 9
)

// String is the name that the specification has for the encoding.
func (e Encoding) String() string {
	return name(int32(e), "PLAIN", "GROUP_VAR_INT", "PLAIN_DICTIONARY", "RLE", "BIT_PACKED", "DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY",
		"DELTA_BYTE_ARRAY", "RLE_DICTIONARY", "BYTE_STREAM_SPLIT")
}

// Codec is how a page is compressed.
type Codec int32

// The codecs.
const (
	Uncompressed Codec = 0
	Snappy       Codec = 1
	Gzip         Codec = 2
	LZO          Codec = 3
	Brotli       Codec = 4
	LZ4          Codec = 5
	Zstd         Codec = 6
	LZ4Raw       Codec = 7
)

// String is the name that the specification has for the codec.
func (c Codec) String() string {
	return name(int32(c), "UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW")
}

// PageType tells what a page holds.
type PageType int32

// The page types.
const (
	DataPage       PageType = 0
	IndexPage      PageType = 1
	DictionaryPage PageType = 2
	DataPageV2     PageType = 3
)

// String is the name that the specification has for the page type.
func (t PageType) String() string {
	return name(int32(t), "DATA_PAGE", "INDEX_PAGE", "DICTIONARY_PAGE", "DATA_PAGE_V2")
}

func name(v int32, names ...string) string {
	if v >= 0 && int(v) < len(names) {
		return names[v]
	}
	return strconv.Itoa(int(v))
}

// Converted is the old way to annotate a type; LogicalType is the new one.
type Converted int32

// The converted types.
const (
	NoConverted     Converted = -1
	ConvUTF8        Converted = 0
	ConvMap         Converted = 1
	ConvMapKeyValue Converted = 2
	ConvList        Converted = 3
	ConvEnum        Converted = 4
	ConvDecimal     Converted = 5
	ConvDate        Converted = 6
	ConvTimeMillis  Converted = 7
	ConvTimeMicros  Converted = 8
	ConvMillis      Converted = 9
	ConvMicros      Converted = 10
	ConvUint8       Converted = 11
	ConvUint16      Converted = 12
	ConvUint32      Converted = 13
	ConvUint64      Converted = 14
	ConvInt8        Converted = 15
	ConvInt16       Converted = 16
	ConvInt32       Converted = 17
	ConvInt64       Converted = 18
	ConvJSON        Converted = 19
	ConvBSON        Converted = 20
	ConvInterval    Converted = 21
)

// Logical is the member of the union LogicalType.
type Logical int16

// The logical types; LogicalNone stands for no annotation, LogicalUnknown is a column of nulls.
const (
	LogicalNone      Logical = 0
	LogicalString    Logical = 1
	LogicalMap       Logical = 2
	LogicalList      Logical = 3
	LogicalEnum      Logical = 4
	LogicalDecimal   Logical = 5
	LogicalDate      Logical = 6
	LogicalTime      Logical = 7
	LogicalTimestamp Logical = 8
	LogicalInt       Logical = 10
	LogicalUnknown   Logical = 11
	LogicalJSON      Logical = 12
	LogicalBSON      Logical = 13
	LogicalUUID      Logical = 14
	LogicalFloat16   Logical = 15
	LogicalVariant   Logical = 16
	LogicalGeometry  Logical = 17
	LogicalGeography Logical = 18
)

// TimeUnit is the unit of a time or timestamp.
type TimeUnit int16

// The units.
const (
	Millis TimeUnit = 1
	Micros TimeUnit = 2
	Nanos  TimeUnit = 3
)

// Exactness tells whether a statistic is a value of the column or only a bound.
type Exactness int8

// What is known of a statistic.
const (
	ExactnessUnknown Exactness = iota
	Exact
	Inexact
)

// BoundaryOrder tells whether the bounds of the pages of a column rise or fall.
type BoundaryOrder int32

// The orders.
const (
	Unordered  BoundaryOrder = 0
	Ascending  BoundaryOrder = 1
	Descending BoundaryOrder = 2
)
