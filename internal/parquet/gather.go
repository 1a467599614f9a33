package parquet

import (
	"fmt"
	"math/bits"
)

// gather gives the present fixed-width values of a stretch in Parquet's PLAIN layout, booleans as one byte each. The result is valid until the next call, and
// may be a part of the Arrow buffer itself.
func (c *column) gather(s stretch) ([]byte, error) {
	d := s.arr.Data()
	if s.n == 0 {
		return nil, nil
	}
	b, off := d.Buffers()[1].Bytes(), d.Offset()
	switch c.leaf.kind {
	case kindBool:
		return c.gatherBits(b, off, s), nil
	case kindInt8:
		return widen(c, viewOf[int8](b)[off:], s), nil
	case kindInt16:
		return widen(c, viewOf[int16](b)[off:], s), nil
	case kindInt32, kindFloat:
		return pick(c, viewOf[uint32](b)[off:], s), nil
	case kindInt64, kindDouble:
		return pick(c, viewOf[uint64](b)[off:], s), nil
	case kindDecimal32, kindDecimal64:
		return c.narrow(viewOf[[2]uint64](b)[off:], s)
	case kindDecimal:
		return c.bigEndian(viewOf[[2]uint64](b)[off:], s), nil
	case kindNull, kindBytes:
	}
	return nil, nil
}

// room gives n bytes of scratch, aligned for any value.
func (c *column) room(n int) []byte {
	c.scratch.vals = sized(c.scratch.vals, n)
	return c.scratch.vals
}

// pick copies the values at the stretch's positions; a contiguous stretch needs no copy.
func pick[T uint32 | uint64](c *column, src []T, s stretch) []byte {
	if s.pos == nil {
		return bytesOf(src[s.from : s.from+s.n])
	}
	var z [1]T
	out := c.room(s.n * len(bytesOf(z[:])))
	dst := viewOf[T](out)
	for i, p := range s.pos[:len(dst)] {
		dst[i] = src[p]
	}
	return out
}

// widen turns narrow integers into INT32.
func widen[T int8 | int16](c *column, src []T, s stretch) []byte {
	out := c.room(4 * s.n)
	dst := viewOf[int32](out)
	if s.pos == nil {
		for i, v := range src[s.from : s.from+s.n] {
			dst[i] = int32(v)
		}
		return out
	}
	for i, p := range s.pos {
		dst[i] = int32(src[p])
	}
	return out
}

func (c *column) gatherBits(b []byte, off int, s stretch) []byte {
	out := c.room(s.n)
	if s.pos == nil {
		for i := range out {
			out[i] = bit(b, off+s.from+i)
		}
		return out
	}
	for i, p := range s.pos {
		out[i] = bit(b, off+int(p))
	}
	return out
}

// narrow turns decimals into INT64 or INT32; a value that the precision does not hold is an error.
func (c *column) narrow(src [][2]uint64, s stretch) ([]byte, error) {
	out := c.room(8 * s.n)
	dst := viewOf[int64](out)
	over := uint64(0)
	for i := range dst {
		p := s.from + i
		if s.pos != nil {
			p = int(s.pos[i])
		}
		v := src[p]
		dst[i] = int64(v[0])
		over |= v[1] ^ uint64(int64(v[0])>>63)
	}
	if c.leaf.kind == kindDecimal32 {
		short := viewOf[int32](out)
		for i, v := range dst { // in place: what is written lies at or before what is still to be read
			over |= uint64(v ^ int64(int32(v)))
			short[i] = int32(v)
		}
		out = out[:4*s.n]
	}
	if over != 0 {
		return nil, fmt.Errorf("parquet: column %s: a value is too large for %s", c.leaf.name(), c.leaf.typ)
	}
	return out, nil
}

// bigEndian turns decimals into 16 bytes, most significant first.
func (c *column) bigEndian(src [][2]uint64, s stretch) []byte {
	out := c.room(16 * s.n)
	dst := viewOf[[2]uint64](out)
	for i := range dst {
		p := s.from + i
		if s.pos != nil {
			p = int(s.pos[i])
		}
		dst[i] = [2]uint64{bits.ReverseBytes64(src[p][1]), bits.ReverseBytes64(src[p][0])}
	}
	return out
}
