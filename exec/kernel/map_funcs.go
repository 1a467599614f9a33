package kernel

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/expr"
)

// mapFunctions are the functions that make maps of other things and look into them.
func mapFunctions() map[string]builder {
	return map[string]builder{
		"map_concat": mapConcat, "map_contains_key": mapContainsKey, "map_entries": mapEntries,
		"map_from_arrays": mapFromArrays, "map_from_entries": mapFromEntries, "str_to_map": strToMap,
	}
}

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

// mapConcat lays the entries of the maps end to end, row by row.
func mapConcat(c *site) (kernel, error) {
	t, ok := c.typ.(*arrow.MapType)
	if !ok {
		return c.unsupported()
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		if len(args) == 0 {
			l := k.newList()
			return l.entries(t, k.nullArray(t.KeyType(), 0), k.nullArray(t.ItemType(), 0))
		}
		in, sides := make([]spans, len(args)), [2][]vec{}
		for j, a := range args {
			m := a.arr.(*array.Map)
			in[j] = spansOf(a)
			sides[0], sides[1] = append(sides[0], vec{arr: m.Keys()}), append(sides[1], vec{arr: m.Items()})
		}
		keys, base, err := k.laid(sides[0])
		if err != nil {
			return vec{}, err
		}
		values, _, err := k.laid(sides[1])
		if err != nil {
			return vec{}, err
		}
		l := k.newList()
		var index []int32
		for i := range k.rows() {
			l.row(i, len(index))
			for j, s := range in {
				for at, end := s.at(i); at < end; at++ {
					index = append(index, base[j]+at)
				}
			}
		}
		return l.takeKeyed(c.pos, t, keys, values, index)
	}}, nil
}

// takeKeyed makes the MAP of picked entries.
func (l *listOut) takeKeyed(pos expr.Pos, t *arrow.MapType, keys, values arrow.Array, index []int32) (vec, error) {
	keys, err := l.k.take(keys, index)
	if err != nil {
		return vec{}, err
	}
	if values, err = l.k.take(values, index); err != nil {
		return vec{}, err
	}
	return l.keyed(pos, t, l.k.positiveZeros(keys), values)
}

func mapContainsKey(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		keys := args[0].arr.(*array.Map).Keys()
		s, mask := spansOf(args[0]), args[1].mask()
		same := orderingOf(keys, args[1].arr)
		return k.test(func(i int) bool {
			for j, end := s.at(i); j < end; j++ {
				if same(int(j), i&mask) == 0 {
					return true
				}
			}
			return false
		}), nil
	}}, nil
}

// mapEntries is the entries as an array of structs, in the same memory.
func mapEntries(c *site) (kernel, error) {
	t, ok := c.typ.(*arrow.ListType)
	if !ok {
		return c.unsupported()
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		m := args[0].arr.(*array.Map)
		entries := k.newArray(t.Elem(), m.Keys().Len(), nil, nil, m.Keys(), m.Items())
		d := m.Data()
		out := array.NewData(t, d.Len(), d.Buffers(), []arrow.ArrayData{entries.Data()}, d.NullN(), d.Offset())
		defer out.Release()
		a := array.MakeFromData(out)
		k.own(a)
		return vec{arr: a, one: args[0].one}, nil
	}}, nil
}

// mapFromArrays pairs keys with values by position.
func mapFromArrays(c *site) (kernel, error) {
	t, ok := c.typ.(*arrow.MapType)
	if !ok {
		return c.unsupported()
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		keys, values := spansOf(args[0]), spansOf(args[1])
		l := k.newList()
		var at [2][]int32
		for i := range k.rows() {
			l.row(i, len(at[0]))
			if keys.len(i) != values.len(i) {
				return vec{}, fault(c.pos, "_LEGACY_ERROR_TEMP_2017", "XX000", "", "a map of %d keys and %d values", keys.len(i), values.len(i))
			}
			at[0], at[1] = appendSpan(at[0], keys, i, keys.len(i)), appendSpan(at[1], values, i, values.len(i))
		}
		taken, err := k.take(elementsOf(args[0]), at[0])
		if err != nil {
			return vec{}, err
		}
		items, err := k.take(elementsOf(args[1]), at[1])
		if err != nil {
			return vec{}, err
		}
		return l.keyed(c.pos, t, taken, items)
	}}, nil
}

// mapFromEntries is NULL where one of the entries is.
func mapFromEntries(c *site) (kernel, error) {
	t, ok := c.typ.(*arrow.MapType)
	if !ok {
		return c.unsupported()
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		s, entries := spansOf(args[0]), elementsOf(args[0]).(*array.Struct)
		for i := range k.rows() {
			for j, end := s.at(i); j < end; j++ {
				if entries.IsNull(int(j)) {
					k.setNull(i)
					break
				}
			}
		}
		l := k.newList()
		var index []int32
		for i := range k.rows() {
			l.row(i, len(index))
			index = appendSpan(index, s, i, s.len(i))
		}
		return l.takeKeyed(c.pos, t, entries.Field(0), entries.Field(1), index)
	}}, nil
}

// strToMap cuts a text into pairs and those into keys and values, by regular expressions; a pair without the second has no value.
func strToMap(c *site) (kernel, error) {
	t, ok := c.typ.(*arrow.MapType)
	if !ok {
		return c.unsupported()
	}
	between, err := c.regex(1)
	if err != nil {
		return kernel{}, err
	}
	within, err := c.regex(2)
	if err != nil {
		return kernel{}, err
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, pairs, parts := textsOf(args[0]), between.over(args[1]), within.over(args[2])
		keys, values := array.NewStringBuilder(k.env.Alloc), array.NewStringBuilder(k.env.Alloc)
		k.own(keys)
		k.own(values)
		l := k.newList()
		for i := range k.rows() {
			l.row(i, keys.Len())
			pair, err := pairs(i)
			if err != nil {
				return vec{}, err
			}
			part, err := parts(i)
			if err != nil {
				return vec{}, err
			}
			splitBy(a.at(i), pair, -1, func(text []byte) { appendPair(keys, values, text, part) })
		}
		key, value := keys.NewArray(), values.NewArray()
		k.own(key)
		k.own(value)
		return l.keyed(c.pos, t, key, value)
	}}, nil
}

// appendPair cuts a text at the first match.
func appendPair(keys, values *array.StringBuilder, text []byte, at *expression) {
	before := values.Len()
	splitBy(text, at, 2, func(part []byte) {
		if keys.Len() == before {
			keys.BinaryBuilder.Append(part)
		} else {
			values.BinaryBuilder.Append(part)
		}
	})
	if values.Len() == before {
		values.AppendNull()
	}
}
