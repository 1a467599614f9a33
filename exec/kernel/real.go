package kernel

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
)

// reals are the circular and hyperbolic functions and others of doubles, each computed by the formula that Spark uses.
func reals() map[string]builder {
	return map[string]builder{
		"cbrt": realFunction(math.Cbrt), "expm1": realFunction(math.Expm1), "rint": realFunction(math.RoundToEven),
		"sin": realFunction(sine), "cos": realFunction(cosine), "tan": realFunction(tangent),
		"cot":  realFunction(func(x float64) float64 { return 1 / tangent(x) }),
		"sec":  realFunction(func(x float64) float64 { return 1 / cosine(x) }),
		"csc":  realFunction(func(x float64) float64 { return 1 / sine(x) }),
		"asin": realFunction(math.Asin), "acos": realFunction(math.Acos), "atan": realFunction(math.Atan), "atan2": realPair(func(y, x float64) float64 { return math.Atan2(y+0, x+0) }), // -0.0 counts as 0.0
		"sinh": realFunction(hyperbolicSine), "cosh": realFunction(hyperbolicCosine), "tanh": realFunction(hyperbolicTangent),
		"asinh": realFunction(inverseSinh), "acosh": realFunction(inverseCosh), "atanh": realFunction(inverseTanh),
		"degrees": realFunction(func(x float64) float64 { return x * (180 / math.Pi) }),
		"radians": realFunction(func(x float64) float64 { return x * (math.Pi / 180) }),
		"hypot":   realPair(math.Hypot), "log": logarithmTo, "log1p": logarithmAbove(-1, math.Log1p),
		"factorial": factorial, "width_bucket": widthBucket,
	}
}

// realPair maps two doubles to one.
func realPair(f func(x, y float64) float64) builder {
	return func(c *site) (kernel, error) {
		if c.args[0].ID() != arrow.FLOAT64 || c.args[1].ID() != arrow.FLOAT64 {
			return c.unsupported()
		}
		return floats(f), nil
	}
}

func inverseSinh(x float64) float64 {
	if math.IsInf(x, -1) {
		return x
	}
	return math.Log(x + math.Sqrt(x*x+1))
}

func inverseCosh(x float64) float64 { return math.Log(x + math.Sqrt(x*x-1)) }

func inverseTanh(x float64) float64 { return 0.5 * (math.Log1p(x) - math.Log1p(-x)) }

// logarithmTo takes the base first; it is NULL for base or number at or below 0.
func logarithmTo(c *site) (kernel, error) {
	if c.args[0].ID() != arrow.FLOAT64 || c.args[1].ID() != arrow.FLOAT64 {
		return c.unsupported()
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		base, a := valuesOf[float64](args[0]), valuesOf[float64](args[1])
		return tried(k, true, func(i int) (float64, error) {
			if base.at(i) <= 0 || a.at(i) <= 0 {
				return 0, errNull
			}
			return naturalLog(a.at(i)) / naturalLog(base.at(i)), nil
		})
	}}, nil
}

// factorial is NULL where a BIGINT does not hold it.
func factorial(c *site) (kernel, error) {
	if c.args[0].ID() != arrow.INT32 {
		return c.unsupported()
	}
	products := [21]int64{1}
	for n := range int64(20) {
		products[n+1] = products[n] * (n + 1)
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a := valuesOf[int32](args[0])
		return tried(k, true, func(i int) (int64, error) {
			if n := a.at(i); n >= 0 && int(n) < len(products) {
				return products[n], nil
			}
			return 0, errNull
		})
	}}, nil
}

// widthBucket numbers the parts of a range of doubles, or of intervals.
func widthBucket(c *site) (kernel, error) {
	var real func(vec) func(int) float64
	switch c.args[0].ID() {
	case arrow.FLOAT64:
		real = func(v vec) func(int) float64 { return valuesOf[float64](v).at }
	case arrow.INTERVAL_MONTHS:
		real = valuesAsReals[int32]
	case arrow.DURATION:
		real = valuesAsReals[int64]
	default:
		return c.unsupported()
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, low, high, parts := real(args[0]), real(args[1]), real(args[2]), valuesOf[int64](args[3])
		return tried(k, true, func(i int) (int64, error) { return bucketOf(a(i), low(i), high(i), parts.at(i)) })
	}}, nil
}

func valuesAsReals[T int32 | int64](v vec) func(int) float64 {
	x := valuesOf[T](v)
	return func(i int) float64 { return float64(x.at(i)) }
}

// bucketOf counts downwards where low is above high.
func bucketOf(x, low, high float64, parts int64) (int64, error) {
	unbounded := math.IsNaN(low) || math.IsInf(low, 0) || math.IsNaN(high) || math.IsInf(high, 0)
	if parts <= 0 || parts == math.MaxInt64 || math.IsNaN(x) || low == high || unbounded {
		return 0, errNull
	}
	lower, upper := min(low, high), max(low, high)
	switch {
	case low < high && x < lower, low > high && x > upper:
		return 0, nil
	case low < high && x >= upper, low > high && x <= lower:
		return parts + 1, nil
	case low < high:
		return int64(float64(parts)*(x-lower)/(upper-lower)) + 1, nil
	}
	return int64(float64(parts)*(upper-x)/(upper-lower)) + 1, nil
}
