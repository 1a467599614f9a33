package schema_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
)

const deltaText = `{"type":"struct","fields":[` +
	`{"name":"a","type":"integer","nullable":false,"metadata":{"delta.columnMapping.id":4,"delta.columnMapping.physicalName":"7",` +
	`"comment":"5"}},` +
	`{"name":"b","type":{"type":"array","elementType":{"type":"struct","fields":[{"name":"c","type":"decimal(10,0)","nullable":true,"metadata":{"x":1e400}}]},` +
	`"containsNull":false},"nullable":true,"metadata":{}},` +
	`{"name":"m","type":{"type":"map","keyType":"string","valueType":"timestamp_ntz","valueContainsNull":false},"nullable":true,` +
	`"metadata":{"__COLLATIONS":{"m.key":"icu.X"},"z":"12","y":"true","w":"\"q\"","v":"plain","n":null}},` +
	`{"name":"i","type":"long","nullable":true,"metadata":{"delta.invariants":"{\"expression\":{\"expression\":\"i > 3\"}}",` +
	`"delta.identity.allowExplicitInsert":false,"delta.typeChanges":[{"toType":"long","fromType":"byte"}]}},` +
	`{"name":"t\"\\\u0001é","type":"void","nullable":true,"metadata":{}}]}`

func TestDeltaRoundTrip(t *testing.T) {
	t.Parallel()
	s, err := schema.UnmarshalDelta(deltaText)
	if err != nil {
		t.Fatal(err)
	}
	got, err := schema.MarshalDelta(s)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(deltaText, got); diff != "" {
		t.Errorf("schema string changed (-want +got):\n%s", diff)
	}
	values := map[string]string{"delta.columnMapping.id": "4", "delta.columnMapping.physicalName": "7", "comment": "5"}
	for k, want := range values {
		if v, _ := s.Field(0).Metadata.GetValue(k); v != want {
			t.Errorf("metadata %s = %q, want %q", k, v, want)
		}
	}
	if v, _ := s.Field(3).Metadata.GetValue("delta.invariants"); v != `{"expression":{"expression":"i > 3"}}` {
		t.Errorf("delta.invariants = %s", v)
	}
}

func TestDeltaTypes(t *testing.T) {
	t.Parallel()
	const types = "a TINYINT, b SMALLINT, c INT, d BIGINT, e FLOAT, f DOUBLE, g DECIMAL(38,18), h STRING, i BINARY, j DATE, k TIMESTAMP, l TIMESTAMP_NTZ, " +
		"m BOOLEAN, n VOID, o ARRAY<STRUCT<p: MAP<STRING, ARRAY<INT>>>> NOT NULL COMMENT 'c'"
	s := schematest.DDL(t, types)
	text, err := schema.MarshalDelta(s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := schema.UnmarshalDelta(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := schema.DDL(again); got != types {
		t.Errorf("after the log: %s\nwant           %s", got, types)
	}
}

func TestUnmarshalDeltaLenient(t *testing.T) {
	t.Parallel()
	s, err := schema.UnmarshalDelta(` {"fields":[{"type":"decimal","name":"a"},{"name":"b","type":"null","metadata":null},
		{"name":"c","type":"string","metadata":{"comment":null}}],"type":"struct"} `)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := schema.DDL(s), "a DECIMAL(10,0), b VOID, c STRING"; got != want {
		t.Errorf("schema = %s, want %s", got, want)
	}
}

func TestUnmarshalDeltaErrors(t *testing.T) {
	t.Parallel()
	field := func(typ string) string {
		return `{"type":"struct","fields":[{"name":"a","type":{"type":"array","elementType":` + typ + `}}]}`
	}
	tests := []struct{ name, text, want string }{
		{"empty", "", "a type is missing"},
		{"cut", `{"type":"struct","fields":[`, "unexpected end"},
		{"trailing", `{"type":"struct","fields":[]} x`, "invalid character"},
		{"not a struct", `"string"`, "the root is string"},
		{"unknown primitive", field(`"wonder"`), `column a.element: type "wonder": this version of medallion does not know it`},
		{"unknown nested", field(`{"type":"udt"}`), `"udt"`},
		{"geometry", field(`"geometry(OGC:CRS84)"`), "geometry"},
		{"interval", field(`"interval year to month"`), "interval"},
		{"decimal", field(`"decimal(40,1)"`), "decimal(40,1)"},
		{"no name", `{"type":"struct","fields":[{"type":"string"}]}`, "field 0 of a struct has no name"},
		{"no type", `{"type":"struct","fields":[{"name":"a"}]}`, "a type is missing"},
		{"metadata", `{"type":"struct","fields":[{"name":"a","type":"string","metadata":[]}]}`, "metadata of column a"},
		{"comment", `{"type":"struct","fields":[{"name":"a","type":"string","metadata":{"comment":5}}]}`, "comment is 5, not a string"},
		{"deep", field(strings.Repeat(`{"type":"array","elementType":`, 200) + `"long"` + strings.Repeat("}", 200)), "nest deeper"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := schema.UnmarshalDelta(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestMarshalDeltaRefusesWhatTablesCannotHold(t *testing.T) {
	t.Parallel()
	for _, typ := range []arrow.DataType{
		arrow.PrimitiveTypes.Uint8, arrow.FixedWidthTypes.MonthInterval, arrow.FixedWidthTypes.Timestamp_ns, arrow.BinaryTypes.LargeString,
		&arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "Europe/Oslo"}, schema.DecimalOf(39, 0),
	} {
		nested := schema.MapOf(schema.String, schema.ArrayOf(typ, true), true)
		_, err := schema.MarshalDelta(arrow.NewSchema([]arrow.Field{{Name: "a", Type: nested}}, nil))
		var typeError *schema.TypeError
		if !errors.As(err, &typeError) || typeError.Column != "a.value.element" {
			t.Errorf("%s: error = %v, want a *TypeError for a.value.element", typ, err)
		}
	}
}

func FuzzUnmarshalDelta(f *testing.F) {
	f.Add(deltaText)
	f.Add(`{"type":"struct","fields":[{"name":"0","type":"long","metadata":{"":false,"":[]}}]}`)
	f.Add(`{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{"k":{"x":[1, "2"]}}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := schema.UnmarshalDelta(text)
		if err != nil {
			return
		}
		out, err := schema.MarshalDelta(s)
		if err != nil {
			t.Fatalf("%q cannot be written again: %v", text, err)
		}
		if !json.Valid([]byte(out)) {
			t.Fatalf("%q is written as %q, which is no JSON", text, out)
		}
		again, err := schema.UnmarshalDelta(out)
		if err != nil || !schema.EqualFields(s.Fields(), again.Fields(), schema.Nullability, schema.Metadata) {
			t.Fatalf("%q is written as %q: another schema (%v)", text, out, err)
		}
	})
}
