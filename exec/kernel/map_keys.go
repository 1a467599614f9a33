package kernel

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/expr"
)

// keyed makes the MAP whose keys and values lie end to end, after l has noted all rows. Keys must differ within a row. A -0.0 stays what it is where a whole
// array of keys is taken over, as Spark does; maps of single keys have 0.0, see positiveZeros.
func (l *listOut) keyed(pos expr.Pos, t *arrow.MapType, keys, values arrow.Array) (vec, error) {
	l.row(l.k.n, keys.Len())
	if err := checkDistinct(pos, keys, l.offsets); err != nil {
		return vec{}, err
	}
	return l.entries(t, keys, values)
}

// fewKeys is up to how many keys of a map are compared each with each.
const fewKeys = 12

// checkDistinct refuses NULL and repeated keys, whichever comes first; those of row i are offsets[i] to offsets[i+1].
func checkDistinct(pos expr.Pos, keys arrow.Array, offsets []int32) error {
	of, compare := vec{arr: keys}, orderingOf(keys, keys)
	var sorted []int32
	for i := range len(offsets) - 1 {
		start, end := offsets[i], offsets[i+1]
		present := start // up to where no key is NULL
		for present < end && !of.isNull(int(present)) {
			present++
		}
		var repeated int32
		if repeated, sorted = repeatedAt(compare, start, present, sorted); repeated >= 0 {
			return repeatedKey(pos, keys, int(repeated))
		}
		if present < end {
			return nullKey(pos)
		}
	}
	return nil
}

// repeatedAt is where a key stands that is among those before it, negative if there is none. It sorts many keys in scratch, which it gives back.
func repeatedAt(compare order, start, end int32, scratch []int32) (at int32, sorted []int32) {
	if end-start <= fewKeys {
		for a := start + 1; a < end; a++ {
			for b := start; b < a; b++ {
				if compare(int(a), int(b)) == 0 {
					return a, scratch
				}
			}
		}
		return -1, scratch
	}
	sorted = scratch[:0]
	for j := start; j < end; j++ {
		sorted = append(sorted, j)
	}
	slices.SortFunc(sorted, func(a, b int32) int { return compare(int(a), int(b)) })
	for n := 1; n < len(sorted); n++ {
		if compare(int(sorted[n-1]), int(sorted[n])) == 0 {
			return sorted[n], sorted
		}
	}
	return -1, sorted
}

func repeatedKey(pos expr.Pos, keys arrow.Array, at int) error {
	return fault(pos, "DUPLICATED_MAP_KEY", "23505", "", "the map has the key %s twice", keys.ValueStr(at))
}

// positiveZeros turns -0.0 among keys or members of sets into 0.0, as which it counts.
func (s *scope) positiveZeros(a arrow.Array) arrow.Array {
	switch a.DataType().ID() {
	case arrow.FLOAT32:
		return positiveZeros[float32](s, a)
	case arrow.FLOAT64:
		return positiveZeros[float64](s, a)
	default:
		return a
	}
}

func positiveZeros[T floating](s *scope, a arrow.Array) arrow.Array {
	in := valuesOf[T](vec{arr: a}).v
	if !slices.ContainsFunc(in, func(v T) bool { return v == 0 && 1/v < 0 }) {
		return a
	}
	d := a.Data()
	buf := s.buffer((d.Offset() + len(in)) * d.DataType().(arrow.FixedWidthDataType).Bytes())
	out := arrow.GetData[T](buf.Bytes())[d.Offset():]
	for i, v := range in {
		out[i] = v + 0 // -0.0 + 0.0 is 0.0
	}
	made := array.NewData(a.DataType(), len(in), []*memory.Buffer{d.Buffers()[0], buf}, nil, d.NullN(), d.Offset())
	defer made.Release()
	result := array.MakeFromData(made)
	s.own(result)
	return result
}

func nullKey(pos expr.Pos) error {
	return fault(pos, "NULL_MAP_KEY", "2200E", "", "a map's key cannot be NULL")
}
