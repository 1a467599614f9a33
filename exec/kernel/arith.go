package kernel

import (
	"math"
	"math/bits"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// signed are the integer types of SQL; DATE, TIMESTAMP and intervals share their loops.
type signed interface{ int8 | int16 | int32 | int64 }

type floating interface{ float32 | float64 }

type number interface{ signed | floating }

// arithmetic are + - * / % div pmod negative and their try_ forms. Integers overflow with an error; division by zero is an error for doubles too.
func arithmetic() map[string]builder {
	return map[string]builder{
		"+": plus, "try_add": plus, "-": minusOf, "try_subtract": minusOf, "*": times, "try_multiply": times,
		"/": over, "try_divide": over, "div": integralDivide, "%": modulo, "try_mod": modulo, "pmod": modulo, "negative": negative,
	}
}

func tries(name string) bool { return strings.HasPrefix(name, "try_") }

func plus(c *site) (kernel, error) {
	switch {
	case isCalendar(c.typ):
		return spanSum(c, 1)
	case isCalendar(c.args[1]):
		return spanPlus(c, 1)
	case isTemporal(c.typ):
		return temporalPlus(c, 1)
	}
	if isInterval(c.typ) {
		return intervalSum(c, 1)
	}
	switch c.typ.ID() {
	case arrow.INT8:
		return addInts[int8](c), nil
	case arrow.INT16:
		return addInts[int16](c), nil
	case arrow.INT32:
		return addInts[int32](c), nil
	case arrow.INT64:
		return addInts[int64](c), nil
	case arrow.FLOAT32:
		return kernel{run: addFloats[float32]}, nil
	case arrow.FLOAT64:
		return kernel{run: addFloats[float64]}, nil
	case arrow.DECIMAL128:
		return decimalSum(c, false)
	}
	return c.unsupported()
}

func minusOf(c *site) (kernel, error) {
	switch {
	case isCalendar(c.typ):
		return spanSum(c, -1)
	case isCalendar(c.args[1]):
		return spanPlus(c, -1)
	case isTemporal(c.args[0]):
		return temporalMinus(c)
	}
	if isInterval(c.typ) {
		return intervalSum(c, -1)
	}
	switch c.typ.ID() {
	case arrow.INT8:
		return subInts[int8](c), nil
	case arrow.INT16:
		return subInts[int16](c), nil
	case arrow.INT32:
		return subInts[int32](c), nil
	case arrow.INT64:
		return subInts[int64](c), nil
	case arrow.FLOAT32:
		return kernel{run: subFloats[float32]}, nil
	case arrow.FLOAT64:
		return kernel{run: subFloats[float64]}, nil
	case arrow.DECIMAL128:
		return decimalSum(c, true)
	}
	return c.unsupported()
}

func times(c *site) (kernel, error) {
	if isInterval(c.typ) {
		return scaledInterval(c, false)
	}
	switch c.typ.ID() {
	case arrow.INT8:
		return mulInts[int8](c), nil
	case arrow.INT16:
		return mulInts[int16](c), nil
	case arrow.INT32:
		return mulInts[int32](c), nil
	case arrow.INT64:
		return mulLongs(c), nil
	case arrow.FLOAT32:
		return kernel{run: mulFloats[float32]}, nil
	case arrow.FLOAT64:
		return kernel{run: mulFloats[float64]}, nil
	case arrow.DECIMAL128:
		return decimalProduct(c)
	}
	return c.unsupported()
}

// checked finishes an integer operation whose loop ran over all rows and may have met an overflow: overflowed decides row by row.
func checked[T signed](k *frame, bad bool, overflowed func(i int) bool) error {
	if !bad {
		return nil
	}
	try := tries(k.call.name)
	for i := range k.rows() {
		if !overflowed(i) {
			continue
		}
		if !try {
			return overflow[T](k.call)
		}
		k.setNull(i)
	}
	return nil
}

// overflow is the error for T in Spark's words.
func overflow[T signed](c *call) error {
	hints := map[string]string{
		"+": "use try_add to get NULL instead", "-": "use try_subtract to get NULL instead", "*": "use try_multiply to get NULL instead",
	}
	hint, operator := hints[c.name]
	if _, greatest := bounds[T](); operator && greatest < math.MaxInt32 {
		return fault(c.pos, "BINARY_ARITHMETIC_OVERFLOW", "22003", hint, "%s overflow", javaName[T]())
	}
	return arithmeticOverflow(c.pos, javaName[T](), hint)
}

// javaName is what Spark calls an integer type in overflow messages.
func javaName[T signed]() string {
	var zero T
	switch any(zero).(type) {
	case int8:
		return "tinyint"
	case int16:
		return "smallint"
	case int32:
		return "integer"
	default:
		return "long"
	}
}

func addInts[T signed](*site) kernel {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		bad := T(0)
		buf, out := paired(k, args, func(out, a, b []T) {
			for i, x := range a[:len(out)] {
				y := b[i]
				r := x + y
				bad |= (x ^ r) & (y ^ r)
				out[i] = r
			}
		})
		a, b := valuesOf[T](args[0]), valuesOf[T](args[1])
		err := checked[T](k, bad < 0, func(i int) bool { x, y, r := a.at(i), b.at(i), out[i]; return (x^r)&(y^r) < 0 })
		return k.fixed(buf), err
	}}
}

