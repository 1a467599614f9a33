package kernel_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNestedFunctions runs the functions over arrays and maps on columns that are cut out of longer ones.
func TestNestedFunctions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sql  string
		sel  []int32
		want []string // ! and a class alone for an error
	}{
		{"cast(array_append(tags, 'z') as string)", nil, []string{"[a, null, b, z]", "NULL", "[z]", "[7, z]"}},
		{"cast(array_append(tags, st.s) as string)", nil, []string{"[a, null, b, 5]", "NULL", "[x]", "[7, 8]"}},
		{"cast(array_prepend(items, items[0]) as string)", []int32{0, 3}, []string{"[{p, 1}, {p, 1}, {null, 2}]", "[null, null]"}},
		{"cast(array_insert(tags, -5, 'z') as string)", nil, []string{"[z, null, a, null, b]", "NULL", "[z, null, null, null, null]", "[z, null, null, null, 7]"}},
		{"cast(array_insert(tags, cast(n as int), 'z') as string)", nil, []string{"[a, z, null, b]", "NULL", "[null, null, null, z]", "[7, null, null, null, z]"}},
		{"array_insert(tags, cast(n - 4 as int), 'z')", nil, []string{"!INVALID_INDEX_OF_ZERO"}},
		{"cast(array_compact(tags) as string)", nil, []string{"[a, b]", "NULL", "[]", "[7]"}},
		{"cast(array_remove(tags, 'a') as string)", nil, []string{"[null, b]", "NULL", "[]", "[7]"}},
		{"array_position(tags, 'b')", nil, []string{"3", "NULL", "0", "0"}},
		{"cast(array_repeat(st, 2) as string)", nil, []string{"[{1, 5}, {1, 5}]", "[null, null]", "[{null, x}, {null, x}]", "[{5, 8}, {5, 8}]"}},
		{"cast(array_union(tags, array('7', 'a', null)) as string)", nil, []string{"[a, null, b, 7]", "NULL", "[7, a, null]", "[7, a, null]"}},
		{"cast(array_except(tags, array('7', null)) as string)", nil, []string{"[a, b]", "NULL", "[]", "[]"}},
		{"cast(array_intersect(array('b', 'b', '7'), tags) as string)", nil, []string{"[b]", "NULL", "[]", "[7]"}},
		{"arrays_overlap(tags, array('7', 'x'))", nil, []string{"NULL", "NULL", "false", "true"}},
		{"cast(arrays_zip(tags, items) as string)", nil, []string{"[{a, {p, 1}}, {null, {null, 2}}, {b, null}]", "NULL", "[]", "[{7, null}]"}},
		{"cast(array_sort(tags) as string)", nil, []string{"[a, b, null]", "NULL", "[]", "[7]"}},
		{
			"cast(array_sort(tags, (x, y) -> case when x is null then 1 when y is null then -1 when x < y then 1 when x > y then -1 else 0 end) as string)",
			nil,
			[]string{"[b, a, null]", "NULL", "[]", "[7]"},
		},
		{"array_sort(tags, (x, y) -> cast(n as int) - 2 + nullif(0, 0))", []int32{0}, []string{"!COMPARATOR_RETURNS_NULL"}},
		{"cast(sequence(n, 4L) as string)", nil, []string{"[2, 3, 4]", "[3, 4]", "[4]", "[5, 4]"}},
		{"sequence(n, 4L, 1L)", nil, []string{"!ILLEGAL_SEQUENCE_BOUNDARIES"}},
		{"try_element_at(tags, 2)", nil, []string{"NULL", "NULL", "NULL", "NULL"}},
		{"try_element_at(m, 'k')", nil, []string{"1", "NULL", "NULL", "NULL"}},
		{"cast(map_concat(m, map('q', cast(n as int))) as string)", nil, []string{"{k -> 1, q -> 2}", "NULL", "{q -> 4}", "{z -> null, q -> 5}"}},
		{"map_concat(m, map('z', 1))", nil, []string{"!DUPLICATED_MAP_KEY"}},
		{"map_contains_key(m, 'z')", nil, []string{"false", "NULL", "false", "true"}},
		{"cast(map_entries(m) as string)", nil, []string{"[{k, 1}]", "NULL", "[]", "[{z, null}]"}},
		{"cast(map_from_arrays(map_keys(m), array(n)) as string)", []int32{0, 3}, []string{"{k -> 2}", "{z -> 5}"}},
		{"map_from_arrays(tags, array(1, 2, 3))", []int32{0}, []string{"!NULL_MAP_KEY"}},
		{"cast(map_from_entries(map_entries(m)) as string)", nil, []string{"{k -> 1}", "NULL", "{}", "{z -> null}"}},
		{"cast(map_from_entries(items) as string)", []int32{2, 3}, []string{"{}", "NULL"}},
		{"cast(str_to_map(concat('a=', n, ';b'), ';', '=') as string)", nil, []string{"{a -> 2, b -> null}", "{a -> 3, b -> null}", "{a -> 4, b -> null}", "{a -> 5, b -> null}"}},
		{
			"cast(zip_with(tags, items, (x, y) -> concat(coalesce(x, '-'), coalesce(y.qty, 0L), n)) as string)",
			nil,
			[]string{"[a12, -22, b02]", "NULL", "[]", "[705]"},
		},
		{"cast(map_filter(m, (k, v) -> v < n) as string)", nil, []string{"{k -> 1}", "NULL", "{}", "{}"}},
		{"cast(transform_keys(m, (k, v) -> concat(k, n)) as string)", nil, []string{"{k2 -> 1}", "NULL", "{}", "{z5 -> null}"}},
		{"cast(transform_values(m, (k, v) -> concat(k, coalesce(v, n))) as string)", nil, []string{"{k -> k1}", "NULL", "{}", "{z -> z5}"}},
		{
			"cast(map_zip_with(m, map('k', n), (k, x, y) -> concat(k, coalesce(x, -1), coalesce(y, -1L))) as string)",
			nil,
			[]string{"{k -> k12}", "NULL", "{k -> k-14}", "{z -> z-1-1, k -> k-15}"},
		},
		{"cast(transform(tags, x -> zip_with(array(x), array(n), (p, q) -> concat(p, q, x))) as string)", nil, []string{"[[a2a], [null], [b2b]]", "NULL", "[]", "[[757]]"}},
		{"cast(transform(array(0D, -0D), x -> size(array_distinct(array(x, 0D)))) as string)", []int32{0}, []string{"[1, 1]"}},
	}
	for _, tt := range tests {
		t.Run(tt.sql, func(t *testing.T) {
			t.Parallel()
			got := overNested(t, tt.sql, tt.sel)
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}
