package columns

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// AppendNull appends a NULL; of a struct with a NULL in each field.
func (c *Column) AppendNull() {
	if c.n == c.room {
		c.grow()
	}
	c.nulls++
	if c.kind == Void {
		c.n++
		return
	}
	if c.valid == nil {
		c.trackNulls()
	}
	c.valid[c.n>>3] &^= 1 << (c.n & 7)
	c.zero()
	c.n++
}

// zero writes what lies under a NULL, so that no old memory is seen there.
func (c *Column) zero() {
	switch c.kind {
	case Bool:
		c.bits[c.n>>3] &^= 1 << (c.n & 7)
	case Int8:
		c.i8[c.n] = 0
	case Int16:
		c.i16[c.n] = 0
	case Int32, Date:
		c.i32[c.n] = 0
	case Int64, Timestamp, TimestampNTZ:
		c.i64[c.n] = 0
	case Float32:
		c.f32[c.n] = 0
	case Float64:
		c.f64[c.n] = 0
	case Decimal:
		c.dec[c.n] = decimal128.Num{}
	case String, Binary, List, Map:
		c.ends[c.n+1] = c.ends[c.n]
	case Struct:
		for _, k := range c.kids {
			k.AppendNull()
		}
	case Void:
	}
}

// AppendBool appends to a Bool.
func (c *Column) AppendBool(v bool) {
	if c.n == c.room {
		c.grow()
	}
	if bit := byte(1) << (c.n & 7); v {
		c.bits[c.n>>3] |= bit
	} else {
		c.bits[c.n>>3] &^= bit
	}
	c.n++
}

// AppendInt appends to an integer column of any width, or says that the value is out of its range.
func (c *Column) AppendInt(v int64) bool {
	if c.kind == Int64 {
		c.AppendInt64(v)
		return true
	}
	return c.appendNarrow(v)
}

func (c *Column) appendNarrow(v int64) bool {
	if c.n == c.room {
		c.grow()
	}
	switch {
	case c.kind == Int32 && v == int64(int32(v)):
		c.i32[c.n] = int32(v)
	case c.kind == Int16 && v == int64(int16(v)):
		c.i16[c.n] = int16(v)
	case c.kind == Int8 && v == int64(int8(v)):
		c.i8[c.n] = int8(v)
	default:
		return false
	}
	c.n++
	return true
}

// AppendInt64 appends to an Int64, Timestamp or TimestampNTZ (microseconds).
func (c *Column) AppendInt64(v int64) {
	if c.n == c.room {
		c.grow()
	}
	c.i64[c.n] = v
	c.n++
}

// AppendDate appends days since 1970 to a Date.
func (c *Column) AppendDate(days int32) {
	if c.n == c.room {
		c.grow()
	}
	c.i32[c.n] = days
	c.n++
}

// AppendFloat appends to a Float64, or rounded to a Float32, which refuses what rounds to infinity.
func (c *Column) AppendFloat(v float64) bool {
	if c.n == c.room {
		c.grow()
	}
	if c.kind == Float64 {
		c.f64[c.n] = v
	} else {
		f := float32(v)
		if math.IsInf(float64(f), 0) && !math.IsInf(v, 0) {
			return false
		}
		c.f32[c.n] = f
	}
	c.n++
	return true
}

// AppendDecimal appends an unscaled value to a Decimal.
func (c *Column) AppendDecimal(v decimal128.Num) {
	if c.n == c.room {
		c.grow()
	}
	c.dec[c.n] = v
	c.n++
}

// AppendBytes appends to a String, which b must be valid UTF-8 for, or to a Binary.
func (c *Column) AppendBytes(b []byte) {
	if len(c.bytes)-c.used < len(b) {
		c.growText(max(2*len(c.bytes), c.used+len(b)))
	}
	c.EndText(c.used + copy(c.bytes[c.used:], b))
}

// Text is the whole text buffer of a String and how much of it is used. Write behind that, with MoreText where there is no room, then call EndText.
func (c *Column) Text() (buffer []byte, used int) { return c.bytes, c.used }

// MoreText enlarges the text buffer, all its bytes kept.
func (c *Column) MoreText() []byte {
	c.growText(max(2*len(c.bytes), 1024))
	return c.bytes
}

// EndText appends what was written into the text buffer from its used part to end.
func (c *Column) EndText(end int) {
	if c.n == c.room {
		c.grow()
	}
	c.used = end
	c.n++
	c.ends[c.n] = int32(end)
}

// AppendStruct appends a struct whose fields have been appended.
func (c *Column) AppendStruct() {
	if c.n == c.room {
		c.grow()
	}
	c.n++
}

// AppendList appends a list or map that holds all that was appended to its kids since the last.
func (c *Column) AppendList() {
	if c.n == c.room {
		c.grow()
	}
	c.n++
	c.ends[c.n] = int32(c.kids[0].n)
}
