package kernel

import (
	"fmt"
	"maps"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// collections are the functions that take arrays, maps and structs apart and make them.
func collections() map[string]builder {
	all := map[string]builder{
		"size": size, "element_at": elementAt, "[]": subscript, "get": subscript,
		"array": makeArray, "named_struct": makeStruct, "map": makeMap, "map_keys": mapPart(0), "map_values": mapPart(1),
		"array_contains": arrayContains, "array_join": arrayJoin, "array_distinct": arrayDistinct,
		"try_element_at": elementAt, "sequence": sequence, "array_max": arrayExtreme(1), "array_min": arrayExtreme(-1), "sort_array": sortArray, "slice": slice, "flatten": flatten,
	}
	for _, family := range []map[string]builder{arraySets(), arrayEdits(), mapFunctions()} {
		maps.Copy(all, family)
	}
	return all
}

// spans are where the rows of an ARRAY or MAP have their elements.
type spans struct {
	offsets []int32
	mask    int
}

func spansOf(v vec) spans {
	return spans{offsets: arrow.GetOffsets[int32](v.arr.Data(), 1), mask: v.mask()}
}

func (s spans) at(i int) (start, end int32) {
	i &= s.mask
	return s.offsets[i], s.offsets[i+1]
}

func (s spans) len(i int) int32 {
	start, end := s.at(i)
	return end - start
}

// elementsOf are the elements of an ARRAY, of all rows.
func elementsOf(v vec) arrow.Array { return v.arr.(*array.List).ListValues() }

func size(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) { return mapped(k, spansOf(args[0]).len), nil }}, nil
}

// picked is a result that is one element per row: f gives its position in elements, negative for NULL.
func (k *frame) picked(elements arrow.Array, f func(i int) (int32, error)) (vec, error) {
	index := make([]int32, k.n)
	for i := range index {
		index[i] = -1
	}
	for i := range k.rows() {
		at, err := f(i)
		if err != nil {
			return vec{}, err
		}
		index[i] = at
	}
	out, err := k.take(elements, index)
	return vec{arr: out}, err
}

// subscript is a[i], which counts from 0 and fails outside of the array, and get, which is NULL there; or a map's value by key.
func subscript(c *site) (kernel, error) {
	if c.args[0].ID() == arrow.MAP {
		return valueByKey(c)
	}
	null := c.name == "get"
	return kernel{unsafe: !null, run: func(k *frame, args []vec) (vec, error) {
		s, at := spansOf(args[0]), valuesOf[int32](args[1])
		return k.picked(elementsOf(args[0]), func(i int) (int32, error) {
			start, end := s.at(i)
			switch n := at.at(i); {
			case n >= 0 && n < end-start:
				return start + n, nil
			case null:
				return -1, nil
			default:
				return 0, fault(c.pos, "INVALID_ARRAY_INDEX", "22003", "use get() to get NULL instead",
					"the index %d is out of bounds: the array has %d elements", n, end-start)
			}
		})
	}}, nil
}

// elementAt counts from 1, or from the end for negative positions. try_element_at is NULL outside of the array.
func elementAt(c *site) (kernel, error) {
	if c.args[0].ID() == arrow.MAP {
		return valueByKey(c)
	}
	try := c.name == "try_element_at"
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		s, at := spansOf(args[0]), valuesOf[int32](args[1])
		return k.picked(elementsOf(args[0]), func(i int) (int32, error) {
			start, end := s.at(i)
			switch n := at.at(i); {
			case n > 0 && n <= end-start:
				return start + n - 1, nil
			case n < 0 && -n <= end-start && -n > 0:
				return end + n, nil
			case n == 0:
				return 0, fault(c.pos, "INVALID_INDEX_OF_ZERO", "22003", "the first element is 1, the last -1", "the index 0 is invalid")
			case try:
				return -1, nil
			default:
				return 0, fault(c.pos, "INVALID_ARRAY_INDEX_IN_ELEMENT_AT", "22003", "use get() to get NULL instead",
					"the index %d is out of bounds: the array has %d elements", n, end-start)
			}
		})
	}}, nil
}

// valueByKey is NULL where the map has no such key.
func valueByKey(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		m := args[0].arr.(*array.Map)
		s, mask := spansOf(args[0]), args[1].mask()
		same := orderingOf(m.Keys(), args[1].arr)
		return k.picked(m.Items(), func(i int) (int32, error) {
			start, end := s.at(i)
			for j := start; j < end; j++ {
				if same(int(j), i&mask) == 0 {
					return j, nil
				}
			}
			return -1, nil
		})
	}}, nil
}

// mapPart is the keys or the values of a map as an array, in the same memory.
func mapPart(part int) builder {
	return func(c *site) (kernel, error) {
		if c.args[0].ID() != arrow.MAP {
			return c.unsupported()
		}
		return kernel{run: func(k *frame, args []vec) (vec, error) {
			m := args[0].arr.(*array.Map)
			child := m.Keys()
			if part == 1 {
				child = m.Items()
			}
			d := m.Data()
			out := array.NewData(k.call.typ, d.Len(), d.Buffers(), []arrow.ArrayData{child.Data()}, d.NullN(), d.Offset())
			defer out.Release()
			a := array.MakeFromData(out)
			k.own(a)
			return vec{arr: a, one: args[0].one}, nil
		}}, nil
	}
}

// flatten lays the inner arrays end to end; a NULL among them makes the row NULL.
func flatten(c *site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		outer := spansOf(args[0])
		inner, ok := elementsOf(args[0]).(*array.List)
		if !ok {
			return vec{}, fmt.Errorf("kernel: flatten of %s", c.args[0])
		}
		if inner.Len() == 0 {
			return k.gathered(inner.ListValues(), func(int, func(int32)) {})
		}
		parts := spansOf(vec{arr: inner})
		for i := range k.rows() {
			for start, end := outer.at(i); start < end; start++ {
				if inner.IsNull(int(start)) {
					k.setNull(i)
					break
				}
			}
		}
		return k.gathered(inner.ListValues(), func(i int, add func(int32)) {
			for start, end := outer.at(i); start < end; start++ {
				for j, stop := parts.at(int(start)); j < stop; j++ {
					add(j)
				}
			}
		})
	}}, nil
}

// gathered makes an ARRAY whose elements are positions in an array, which f adds row by row.
func (k *frame) gathered(elements arrow.Array, f func(i int, add func(int32))) (vec, error) {
	l := k.newList()
	var index []int32
	add := func(at int32) { index = append(index, at) }
	for i := range k.rows() {
		l.row(i, len(index))
		f(i, add)
	}
	out, err := k.take(elements, index)
	if err != nil {
		return vec{}, err
	}
	return l.done(out)
}
