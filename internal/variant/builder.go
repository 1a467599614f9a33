package variant

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// MaxBytes is the largest metadata or value that Spark reads.
const MaxBytes = 128 << 20

// Builder encodes values one after the other into one buffer, each with its parts before it is closed, and keeps the names of fields.
type Builder struct {
	data []byte
	ids  map[string]int
	list []string
}

// Reset starts the next variant, and keeps the memory.
func (b *Builder) Reset() {
	b.data, b.list = b.data[:0], b.list[:0]
	clear(b.ids)
}

// Value is the encoded value. It is valid until the next Reset.
func (b *Builder) Value() []byte { return b.data }

// Pos is where the next value will begin.
func (b *Builder) Pos() int { return len(b.data) }

// Metadata appends the names of the fields.
func (b *Builder) Metadata(dst []byte) []byte {
	total := 0
	for _, n := range b.list {
		total += len(n)
	}
	w := bytesFor(max(total, len(b.list)))
	dst = append(dst, 1|byte(w-1)<<6)
	dst = appendUnsigned(dst, len(b.list), w)
	at := 0
	dst = appendUnsigned(dst, 0, w)
	for _, n := range b.list {
		at += len(n)
		dst = appendUnsigned(dst, at, w)
	}
	for _, n := range b.list {
		dst = append(dst, n...)
	}
	return dst
}

func bytesFor(n int) int {
	switch {
	case n < 1<<8:
		return 1
	case n < 1<<16:
		return 2
	case n < 1<<24:
		return 3
	default:
		return 4
	}
}

func appendUnsigned(dst []byte, n, w int) []byte {
	for i := range w {
		dst = append(dst, byte(n>>(8*i)))
	}
	return dst
}

// ID is the number of a field's name.
func (b *Builder) ID(name string) int {
	if id, ok := b.ids[name]; ok {
		return id
	}
	if b.ids == nil {
		b.ids = make(map[string]int)
	}
	id := len(b.list)
	b.ids[name] = id
	b.list = append(b.list, name)
	return id
}

func (b *Builder) primitive(t byte) { b.data = append(b.data, t<<2) } // the basic type is 0

// Null appends a null, which is not the NULL of SQL.
func (b *Builder) Null() { b.primitive(primNull) }

// Bool appends a Boolean.
func (b *Builder) Bool(v bool) {
	if v {
		b.primitive(primTrue)
	} else {
		b.primitive(primFalse)
	}
}

// Int appends an Integer in as few bytes as it needs.
func (b *Builder) Int(v int64) {
	switch {
	case v == int64(int8(v)):
		b.primitive(primInt8)
		b.data = append(b.data, byte(v))
	case v == int64(int16(v)):
		b.primitive(primInt16)
		b.data = binary.LittleEndian.AppendUint16(b.data, uint16(v))
	case v == int64(int32(v)):
		b.primitive(primInt32)
		b.data = binary.LittleEndian.AppendUint32(b.data, uint32(v))
	default:
		b.primitive(primInt64)
		b.data = binary.LittleEndian.AppendUint64(b.data, uint64(v))
	}
}

// Float appends a Float.
func (b *Builder) Float(v float32) {
	b.primitive(primFloat)
	b.data = binary.LittleEndian.AppendUint32(b.data, math.Float32bits(v))
}

// Double appends a Double.
func (b *Builder) Double(v float64) {
	b.primitive(primDouble)
	b.data = binary.LittleEndian.AppendUint64(b.data, math.Float64bits(v))
}

// Decimal appends a Decimal in as few bytes as its digits and scale need.
func (b *Builder) Decimal(v decimal128.Num, scale int32) {
	digits := max(scale, int32(digitsOf(v)))
	switch {
	case digits <= 9:
		b.primitive(primDecimal4)
		b.data = binary.LittleEndian.AppendUint32(append(b.data, byte(scale)), uint32(v.LowBits()))
	case digits <= 18:
		b.primitive(primDecimal8)
		b.data = binary.LittleEndian.AppendUint64(append(b.data, byte(scale)), v.LowBits())
	default:
		b.primitive(primDecimal16)
		b.data = binary.LittleEndian.AppendUint64(append(b.data, byte(scale)), v.LowBits())
		b.data = binary.LittleEndian.AppendUint64(b.data, uint64(v.HighBits()))
	}
}

// digitsOf is the number of decimal digits.
func digitsOf(v decimal128.Num) int {
	text := v.Abs().BigInt().Text(10)
	return len(text)
}

// Date appends a Date, in days since the epoch.
func (b *Builder) Date(days int32) {
	b.primitive(primDate)
	b.data = binary.LittleEndian.AppendUint32(b.data, uint32(days))
}

// Timestamp appends a Timestamp, or a TimestampNTZ, in µs since the epoch.
func (b *Builder) Timestamp(micros int64, ntz bool) {
	if ntz {
		b.primitive(primTimestampNTZ)
	} else {
		b.primitive(primTimestamp)
	}
	b.data = binary.LittleEndian.AppendUint64(b.data, uint64(micros))
}

// Binary appends a Binary.
func (b *Builder) Binary(v []byte) {
	b.primitive(primBinary)
	b.data = append(binary.LittleEndian.AppendUint32(b.data, uint32(len(v))), v...)
}

// UUID appends a UUID of 16 bytes.
func (b *Builder) UUID(v []byte) {
	b.primitive(primUUID)
	b.data = append(b.data, v...)
}

// String appends a String.
func (b *Builder) String(v []byte) {
	const short = 63
	if len(v) <= short {
		b.data = append(append(b.data, byte(len(v))<<2|basicShortString), v...)
		return
	}
	b.primitive(primString)
	b.data = append(binary.LittleEndian.AppendUint32(b.data, uint32(len(v))), v...)
}

// Scalar appends a value of an array, which is not NULL; ok is false, and nothing appended, where its type is nested or VARIANT has none like it.
func (b *Builder) Scalar(a arrow.Array, i int) (ok bool) {
	switch a := a.(type) {
	case *array.Boolean:
		b.Bool(a.Value(i))
	case *array.Int8:
		b.Int(int64(a.Value(i)))
	case *array.Int16:
		b.Int(int64(a.Value(i)))
	case *array.Int32:
		b.Int(int64(a.Value(i)))
	case *array.Int64:
		b.Int(a.Value(i))
	case *array.Float32:
		b.Float(a.Value(i))
	case *array.Float64:
		b.Double(a.Value(i))
	case *array.Decimal128:
		b.Decimal(a.Value(i), a.DataType().(*arrow.Decimal128Type).Scale)
	case *array.Date32:
		b.Date(int32(a.Value(i)))
	case *array.Timestamp:
		b.Timestamp(int64(a.Value(i)), a.DataType().(*arrow.TimestampType).TimeZone == "")
	case *array.String:
		b.String([]byte(a.Value(i)))
	case *array.Binary:
		b.Binary(a.Value(i))
	default:
		return false
	}
	return true
}
