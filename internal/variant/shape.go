package variant

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// Shape is the type of a value, or of several together, as Spark's schema_of_variant tells it. Its zero is that of the null of JSON and of no value at all.
type Shape struct {
	name             string // of a type without parts; DECIMAL, OBJECT and ARRAY have them; empty is VOID
	precision, scale int    // of a DECIMAL
	fields           []shapeField
	element          *Shape
}

// shapeField is a field of an OBJECT, of which the fields are in the order of their names.
type shapeField struct {
	name  string
	shape Shape
}

const (
	shapeObject  = "OBJECT"
	shapeArray   = "ARRAY"
	shapeDecimal = "DECIMAL"
	shapeMixed   = "VARIANT" // values that have no type together
	maxPrecision = 38
	bigIntDigits = 20 // digits of the DECIMAL that a BIGINT counts as
)

// ShapeOf is the type of a value.
func ShapeOf(v Value) (s Shape, err error) {
	kind, err := v.Kind()
	if err != nil {
		return s, err
	}
	switch kind {
	case Object:
		s.name = shapeObject
		err = v.Each(func(name string, part Value) error {
			f, err := ShapeOf(part)
			s.fields = append(s.fields, shapeField{name, f})
			return err
		})
	case Array:
		s.name, s.element = shapeArray, &Shape{}
		err = v.Each(func(_ string, part Value) error {
			e, err := ShapeOf(part)
			*s.element = s.element.Merge(e)
			return err
		})
	case Decimal:
		return decimalShape(v)
	case Null, Boolean, Integer, Float, Double, Date, Timestamp, TimestampNTZ, Binary, String, UUID:
		s.name = [...]string{
			Boolean: "BOOLEAN", Integer: "BIGINT", Float: "FLOAT", Double: "DOUBLE", Date: "DATE", Timestamp: "TIMESTAMP", TimestampNTZ: "TIMESTAMP_NTZ",
			Binary: "BINARY", String: "STRING", UUID: "STRING",
		}[kind]
	}
	return s, err
}

// decimalShape has just the digits that the number needs.
func decimalShape(v Value) (Shape, error) {
	n, scale, err := v.Decimal()
	if err != nil {
		return Shape{}, err
	}
	ten := decimal128.FromI64(10)
	for scale > 0 {
		quotient, rest := n.Div(ten)
		if rest.Sign() != 0 {
			break
		}
		n, scale = quotient, scale-1
	}
	digits := len(strings.TrimPrefix(n.BigInt().String(), "-"))
	return Shape{name: shapeDecimal, precision: max(digits, int(scale)), scale: int(scale)}, nil
}

// Merge is the type of values of both: numbers and times widen, objects have the fields of both, and what does not go together is VARIANT.
func (s Shape) Merge(other Shape) Shape {
	switch {
	case s.name == "":
		return other
	case other.name == "":
		return s
	case s.name == shapeObject && other.name == shapeObject:
		return s.mergeFields(other)
	case s.name == shapeArray && other.name == shapeArray:
		e := s.element.Merge(*other.element)
		return Shape{name: shapeArray, element: &e}
	case s.name == shapeDecimal || other.name == shapeDecimal:
		return s.mergeDecimal(other)
	case s.name == other.name:
		return s
	}
	for _, wider := range [][]string{{"BIGINT", "FLOAT", "DOUBLE"}, {"DATE", "TIMESTAMP_NTZ", "TIMESTAMP"}} {
		a, b := slices.Index(wider, s.name), slices.Index(wider, other.name)
		if a >= 0 && b >= 0 {
			return Shape{name: wider[max(a, b)]}
		}
	}
	return Shape{name: shapeMixed}
}

