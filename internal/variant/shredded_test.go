package variant_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/internal/variant"
)

// The types of shredded columns, from the inside out. In rows of JSON, binary is base 64: AQAA is metadata without names, AA== the null of variants.
func grouped(typed arrow.DataType) *arrow.StructType {
	return arrow.StructOf(
		arrow.Field{Name: "value", Type: arrow.BinaryTypes.Binary, Nullable: true},
		arrow.Field{Name: "typed_value", Type: typed, Nullable: true})
}

func column(typed arrow.DataType) *arrow.StructType {
	return arrow.StructOf(append([]arrow.Field{{Name: "metadata", Type: arrow.BinaryTypes.Binary}}, grouped(typed).Fields()...)...)
}

func event() *arrow.StructType {
	return column(arrow.StructOf(
		arrow.Field{Name: "event_type", Type: grouped(arrow.BinaryTypes.String)},
		arrow.Field{Name: "event_ts", Type: grouped(&arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"})}))
}

func unshred(t *testing.T, typ *arrow.StructType, rows string) ([]string, error) {
	t.Helper()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	a, _, err := array.FromJSON(alloc, typ, strings.NewReader(rows))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Release()
	whole, err := variant.Unshred(alloc, a.(*array.Struct))
	if err != nil {
		return nil, err
	}
	defer whole.Release()
	s := whole.(*array.Struct)
	var got []string
	for i := range s.Len() {
		if s.IsNull(i) {
			got = append(got, "NULL")
			continue
		}
		v, err := variant.New(s.Field(0).(*array.Binary).Value(i), s.Field(1).(*array.Binary).Value(i))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, describe(t, v))
	}
	return got, nil
}

// describe is a value with its kind.
func describe(t *testing.T, v variant.Value) string {
	t.Helper()
	kind, err := v.Kind()
	if err != nil {
		t.Fatal(err)
	}
	switch kind {
	case variant.Null:
		return "null"
	case variant.Boolean:
		return fmt.Sprint(v.Bool())
	case variant.Integer, variant.Date, variant.Timestamp, variant.TimestampNTZ:
		n, err := v.Int()
		return fmt.Sprint(map[variant.Kind]string{variant.Date: "date ", variant.Timestamp: "timestamp ", variant.TimestampNTZ: "ntz "}[kind], n, or(err))
	case variant.Float, variant.Double:
		f, err := v.Float()
		return fmt.Sprint(map[variant.Kind]string{variant.Float: "float "}[kind], f, or(err))
	case variant.Decimal:
		n, scale, err := v.Decimal()
		return n.ToString(scale) + or(err)
	case variant.Object, variant.Array:
		var parts []string
		if err := v.Each(func(name string, part variant.Value) error {
			parts = append(parts, name+":"+describe(t, part))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return map[variant.Kind]string{variant.Object: "object", variant.Array: "array"}[kind] + "(" + strings.Join(parts, " ") + ")"
	case variant.Binary, variant.String, variant.UUID:
	}
	b, err := v.Bytes()
	if kind == variant.String {
		text, _ := json.Marshal(string(b))
		return string(text) + or(err)
	}
	return fmt.Sprintf("%x", b) + or(err)
}

func or(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestUnshred puts the examples of the specification together.
func TestUnshred(t *testing.T) {
	t.Parallel()
	day := arrow.FixedWidthTypes.Date32
	tests := []struct {
		name, rows string
		typ        *arrow.StructType
		want       []string
	}{
		{
			"not shredded", `[{"value": "DAc=", "metadata": "AQAA"}, null]`,
			arrow.StructOf(arrow.Field{Name: "value", Type: arrow.BinaryTypes.Binary}, arrow.Field{Name: "metadata", Type: arrow.BinaryTypes.Binary}),
			[]string{"7", "NULL"},
		},
		{
			"long", `[{"metadata": "AQAA", "value": null, "typed_value": 34}, {"metadata": "AQAA", "value": "AA==", "typed_value": null},
			{"metadata": "AQAA", "value": "DW4vYQ==", "typed_value": null}, {"metadata": "AQAA", "value": null, "typed_value": null}, null]`,
			column(arrow.PrimitiveTypes.Int64),
			[]string{"34", "null", `"n/a"`, "null", "NULL"},
		},
		{"boolean", `[{"metadata": "AQAA", "value": null, "typed_value": true}]`, column(arrow.FixedWidthTypes.Boolean), []string{"true"}},
		{"byte", `[{"metadata": "AQAA", "value": null, "typed_value": -3}]`, column(arrow.PrimitiveTypes.Int8), []string{"-3"}},
		{"short", `[{"metadata": "AQAA", "value": null, "typed_value": 300}]`, column(arrow.PrimitiveTypes.Int16), []string{"300"}},
		{"int", `[{"metadata": "AQAA", "value": null, "typed_value": 70000}]`, column(arrow.PrimitiveTypes.Int32), []string{"70000"}},
		{"float", `[{"metadata": "AQAA", "value": null, "typed_value": 1.5}]`, column(arrow.PrimitiveTypes.Float32), []string{"float 1.5"}},
		{"double", `[{"metadata": "AQAA", "value": null, "typed_value": 1.5}]`, column(arrow.PrimitiveTypes.Float64), []string{"1.5"}},
		{"decimal", `[{"metadata": "AQAA", "value": null, "typed_value": "-12.50"}]`, column(&arrow.Decimal128Type{Precision: 30, Scale: 2}), []string{"-12.50"}},
		{"date", `[{"metadata": "AQAA", "value": null, "typed_value": 19782}]`, column(day), []string{"date 19782"}},
		{
			"ntz", `[{"metadata": "AQAA", "value": null, "typed_value": "1970-01-01 00:00:00.000007"}]`,
			column(&arrow.TimestampType{Unit: arrow.Microsecond}),
			[]string{"ntz 7"},
		},
		{
			"string", `[{"metadata": "AQAA", "value": null, "typed_value": "` + strings.Repeat("x", 100) + `"}]`,
			column(arrow.BinaryTypes.String),
			[]string{`"` + strings.Repeat("x", 100) + `"`},
		},
		{"binary", `[{"metadata": "AQAA", "value": null, "typed_value": "/w=="}]`, column(arrow.BinaryTypes.Binary), []string{"ff"}},
		{
			"list", `[{"metadata": "AQAA", "value": null, "typed_value": [{"value": null, "typed_value": "comedy"}, {"value": "AA==", "typed_value": null}]},
			{"metadata": "AQAA", "value": null, "typed_value": []}, {"metadata": "AQAA", "value": "AA==", "typed_value": null}]`,
			column(arrow.ListOf(grouped(arrow.BinaryTypes.String))),
			[]string{`array(:"comedy" :null)`, "array()", "null"},
		},
		{"object, all of it", `[{"metadata": "AQAA", "value": null, "typed_value": {"event_type": {"value": null, "typed_value": "noop"},
			"event_ts": {"value": null, "typed_value": "1970-01-01 00:00:00.000009Z"}}}]`, event(), []string{`object(event_ts:timestamp 9 event_type:"noop")`}},
		{
			"object, fields missing, null and of another type", `[
			{"metadata": "AQAA", "value": null, "typed_value": {"event_type": {"value": null, "typed_value": null}, "event_ts": {"value": null, "typed_value": null}}},
			{"metadata": "AQAA", "value": null, "typed_value": {"event_type": {"value": "AA==", "typed_value": null}, "event_ts": {"value": "DAc=", "typed_value": null}}}]`,
			event(),
			[]string{"object()", "object(event_ts:7 event_type:null)"},
		},
		{"object, a part of it", `[{"metadata": "AQEAAWI=", "value": "AgEAAAIMBw==", "typed_value":
			{"event_type": {"value": null, "typed_value": "x"}, "event_ts": {"value": null, "typed_value": null}}}]`, event(), []string{`object(b:7 event_type:"x")`}},
		{"no object", `[{"metadata": "AQAA", "value": "DW4vYQ==", "typed_value": null}]`, event(), []string{`"n/a"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := unshred(t, tt.typ, tt.rows)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnshredRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, rows string
		typ        *arrow.StructType
	}{
		{"a value twice", `[{"metadata": "AQAA", "value": "DAc=", "typed_value": 34}]`, column(arrow.PrimitiveTypes.Int64)},
		{"no object beside one", `[{"metadata": "AQAA", "value": "DAc=", "typed_value": {"event_type": {"value": null, "typed_value": null},
			"event_ts": {"value": null, "typed_value": null}}}]`, event()},
		{"damaged metadata", `[{"metadata": "Ag==", "value": "DAc=", "typed_value": null}]`, column(arrow.PrimitiveTypes.Int64)},
		{
			"a type that no variant has", `[{"metadata": "AQAA", "value": null, "typed_value": [{"key": "k", "value": 1}]}]`,
			column(arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64)),
		},
		{"no metadata", `[]`, grouped(arrow.PrimitiveTypes.Int64)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := unshred(t, tt.typ, tt.rows); !errors.Is(err, variant.ErrMalformed) {
				t.Errorf("%v, %v, want ErrMalformed", got, err)
			}
		})
	}
}

// TestBuilder builds nested values whose lengths need one to four bytes, and copies them.
func TestBuilder(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 255, 256, 300, 70_000} {
		var b variant.Builder
		var offsets []int
		for i := range n {
			offsets = append(offsets, b.Pos())
			b.Int(int64(i))
		}
		b.Array(0, offsets)
		start := b.Pos()
		array := b.Value()[:start:start]
		v, err := variant.New(b.Metadata(nil), array)
		if err != nil {
			t.Fatal(err)
		}
		var c variant.Builder
		inner := []variant.Member{{Name: "z", ID: c.ID("z"), At: 0}}
		if err := c.Copy(v); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			name := fmt.Sprint(i)
			inner = append(inner, variant.Member{Name: name, ID: c.ID(name), At: c.Pos()})
			c.String([]byte(name))
		}
		if err := c.Object(0, inner); err != nil {
			t.Fatal(err)
		}
		object, err := variant.New(c.Metadata(nil), c.Value())
		if err != nil {
			t.Fatal(err)
		}
		if count, err := object.Len(); err != nil || count != n+1 {
			t.Errorf("%d fields, %v, want %d", count, err, n+1)
		}
		z, ok, err := object.Field("z")
		if err != nil || !ok {
			t.Fatalf("field z: %v, %v", ok, err)
		}
		if _, ok, err := object.Field("y"); ok || err != nil {
			t.Errorf("a field that is not there: %v, %v", ok, err)
		}
		if n > 0 {
			last, ok, err := z.Element(n - 1)
			if err != nil || !ok || describe(t, last) != fmt.Sprint(n-1) {
				t.Errorf("the last of %d elements: %v, %v", n, ok, err)
			}
		}
		if _, ok, err := z.Element(n); ok || err != nil {
			t.Errorf("an element that is not there: %v, %v", ok, err)
		}
	}
	var b variant.Builder
	if err := b.Object(0, []variant.Member{{Name: "a"}, {Name: "a"}}); !errors.Is(err, variant.ErrMalformed) {
		t.Errorf("a name twice: %v", err)
	}
}
