package vector

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Size is the bytes of memory that arr's rows take, children included. A slice counts what it shows, not the whole of the buffers that it shares; a
// dictionary counts its indices and all its values.
func Size(arr arrow.Array) int64 {
	n := int64(arr.Len())
	if d, ok := arr.(*array.Dictionary); ok {
		return Size(d.Indices()) + Size(d.Dictionary())
	}
	size := int64(0)
	if !NullsOf(arr).None() {
		size = (n + 7) / 8
	}
	switch l := layoutOf(arr.DataType()); l {
	case bit:
		size += (n + 7) / 8
	case fixed1, fixed2, fixed4, fixed8, fixed16:
		size += n * int64(l.width())
	case varying:
		o := offsets(arr)
		size += 4*(n+1) + int64(o[len(o)-1]-o[0])
	case lists:
		size += 4*(n+1) + listSize(arr)
	case structs:
		s := fieldsOf(arr)
		for i := range s.NumField() {
			size += Size(s.Field(i))
		}
	default: // a VOID column has no buffers
	}
	return size
}

// SizeAll is the sum over columns.
func SizeAll(cols []arrow.Array) int64 {
	size := int64(0)
	for _, c := range cols {
		size += Size(c)
	}
	return size
}

// listSize is the size of the elements that a list array shows.
func listSize(arr arrow.Array) int64 {
	o, child := offsets(arr), elements(arr)
	from, to := int64(o[0]), int64(o[len(o)-1])
	if from == 0 && int(to) == child.Len() {
		return Size(child)
	}
	s := array.NewSlice(child, from, to)
	defer s.Release()
	return Size(s)
}

// Sizer measures batches that are kept side by side: a dictionary that a column shares with the batch before is counted once.
type Sizer struct{ last []identity }

// identity tells dictionaries apart without holding on to them.
type identity struct {
	content *memory.Buffer
	offset  int
	n       int
}

func identityOf(d *array.Dictionary) identity {
	v := d.Data().Dictionary()
	return identity{v.Buffers()[len(v.Buffers())-1], v.Offset(), v.Len()}
}

// Size is what the batch's columns take besides what is already counted.
func (s *Sizer) Size(cols []arrow.Array) int64 {
	if len(s.last) != len(cols) {
		s.last = make([]identity, len(cols))
	}
	size := int64(0)
	for i, c := range cols {
		d, ok := c.(*array.Dictionary)
		if !ok {
			size += Size(c)
			continue
		}
		size += Size(d.Indices())
		if id := identityOf(d); s.last[i] != id {
			size += Size(d.Dictionary())
			s.last[i] = id
		}
	}
	return size
}
