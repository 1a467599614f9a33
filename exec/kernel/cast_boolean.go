package kernel

import "github.com/apache/arrow-go/v18/arrow"

func castToBoolean(c conversion) (kernel, error) {
	switch c.from.ID() {
	case arrow.INT8:
		return nonZero[int8](), nil
	case arrow.INT16:
		return nonZero[int16](), nil
	case arrow.INT32:
		return nonZero[int32](), nil
	case arrow.INT64:
		return nonZero[int64](), nil
	case arrow.FLOAT32:
		return nonZero[float32](), nil
	case arrow.FLOAT64:
		return nonZero[float64](), nil
	case arrow.DECIMAL128:
		return nonZero[num](), nil
	case arrow.STRING:
		return textToBoolean(c), nil
	}
	return c.unsupported()
}

func nonZero[A interface {
	arrow.FixedWidthType
	comparable
}]() kernel {
	return kernel{pred: func(_ *frame, args []vec) (predicate, error) {
		a := valuesOf[A](args[0])
		var zero A
		return predicate{test: func(i int) bool { return a.at(i) != zero }}, nil
	}}
}

func textToBoolean(c conversion) kernel {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a := textsOf(args[0])
		buf := k.zeroed(bitmapSize(k.n))
		out := buf.Bytes()
		for i := range k.rows() {
			switch v, ok := parseBoolean(a.at(i)); {
			case ok && v:
				out[i>>3] |= 1 << (i & 7)
			case ok:
			case c.try:
				k.setNull(i)
			default:
				return vec{}, c.invalid(a.at(i))
			}
		}
		return k.fixed(buf), nil
	}}
}
