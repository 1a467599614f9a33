package kernel_test

import (
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
)

// nestedRows are the rows of TestNestedColumns; the first and the last are cut off.
const nestedRows = `[
	{"tags": ["cut"], "items": [{"sku": "x", "qty": 9}], "m": [{"key": "cut", "value": 0}], "st": {"a": 7, "s": "cut"}, "n": 1},
	{"tags": ["a", null, "b"], "items": [{"sku": "p", "qty": 1}, {"sku": null, "qty": 2}], "m": [{"key": "k", "value": 1}], "st": {"a": 1, "s": "5"}, "n": 2},
	{"tags": null, "items": null, "m": null, "st": null, "n": 3},
	{"tags": [], "items": [], "m": [], "st": {"a": null, "s": "x"}, "n": 4},
	{"tags": ["7"], "items": [null], "m": [{"key": "z", "value": null}], "st": {"a": 5, "s": "8"}, "n": 5},
	{"tags": ["cut"], "items": [], "m": [], "st": null, "n": 6}
]`

// nestedBatch cuts the middle out of nestedRows.
func nestedBatch(t *testing.T, mem memory.Allocator) (*arrow.Schema, []arrow.Array) {
	t.Helper()
	s := schematest.DDL(t, "tags ARRAY<STRING>, items ARRAY<STRUCT<sku: STRING, qty: BIGINT>>, m MAP<STRING, INT>, st STRUCT<a: INT, s: STRING>, n BIGINT")
	rec, _, err := array.RecordFromJSON(mem, s, strings.NewReader(nestedRows))
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Release()
	cols := make([]arrow.Array, rec.NumCols())
	for i := range cols {
		cols[i] = array.NewSlice(rec.Column(i), 1, 5)
	}
	return s, cols
}

