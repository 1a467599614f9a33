package kernel

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
)

// mathematics are the functions of doubles, and the magnitude of any number.
func mathematics() map[string]builder {
	return map[string]builder{
		"abs": absolute, "sign": realFunction(signum), "sqrt": realFunction(math.Sqrt), "exp": realFunction(math.Exp),
		"ln": logarithm(naturalLog), "log10": logarithm(decimalLog), "log2": logarithm(binaryLog), "power": power,
		"isnan": isNotANumber, "nanvl": nanvl,
	}
}

// signum keeps zeros and NaN.
func signum(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

func realFunction(f func(float64) float64) builder {
	return func(c *site) (kernel, error) {
		if c.args[0].ID() != arrow.FLOAT64 {
			return c.unsupported()
		}
		return unary(f), nil
	}
}

// logarithm is NULL at and below 0.
func logarithm(f func(float64) float64) builder { return logarithmAbove(0, f) }

// logarithmAbove is NULL at and below its pole.
func logarithmAbove(pole float64, f func(float64) float64) builder {
	return func(c *site) (kernel, error) {
		if c.args[0].ID() != arrow.FLOAT64 {
			return c.unsupported()
		}
		return kernel{run: func(k *frame, args []vec) (vec, error) {
			a := valuesOf[float64](args[0])
			return tried(k, true, func(i int) (float64, error) {
				if a.at(i) <= pole {
					return 0, errNull
				}
				return f(a.at(i)), nil
			})
		}}, nil
	}
}

// Subnormal numbers are scaled into the range in which package math's logarithms are right on every processor.
const (
	leastNormal = 0x1p-1022
	scaleBits   = 54
)

func naturalLog(x float64) float64 {
	if x < leastNormal {
		return math.Log(x*(1<<scaleBits)) - scaleBits*math.Ln2
	}
	return math.Log(x)
}

func decimalLog(x float64) float64 {
	if x < leastNormal {
		return math.Log10(x*(1<<scaleBits)) - scaleBits*(math.Ln2/math.Ln10)
	}
	return math.Log10(x)
}

// binaryLog is a quotient of natural logarithms, as Spark computes it.
func binaryLog(x float64) float64 { return naturalLog(x) / math.Ln2 }

func power(c *site) (kernel, error) {
	if c.args[0].ID() != arrow.FLOAT64 || c.args[1].ID() != arrow.FLOAT64 {
		return c.unsupported()
	}
	return floats(math.Pow), nil
}

func absolute(c *site) (kernel, error) {
	switch c.typ.ID() {
	case arrow.INT8:
		return magnitude[int8](), nil
	case arrow.INT16:
		return magnitude[int16](), nil
	case arrow.INT32:
		return magnitude[int32](), nil
	case arrow.INT64:
		return magnitude[int64](), nil
	case arrow.FLOAT32:
		return unary(func(x float32) float32 { return float32(math.Abs(float64(x))) }), nil
	case arrow.FLOAT64:
		return unary(math.Abs), nil
	case arrow.DECIMAL128:
		return unary(num.Abs), nil
	}
	return c.unsupported()
}

func magnitude[T signed]() kernel {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a := valuesOf[T](args[0])
		return tried(k, false, func(i int) (T, error) {
			x := a.at(i)
			if x >= 0 {
				return x, nil
			}
			if x == -x {
				return 0, overflow[T](k.call)
			}
			return -x, nil
		})
	}}
}

// isNotANumber is FALSE for NULL.
func isNotANumber(c *site) (kernel, error) {
	switch c.args[0].ID() {
	case arrow.FLOAT32:
		return nanTest[float32](), nil
	case arrow.FLOAT64:
		return nanTest[float64](), nil
	}
	return c.unsupported()
}

func nanTest[T floating]() kernel {
	return kernel{null: true, pred: func(_ *frame, args []vec) (predicate, error) {
		if args[0].allNull() {
			return always(false), nil
		}
		a := valuesOf[T](args[0])
		return predicate{test: func(i int) bool { return !args[0].isNull(i) && a.at(i) != a.at(i) }}, nil
	}}
}

// nanvl is its second argument where the first is NaN.
func nanvl(c *site) (kernel, error) {
	switch c.typ.ID() {
	case arrow.FLOAT32:
		return orElse[float32](), nil
	case arrow.FLOAT64:
		return orElse[float64](), nil
	}
	return c.unsupported()
}

func orElse[T floating]() kernel {
	return kernel{null: true, run: func(k *frame, args []vec) (vec, error) {
		if args[0].allNull() {
			return k.nothing(), nil
		}
		k.valid = k.present(args[:1])
		a := valuesOf[T](args[0])
		return tried(k, false, func(i int) (T, error) {
			switch {
			case a.at(i) == a.at(i):
				return a.at(i), nil
			case args[1].isNull(i):
				return 0, errNull
			}
			return valuesOf[T](args[1]).at(i), nil
		})
	}}
}
