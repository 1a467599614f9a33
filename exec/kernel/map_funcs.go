package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/expr"
)

// mapFunctions are the functions that make maps of other things and look into them.
func mapFunctions() map[string]builder {
	return map[string]builder{
		"map_concat": mapConcat, "map_contains_key": mapContainsKey, "map_entries": mapEntries,
		"map_from_arrays": mapFromArrays, "map_from_entries": mapFromEntries, "str_to_map": strToMap,
	}
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