func TestNestedColumns(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sql  string
		sel  []int32
		want []string // ! and a class alone for an error
	}{
		{"size(tags)", nil, []string{"3", "NULL", "0", "1"}},
		{"cast(tags as string)", nil, []string{"[a, null, b]", "NULL", "[]", "[7]"}},
		{"cast(items as string)", nil, []string{"[{p, 1}, {null, 2}]", "NULL", "[]", "[null]"}},
		{"cast(m as string)", nil, []string{"{k -> 1}", "NULL", "{}", "{z -> null}"}},
		{"cast(st as string)", nil, []string{"{1, 5}", "NULL", "{null, x}", "{5, 8}"}},
		{"st.a", nil, []string{"1", "NULL", "NULL", "5"}},
		{"st.a + n", nil, []string{"3", "NULL", "NULL", "10"}},
		{"get(tags, 0)", nil, []string{"a", "NULL", "NULL", "7"}},
		{"m['k']", nil, []string{"1", "NULL", "NULL", "NULL"}},
		{"tags[0]", nil, []string{"!INVALID_ARRAY_INDEX"}},
		{"tags[0]", []int32{0, 1, 3}, []string{"a", "NULL", "7"}},
		{"cast(map_keys(m) as string)", nil, []string{"[k]", "NULL", "[]", "[z]"}},
		{"cast(transform(tags, t -> concat(t, n)) as string)", nil, []string{"[a2, null, b2]", "NULL", "[]", "[75]"}},
		{"cast(transform(items, x -> x.qty * n) as string)", nil, []string{"[2, 4]", "NULL", "[]", "[null]"}},
		{"aggregate(items, 0L, (acc, x) -> acc + x.qty)", nil, []string{"3", "NULL", "0", "NULL"}},
		{"coalesce(aggregate(items, 0L, (acc, x) -> acc + x.qty), 0L)", nil, []string{"3", "0", "0", "0"}},
		{"cast(filter(items, x -> x.qty > 1) as string)", nil, []string{"[{null, 2}]", "NULL", "[]", "[]"}},
		{"exists(items, x -> x.qty = 1)", nil, []string{"true", "NULL", "false", "NULL"}},
		{"cast(cast(tags as array<int>) as string)", []int32{1, 2, 3}, []string{"NULL", "[]", "[7]"}},
		{"cast(tags as array<int>)", nil, []string{"!CAST_INVALID_INPUT"}},
		{"cast(try_cast(tags as array<int>) as string)", nil, []string{"[null, null, null]", "NULL", "[]", "[7]"}},
		{"cast(cast(st as struct<a: string, s: int>) as string)", []int32{0, 1, 3}, []string{"{1, 5}", "NULL", "{5, 8}"}},
		{"cast(st as struct<a: string, s: int>)", nil, []string{"!CAST_INVALID_INPUT"}},
		{"cast(cast(m as map<string, double>) as string)", nil, []string{"{k -> 1.0}", "NULL", "{}", "{z -> null}"}},
		{"cast(if(n > 3, tags, array('none')) as string)", nil, []string{"[none]", "[none]", "[]", "[7]"}},
		{"cast(case when n = 2 then st when n = 5 then named_struct('a', 0, 's', 'new') end as string)", nil, []string{"{1, 5}", "NULL", "NULL", "{0, new}"}},
		{"array_contains(tags, 'b')", nil, []string{"true", "NULL", "false", "false"}},
		{"concat_ws('|', tags, n)", nil, []string{"a|b|2", "3", "4", "7|5"}},
		{"cast(sort_array(tags, false) as string)", nil, []string{"[b, a, null]", "NULL", "[]", "[7]"}},
		{"items is null or size(items) = 0", nil, []string{"false", "true", "true", "false"}},
		{"st = named_struct('a', 5, 's', '8')", nil, []string{"false", "NULL", "false", "true"}},
		{"xxhash64(tags) = xxhash64(array('7'))", nil, []string{"false", "false", "false", "true"}},
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

func overNested(t *testing.T, sql string, sel []int32) []string {
	t.Helper()
	mem := memory.NewCheckedAllocator(pool.NewChecked())
	defer mem.AssertSize(t, 0)
	s, cols := nestedBatch(t, mem)
	defer func() {
		for _, c := range cols {
			c.Release()
		}
	}()
	n, err := expr.Parse(sql)
	if err != nil {
		t.Fatal(err)
	}
	b, err := expr.Bind(n, expr.NewScope(s))
	if err != nil {
		t.Fatal(err)
	}
	e, err := kernel.Compile(b)
	if err != nil {
		t.Fatal(err)
	}
	env := &kernel.Env{Alloc: mem, Now: now}
	out, err := e.Eval(env, cols, 4, sel)
	if err != nil {
		return []string{"!" + class(err)}
	}
	defer out.Release()
	checkSelect(t, e, env, cols, 4, sel, out)
	return text(t, mem, out, sel)
}

// TestNullStructHidesItsFields reads a field whose own value is still there under a NULL struct.
func TestNullStructHidesItsFields(t *testing.T) {
	t.Parallel()
	mem := memory.NewCheckedAllocator(pool.NewChecked())
	defer mem.AssertSize(t, 0)
	inner := build(t, mem, []column{{schema.Int, "[1, 2, null, 4]"}}, false)[0]
	defer inner.Release()
	bits := memory.NewBufferBytes([]byte{0b1101})
	fields := []arrow.Field{{Name: "a", Type: schema.Int, Nullable: true}}
	st, err := array.NewStructArrayWithFieldsAndNulls([]arrow.Array{inner}, fields, bits, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Release()
	cut := array.NewSlice(st, 1, 4)
	defer cut.Release()
	e, err := kernel.Compile(expr.BoundField{Arg: col(0, st.DataType()), Index: 0, Name: "a", Typ: schema.Int, Null: true})
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Eval(&kernel.Env{Alloc: mem}, []arrow.Array{cut}, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Release()
	if got := out.String(); got != "[(null) (null) 4]" {
		t.Errorf("%s, want [(null) (null) 4]", got)
	}
}
