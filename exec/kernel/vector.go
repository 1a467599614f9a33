package kernel

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// vectorFunctions are those of ARRAY<FLOAT> as vectors. They count in single precision and in Spark's order, eight elements at a time.
func vectorFunctions() map[string]builder {
	return map[string]builder{
		"vector_inner_product": vectorPair(func(x, y []float32) (float32, error) { return inner(x, y), nil }),
		"vector_l2_distance": vectorPair(func(x, y []float32) (float32, error) {
			return root(summed(len(x), func(i int) float32 { d := x[i] - y[i]; return float32(d * d) })), nil
		}),
		"vector_cosine_similarity": vectorPair(func(x, y []float32) (float32, error) {
			if length := root(float32(inner(x, x) * inner(y, y))); length != 0 {
				return inner(x, y) / length, nil
			}
			return 0, errNull
		}),
		"vector_norm": vectorNorm, "vector_normalize": vectorNormalize,
	}
}

// summed adds up n terms, eight of them before they are added to the sum.
func summed(n int, term func(i int) float32) (sum float32) {
	i := 0
	for ; i+8 <= n; i += 8 {
		eight := term(i)
		for k := i + 1; k < i+8; k++ {
			eight += term(k)
		}
		sum += eight
	}
	for ; i < n; i++ {
		sum += term(i)
	}
	return sum
}

func inner(x, y []float32) float32 {
	return summed(len(x), func(i int) float32 { return float32(x[i] * y[i]) })
}

func root(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// vectors are the rows of a column of ARRAY<FLOAT>.
type vectors struct {
	list     *array.List
	elements *array.Float32
	values   []float32
	mask     int
}

func vectorsOf(v vec) vectors {
	list := v.arr.(*array.List)
	elements := list.ListValues().(*array.Float32)
	return vectors{list: list, elements: elements, values: elements.Float32Values(), mask: v.mask()}
}

// at is a row's elements; whole tells that none is NULL.
func (v vectors) at(i int) (x []float32, whole bool) {
	from, to := v.list.ValueOffsets(i & v.mask)
	if v.elements.NullN() > 0 {
		for k := from; k < to; k++ {
			if v.elements.IsNull(int(k)) {
				return v.values[from:to], false
			}
		}
	}
	return v.values[from:to], true
}

func isVector(t arrow.DataType) bool {
	l, ok := t.(*arrow.ListType)
	return ok && l.Elem().ID() == arrow.FLOAT32
}

// vectorPair computes f of two vectors of as many elements, NULL where one of these is.
func vectorPair(f func(x, y []float32) (float32, error)) builder {
	return func(c *site) (kernel, error) {
		if !isVector(c.args[0]) || !isVector(c.args[1]) {
			return c.unsupported()
		}
		return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
			a, b := vectorsOf(args[0]), vectorsOf(args[1])
			return tried(k, false, func(i int) (float32, error) {
				x, wholeX := a.at(i)
				y, wholeY := b.at(i)
				if len(x) != len(y) {
					return 0, fault(k.call.pos, "VECTOR_DIMENSION_MISMATCH", "22000", "", "the vectors of %s have %d and %d elements", k.call.name, len(x), len(y))
				}
				if !wholeX || !wholeY {
					return 0, errNull
				}
				return f(x, y)
			})
		}}, nil
	}
}

// normOf is a vector's length by a degree: 1, 2 or infinity.
func (k *frame) normOf(x []float32, degree float32) (float32, error) {
	switch {
	case degree == 1:
		return summed(len(x), func(i int) float32 { return float32(math.Abs(float64(x[i]))) }), nil
	case degree == 2:
		return root(inner(x, x)), nil
	case math.IsInf(float64(degree), 1):
		most := float32(0)
		for _, v := range x {
			if v = float32(math.Abs(float64(v))); v > most {
				most = v
			}
		}
		return most, nil
	}
	return 0, fault(k.call.pos, "INVALID_VECTOR_NORM_DEGREE", "22023", "", "the degree of %s must be 1.0, 2.0 or infinite, not %g", k.call.name, degree)
}

func vectorNorm(c *site) (kernel, error) {
	if !isVector(c.args[0]) || c.args[1].ID() != arrow.FLOAT32 {
		return c.unsupported()
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, degree := vectorsOf(args[0]), valuesOf[float32](args[1])
		return tried(k, false, func(i int) (float32, error) {
			x, whole := a.at(i)
			norm, err := k.normOf(x, degree.at(i))
			if err == nil && !whole {
				err = errNull
			}
			return norm, err
		})
	}}, nil
}

// vectorNormalize divides by the norm; a vector of no length has none.
func vectorNormalize(c *site) (kernel, error) {
	if !isVector(c.args[0]) || c.args[1].ID() != arrow.FLOAT32 {
		return c.unsupported()
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, degree := vectorsOf(args[0]), valuesOf[float32](args[1])
		l, b := k.newList(), array.NewFloat32Builder(k.env.Alloc)
		k.own(b)
		for i := range k.rows() {
			l.row(i, b.Len())
			x, whole := a.at(i)
			norm, err := k.normOf(x, degree.at(i))
			if err != nil {
				return vec{}, err
			}
			if !whole || norm == 0 && len(x) > 0 {
				k.setNull(i)
				continue
			}
			for _, v := range x {
				b.Append(v / norm)
			}
		}
		elements := b.NewArray()
		k.own(elements)
		return l.done(elements)
	}}, nil
}
