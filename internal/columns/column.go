// Package columns builds Arrow columns from text, a value at a time and without boxing: what the readers of NDJSON and CSV share. It knows how Spark
// reads numbers and decimals from text; it knows no format.
package columns

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/datetime"
)

// Kind is a type of schema/types.go, to switch over.
type Kind uint8

// The kinds.
const (
	Void Kind = iota
	Bool
	Int8
	Int16
	Int32
	Int64
	Float32
	Float64
	Decimal
	String
	Binary
	Date
	Timestamp
	TimestampNTZ
	Struct
	List
	Map
)

// Column collects the values of a column, or of a part of a nested one, straight into the buffers of the Arrow array that they become. Start begins an
// array, Finish hands it out. A Column is not safe for concurrent use.
type Column struct {
	kind  Kind
	typ   arrow.DataType
	alloc memory.Allocator
	kids  []*Column // of a struct its fields, of a list its element, of a map its key and value

	n, nulls, room int

	validity, values, offsets, text *memory.Buffer

	valid []byte // the bitmap; nil until the first NULL
	bits  []byte
	i8    []int8
	i16   []int16
	i32   []int32
	i64   []int64
	f32   []float32
	f64   []float64
	dec   []decimal128.Num
	ends  []int32 // Arrow's offsets: value i ends at ends[i+1]
	bytes []byte  // the whole text buffer
	used  int     // bytes of it that hold values

	precision, scale int32
	times            datetime.Parser
	rows             int // of the last array, and what they took, to size the next
	elements, chars  int
}

// New makes a column of one of the types of schema/types.go. Its memory comes from alloc.
func New(alloc memory.Allocator, t arrow.DataType) (*Column, error) {
	c := &Column{typ: t, alloc: alloc}
	var err error
	if c.kind, err = kindOf(t); err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case *arrow.Decimal128Type:
		c.precision, c.scale = t.Precision, t.Scale
	case *arrow.TimestampType:
		if c.kind == TimestampNTZ {
			c.times.Zone = datetime.Refused
		}
	case *arrow.StructType:
		for _, f := range t.Fields() {
			if err := c.adopt(f.Type); err != nil {
				return nil, fmt.Errorf("field %s: %w", f.Name, err)
			}
		}
	case *arrow.MapType:
		if t.KeyType().ID() != arrow.STRING {
			return nil, fmt.Errorf("a map with keys of type %s cannot be read from text: they must be strings", t.KeyType())
		}
		return c, c.adopt(t.KeyType(), t.ItemType())
	case *arrow.ListType:
		return c, c.adopt(t.Elem())
	}
	return c, nil
}

// Group makes a struct of columns, to start and truncate them together; each is finished on its own.
func Group(alloc memory.Allocator, kids []*Column) *Column {
	return &Column{kind: Struct, alloc: alloc, kids: kids}
}

func (c *Column) adopt(types ...arrow.DataType) error {
	for _, t := range types {
		kid, err := New(c.alloc, t)
		if err != nil {
			return err
		}
		c.kids = append(c.kids, kid)
	}
	return nil
}

func kindOf(t arrow.DataType) (Kind, error) {
	switch t := t.(type) {
	case *arrow.NullType:
		return Void, nil
	case *arrow.BooleanType:
		return Bool, nil
	case *arrow.Int8Type:
		return Int8, nil
	case *arrow.Int16Type:
		return Int16, nil
	case *arrow.Int32Type:
		return Int32, nil
	case *arrow.Int64Type:
		return Int64, nil
	case *arrow.Float32Type:
		return Float32, nil
	case *arrow.Float64Type:
		return Float64, nil
	case *arrow.Decimal128Type:
		return Decimal, nil
	case *arrow.StringType:
		return String, nil
	case *arrow.BinaryType:
		return Binary, nil
	case *arrow.Date32Type:
		return Date, nil
	case *arrow.TimestampType:
		if t.Unit == arrow.Microsecond && t.TimeZone == "" {
			return TimestampNTZ, nil
		}
		if t.Unit == arrow.Microsecond && t.TimeZone == "UTC" {
			return Timestamp, nil
		}
	case *arrow.StructType:
		return Struct, nil
	case *arrow.MapType:
		return Map, nil
	case *arrow.ListType:
		return List, nil
	}
	return Void, fmt.Errorf("columns of type %s cannot be read from text", t)
}

// Kind is the column's type.
func (c *Column) Kind() Kind { return c.kind }

// Type is the Arrow type.
func (c *Column) Type() arrow.DataType { return c.typ }

// Kids are a struct's fields, a list's element, a map's key and value.
func (c *Column) Kids() []*Column { return c.kids }

// Len is the number of values since Start.
func (c *Column) Len() int { return c.n }

// Nulls is how many of them are NULL.
func (c *Column) Nulls() int { return c.nulls }

// Bytes is how much text the column holds, in bytes: it must stay below 2 GiB.
func (c *Column) Bytes() int { return c.used }

// Scale and Precision are those of a Decimal.
func (c *Column) Scale() int32 { return c.scale }

// Precision is the number of digits that a Decimal may have.
func (c *Column) Precision() int32 { return c.precision }

// End is where the values of the last list or map end among those of the kids.
func (c *Column) End() int { return int(c.ends[c.n]) }

// Value is the text of a String or Binary's value. It is borrowed until the next is appended.
func (c *Column) Value(i int) []byte { return c.bytes[c.ends[i]:c.ends[i+1]] }
