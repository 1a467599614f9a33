package exec

import (
	"fmt"
	"math"
	"math/big"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// doubles reads numbers, dates, times or intervals as float64; a DOUBLE column as it is.
func doubles(a arrow.Array) ([]float64, error) {
	d := a.Data()
	switch t := a.DataType().(type) {
	case *arrow.Float64Type:
		return arrow.GetValues[float64](d, 1), nil
	case *arrow.Float32Type:
		return toDoubles(arrow.GetValues[float32](d, 1)), nil
	case *arrow.Int64Type, *arrow.TimestampType, *arrow.DurationType:
		return toDoubles(arrow.GetValues[int64](d, 1)), nil
	case *arrow.Int32Type, *arrow.Date32Type, *arrow.MonthIntervalType:
		return toDoubles(arrow.GetValues[int32](d, 1)), nil
	case *arrow.Int16Type:
		return toDoubles(arrow.GetValues[int16](d, 1)), nil
	case *arrow.Int8Type:
		return toDoubles(arrow.GetValues[int8](d, 1)), nil
	case *arrow.NullType:
		return make([]float64, a.Len()), nil
	case *arrow.Decimal128Type:
		src := arrow.GetValues[decimal128.Num](d, 1)
		out, unit := make([]float64, len(src)), math.Pow10(int(t.Scale))
		for i, v := range src {
			out[i] = v.ToFloat64(0) / unit
		}
		return out, nil
	default:
		return nil, fmt.Errorf("exec: values of Arrow type %s are no numbers", a.DataType())
	}
}

func toDoubles[T int8 | int16 | int32 | int64 | float32](src []T) []float64 {
	out := make([]float64, len(src))
	for i, v := range src {
		out[i] = float64(v)
	}
	return out
}

// appendMeasure appends a double to a builder of the numbers, dates, times or intervals that it came from, cut to what these can say.
func appendMeasure(b array.Builder, v float64) error {
	switch b := b.(type) {
	case *array.Float64Builder:
		b.Append(v)
	case *array.Float32Builder:
		b.Append(float32(v))
	case *array.Int8Builder, *array.Int16Builder, *array.Int32Builder, *array.Int64Builder,
		*array.Date32Builder, *array.TimestampBuilder, *array.DurationBuilder, *array.MonthIntervalBuilder:
		appendWord(b, uint64(int64(v)))
	case *array.Decimal128Builder:
		d, err := decimalOf(v, b.Type().(*arrow.Decimal128Type))
		if err != nil {
			return err
		}
		b.Append(d)
	default:
		return fmt.Errorf("exec: a number as %s", b.Type())
	}
	return nil
}

// decimalOf reads the digits that a double is written with, rounded half away from zero.
func decimalOf(v float64, t *arrow.Decimal128Type) (decimal128.Num, error) {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(v, 'g', -1, 64))
	if !ok {
		return decimal128.Num{}, fmt.Errorf("exec: %v is no DECIMAL", v)
	}
	scaled := new(big.Int).Mul(r.Num(), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(t.Scale)), nil))
	q, rest := new(big.Int).QuoRem(scaled, r.Denom(), new(big.Int))
	if rest.Abs(rest).Lsh(rest, 1).Cmp(r.Denom()) >= 0 {
		q.Add(q, big.NewInt(int64(scaled.Sign())))
	}
	if q.BitLen() > 126 {
		return decimal128.Num{}, fmt.Errorf("exec: %v does not fit into %s", v, t)
	}
	return decimal128.FromBigInt(q), nil
}

// constantFloats reads a constant DOUBLE or array of them.
func constantFloats(env *Env, b expr.Bound) ([]float64, error) {
	a, err := constant(env, b)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	values := a
	if _, ok := a.(*array.List); ok {
		offs, child := vector.Lists(a)
		values = array.NewSlice(child, int64(offs[0]), int64(offs[1]))
		defer values.Release()
	}
	list, err := doubles(values)
	if err != nil || values.NullN() > 0 {
		return nil, fmt.Errorf("exec: %s is no number", b)
	}
	return append([]float64(nil), list...), nil
}

// percentileColumn makes a column of n values, or of lists of so many as there are percentages; of gives what the k-th percentage comes to in a row, or nil
// where there is none.
func percentileColumn(env *Env, t arrow.DataType, n, percentages int, of func(i int) func(k int) float64) (arrow.Array, error) {
	b := array.NewBuilder(env.Alloc, t)
	defer b.Release()
	lists, isList := b.(*array.ListBuilder)
	values := b
	if isList {
		values = lists.ValueBuilder()
	}
	for i := range n {
		at := of(i)
		if at == nil || percentages == 0 {
			b.AppendNull()
			continue
		}
		if isList {
			lists.Append(true)
		}
		for k := range percentages {
			if err := appendMeasure(values, at(k)); err != nil {
				return nil, err
			}
		}
	}
	return b.NewArray(), nil
}
