package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// part is a vector that counts for some rows (nil: all).
type part struct {
	rows []int32
	v    vec
}

// each calls f with every row of the part and the position of its value.
func (p part) each(n int, f func(row, at int)) {
	mask := p.v.mask()
	if p.rows == nil {
		for i := range n {
			f(i, i&mask)
		}
		return
	}
	for _, i := range p.rows {
		f(int(i), int(i)&mask)
	}
}

// combiner makes one vector of n rows out of parts.
type combiner struct {
	*scope
	n     int
	typ   arrow.DataType
	parts []part
}

// combine makes one vector out of parts with disjoint rows. Rows that no part has are not specified.
func (s *scope) combine(t arrow.DataType, n int, parts []part) (vec, error) {
	if len(parts) == 1 {
		return parts[0].v, nil
	}
	c := &combiner{scope: s, n: n, typ: t, parts: parts}
	valid := c.validity()
	switch t.ID() {
	case arrow.NULL:
		return vec{arr: s.nullArray(c.typ, 1), one: true}, nil
	case arrow.BOOL:
		return c.bits(valid), nil
	case arrow.STRING, arrow.BINARY:
		return c.texts(valid)
	case arrow.LIST, arrow.MAP, arrow.STRUCT, arrow.EXTENSION:
		return c.nested()
	}
	switch t.(arrow.FixedWidthDataType).Bytes() {
	case 1:
		return combineFixed[uint8](c, valid), nil
	case 2:
		return combineFixed[uint16](c, valid), nil
	case 4:
		return combineFixed[uint32](c, valid), nil
	case 8:
		return combineFixed[uint64](c, valid), nil
	default:
		return combineFixed[decimal128.Num](c, valid), nil
	}
}

// validity is nil where no part has a NULL.
func (c *combiner) validity() *memory.Buffer {
	var valid *memory.Buffer
	for _, p := range c.parts {
		if p.v.arr.NullN() == 0 {
			continue
		}
		if valid == nil {
			valid = c.buffer(bitmapSize(c.n))
			memory.Set(valid.Bytes(), 0xff)
		}
		b := valid.Bytes()
		p.each(c.n, func(row, at int) {
			if p.v.arr.IsNull(at) {
				b[row>>3] &^= 1 << (row & 7)
			}
		})
	}
	return valid
}

func combineFixed[T arrow.FixedWidthType](c *combiner, valid *memory.Buffer) vec {
	var zero T
	buf := c.buffer(c.n * len(arrow.GetBytes([]T{zero})))
	out := arrow.GetData[T](buf.Bytes())
	for _, p := range c.parts {
		if p.v.allNull() {
			continue
		}
		in := valuesOf[T](p.v)
		if p.rows == nil {
			for i := range out {
				out[i] = in.at(i)
			}
			continue
		}
		for _, i := range p.rows {
			out[i] = in.at(int(i))
		}
	}
	return vec{arr: c.newArray(c.typ, c.n, valid, []*memory.Buffer{buf})}
}

func (c *combiner) bits(valid *memory.Buffer) vec {
	buf := c.zeroed(bitmapSize(c.n))
	out := buf.Bytes()
	for _, p := range c.parts {
		if p.v.allNull() {
			continue
		}
		in := booleansOf(p.v)
		p.each(c.n, func(row, at int) {
			if in.get(at) {
				out[row>>3] |= 1 << (row & 7)
			}
		})
	}
	return vec{arr: c.newArray(c.typ, c.n, valid, []*memory.Buffer{buf})}
}

// texts makes a dictionary where every part is a constant, else plain text.
func (c *combiner) texts(valid *memory.Buffer) (vec, error) {
	constants := true
	for _, p := range c.parts {
		constants = constants && (p.v.one || p.v.allNull())
	}
	if constants {
		return c.constants(valid)
	}
	which := make([]uint32, c.n) // the part of each row, from 1
	for k, p := range c.parts {
		p.each(c.n, func(row, _ int) { which[row] = uint32(k) + 1 })
	}
	in := make([]texts, len(c.parts))
	for k, p := range c.parts {
		if !p.v.allNull() {
			in[k] = textsOf(p.v)
		}
	}
	k := &frame{scope: c.scope, call: &call{name: "CASE", typ: c.typ}, n: c.n, valid: validity{buf: valid}}
	return k.texted(0, func(dst []byte, i int) []byte {
		if which[i] == 0 {
			return dst
		}
		return append(dst, in[which[i]-1].at(i)...)
	})
}

func (c *combiner) constants(valid *memory.Buffer) (vec, error) {
	codes := c.zeroed(4 * c.n)
	out := arrow.GetData[int32](codes.Bytes())
	var values []string
	seen := map[string]int32{}
	for _, p := range c.parts {
		if p.v.allNull() {
			continue
		}
		text := string(textsOf(p.v).at(0))
		code, ok := seen[text]
		if !ok {
			code = int32(len(values))
			seen[text], values = code, append(values, text)
		}
		p.each(c.n, func(row, _ int) { out[row] = code })
	}
	if len(values) == 0 {
		return vec{arr: c.nullArray(c.typ, c.n)}, nil
	}
	return vec{arr: c.newDictionary(c.n, valid, codes, c.newTexts(c.typ, values))}, nil
}

// newTexts is a plain array of the values.
func (s *scope) newTexts(t arrow.DataType, values []string) arrow.Array {
	b := array.NewBuilder(s.env.Alloc, t)
	defer b.Release()
	for _, v := range values {
		switch b := b.(type) {
		case *array.StringBuilder:
			b.Append(v)
		case *array.BinaryBuilder:
			b.AppendString(v)
		}
	}
	a := b.NewArray()
	s.own(a)
	return a
}

// nested gathers from the parts laid end to end.
func (c *combiner) nested() (vec, error) {
	index := make([]int32, c.n)
	arrays := make([]arrow.Array, len(c.parts))
	base := int32(0)
	for k, p := range c.parts {
		arrays[k] = p.v.arr
		p.each(c.n, func(row, at int) { index[row] = base + int32(at) })
		base += int32(p.v.arr.Len())
	}
	all, err := c.concat(arrays)
	if err != nil {
		return vec{}, err
	}
	out, err := c.take(all, index)
	return vec{arr: out}, err
}
