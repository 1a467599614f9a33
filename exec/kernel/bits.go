package kernel

import (
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
)

// bitwise are the operators and functions that see whole numbers as bits.
func bitwise() map[string]builder {
	return map[string]builder{
		"&": bitAnd, "|": bitOr, "^": bitXor, "~": bitNot,
		"shiftleft": shifted(
			func(x int32, n int32) int32 { return x << (n & 31) },
			func(x int64, n int32) int64 { return x << (n & 63) }),
		"shiftright": shifted(
			func(x int32, n int32) int32 { return x >> (n & 31) },
			func(x int64, n int32) int64 { return x >> (n & 63) }),
		"shiftrightunsigned": shifted(
			func(x int32, n int32) int32 { return int32(uint32(x) >> (n & 31)) },
			func(x int64, n int32) int64 { return int64(uint64(x) >> (n & 63)) }),
		"bit_count": bitCount, "bit_get": bitGet,
		"bitmap_bit_position": longFunction(bitmapPosition), "bitmap_bucket_number": longFunction(bitmapBucket), "bitmap_count": bitmapCount,
	}
}

// whole maps two integers of one type to a third.
func whole[T signed](f func(x, y T) T) kernel {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		buf, _ := paired(k, args, func(out, a, b []T) {
			for i, x := range a[:len(out)] {
				out[i] = f(x, b[i])
			}
		})
		return k.fixed(buf), nil
	}}
}

func bitAnd(c *site) (kernel, error) {
	switch c.typ.ID() {
	case arrow.INT8:
		return whole(func(x, y int8) int8 { return x & y }), nil
	case arrow.INT16:
		return whole(func(x, y int16) int16 { return x & y }), nil
	case arrow.INT32:
		return whole(func(x, y int32) int32 { return x & y }), nil
	case arrow.INT64:
		return whole(func(x, y int64) int64 { return x & y }), nil
	}
	return c.unsupported()
}

func bitOr(c *site) (kernel, error) {
	switch c.typ.ID() {
	case arrow.INT8:
		return whole(func(x, y int8) int8 { return x | y }), nil
	case arrow.INT16:
		return whole(func(x, y int16) int16 { return x | y }), nil
	case arrow.INT32:
		return whole(func(x, y int32) int32 { return x | y }), nil
	case arrow.INT64:
		return whole(func(x, y int64) int64 { return x | y }), nil
	}
	return c.unsupported()
}

func bitXor(c *site) (kernel, error) {
	switch c.typ.ID() {
	case arrow.INT8:
		return whole(func(x, y int8) int8 { return x ^ y }), nil
	case arrow.INT16:
		return whole(func(x, y int16) int16 { return x ^ y }), nil
	case arrow.INT32:
		return whole(func(x, y int32) int32 { return x ^ y }), nil
	case arrow.INT64:
		return whole(func(x, y int64) int64 { return x ^ y }), nil
	}
	return c.unsupported()
}

func bitNot(c *site) (kernel, error) {
	switch c.typ.ID() {
	case arrow.INT8:
		return unary(func(x int8) int8 { return ^x }), nil
	case arrow.INT16:
		return unary(func(x int16) int16 { return ^x }), nil
	case arrow.INT32:
		return unary(func(x int32) int32 { return ^x }), nil
	case arrow.INT64:
		return unary(func(x int64) int64 { return ^x }), nil
	}
	return c.unsupported()
}

// shifted takes an INT or BIGINT and by how many bits it is moved.
func shifted(narrow func(x, n int32) int32, wide func(x int64, n int32) int64) builder {
	return func(c *site) (kernel, error) {
		switch c.typ.ID() {
		case arrow.INT32:
			return whole(narrow), nil
		case arrow.INT64:
			return kernel{run: func(k *frame, args []vec) (vec, error) {
				buf, _ := paired(k, args, func(out, a []int64, b []int32) {
					for i, x := range a[:len(out)] {
						out[i] = wide(x, b[i])
					}
				})
				return k.fixed(buf), nil
			}}, nil
		}
		return c.unsupported()
	}
}

// bitCount widens to 64 bits first, so that a negative number of any type has the ones of its sign.
func bitCount(c *site) (kernel, error) {
	switch c.args[0].ID() {
	case arrow.BOOL:
		return kernel{run: func(k *frame, args []vec) (vec, error) {
			a := booleansOf(args[0])
			return mapped(k, func(i int) int32 { return int32(b2u(a.at(i))) }), nil
		}}, nil
	case arrow.INT8:
		return unary(func(x int8) int32 { return int32(bits.OnesCount64(uint64(x))) }), nil
	case arrow.INT16:
		return unary(func(x int16) int32 { return int32(bits.OnesCount64(uint64(x))) }), nil
	case arrow.INT32:
		return unary(func(x int32) int32 { return int32(bits.OnesCount64(uint64(x))) }), nil
	case arrow.INT64:
		return unary(func(x int64) int32 { return int32(bits.OnesCount64(uint64(x))) }), nil
	}
	return c.unsupported()
}

// bitGet fails for positions that the type has no bit at.
func bitGet(c *site) (kernel, error) {
	f := longsOf(c.args[0])
	if f == nil {
		return c.unsupported()
	}
	width := int32(c.args[0].(arrow.FixedWidthDataType).BitWidth())
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, at := f(args[0]), valuesOf[int32](args[1])
		return tried(k, false, func(i int) (int8, error) {
			n := at.at(i)
			if n < 0 || n >= width {
				return 0, fault(c.pos, "INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE", "22023", "", "%s takes a position from 0 to %d, not %d", c.name, width-1, n)
			}
			return int8(a(i) >> n & 1), nil
		})
	}}, nil
}

// longFunction maps a BIGINT to a BIGINT.
func longFunction(f func(int64) int64) builder {
	return func(c *site) (kernel, error) {
		if c.args[0].ID() != arrow.INT64 {
			return c.unsupported()
		}
		return unary(f), nil
	}
}

// bitmapBits is how many numbers share a bitmap. Numbers from 1 on are in bitmaps from 1 on, the others in 0 and below.
const bitmapBits = 32768

func bitmapPosition(n int64) int64 {
	if n > 0 {
		return (n - 1) % bitmapBits
	}
	return -n % bitmapBits
}

func bitmapBucket(n int64) int64 {
	if n > 0 {
		return 1 + (n-1)/bitmapBits
	}
	return n / bitmapBits
}

func bitmapCount(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a := textsOf(args[0])
		return mapped(k, func(i int) int64 {
			n := 0
			for _, b := range a.at(i) {
				n += bits.OnesCount8(b)
			}
			return int64(n)
		}), nil
	}}, nil
}