// mergeDecimal widens a DECIMAL by another or by a BIGINT; beyond 38 digits it is DOUBLE.
func (s Shape) mergeDecimal(other Shape) Shape {
	if s.name != shapeDecimal {
		s, other = other, s
	}
	switch other.name {
	case "DOUBLE", "FLOAT":
		return Shape{name: "DOUBLE"}
	case "BIGINT":
		other = Shape{name: shapeDecimal, precision: bigIntDigits}
	case shapeDecimal:
	default:
		return Shape{name: shapeMixed}
	}
	scale := max(s.scale, other.scale)
	precision := max(s.precision-s.scale, other.precision-other.scale) + scale
	if precision > maxPrecision {
		return Shape{name: "DOUBLE"}
	}
	return Shape{name: shapeDecimal, precision: precision, scale: scale}
}

func (s Shape) mergeFields(other Shape) Shape {
	fields := make([]shapeField, 0, max(len(s.fields), len(other.fields)))
	a, b := s.fields, other.fields
	for len(a) > 0 && len(b) > 0 {
		switch c := strings.Compare(a[0].name, b[0].name); {
		case c < 0:
			fields, a = append(fields, a[0]), a[1:]
		case c > 0:
			fields, b = append(fields, b[0]), b[1:]
		default:
			fields = append(fields, shapeField{a[0].name, a[0].shape.Merge(b[0].shape)})
			a, b = a[1:], b[1:]
		}
	}
	return Shape{name: shapeObject, fields: slices.Concat(fields, a, b)}
}

// Parts is how many types the shape is made of.
func (s Shape) Parts() int {
	n := 1
	if s.element != nil {
		n += s.element.Parts()
	}
	for _, f := range s.fields {
		n += f.shape.Parts()
	}
	return n
}

// AppendText appends the shape in Spark's words: OBJECT<a: BIGINT, b: ARRAY<STRING>>. quote writes a field's name.
func (s Shape) AppendText(dst []byte, quote func(name string) string) []byte {
	switch s.name {
	case "":
		return append(dst, "VOID"...)
	case shapeDecimal:
		return fmt.Appendf(dst, "DECIMAL(%d,%d)", s.precision, s.scale)
	case shapeArray:
		return append(s.element.AppendText(append(dst, "ARRAY<"...), quote), '>')
	case shapeObject:
		dst = append(dst, "OBJECT<"...)
		for i, f := range s.fields {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = f.shape.AppendText(append(append(dst, quote(f.name)...), ": "...), quote)
		}
		return append(dst, '>')
	}
	return append(dst, s.name...)
}

// Append appends the shape in a form that ReadShape reads.
func (s Shape) Append(dst []byte) []byte {
	dst = appendName(dst, s.name)
	switch s.name {
	case shapeDecimal:
		dst = append(dst, byte(s.precision), byte(s.scale))
	case shapeArray:
		dst = s.element.Append(dst)
	case shapeObject:
		dst = binary.AppendUvarint(dst, uint64(len(s.fields)))
		for _, f := range s.fields {
			dst = f.shape.Append(appendName(dst, f.name))
		}
	}
	return dst
}

func appendName(dst []byte, name string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(name))), name...)
}

// ReadShape reads what Append has written, and gives what lies behind it.
func ReadShape(b []byte) (s Shape, rest []byte, err error) {
	if s.name, b, err = readName(b); err != nil {
		return s, b, err
	}
	switch s.name {
	case shapeDecimal:
		if len(b) < 2 {
			return s, b, ErrMalformed
		}
		s.precision, s.scale, b = int(b[0]), int(b[1]), b[2:]
	case shapeArray:
		s.element = &Shape{}
		*s.element, b, err = ReadShape(b)
	case shapeObject:
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)) {
			return s, b, ErrMalformed
		}
		b = b[size:]
		for range n {
			var f shapeField
			if f.name, b, err = readName(b); err != nil {
				return s, b, err
			}
			if f.shape, b, err = ReadShape(b); err != nil {
				return s, b, err
			}
			s.fields = append(s.fields, f)
		}
	}
	return s, b, err
}

func readName(b []byte) (name string, rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return "", b, ErrMalformed
	}
	return string(b[size : size+int(n)]), b[size+int(n):], nil
}
