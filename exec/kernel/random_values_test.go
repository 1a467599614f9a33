package kernel_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// elementTypes are the types of what the arrays and maps hold.
func elementTypes() []string {
	return []string{
		"STRING", "DOUBLE", "ARRAY<DOUBLE>", "STRUCT<p: STRING, q: DOUBLE>", "INT", "FLOAT", "BOOLEAN", "ARRAY<ARRAY<STRING>>",
		"STRUCT<p: ARRAY<INT>, q: STRUCT<r: FLOAT>>", "STRUCT<p: BIGINT, q: DECIMAL(9,1), r: DATE, s: BINARY>", "DECIMAL(20,3)",
	}
}

func unorderedTypes() []string {
	return []string{"MAP<STRING, INT>", "STRUCT<p: MAP<INT, ARRAY<STRING>>, q: STRING>", "MAP<ARRAY<FLOAT>, MAP<STRING, BOOLEAN>>"}
}

// randomValues makes values of few kinds, so that many are equal.
type randomValues struct {
	*rand.Rand
	text string
}

func pick[T any](r randomValues, of ...T) T { return of[r.IntN(len(of))] }

// value is NULL at times.
func (r randomValues) value(t arrow.DataType) any {
	if r.IntN(6) == 0 {
		return nil
	}
	return r.present(t)
}

func (r randomValues) present(t arrow.DataType) any {
	switch t := t.(type) {
	case *arrow.ListType:
		out := make(list, pick(r, 0, 1, 2, 3, 4, r.IntN(20)))
		for i := range out {
			out[i] = r.value(t.Elem())
		}
		return out
	case *arrow.StructType:
		out := make(fields, t.NumFields())
		for f := range out {
			out[f] = r.value(t.Field(f).Type)
		}
		return out
	case *arrow.MapType:
		out := entries{}
		for range pick(r, 0, 1, 2, 3, r.IntN(20)) {
			key := r.present(t.KeyType())
			if !slices.ContainsFunc(out, func(e [2]any) bool { return equal(e[0], key) }) {
				out = append(out, [2]any{key, r.value(t.ItemType())})
			}
		}
		return out
	default:
		return r.scalar(t)
	}
}

func (r randomValues) scalar(t arrow.DataType) any {
	real := pick(r, 0, math.Copysign(0, -1), math.NaN(), -math.NaN(), math.Float64frombits(0x7ff8000000000bad), math.Inf(1), math.Inf(-1), 1, -1, 2.5)
	switch t.ID() {
	case arrow.BOOL:
		return r.IntN(2) == 0
	case arrow.INT32:
		return pick(r, r.Int32N(9)-4, r.Int32N(4), r.Int32N(40)-20, math.MaxInt32, math.MinInt32)
	case arrow.INT64:
		return pick(r, r.Int64N(3)-1, math.MaxInt64, math.MinInt64)
	case arrow.DATE32:
		return arrow.Date32(r.Int32N(3) - 1)
	case arrow.DECIMAL128:
		return decimal128.FromI64(r.Int64N(5) - 2)
	case arrow.BINARY:
		return pick(r, []byte{}, []byte{0}, []byte{0xff}, []byte{0xff, 0})
	case arrow.FLOAT32:
		return float32(real)
	case arrow.FLOAT64:
		return real
	default:
		return pick(r, "", "a", "b", "ab", "é日", ",", "a:b,c:", ":", r.text, strings.Repeat("long ", 9))
	}
}
