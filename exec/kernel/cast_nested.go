package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
)

// retyped is the same memory under the call's type.
func retyped(k *frame, args []vec) (vec, error) {
	if _, ok := args[0].arr.(*array.Dictionary); ok {
		return retypedDictionary(k, args[0])
	}
	d := args[0].arr.Data()
	out := array.NewData(k.call.typ, d.Len(), d.Buffers(), d.Children(), d.NullN(), d.Offset())
	defer out.Release()
	a := array.MakeFromData(out)
	k.own(a)
	return vec{arr: a, one: args[0].one}, nil
}

func retypedDictionary(k *frame, v vec) (vec, error) {
	d := v.arr.(*array.Dictionary)
	values := d.Dictionary().Data()
	typed := array.NewData(k.call.typ, values.Len(), values.Buffers(), nil, values.NullN(), values.Offset())
	defer typed.Release()
	t := &arrow.DictionaryType{IndexType: d.DataType().(*arrow.DictionaryType).IndexType, ValueType: k.call.typ}
	data := array.NewDataWithDictionary(t, d.Len(), d.Data().Buffers(), d.NullN(), d.Data().Offset(), typed)
	defer data.Release()
	a := array.NewDictionaryData(data)
	k.own(a)
	return vec{arr: a, one: v.one}, nil
}

// castNested converts arrays, maps and structs part by part.
func castNested(c conversion) (kernel, error) {
	parts, err := c.children()
	if err != nil {
		return kernel{}, err
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		in := args[0].arr
		d := in.Data()
		children := make([]arrow.Array, len(parts))
		for i, part := range parts {
			child, rows := childOf(k, in, i)
			out, err := part.apply(k.scope, child, rows)
			if err != nil {
				return vec{}, err
			}
			children[i] = out
		}
		if c.to.ID() == arrow.MAP && children[0].NullN() > 0 {
			return vec{}, nullKey(c.pos)
		}
		return vec{arr: nestedArray(k.scope, k.call.typ, d, children), one: args[0].one}, nil
	}}, nil
}

// element converts one child of a nested type; call is nil where there is nothing to do.
type element struct{ call *call }

// apply converts the child's elements that rows gives.
func (e element) apply(s *scope, child arrow.Array, rows func() []int32) (arrow.Array, error) {
	if e.call == nil {
		return child, nil
	}
	sel := rows()
	if child.Len() == 0 || len(sel) == 0 {
		return s.blanks(e.call.typ, child.Len()), nil
	}
	inner := s.inner(nil, child.Len())
	v, err := e.call.apply(inner, []vec{{arr: child}}, sel, false)
	if err == nil {
		var out arrow.Array
		if out, err = inner.flat(v); err == nil {
			out.Retain()
			s.own(out)
			inner.release()
			return out, nil
		}
	}
	inner.release()
	return nil, err
}

// blanks is n empty values that are not NULL: a map's keys may not be, even where no row is computed.
func (s *scope) blanks(t arrow.DataType, n int) arrow.Array {
	b := vector.NewBuilder(s.env.Alloc, t)
	defer b.Release()
	b.AppendEmptyValues(n)
	a := vector.Built(b, t)
	s.own(a)
	return a
}

// children are the conversions of the parts: one of an array, two of a map, one per field of a struct, by position.
func (c conversion) children() ([]element, error) {
	from, to := partTypes(c.from), partTypes(c.to)
	if c.from.ID() != c.to.ID() || len(from) != len(to) {
		_, err := c.unsupported()
		return nil, err
	}
	out := make([]element, len(from))
	for i := range from {
		if arrow.TypeEqual(from[i], to[i]) {
			continue
		}
		inner := conversion{pos: c.pos, from: from[i], to: to[i], try: c.try}
		k, err := inner.kernel()
		if err != nil {
			return nil, err
		}
		out[i].call = &call{pos: c.pos, name: "CAST", typ: to[i], kernel: k}
	}
	return out, nil
}

func partTypes(t arrow.DataType) []arrow.DataType {
	switch t := t.(type) {
	case *arrow.ListType:
		return []arrow.DataType{t.Elem()}
	case *arrow.MapType:
		return []arrow.DataType{t.KeyType(), t.ItemType()}
	case *arrow.StructType:
		types := make([]arrow.DataType, t.NumFields())
		for i, f := range t.Fields() {
			types[i] = f.Type
		}
		return types
	}
	return nil
}

// childOf is part i of a nested array, and which of its rows belong to rows to compute.
func childOf(k *frame, in arrow.Array, i int) (child arrow.Array, rows func() []int32) {
	switch a := in.(type) {
	case *array.List:
		return a.ListValues(), func() []int32 { return elementRows(a, selected(k)) }
	case *array.Map:
		child = a.Items()
		if i == 0 {
			child = a.Keys()
		}
		return child, func() []int32 { return elementRows(a, selected(k)) }
	default:
		return in.(*array.Struct).Field(i), func() []int32 { return selected(k) }
	}
}

// selected lists the rows to compute.
func selected(k *frame) []int32 {
	rows := make([]int32, 0, count(k.n, k.sel))
	for i := range k.rows() {
		rows = append(rows, int32(i))
	}
	return rows
}

// elementRows lists the elements of the rows.
func elementRows(a array.ListLike, rows []int32) []int32 {
	var out []int32
	for _, i := range rows {
		start, end := a.ValueOffsets(int(i))
		for j := start; j < end; j++ {
			out = append(out, int32(j))
		}
	}
	return out
}

// nestedArray is d with other children, which are as long as the old ones.
func nestedArray(s *scope, t arrow.DataType, d arrow.ArrayData, children []arrow.Array) arrow.Array {
	data := make([]arrow.ArrayData, len(children))
	offset := d.Offset()
	var buffers []*memory.Buffer
	switch t.ID() {
	case arrow.STRUCT: // the fields were read without the struct's offset
		for i, c := range children {
			data[i] = c.Data()
		}
		offset, buffers = 0, []*memory.Buffer{unshifted(s, d)}
	case arrow.MAP:
		entries := array.NewData(t.(*arrow.MapType).Elem(), children[0].Len(), []*memory.Buffer{nil},
			[]arrow.ArrayData{children[0].Data(), children[1].Data()}, 0, 0)
		defer entries.Release()
		data, buffers = []arrow.ArrayData{entries}, d.Buffers()
	default:
		data[0], buffers = children[0].Data(), d.Buffers()
	}
	out := array.NewData(t, d.Len(), buffers, data, d.NullN(), offset)
	defer out.Release()
	a := array.MakeFromData(out)
	s.own(a)
	return a
}

// unshifted is the validity of d from bit 0 on.
func unshifted(s *scope, d arrow.ArrayData) *memory.Buffer {
	valid := d.Buffers()[0]
	if valid == nil || d.Offset() == 0 {
		return valid
	}
	out := s.buffer(bitmapSize(d.Len()))
	m := bitmap{bits: valid.Bytes(), off: d.Offset()}
	for i := 0; i < d.Len(); i += 64 {
		store(out.Bytes(), i, m.word(i, d.Len()))
	}
	return out
}
