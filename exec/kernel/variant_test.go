package kernel_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// variantBatch is a column v of VARIANT (7, NULL, {"a":7}), and others.
func variantBatch(t *testing.T, alloc memory.Allocator) arrow.RecordBatch {
	t.Helper()
	s := arrow.NewSchema([]arrow.Field{
		{Name: "v", Type: schema.VariantType, Nullable: true},
		{Name: "l", Type: schema.ArrayOf(schema.VariantType, true), Nullable: true},
		{Name: "s", Type: arrow.StructOf(arrow.Field{Name: "v", Type: schema.VariantType, Nullable: true}), Nullable: true},
		{Name: "m", Type: schema.MapOf(schema.String, schema.VariantType, true), Nullable: true},
		{Name: "n", Type: schema.Int, Nullable: true},
		{Name: "x", Type: schema.String, Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(alloc, s)
	defer b.Release()
	seven, object := schema.Variant{Metadata: []byte{1, 0, 0}, Value: []byte{0x0c, 7}}, schema.Variant{Metadata: []byte("\x01\x01\x00\x01a"), Value: []byte("\x02\x01\x00\x00\x02\x0c\x07")}
	for i, v := range []*schema.Variant{&seven, nil, &object} {
		add := func(b array.Builder) {
			if v == nil {
				b.AppendNull()
				return
			}
			st := b.(*array.ExtensionBuilder).StorageBuilder().(*array.StructBuilder)
			st.Append(true)
			st.FieldBuilder(0).(*array.BinaryBuilder).Append(v.Metadata)
			st.FieldBuilder(1).(*array.BinaryBuilder).Append(v.Value)
		}
		add(b.Field(0))
		b.Field(1).(*array.ListBuilder).Append(true)
		add(b.Field(1).(*array.ListBuilder).ValueBuilder())
		b.Field(2).(*array.StructBuilder).Append(true)
		add(b.Field(2).(*array.StructBuilder).FieldBuilder(0))
		b.Field(3).(*array.MapBuilder).Append(true)
		b.Field(3).(*array.MapBuilder).KeyBuilder().(*array.StringBuilder).Append("k")
		add(b.Field(3).(*array.MapBuilder).ItemBuilder())
		b.Field(4).(*array.Int32Builder).Append(int32(i))
		b.Field(5).(*array.StringBuilder).Append(fmt.Sprint("x", i))
	}
	return b.NewRecordBatch()
}

// TestVariantsInFunctions gives variants, alone and nested, to every function: it takes them or is refused when it is bound.
func TestVariantsInFunctions(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	t.Cleanup(func() { alloc.AssertSize(t, 0) })
	rec := variantBatch(t, alloc)
	t.Cleanup(rec.Release)
	env := &kernel.Env{Alloc: alloc}
	taken := map[string]bool{}
	try := func(text string) {
		defer func() {
			if r := recover(); r != nil {
				t.Errorf("%s: panic: %v", text, r)
			}
		}()
		n, err := expr.Parse(text)
		if err != nil {
			return
		}
		bound, err := expr.Bind(n, expr.NewScope(rec.Schema()))
		if err != nil {
			return
		}
		compiled, err := kernel.Compile(bound)
		if err != nil {
			t.Errorf("%s is bound, and not compiled: %v", text, err)
			return
		}
		a, err := compiled.Eval(env, rec.Columns(), int(rec.NumRows()), nil)
		if err == nil {
			a.Release()
			taken[text] = true
		}
	}
	args := []string{"v", "l", "s", "m"}
	for _, name := range append(kernel.Names(), "coalesce", "if", "nullif", "nvl", "nvl2", "ifnull") {
		for _, a := range args {
			for _, rest := range [][]string{{}, {a}, {"n"}, {"x"}, {"'a'"}, {a, a}, {"n", "n"}, {"1", a}, {"x -> x"}} {
				try(name + "(" + strings.Join(append([]string{a}, rest...), ", ") + ")")
				if len(rest) > 0 {
					try(name + "(" + strings.Join(append(rest, a), ", ") + ")")
				}
			}
		}
	}
	for _, a := range args {
		for _, typ := range []string{"STRING", "INT", "BINARY", "VARIANT", "ARRAY<STRING>", "STRUCT<v: STRING>", "MAP<STRING, STRING>", "BOOLEAN", "DATE"} {
			try("CAST(" + a + " AS " + typ + ")")
			try("try_cast(" + a + " AS " + typ + ")")
		}
		for _, form := range []string{"%s = %s", "%s < %s", "%s <=> %s", "%s IN (%s)", "%s || %s", "%s IS NULL OR %s IS NOT NULL", "CASE WHEN n = 0 THEN %s ELSE %s END", "CASE %s WHEN %s THEN 1 END", "%s + %s"} {
			try(fmt.Sprintf(form, a, a))
		}
	}
	for _, text := range []string{"coalesce(v, v)", "to_json(v)", "CASE WHEN n = 0 THEN v ELSE v END", "to_json(l)", "v IS NULL OR v IS NOT NULL"} {
		if !taken[text] {
			t.Errorf("%s is refused", text)
		}
	}
	for _, text := range []string{"v = v", "v < v", "v IN (v)", "l = l", "CAST(s AS STRING)", "concat(v, 'a')"} {
		if taken[text] {
			t.Errorf("%s is taken", text)
		}
	}
}
