package kernel_test

import (
	"slices"
	"testing"
)

// FuzzMaps holds the functions of maps against references.
func FuzzMaps(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, seed uint64, rows uint8, text string) {
		n := newNestedTable(t, seed, rows, text, "a ARRAY<$T>, b ARRAY<$T>, m MAP<$T, $T>, w MAP<$T, $T>, e ARRAY<STRUCT<key: $T, value: $T>>, x $T, n INT")
		for _, ref := range slices.Concat(mapParts(), mapMakers()) {
			n.check(t, ref)
		}
	})
}

// mapParts are the functions that take maps apart and look into them.
func mapParts() []reference {
	value := strict("m x", func(v ...any) any { return v[0].(entries).value(v[1]) })
	return []reference{
		{"size(m)", strict("m", func(v ...any) any { return int32(len(v[0].(entries))) })},
		{"m[x]", value},
		{"element_at(m, x)", value},
		{"try_element_at(m, x)", value},
		{"map_contains_key(m, x)", strict("m x", func(v ...any) any { return v[0].(entries).find(v[1]) >= 0 })},
		{"map_keys(m)", strict("m", func(v ...any) any { return v[0].(entries).side(0) })},
		{"map_values(m)", strict("m", func(v ...any) any { return v[0].(entries).side(1) })},
		{"map_entries(m)", strict("m", func(v ...any) any {
			out := list{}
			for _, e := range v[0].(entries) {
				out = append(out, fields(e[:]))
			}
			return out
		})},
	}
}

func (m entries) find(key any) int {
	return slices.IndexFunc(m, func(e [2]any) bool { return equal(e[0], key) })
}

// value is NULL for a key that the map lacks.
func (m entries) value(key any) any {
	if at := m.find(key); at >= 0 {
		return m[at][1]
	}
	return nil
}

// side is the keys, 0, or the values, 1.
func (m entries) side(part int) list {
	out := list{}
	for _, e := range m {
		out = append(out, e[part])
	}
	return out
}

// mapMakers are the functions that make maps, with each key once.
func mapMakers() []reference {
	again := strict("m", func(v ...any) any { return mapOf(v[0].(entries).side(0), v[0].(entries).side(1)) })
	return []reference{
		{"map_from_arrays(a, b)", strict("a b", func(v ...any) any { return mapOver(v[0].(list), v[1].(list)) })},
		{"map_from_arrays(map_keys(m), map_values(m))", strict("m", func(v ...any) any { return v[0] })},
		{"map_from_arrays(array_distinct(array_compact(a)), transform(array_distinct(array_compact(a)), v -> n))", func(r row) any {
			return strict("a", func(v ...any) any {
				keys := members(present(v[0].(list)))
				return mapOf(keys, slices.Repeat(list{r["n"]}, len(keys)))
			})(r)
		}},
		{"map_from_entries(map_entries(m))", again},
		{"map_from_entries(e)", strict("e", func(v ...any) any {
			var keys, values list
			for _, e := range v[0].(list) {
				if e == nil {
					return nil
				}
				keys, values = append(keys, e.(fields)[0]), append(values, e.(fields)[1])
			}
			return mapOf(keys, values)
		})},
		{"map(x, n)", func(r row) any { return mapOf(list{r["x"]}, list{r["n"]}) }},
		{"map(n, x, 1, a[0])", func(r row) any {
			a, _ := r["a"].(list)
			if r["a"] != nil && len(a) == 0 {
				return failure("INVALID_ARRAY_INDEX")
			}
			return mapOf(list{r["n"], int32(1)}, list{r["x"], elementOr(a, 0, nil)})
		}},
		{"map_concat(m)", again},
		{"map_concat(m, w)", strict("m w", func(v ...any) any {
			m, w := v[0].(entries), v[1].(entries)
			return mapOf(slices.Concat(m.side(0), w.side(0)), slices.Concat(m.side(1), w.side(1)))
		})},
	}
}

// mapOf makes a map of keys one by one, for which -0.0 is 0.0.
func mapOf(keys, values list) any {
	out := mapOver(keys, values)
	if m, ok := out.(entries); ok {
		for i := range m {
			m[i][0] = zero(m[i][0])
		}
	}
	return out
}

// mapOver takes the keys as they are. It refuses those that are NULL or come again.
func mapOver(keys, values list) any {
	if len(keys) != len(values) {
		return failure("_LEGACY_ERROR_TEMP_2017")
	}
	out := entries{}
	for i, k := range keys {
		switch {
		case k == nil:
			return failure("NULL_MAP_KEY")
		case out.find(k) >= 0:
			return failure("DUPLICATED_MAP_KEY")
		}
		out = append(out, [2]any{k, values[i]})
	}
	return out
}
