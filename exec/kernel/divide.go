package kernel

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
)

func over(c *site) (kernel, error) {
	if isInterval(c.typ) {
		return scaledInterval(c, true)
	}
	switch {
	case c.typ.ID() == arrow.DECIMAL128:
		return decimalQuotient(c)
	case c.typ.ID() == arrow.FLOAT64:
		return divided(c, func(x, y float64) (float64, error) { return x / y, nil }), nil
	case c.typ.ID() == arrow.FLOAT32:
		return divided(c, func(x, y float32) (float32, error) { return x / y, nil }), nil
	}
	return c.unsupported()
}

// divided is a division of any kind: a divisor of zero fails the row.
func divided[T number](c *site, f func(x, y T) (T, error)) kernel {
	zero := divideByZero(c.pos)
	if c.name == "%" || c.name == "pmod" {
		zero = remainderByZero(c.pos)
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, b := valuesOf[T](args[0]), valuesOf[T](args[1])
		return tried(k, tries(k.call.name), func(i int) (T, error) {
			y := b.at(i)
			if y == 0 {
				return 0, zero
			}
			return f(a.at(i), y)
		})
	}}
}

func integralDivide(c *site) (kernel, error) {
	switch c.args[0].ID() {
	case arrow.INT64:
		return divided(c, longQuotient(c)), nil
	case arrow.DECIMAL128:
		return decimalIntegral(c)
	}
	return c.unsupported()
}

func longQuotient(c *site) func(x, y int64) (int64, error) {
	tooBig := arithmeticOverflow(c.pos, "integral divide", "")
	return func(x, y int64) (int64, error) {
		if x == math.MinInt64 && y == -1 {
			return 0, tooBig
		}
		return x / y, nil
	}
}

func modulo(c *site) (kernel, error) {
	switch c.typ.ID() {
	case arrow.INT8:
		return divided(c, remainder[int8](c)), nil
	case arrow.INT16:
		return divided(c, remainder[int16](c)), nil
	case arrow.INT32:
		return divided(c, remainder[int32](c)), nil
	case arrow.INT64:
		return divided(c, remainder[int64](c)), nil
	case arrow.FLOAT32:
		return divided(c, floatRemainder[float32](c)), nil
	case arrow.FLOAT64:
		return divided(c, floatRemainder[float64](c)), nil
	case arrow.DECIMAL128:
		return decimalRemainder(c)
	}
	return c.unsupported()
}

// remainder has the sign of the dividend, pmod that of a positive divisor.
func remainder[T signed](c *site) func(x, y T) (T, error) {
	positive := c.name == "pmod"
	return func(x, y T) (T, error) {
		r := x % y
		if positive && r < 0 {
			r = (r + y) % y
		}
		return r, nil
	}
}

func floatRemainder[T floating](c *site) func(x, y T) (T, error) {
	positive := c.name == "pmod"
	return func(x, y T) (T, error) {
		r := T(math.Mod(float64(x), float64(y)))
		if positive && r < 0 {
			r = T(math.Mod(float64(r+y), float64(y)))
		}
		return r, nil
	}
}