func subInts[T signed](*site) kernel {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		bad := T(0)
		buf, out := paired(k, args, func(out, a, b []T) {
			for i, x := range a[:len(out)] {
				y := b[i]
				r := x - y
				bad |= (x ^ y) & (x ^ r)
				out[i] = r
			}
		})
		a, b := valuesOf[T](args[0]), valuesOf[T](args[1])
		err := checked[T](k, bad < 0, func(i int) bool { x, y, r := a.at(i), b.at(i), out[i]; return (x^y)&(x^r) < 0 })
		return k.fixed(buf), err
	}}
}

// mulInts multiplies integers of up to 32 bits, whose products fit 64.
func mulInts[T int8 | int16 | int32](*site) kernel {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		bad := int64(0)
		buf, out := paired(k, args, func(out, a, b []T) {
			for i, x := range a[:len(out)] {
				r := int64(x) * int64(b[i])
				out[i] = T(r)
				bad |= r ^ int64(T(r))
			}
		})
		a, b := valuesOf[T](args[0]), valuesOf[T](args[1])
		err := checked[T](k, bad != 0, func(i int) bool { return int64(a.at(i))*int64(b.at(i)) != int64(out[i]) })
		return k.fixed(buf), err
	}}
}

func mulLongs(*site) kernel {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		bad := int64(0)
		buf, _ := paired(k, args, func(out, a, b []int64) {
			for i, x := range a[:len(out)] {
				hi, lo := mul64(x, b[i])
				bad |= hi ^ lo>>63
				out[i] = lo
			}
		})
		a, b := valuesOf[int64](args[0]), valuesOf[int64](args[1])
		err := checked[int64](k, bad != 0, func(i int) bool { hi, lo := mul64(a.at(i), b.at(i)); return hi != lo>>63 })
		return k.fixed(buf), err
	}}
}

// mul64 is the signed 128-bit product.
func mul64(x, y int64) (hi, lo int64) {
	h, l := bits.Mul64(uint64(x), uint64(y))
	return int64(h) - x>>63&y - y>>63&x, int64(l)
}

// floats maps two floating-point numbers to one.
func floats[T floating](f func(x, y T) T) kernel {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		buf, _ := paired(k, args, func(out, a, b []T) {
			for i, x := range a[:len(out)] {
				out[i] = f(x, b[i])
			}
		})
		return k.fixed(buf), nil
	}}
}

func addFloats[T floating](k *frame, args []vec) (vec, error) {
	buf, _ := paired(k, args, func(out, a, b []T) {
		for i, x := range a[:len(out)] {
			out[i] = x + b[i]
		}
	})
	return k.fixed(buf), nil
}

func subFloats[T floating](k *frame, args []vec) (vec, error) {
	buf, _ := paired(k, args, func(out, a, b []T) {
		for i, x := range a[:len(out)] {
			out[i] = x - b[i]
		}
	})
	return k.fixed(buf), nil
}

func mulFloats[T floating](k *frame, args []vec) (vec, error) {
	buf, _ := paired(k, args, func(out, a, b []T) {
		for i, x := range a[:len(out)] {
			out[i] = x * b[i]
		}
	})
	return k.fixed(buf), nil
}

func negative(c *site) (kernel, error) {
	if isInterval(c.typ) {
		return negatedInterval(c)
	}
	switch c.typ.ID() {
	case arrow.INT8:
		return negated[int8](), nil
	case arrow.INT16:
		return negated[int16](), nil
	case arrow.INT32:
		return negated[int32](), nil
	case arrow.INT64:
		return negated[int64](), nil
	case arrow.FLOAT32:
		return unary(func(x float32) float32 { return -x }), nil
	case arrow.FLOAT64:
		return unary(func(x float64) float64 { return -x }), nil
	case arrow.DECIMAL128:
		return unary(negateDecimal), nil
	}
	return c.unsupported()
}

func negated[T signed]() kernel {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a := valuesOf[T](args[0])
		return tried(k, false, func(i int) (T, error) {
			x := a.at(i)
			if x != 0 && x == -x {
				return 0, overflow[T](k.call)
			}
			return -x, nil
		})
	}}
}

// unary maps a fixed-width value to a fixed-width value.
func unary[A, R arrow.FixedWidthType](f func(A) R) kernel {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		return single(k, args[0], func(out []R, a []A) {
			for i, x := range a[:len(out)] {
				out[i] = f(x)
			}
		}), nil
	}}
}
