package kernel_test

import (
	"slices"
	"testing"
)

// addSeeds adds a table of every type of element, one of more rows than a word of a bitmap holds, and one without rows.
func addSeeds(f *testing.F) {
	for seed := range uint64(len(elementTypes())) {
		f.Add(seed, uint8(5+seed), "a:b")
	}
	f.Add(uint64(len(elementTypes())), uint8(70), "b,a")
	f.Add(uint64(0), uint8(0), "")
}

// FuzzArrays holds the functions of arrays against references.
func FuzzArrays(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, seed uint64, rows uint8, text string) {
		n := newNestedTable(t, seed, rows, text, "a ARRAY<$T>, b ARRAY<$T>, aa ARRAY<ARRAY<$T>>, x $T, n INT, k INT")
		for _, ref := range slices.Concat(arrayParts(), arrayEdits(), arraySearches(), arraySets(), arrayOrders()) {
			n.check(t, ref)
		}
	})
}

// FuzzArraysOfMaps holds those of them that need no order against references, over elements that have none.
func FuzzArraysOfMaps(f *testing.F) {
	for i := range unorderedTypes() {
		f.Add(uint64(i), uint8(12), "a:b")
	}
	f.Fuzz(func(t *testing.T, seed uint64, rows uint8, text string) {
		types := unorderedTypes()
		n := newNestedTableOf(t, types[seed%uint64(len(types))], seed, rows, text, "a ARRAY<$T>, b ARRAY<$T>, aa ARRAY<ARRAY<$T>>, x $T, n INT, k INT")
		for _, ref := range slices.Concat(arrayParts(), arrayEdits()) {
			n.check(t, ref)
		}
		n.check(t, reference{"reverse(a)", strict("a", func(v ...any) any { return mirrored(v[0].(list)) })})
	})
}

// arrayParts are the functions that take out of arrays or look into them.
func arrayParts() []reference {
	length := strict("a", func(v ...any) any { return int32(len(v[0].(list))) })
	return []reference{
		{"size(a)", length},
		{"cardinality(a)", length},
		{"array_size(a)", length},
		{"a[n]", strict("a n", func(v ...any) any { return elementOr(v[0].(list), int64(v[1].(int32)), failure("INVALID_ARRAY_INDEX")) })},
		{"get(a, n)", strict("a n", func(v ...any) any { return elementOr(v[0].(list), int64(v[1].(int32)), nil) })},
		{"element_at(a, n)", strict("a n", func(v ...any) any {
			return countedFromOne(v[0].(list), v[1].(int32), failure("INVALID_ARRAY_INDEX_IN_ELEMENT_AT"))
		})},
		{"try_element_at(a, n)", strict("a n", func(v ...any) any { return countedFromOne(v[0].(list), v[1].(int32), nil) })},
		{"slice(a, n, k)", strict("a n k", func(v ...any) any { return sliceOf(v[0].(list), v[1].(int32), v[2].(int32)) })},
		{"flatten(aa)", strict("aa", func(v ...any) any {
			out := list{}
			for _, inner := range v[0].(list) {
				if inner == nil {
					return nil
				}
				out = append(out, inner.(list)...)
			}
			return out
		})},
	}
}

func elementOr(a list, i int64, outside any) any {
	if i < 0 || i >= int64(len(a)) {
		return outside
	}
	return a[i]
}

func countedFromOne(a list, i int32, outside any) any {
	switch {
	case i == 0:
		return failure("INVALID_INDEX_OF_ZERO")
	case i < 0:
		return elementOr(a, int64(len(a))+int64(i), outside)
	default:
		return elementOr(a, int64(i)-1, outside)
	}
}

func sliceOf(a list, from, count int32) any {
	start := int64(from) - 1
	if from < 0 {
		start = int64(len(a)) + int64(from)
	}
	switch {
	case from == 0:
		return failure("INVALID_PARAMETER_VALUE.START")
	case count < 0:
		return failure("INVALID_PARAMETER_VALUE.LENGTH")
	case start < 0 || start >= int64(len(a)):
		return list{}
	}
	end := int32(start) + count // beyond the range of INT it starts again, and nothing is left
	return a[start:max(start, min(int64(end), int64(len(a))))]
}

// arrayEdits are the functions that make arrays longer or shorter.
func arrayEdits() []reference {
	return []reference{
		{"array_append(a, x)", func(r row) any {
			return strict("a", func(v ...any) any { return append(slices.Clone(v[0].(list)), r["x"]) })(r)
		}},
		{"array_prepend(a, x)", func(r row) any {
			return strict("a", func(v ...any) any { return append(list{r["x"]}, v[0].(list)...) })(r)
		}},
		{"array_insert(a, n, x)", func(r row) any {
			return strict("a n", func(v ...any) any { return inserted(v[0].(list), int(v[1].(int32)), r["x"]) })(r)
		}},
		{"array_repeat(x, n)", func(r row) any { return repetition(r["n"], r["x"]) }},
		{"array_repeat(a, k)", func(r row) any { return repetition(r["k"], r["a"]) }},
		{"array(x, null, x)", func(r row) any { return list{r["x"], nil, r["x"]} }},
		{"array(a, b)", func(r row) any { return list{r["a"], r["b"]} }},
		{"concat(a, b, a)", strict("a b", func(v ...any) any { return slices.Concat(v[0].(list), v[1].(list), v[0].(list)) })},
		{"array_compact(a)", strict("a", func(v ...any) any {
			return slices.DeleteFunc(slices.Clone(v[0].(list)), func(x any) bool { return x == nil })
		})},
		{"arrays_zip(a, b)", strict("a b", func(v ...any) any { return zipped(v[0].(list), v[1].(list)) })},
		{"arrays_zip(aa, a, aa)", strict("aa a", func(v ...any) any { return zipped(v[0].(list), v[1].(list), v[0].(list)) })},
	}
}

