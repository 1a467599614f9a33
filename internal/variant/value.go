// Package variant reads and builds values of VARIANT in Parquet's binary encoding (parquet-format, VariantEncoding.md), and puts shredded ones together again
// (VariantShredding.md). It trusts no length, offset or nesting that it reads.
package variant

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// ErrMalformed says that bytes are no value of VARIANT.
var ErrMalformed = errors.New("malformed variant")

// maxDepth bounds the nesting of values, as Spark's own parser of JSON does.
const maxDepth = 1000

// Kind is what a value is.
type Kind uint8

// The kinds of values. Integers of all widths are one kind.
const (
	Null Kind = iota
	Boolean
	Integer
	Float
	Double
	Decimal
	Date         // days since the epoch
	Timestamp    // µs since the epoch, UTC
	TimestampNTZ // µs since the epoch, of no zone
	Binary
	String
	UUID // 16 bytes
	Object
	Array
)

// The basic types: the two low bits of a value's first byte.
const (
	basicPrimitive = iota
	basicShortString
	basicObject
	basicArray
)

// The primitive types: the six high bits of a primitive value's first byte.
const (
	primNull = iota
	primTrue
	primFalse
	primInt8
	primInt16
	primInt32
	primInt64
	primDouble
	primDecimal4
	primDecimal8
	primDecimal16
	primDate
	primTimestamp
	primTimestampNTZ
	primFloat
	primBinary
	primString
	primTimeNTZ
	primTimestampNanos
	primTimestampNTZNanos
	primUUID
)

// Value is one value, which may lie within another. Its bytes are borrowed.
type Value struct {
	names *names
	data  []byte // from the first byte of the value on
	left  *int   // parts that may still be looked at: those that overlap must not multiply
	depth int
}

// New is the value that the two binary parts encode.
func New(metadata, value []byte) (Value, error) {
	n, err := readNames(metadata)
	if err != nil || len(value) == 0 {
		return Value{}, ErrMalformed
	}
	left := 8*len(value) + 64 // a part takes a byte at least, and may be looked at a few times
	return Value{names: n, data: value, left: &left}, nil
}

// names is the dictionary of field names: a variant's metadata.
type names struct {
	count   int
	width   int
	offsets []byte
	text    []byte
}

func readNames(b []byte) (*names, error) {
	if len(b) < 1 || b[0]&0xF != 1 {
		return nil, ErrMalformed
	}
	w := int(b[0]>>6) + 1
	if len(b) < 1+w {
		return nil, ErrMalformed
	}
	n := &names{count: unsigned(b[1:], w), width: w}
	end := 1 + w + (n.count+1)*w
	if n.count > len(b) || end > len(b) {
		return nil, ErrMalformed
	}
	n.offsets, n.text = b[1+w:end], b[end:]
	return n, nil
}

// at is the name of a field ID.
func (n *names) at(id int) (string, error) {
	if id >= n.count {
		return "", ErrMalformed
	}
	from, to := unsigned(n.offsets[id*n.width:], n.width), unsigned(n.offsets[(id+1)*n.width:], n.width)
	if from > to || to > len(n.text) {
		return "", ErrMalformed
	}
	return string(n.text[from:to]), nil
}

// unsigned reads w little-endian bytes, at most four; b holds them.
func unsigned(b []byte, w int) int {
	v := 0
	for i := range w {
		v |= int(b[i]) << (8 * i)
	}
	return v
}

// Kind tells what the value is; the error is ErrMalformed, also for a type that this package does not know.
func (v Value) Kind() (Kind, error) {
	header := int(v.data[0] >> 2)
	switch v.data[0] & 3 {
	case basicShortString:
		return String, nil
	case basicObject:
		return Object, nil
	case basicArray:
		return Array, nil
	}
	switch header {
	case primNull:
		return Null, nil
	case primTrue, primFalse:
		return Boolean, nil
	case primInt8, primInt16, primInt32, primInt64:
		return Integer, nil
	case primDouble:
		return Double, nil
	case primFloat:
		return Float, nil
	case primDecimal4, primDecimal8, primDecimal16:
		return Decimal, nil
	case primDate:
		return Date, nil
	case primTimestamp:
		return Timestamp, nil
	case primTimestampNTZ:
		return TimestampNTZ, nil
	case primBinary:
		return Binary, nil
	case primString:
		return String, nil
	case primUUID:
		return UUID, nil
	}
	return Null, ErrMalformed
}

// Bool is the value of a Boolean.
func (v Value) Bool() bool { return v.data[0]>>2 == primTrue }

// Int is the value of an Integer, Date, Timestamp or TimestampNTZ.
func (v Value) Int() (int64, error) {
	b := v.data[1:]
	switch w := intWidth(v.data[0] >> 2); {
	case w == 0 || len(b) < w:
		return 0, ErrMalformed
	case w == 1:
		return int64(int8(b[0])), nil
	case w == 2:
		return int64(int16(binary.LittleEndian.Uint16(b))), nil
	case w == 4:
		return int64(int32(binary.LittleEndian.Uint32(b))), nil
	default:
		return int64(binary.LittleEndian.Uint64(b)), nil
	}
}

// intWidth is the bytes of a primitive type that is an integer in the encoding; 0 for others.
func intWidth(primitive byte) int {
	switch primitive {
	case primInt8:
		return 1
	case primInt16:
		return 2
	case primInt32, primDate:
		return 4
	case primInt64, primTimestamp, primTimestampNTZ:
		return 8
	default:
		return 0
	}
}

// Float is the value of a Float or Double.
func (v Value) Float() (float64, error) {
	b := v.data[1:]
	switch {
	case v.data[0]>>2 == primFloat && len(b) >= 4:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), nil
	case v.data[0]>>2 == primDouble && len(b) >= 8:
		return math.Float64frombits(binary.LittleEndian.Uint64(b)), nil
	default:
		return 0, ErrMalformed
	}
}

// Decimal is the unscaled value and the scale of a Decimal.
func (v Value) Decimal() (decimal128.Num, int32, error) {
	w := 4 << (v.data[0]>>2 - primDecimal4)
	if len(v.data) < 2+w || v.data[1] > 38 {
		return decimal128.Num{}, 0, ErrMalformed
	}
	b, scale := v.data[2:], int32(v.data[1])
	switch w {
	case 4:
		return decimal128.FromI64(int64(int32(binary.LittleEndian.Uint32(b)))), scale, nil
	case 8:
		return decimal128.FromI64(int64(binary.LittleEndian.Uint64(b))), scale, nil
	default:
		return decimal128.New(int64(binary.LittleEndian.Uint64(b[8:])), binary.LittleEndian.Uint64(b)), scale, nil
	}
}

// Bytes is the content of a String, Binary or UUID.
func (v Value) Bytes() ([]byte, error) {
	from, n, err := v.content()
	if err != nil {
		return nil, err
	}
	return v.data[from : from+n], nil
}

// content is where the content of a String, Binary or UUID begins, and its length.
func (v Value) content() (from, n int, err error) {
	header := int(v.data[0] >> 2)
	from, n = 1, header // a short string
	switch {
	case v.data[0]&3 == basicShortString:
	case header == primUUID:
		n = 16
	case len(v.data) < 5:
		return 0, 0, ErrMalformed
	default:
		from, n = 5, unsigned(v.data[1:], 4)
	}
	if n > len(v.data)-from {
		return 0, 0, ErrMalformed
	}
	return from, n, nil
}
