package parquet

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// group and field make schema elements.
func group(name string, r meta.Repetition, c meta.Converted, children int32) meta.SchemaElement {
	return meta.SchemaElement{Type: meta.NoType, Name: name, Repetition: r, Converted: c, NumChildren: children}
}

func field(name string, r meta.Repetition, t meta.Type, c meta.Converted) meta.SchemaElement {
	return meta.SchemaElement{Type: t, Name: name, Repetition: r, Converted: c}
}

func logical(e meta.SchemaElement, l meta.LogicalType) meta.SchemaElement {
	e.Logical = l
	return e
}

func TestShapes(t *testing.T) {
	t.Parallel()
	const req, opt, rep = meta.Required, meta.Optional, meta.Repeated
	tests := []struct {
		name string
		in   []meta.SchemaElement // the only column
		want string
	}{
		{
			"list of three levels",
			[]meta.SchemaElement{group("c", opt, meta.ConvList, 1), group("list", rep, -1, 1), field("element", opt, meta.Int32, -1)},
			"c: type=list<element: int32, nullable>, nullable",
		},
		{
			"element named item in bag",
			[]meta.SchemaElement{group("c", opt, meta.ConvList, 1), group("bag", rep, -1, 1), field("array_element", opt, meta.Int32, -1)},
			"c: type=list<element: int32, nullable>, nullable",
		},
		{
			"list of two levels",
			[]meta.SchemaElement{group("c", opt, meta.ConvList, 1), field("array", rep, meta.Int64, -1)},
			"c: type=list<element: int64>, nullable",
		},
		{
			"struct named array",
			[]meta.SchemaElement{group("c", req, meta.ConvList, 1), group("array", rep, -1, 1), field("a", opt, meta.Int32, -1)},
			"c: type=list<element: struct<a: int32 nullable>>",
		},
		{
			"struct named tuple",
			[]meta.SchemaElement{group("c", req, meta.ConvList, 1), group("c_tuple", rep, -1, 1), field("a", opt, meta.Int32, -1)},
			"c: type=list<element: struct<a: int32 nullable>>",
		},
		{
			"struct of two fields",
			[]meta.SchemaElement{group("c", req, meta.ConvList, 1), group("element", rep, -1, 2), field("a", opt, meta.Int32, -1), field("b", req, meta.Int32, -1)},
			"c: type=list<element: struct<a: int32 nullable, b: int32>>",
		},
		{
			"repeated in repeated",
			[]meta.SchemaElement{group("c", req, meta.ConvList, 1), group("element", rep, -1, 1), field("a", rep, meta.Int32, -1)},
			"c: type=list<element: struct<a: list<element: int32>>>",
		},
		{"bare repeated", []meta.SchemaElement{field("c", rep, meta.ByteArray, meta.ConvUTF8)}, "c: type=list<element: utf8>"},
		{"bare repeated group", []meta.SchemaElement{group("c", rep, -1, 1), field("a", opt, meta.Int32, -1)}, "c: type=list<element: struct<a: int32 nullable>>"},
		{
			"map",
			[]meta.SchemaElement{group("c", opt, meta.ConvMap, 1), group("key_value", rep, -1, 2), field("key", req, meta.ByteArray, meta.ConvUTF8), field("value", opt, meta.Int32, -1)},
			"c: type=map<utf8, int32, items_nullable>, nullable",
		},
		{
			"old map",
			[]meta.SchemaElement{group("c", opt, meta.ConvMapKeyValue, 1), group("map", rep, meta.ConvMapKeyValue, 2), field("k", req, meta.Int32, -1), field("v", req, meta.Int32, -1)},
			"c: type=map<int32, int32, items_non_nullable>, nullable",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := &treeBuilder{elements: append([]meta.SchemaElement{group("root", meta.NoRepetition, -1, 1)}, tt.in...)}
			nodes, err := b.build()
			if err != nil {
				t.Fatal(err)
			}
			want, got := tt.want, nodes[0].field.String()
			if got != want {
				t.Errorf("\ngot  %s\nwant %s", got, want)
			}
		})
	}
}