const mostElements = 1<<31 - 1 - 15

func inserted(a list, at int, x any) any {
	switch {
	case at == 0:
		return failure("INVALID_INDEX_OF_ZERO")
	case max(at, -at) > mostElements:
		return failure("COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER")
	case at < 0:
		backwards := inserted(mirrored(a), -at, x)
		return mirrored(backwards.(list))
	}
	out := slices.Clone(a)
	for len(out) < at-1 {
		out = append(out, nil)
	}
	return slices.Insert(out, at-1, x)
}

func mirrored(a list) list {
	out := slices.Clone(a)
	slices.Reverse(out)
	return out
}

func repetition(count, x any) any {
	switch n, _ := count.(int32); {
	case count == nil:
		return nil
	case n > mostElements:
		return failure("COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER")
	default:
		return slices.Repeat(list{x}, int(max(n, 0)))
	}
}

func zipped(arrays ...list) any {
	out := list{}
	for i := 0; ; i++ {
		f, more := make(fields, len(arrays)), false
		for j, a := range arrays {
			f[j] = elementOr(a, int64(i), nil)
			more = more || i < len(a)
		}
		if !more {
			return out
		}
		out = append(out, f)
	}
}

// arraySearches are the functions that look for an element.
func arraySearches() []reference {
	return []reference{
		{"array_position(a, x)", strict("a x", func(v ...any) any { return int64(index(v[0].(list), v[1])) + 1 })},
		{"array_contains(a, x)", strict("a x", func(v ...any) any {
			a := v[0].(list)
			if index(a, v[1]) < 0 && slices.Contains(a, nil) {
				return nil
			}
			return index(a, v[1]) >= 0
		})},
		{"array_remove(a, x)", strict("a x", func(v ...any) any {
			return slices.DeleteFunc(slices.Clone(v[0].(list)), func(x any) bool { return equal(x, v[1]) })
		})},
	}
}

// arraySets are the functions that take arrays as sets.
func arraySets() []reference {
	return []reference{
		{"array_distinct(a)", strict("a", func(v ...any) any { return members(v[0].(list)) })},
		{"array_union(a, b)", strict("a b", func(v ...any) any { return members(slices.Concat(v[0].(list), v[1].(list))) })},
		{"array_except(a, b)", strict("a b", func(v ...any) any {
			return slices.DeleteFunc(members(v[0].(list)), func(x any) bool { return index(v[1].(list), x) >= 0 })
		})},
		{"array_intersect(a, b)", strict("a b", func(v ...any) any {
			return slices.DeleteFunc(members(v[0].(list)), func(x any) bool { return index(v[1].(list), x) < 0 })
		})},
		{"arrays_overlap(a, b)", strict("a b", func(v ...any) any { return overlap(v[0].(list), v[1].(list)) })},
	}
}

// members keeps the first of equal elements.
func members(a list) list {
	out := list{}
	for _, x := range a {
		if index(out, x) < 0 {
			out = append(out, zero(x))
		}
	}
	return out
}

func overlap(a, b list) any {
	for _, x := range a {
		if x != nil && index(b, x) >= 0 {
			return true
		}
	}
	if len(a) > 0 && len(b) > 0 && (slices.Contains(a, nil) || slices.Contains(b, nil)) {
		return nil
	}
	return false
}

// arrayOrders are the functions that put arrays in order.
func arrayOrders() []reference {
	ascending := func(a list) list { return inserting(a, order) }
	return []reference{
		{"reverse(a)", strict("a", func(v ...any) any { return mirrored(v[0].(list)) })},
		{"sort_array(a)", strict("a", func(v ...any) any { return ascending(v[0].(list)) })},
		{"sort_array(a, false)", strict("a", func(v ...any) any { return inserting(v[0].(list), func(x, y any) int { return order(y, x) }) })},
		{"array_sort(a)", strict("a", func(v ...any) any {
			sorted := ascending(v[0].(list))
			nulls := 0
			for nulls < len(sorted) && sorted[nulls] == nil {
				nulls++
			}
			return append(sorted[nulls:], sorted[:nulls]...)
		})},
		{"array_min(a)", strict("a", func(v ...any) any { return extreme(v[0].(list), -1) })},
		{"array_max(a)", strict("a", func(v ...any) any { return extreme(v[0].(list), 1) })},
	}
}

// inserting sorts by insertion: equal elements stay in their order.
func inserting(a list, order func(x, y any) int) list {
	out := list{}
	for _, x := range a {
		at := len(out)
		for at > 0 && order(out[at-1], x) > 0 {
			at--
		}
		out = slices.Insert(out, at, x)
	}
	return out
}

func extreme(a list, sign int) any {
	var best any
	for _, x := range a {
		if x != nil && (best == nil || sign*order(x, best) > 0) {
			best = x
		}
	}
	return best
}
