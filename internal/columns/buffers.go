package columns

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// minRoom is the least number of values that buffers are made for.
const minRoom = 8

// Start begins an array for which about this many rows are expected. What was not finished is dropped.
func (c *Column) Start(rows int) {
	c.Release()
	c.reserve(max(rows, minRoom))
	switch c.kind {
	case String, Binary:
		c.ends[0] = 0
		c.growText(max(c.expected(rows, c.chars), minRoom))
	case Struct:
		for _, k := range c.kids {
			k.Start(rows)
		}
	case List, Map:
		c.ends[0] = 0
		for _, k := range c.kids {
			k.Start(c.expected(rows, c.elements))
		}
	default: // fixed width: the values are where Start put them
	}
}

// expected is how many bytes or elements this many rows take, by what the last array took, or 8 and 1 a row.
func (c *Column) expected(rows, last int) int {
	if c.rows == 0 {
		if c.kind == List || c.kind == Map {
			return rows
		}
		return 8 * rows
	}
	return int(float64(last) * 1.1 * float64(rows) / float64(c.rows))
}

// Release drops the values and the buffers.
func (c *Column) Release() {
	for _, b := range []**memory.Buffer{&c.validity, &c.values, &c.offsets, &c.text} {
		if *b != nil {
			(*b).Release()
			*b = nil
		}
	}
	c.forget()
	for _, k := range c.kids {
		k.Release()
	}
}

func (c *Column) forget() {
	c.n, c.nulls, c.room, c.used = 0, 0, 0, 0
	c.valid, c.bits, c.i8, c.i16, c.i32, c.i64, c.f32, c.f64, c.dec, c.ends, c.bytes = nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil
}

// grow doubles the room. It is kept out of the appends so that they are inlined.
//
//go:noinline
func (c *Column) grow() { c.reserve(max(2*c.room, minRoom)) }

func (c *Column) reserve(room int) {
	switch c.kind {
	case Bool:
		c.bits = c.enlarge(&c.values, (room+7)/8)
	case Int8:
		c.i8 = arrow.Int8Traits.CastFromBytes(c.enlarge(&c.values, room))
	case Int16:
		c.i16 = arrow.Int16Traits.CastFromBytes(c.enlarge(&c.values, 2*room))
	case Int32, Date:
		c.i32 = arrow.Int32Traits.CastFromBytes(c.enlarge(&c.values, 4*room))
	case Int64, Timestamp, TimestampNTZ:
		c.i64 = arrow.Int64Traits.CastFromBytes(c.enlarge(&c.values, 8*room))
	case Float32:
		c.f32 = arrow.Float32Traits.CastFromBytes(c.enlarge(&c.values, 4*room))
	case Float64:
		c.f64 = arrow.Float64Traits.CastFromBytes(c.enlarge(&c.values, 8*room))
	case Decimal:
		c.dec = arrow.Decimal128Traits.CastFromBytes(c.enlarge(&c.values, arrow.Decimal128SizeBytes*room))
	case String, Binary, List, Map:
		c.ends = arrow.Int32Traits.CastFromBytes(c.enlarge(&c.offsets, 4*(room+1)))
	case Void, Struct:
	}
	c.room = room
	if c.valid != nil {
		c.trackNulls()
	}
}

// enlarge gives the buffer at least this size, its bytes kept; what is new in it is not zeroed.
func (c *Column) enlarge(b **memory.Buffer, size int) []byte {
	if *b == nil {
		*b = memory.NewResizableBuffer(c.alloc)
	}
	(*b).Reserve(size)
	return (*b).Buf()
}

// trackNulls makes the bitmap, or enlarges it: values are valid unless AppendNull says otherwise, so that only NULLs touch it.
func (c *Column) trackNulls() {
	old := len(c.valid)
	c.valid = c.enlarge(&c.validity, (c.room+7)/8)
	for i := old; i < len(c.valid); i++ {
		c.valid[i] = 0xff
	}
}

// growText makes room for size bytes of text.
func (c *Column) growText(size int) { c.bytes = c.enlarge(&c.text, size) }

// Truncate drops the values from the n-th on, and parts of an (n+1)-th that were begun.
func (c *Column) Truncate(n int) {
	for i := n; c.valid != nil && i < c.n; i++ {
		if bit := byte(1) << (i & 7); c.valid[i>>3]&bit == 0 {
			c.valid[i>>3] |= bit
			c.nulls--
		}
	}
	if c.kind == Void {
		c.nulls = n
	}
	c.n = n
	switch c.kind {
	case String, Binary:
		c.used = int(c.ends[n])
	case Struct:
		for _, k := range c.kids {
			k.Truncate(n)
		}
	case List, Map:
		for _, k := range c.kids {
			k.Truncate(int(c.ends[n]))
		}
	default: // fixed width: n alone says how many there are
	}
}

// Finish hands the values out as an array's data, and keeps nothing of them. Call Start before the next value.
func (c *Column) Finish() arrow.ArrayData {
	buffers := [3]*memory.Buffer{c.bitmap()}
	used := 1
	var kids []arrow.ArrayData
	switch c.kind {
	case Void:
	case Struct:
		kids = c.finishKids()
	case List:
		buffers[1], used = sized(c.offsets, 4*(c.n+1)), 2
		c.elements = c.kids[0].n
		kids = c.finishKids()
	case Map:
		buffers[1], used = sized(c.offsets, 4*(c.n+1)), 2
		c.elements = c.kids[0].n
		pairs := c.finishKids()
		kids = []arrow.ArrayData{array.NewData(c.typ.(*arrow.MapType).Elem(), c.elements, []*memory.Buffer{nil}, pairs, 0, 0)}
		releaseAll(pairs)
	case String, Binary:
		buffers[1], buffers[2], used = sized(c.offsets, 4*(c.n+1)), sized(c.text, c.used), 3
		c.chars = c.used
	default:
		buffers[1], used = sized(c.values, c.width(c.n)), 2
	}
	data := array.NewData(c.typ, c.n, buffers[:used], kids, c.nulls, 0)
	releaseAll(kids)
	c.rows = c.n
	c.Release()
	return data
}

func (c *Column) finishKids() []arrow.ArrayData {
	kids := make([]arrow.ArrayData, len(c.kids))
	for i, k := range c.kids {
		kids[i] = k.Finish()
	}
	return kids
}

func releaseAll(data []arrow.ArrayData) {
	for _, d := range data {
		d.Release()
	}
}

// bitmap is the validity buffer with its unused bits cleared, nil if all values are valid.
func (c *Column) bitmap() *memory.Buffer {
	if c.nulls == 0 || c.kind == Void {
		return nil
	}
	if rest := c.n & 7; rest != 0 {
		c.valid[c.n>>3] &= 1<<rest - 1
	}
	return sized(c.validity, (c.n+7)/8)
}

func sized(b *memory.Buffer, n int) *memory.Buffer {
	b.ResizeNoShrink(n)
	return b
}

// width is how many bytes n values of fixed width take.
func (c *Column) width(n int) int {
	if c.kind == Bool {
		return (n + 7) / 8
	}
	return n * c.typ.(arrow.FixedWidthDataType).Bytes()
}
