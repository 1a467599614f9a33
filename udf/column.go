package udf

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/schema"
)

// column turns arrays into slices of T and back.
type column[T any] struct {
	field arrow.Field
	// read gives the n values of an array. They may be the array's own memory.
	read  func(values arrow.Array, n int) ([]T, error)
	write func(alloc memory.Allocator, values []T) (arrow.Array, error)
}

// cell is a row of one column.
type cell[T any] struct{ V T }

// columnOf finds how T is stored. Numbers are read in place and written at once; other types go through the codec of rows.
func columnOf[T any]() (column[T], error) {
	s, err := schema.Of[cell[T]]()
	if err != nil {
		return column[T]{}, err
	}
	codec, err := schema.NewCodec[cell[T]](s)
	if err != nil {
		return column[T]{}, err
	}
	c := column[T]{field: s.Field(0)}
	c.read = func(values arrow.Array, n int) ([]T, error) { return decode(codec, c.field, values, n) }
	c.write = func(alloc memory.Allocator, values []T) (arrow.Array, error) { return encode(codec, alloc, values) }
	inPlace(&c)
	return c, nil
}

// decode copies the values of an array.
func decode[T any](codec *schema.Codec[cell[T]], field arrow.Field, values arrow.Array, n int) ([]T, error) {
	field.Type = values.DataType()
	rec := array.NewRecordBatch(arrow.NewSchema([]arrow.Field{field}, nil), []arrow.Array{values}, int64(n))
	defer rec.Release()
	cells, err := codec.Decode(rec, make([]cell[T], 0, n))
	if err != nil {
		return nil, err
	}
	list := make([]T, n)
	for i := range cells {
		list[i] = cells[i].V
	}
	return list, nil
}

func encode[T any](codec *schema.Codec[cell[T]], alloc memory.Allocator, values []T) (arrow.Array, error) {
	cells := make([]cell[T], len(values))
	for i := range values {
		cells[i].V = values[i]
	}
	rec, err := codec.Encode(alloc, cells)
	if err != nil {
		return nil, err
	}
	defer rec.Release()
	written := rec.Column(0)
	written.Retain()
	return written, nil
}

// inPlace has numbers read from the array's memory and written by one copy.
func inPlace[T any](c *column[T]) {
	switch c := any(c).(type) {
	case *column[int8]:
		numbers(c)
	case *column[int16]:
		numbers(c)
	case *column[int32]:
		numbers(c)
	case *column[int64]:
		numbers(c)
	case *column[float32]:
		numbers(c)
	case *column[float64]:
		numbers(c)
	}
}

func numbers[T int8 | int16 | int32 | int64 | float32 | float64](c *column[T]) {
	t := c.field.Type
	c.read = func(values arrow.Array, n int) ([]T, error) { return arrow.GetValues[T](values.Data(), 1)[:n], nil }
	c.write = func(alloc memory.Allocator, values []T) (arrow.Array, error) {
		bytes := arrow.GetBytes(values)
		buf := memory.NewResizableBuffer(alloc)
		defer buf.Release()
		buf.Resize(len(bytes))
		copy(buf.Bytes(), bytes)
		data := array.NewData(t, len(values), []*memory.Buffer{nil, buf}, nil, 0, 0)
		defer data.Release()
		return array.MakeFromData(data), nil
	}
}