func TestLeafTypes(t *testing.T) {
	t.Parallel()
	flba := func(n int32, l meta.LogicalType) meta.SchemaElement {
		return meta.SchemaElement{Type: meta.FixedLenByteArray, TypeLength: n, Converted: -1, Logical: l}
	}
	decimal := func(typ meta.Type, p, s int32) meta.SchemaElement {
		return meta.SchemaElement{Type: typ, TypeLength: 9, Converted: meta.ConvDecimal, Precision: p, Scale: s}
	}
	f := func(typ meta.Type, c meta.Converted) meta.SchemaElement { return field("c", meta.Optional, typ, c) }
	stamp := func(u meta.TimeUnit, utc bool) meta.SchemaElement {
		return logical(f(meta.Int64, -1), meta.LogicalType{Kind: meta.LogicalTimestamp, Unit: u, UTC: utc})
	}
	integer := func(typ meta.Type, bits int8, signed bool) meta.SchemaElement {
		return logical(f(typ, -1), meta.LogicalType{Kind: meta.LogicalInt, Bits: bits, Signed: signed})
	}
	tests := []struct {
		in   meta.SchemaElement
		want string
	}{
		{f(meta.Boolean, -1), "bool"},
		{f(meta.Int32, -1), "int32"},
		{f(meta.Int32, meta.ConvInt8), "int8"},
		{f(meta.Int32, meta.ConvUint8), "int16"},
		{f(meta.Int32, meta.ConvInt16), "int16"},
		{f(meta.Int32, meta.ConvUint16), "int32"},
		{f(meta.Int32, meta.ConvUint32), "int64"},
		{f(meta.Int64, meta.ConvUint64), "decimal(20, 0)"},
		{f(meta.Int32, meta.ConvDate), "date32"},
		{integer(meta.Int32, 8, true), "int8"},
		{integer(meta.Int32, 32, true), "int32"},
		{integer(meta.Int32, 32, false), "int64"},
		{integer(meta.Int64, 64, false), "decimal(20, 0)"},
		{f(meta.Int64, meta.ConvMicros), "timestamp[us, tz=UTC]"},
		{f(meta.Int64, meta.ConvMillis), "timestamp[us, tz=UTC]"},
		{stamp(meta.Nanos, true), "timestamp[us, tz=UTC]"},
		{stamp(meta.Micros, false), "timestamp[us]"},
		{f(meta.Int96, -1), "timestamp[us, tz=UTC]"},
		{f(meta.ByteArray, meta.ConvUTF8), "utf8"},
		{f(meta.ByteArray, meta.ConvEnum), "utf8"},
		{f(meta.ByteArray, meta.ConvJSON), "utf8"},
		{f(meta.ByteArray, meta.ConvBSON), "binary"},
		{f(meta.ByteArray, -1), "binary"},
		{flba(16, meta.LogicalType{Kind: meta.LogicalUUID}), "binary"},
		{flba(2, meta.LogicalType{Kind: meta.LogicalFloat16}), "float32"},
		{decimal(meta.Int32, 9, 2), "decimal(9, 2)"},
		{decimal(meta.Int64, 18, 0), "decimal(18, 0)"},
		{decimal(meta.FixedLenByteArray, 20, 4), "decimal(20, 4)"},
		{decimal(meta.ByteArray, 38, 38), "decimal(38, 38)"},
		{decimal(meta.ByteArray, 39, 0), "DECIMAL(39,0)"},
		{decimal(meta.Double, 9, 2), "DECIMAL as DOUBLE"},
		{f(meta.Int32, meta.ConvTimeMillis), "TIME"},
		{f(meta.Type(9), -1), "the physical type 9"},
	}
	for _, tt := range tests {
		l, what := typeOfLeaf(&tt.in)
		if what == "" {
			what = l.typ.String()
		}
		if what != tt.want {
			t.Errorf("%+v: got %s, want %s", tt.in, what, tt.want)
		}
	}
}

// Schemas that cannot be are refused, whatever they try.
func TestBadSchemas(t *testing.T) {
	t.Parallel()
	deep := []meta.SchemaElement{group("root", meta.NoRepetition, -1, 1)}
	for range 100 {
		deep = append(deep, group("g", meta.Optional, -1, 1))
	}
	tests := map[string][]meta.SchemaElement{
		"empty":                nil,
		"too few":              {group("root", meta.NoRepetition, -1, 2), field("c", meta.Optional, meta.Int32, -1)},
		"too many":             {group("root", meta.NoRepetition, -1, 0), field("c", meta.Optional, meta.Int32, -1)},
		"empty group":          {group("root", meta.NoRepetition, -1, 1), group("c", meta.Optional, -1, 0)},
		"no repetition":        {group("root", meta.NoRepetition, -1, 1), field("c", meta.NoRepetition, meta.Int32, -1)},
		"list without":         {group("root", meta.NoRepetition, -1, 1), group("c", meta.Optional, meta.ConvList, 1), field("e", meta.Optional, meta.Int32, -1)},
		"map of one":           {group("root", meta.NoRepetition, -1, 1), group("c", meta.Optional, meta.ConvMap, 1), group("m", meta.Repeated, -1, 1), field("k", meta.Required, meta.Int32, -1)},
		"fixed without length": {group("root", meta.NoRepetition, -1, 1), field("c", meta.Optional, meta.FixedLenByteArray, -1)},
		"deep":                 deep,
	}
	for name, in := range tests {
		if _, err := (&treeBuilder{elements: in}).build(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestWriteThenReadSchema(t *testing.T) {
	t.Parallel()
	want := arrow.NewSchema([]arrow.Field{
		{Name: "a", Type: arrow.ListOfField(arrow.Field{Name: "element", Type: arrow.PrimitiveTypes.Int64})},
		{Name: "b", Type: arrow.MapOfFields(arrow.Field{Name: "key", Type: arrow.BinaryTypes.String}, arrow.Field{Name: "value", Type: timestampUTC, Nullable: true}), Nullable: true},
	}, nil)
	p, err := planSchema(want)
	if err != nil {
		t.Fatal(err)
	}
	nodes, err := (&treeBuilder{elements: p.elements}).build()
	if err != nil {
		t.Fatal(err)
	}
	if got := arrow.NewSchema([]arrow.Field{nodes[0].field, nodes[1].field}, nil); !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}
}
