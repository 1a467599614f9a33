package kernel

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
)

// vec is the value of a node: one value a row or, with one, a single value that holds for every row. The scope owns the array, or the batch does.
type vec struct {
	arr arrow.Array
	one bool
}

// mask makes v's positions: i & mask is i, or 0 where there is one value.
func (v vec) mask() int {
	if v.one {
		return 0
	}
	return -1
}

// allNull tells that no row has a value.
func (v vec) allNull() bool { return v.arr.NullN() == v.arr.Len() }

// nulls is the bitmap of present values, which is empty where all are.
func (v vec) nulls() bitmap {
	if v.arr.NullN() == 0 {
		return bitmap{}
	}
	return bitmap{bits: v.arr.NullBitmapBytes(), off: v.arr.Data().Offset()}
}

// isNull tells whether row i is NULL, also for the type VOID.
func (v vec) isNull(i int) bool {
	return v.arr.DataType().ID() == arrow.NULL || v.arr.IsNull(i&v.mask())
}

// values are the values of a fixed-width type.
type values[T any] struct {
	v    []T
	mask int
}

func (a values[T]) at(i int) T { return a.v[i&a.mask] }

// valuesOf reads a fixed-width array as T, which has the width of its type.
func valuesOf[T arrow.FixedWidthType](v vec) values[T] {
	return values[T]{v: arrow.GetValues[T](v.arr.Data(), 1), mask: v.mask()}
}

// booleans are the values of a BOOLEAN array.
type booleans struct {
	bitmap
	mask int
}

func (b booleans) at(i int) bool { return b.get(i & b.mask) }

func booleansOf(v vec) booleans {
	d := v.arr.Data()
	return booleans{bitmap: bitmap{bits: d.Buffers()[1].Bytes(), off: d.Offset()}, mask: v.mask()}
}

// texts are the values of a STRING or BINARY array, plain or by dictionary. Only rows that are not NULL may be read.
type texts struct {
	offsets []int32
	data    []byte
	codes   []int32 // nil: plain
	mask    int
}

func (t texts) at(i int) []byte {
	i &= t.mask
	if t.codes != nil {
		i = int(t.codes[i])
	}
	return t.data[t.offsets[i]:t.offsets[i+1]]
}

// size is about how many bytes the rows have together.
func (t texts) size() int {
	switch {
	case t.codes != nil:
		return 16 * len(t.codes)
	case len(t.offsets) == 0:
		return 0
	}
	return int(t.offsets[len(t.offsets)-1] - t.offsets[0])
}

func textsOf(v vec) texts {
	d := v.arr.Data()
	t := texts{mask: v.mask()}
	if dict, ok := v.arr.(*array.Dictionary); ok {
		t.codes = codesOf(dict)
		d = dict.Dictionary().Data()
	}
	if d.Len() > 0 {
		t.offsets = arrow.GetOffsets[int32](d, 1)
	}
	if b := d.Buffers()[2]; b != nil {
		t.data = b.Bytes()
	}
	return t
}

// codesOf reads the codes of a dictionary; unsigned ones are below 2³¹, since a dictionary has fewer values than that.
func codesOf(d *array.Dictionary) []int32 { return arrow.GetValues[int32](d.Data(), 1) }

// newArray makes an array over buffers and children, which it retains, and hands it over to the scope.
func (s *scope) newArray(t arrow.DataType, n int, valid *memory.Buffer, buffers []*memory.Buffer, children ...arrow.Array) arrow.Array {
	nulls := 0
	if valid != nil {
		nulls = n - bitmap{bits: valid.Bytes()}.count(n)
	}
	if nulls == 0 {
		valid = nil
	}
	child := make([]arrow.ArrayData, len(children))
	for i, c := range children {
		child[i] = c.Data()
	}
	d := array.NewData(t, n, append([]*memory.Buffer{valid}, buffers...), child, nulls, 0)
	defer d.Release()
	a := array.MakeFromData(d)
	s.own(a)
	return a
}

// newDictionary makes a dictionary-encoded array with int32 codes.
func (s *scope) newDictionary(n int, valid, codes *memory.Buffer, values arrow.Array) arrow.Array {
	nulls := 0
	if valid != nil {
		nulls = n - bitmap{bits: valid.Bytes()}.count(n)
	}
	t := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: values.DataType()}
	d := array.NewDataWithDictionary(t, n, []*memory.Buffer{valid, codes}, nulls, 0, values.Data().(*array.Data))
	defer d.Release()
	a := array.NewDictionaryData(d)
	s.own(a)
	return a
}

// nulls is n NULLs of a type.
func (s *scope) nullArray(t arrow.DataType, n int) arrow.Array {
	a := vector.AllNull(s.env.Alloc, t, n)
	s.own(a)
	return a
}

// spread gives v a value for every row of the scope.
func (s *scope) spread(v vec) (arrow.Array, error) {
	if !v.one {
		return v.arr, nil
	}
	switch v.arr.DataType().ID() {
	case arrow.NULL:
		return s.nullArray(v.arr.DataType(), s.n), nil
	case arrow.STRING, arrow.BINARY:
		if v.arr.IsNull(0) {
			return s.nullArray(v.arr.DataType(), s.n), nil
		}
		return s.newDictionary(s.n, nil, s.zeroed(4*s.n), v.arr), nil
	default:
		return s.take(v.arr, make([]int32, s.n))
	}
}

// flat is v as a plain array with a value for every row, for use as a child of a nested array.
func (s *scope) flat(v vec) (arrow.Array, error) {
	if v.one {
		return s.take(v.arr, make([]int32, s.n))
	}
	if d, ok := v.arr.(*array.Dictionary); ok {
		return s.plain(d)
	}
	return v.arr, nil
}

func mismatch(want string, got arrow.DataType) error {
	return fmt.Errorf("kernel: a value of type %s where %s is needed", got, want)
}

// masked is child with the NULLs of parent, of the same length, added to its own.
func (s *scope) masked(child, parent arrow.Array) arrow.Array {
	if child.DataType().ID() == arrow.NULL {
		return child
	}
	n, d := child.Len(), child.Data()
	// Validity keeps the child's own offset, which its other buffers need.
	valid := s.zeroed(bitmapSize(n + d.Offset()))
	own, outer := vec{arr: child}.nulls(), vec{arr: parent}.nulls()
	b, nulls := valid.Bytes(), 0
	for i := range n {
		if !outer.get(i) || !own.all() && !own.get(i) {
			nulls++
			continue
		}
		at := i + d.Offset()
		b[at>>3] |= 1 << (at & 7)
	}
	buffers := append([]*memory.Buffer{valid}, d.Buffers()[1:]...)
	out := array.NewData(child.DataType(), n, buffers, d.Children(), nulls, d.Offset())
	defer out.Release()
	a := array.MakeFromData(out)
	s.own(a)
	return a
}
