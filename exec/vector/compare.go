package vector

import (
	"bytes"
	"cmp"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// Compare orders row i of one array against row j of another: negative, zero or positive.
type Compare func(i, j int) int

// NewCompare returns Spark's order over the rows of a and b, which have one type (either may be a dictionary of it): FALSE before TRUE, NaN equal to
// itself and greatest, -0.0 equal to 0.0, strings by bytes, arrays and structs by their first differing part, in which NULL is least. Descending turns
// the order of the values around; nullsFirst alone says where NULL stands. Maps get an arbitrary but total order.
func NewCompare(a, b arrow.Array, descending, nullsFirst bool) (Compare, error) {
	values, err := compareValues(a, b)
	if err != nil {
		return nil, err
	}
	if descending {
		up := values
		values = func(i, j int) int { return -up(i, j) }
	}
	return withNulls(values, RowNulls(a), RowNulls(b), nullsFirst), nil
}

// Equal tells whether row i of a and row j of b are one group key: NULL equals NULL, NaN equals NaN, -0.0 equals 0.0.
func Equal(a arrow.Array, i int, b arrow.Array, j int) (bool, error) {
	c, err := NewCompare(a, b, false, true)
	if err != nil {
		return false, err
	}
	return c(i, j) == 0, nil
}

// withNulls puts NULL before or after all values.
func withNulls(values Compare, a, b func(int) bool, first bool) Compare {
	if a == nil && b == nil {
		return values
	}
	if a == nil {
		a = func(int) bool { return false }
	}
	if b == nil {
		b = func(int) bool { return false }
	}
	null := 1
	if first {
		null = -1
	}
	return func(i, j int) int {
		switch x, y := a(i), b(j); {
		case x && y:
			return 0
		case x:
			return null
		case y:
			return -null
		default:
			return values(i, j)
		}
	}
}

func compareValues(a, b arrow.Array) (Compare, error) {
	if x, ok := a.(*array.Dictionary); ok {
		values, err := compareValues(x.Dictionary(), b)
		return func(i, j int) int { return values(x.GetValueIndex(i), j) }, err
	}
	if y, ok := b.(*array.Dictionary); ok {
		values, err := compareValues(a, y.Dictionary())
		return func(i, j int) int { return values(i, y.GetValueIndex(j)) }, err
	}
	if a.DataType().ID() != b.DataType().ID() {
		return nil, errType("compare "+a.DataType().String()+" with", b.DataType())
	}
	switch a.DataType().ID() {
	case arrow.NULL:
		return func(int, int) int { return 0 }, nil
	case arrow.FLOAT32:
		return compareFloats[float32](a, b), nil
	case arrow.FLOAT64:
		return compareFloats[float64](a, b), nil
	case arrow.DECIMAL128:
		return compareDecimals(a, b), nil
	case arrow.UINT8:
		return compareInts[uint8](a, b), nil
	case arrow.UINT16:
		return compareInts[uint16](a, b), nil
	case arrow.UINT32:
		return compareInts[uint32](a, b), nil
	case arrow.UINT64:
		return compareInts[uint64](a, b), nil
	}
	return compareLayout(a, b)
}

func compareLayout(a, b arrow.Array) (Compare, error) {
	switch layoutOf(a.DataType()) {
	case bit:
		return compareBits(a, b), nil
	case fixed1:
		return compareInts[int8](a, b), nil
	case fixed2:
		return compareInts[int16](a, b), nil
	case fixed4:
		return compareInts[int32](a, b), nil
	case fixed8:
		return compareInts[int64](a, b), nil
	case varying:
		return compareBytes(a, b), nil
	case lists:
		return compareLists(a, b)
	case structs:
		return compareStructs(fieldsOf(a), fieldsOf(b))
	default:
		return nil, errType("compare", a.DataType())
	}
}

func compareInts[T arrow.IntType | arrow.UintType](a, b arrow.Array) Compare {
	x, y := arrow.GetValues[T](a.Data(), 1), arrow.GetValues[T](b.Data(), 1)
	return func(i, j int) int { return cmp.Compare(x[i], y[j]) }
}

// compareFloats differs from cmp.Compare in that NaN is greatest.
func compareFloats[T float32 | float64](a, b arrow.Array) Compare {
	x, y := arrow.GetValues[T](a.Data(), 1), arrow.GetValues[T](b.Data(), 1)
	return func(i, j int) int {
		switch p, q := x[i], y[j]; {
		case p < q:
			return -1
		case p > q:
			return 1
		case p == q:
			return 0
		case p == p: // q is NaN
			return -1
		case q == q: // p is NaN
			return 1
		default:
			return 0
		}
	}
}

func compareDecimals(a, b arrow.Array) Compare {
	x, y := arrow.GetValues[decimal128.Num](a.Data(), 1), arrow.GetValues[decimal128.Num](b.Data(), 1)
	return func(i, j int) int {
		if c := cmp.Compare(x[i].HighBits(), y[j].HighBits()); c != 0 {
			return c
		}
		return cmp.Compare(x[i].LowBits(), y[j].LowBits())
	}
}

func compareBits(a, b arrow.Array) Compare {
	at := func(arr arrow.Array, i int) int {
		if bitutil.BitIsSet(arr.Data().Buffers()[1].Bytes(), arr.Data().Offset()+i) {
			return 1
		}
		return 0
	}
	return func(i, j int) int { return at(a, i) - at(b, j) }
}

func compareBytes(a, b arrow.Array) Compare {
	ao, ad, bo, bd := offsets(a), content(a), offsets(b), content(b)
	return func(i, j int) int { return bytes.Compare(ad[ao[i]:ao[i+1]], bd[bo[j]:bo[j+1]]) }
}

func compareLists(a, b arrow.Array) (Compare, error) {
	inner, err := NewCompare(elements(a), elements(b), false, true)
	ao, bo := offsets(a), offsets(b)
	return func(i, j int) int {
		p, q := ao[i], bo[j]
		for p < ao[i+1] && q < bo[j+1] {
			if c := inner(int(p), int(q)); c != 0 {
				return c
			}
			p, q = p+1, q+1
		}
		return cmp.Compare(ao[i+1]-ao[i], bo[j+1]-bo[j])
	}, err
}

func compareStructs(a, b *array.Struct) (Compare, error) {
	if a.NumField() != b.NumField() {
		return nil, errType("compare "+a.DataType().String()+" with", b.DataType())
	}
	fields := make([]Compare, a.NumField())
	for f := range fields {
		c, err := NewCompare(a.Field(f), b.Field(f), false, true)
		if err != nil {
			return nil, err
		}
		fields[f] = c
	}
	return func(i, j int) int {
		for _, f := range fields {
			if c := f(i, j); c != 0 {
				return c
			}
		}
		return 0
	}, nil
}
