package kernel_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// bound binds an expression over no columns of which text is one of the constants.
func bound(t *testing.T, node expr.Node) expr.Bound {
	t.Helper()
	b, err := expr.Bind(node, expr.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func callOf(function string, args ...expr.Node) expr.Node {
	return expr.Call{Func: function, Args: args}
}

func textNode(s string) expr.Node { return expr.Literal{Value: s, Type: schema.String} }

// FuzzFromJSON reads any text by several schemas: never a panic, and what to_json prints of it is read as the same again.
func FuzzFromJSON(f *testing.F) {
	for _, s := range []string{
		"", "{}", `{"a":1,"b":["x",null]}`, `{"a":"x","b":[1,{"c":2}]}`, `{"a":1,"a":2}`, `{"a":1]`, `{"a":[1}`, `[{"a":1},{"b":[]}]`, `{"a":{"b":`, `{'a':NaN}`,
		`{"a":1} x`, "\x00", `{"\ud800":"\u00e9"}`, `[[[[`, `{"a":1e999,"b":[{"a":{}}]}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		for _, schemaText := range []string{
			"a BIGINT, b ARRAY<STRING>", "ARRAY<STRUCT<a: DOUBLE, b: MAP<STRING, BOOLEAN>>>", "MAP<STRING, STRING>", "a STRUCT<b: STRUCT<c: INT>>, _corrupt_record STRING",
		} {
			first := one(t, bound(t, callOf("to_json", callOf("from_json", textNode(s), textNode(schemaText)))))
			if first == "NULL" || strings.Contains(schemaText, "_corrupt_record") {
				continue // the kept text is no JSON of the schema
			}
			second := one(t, bound(t, callOf("to_json", callOf("from_json", textNode(first), textNode(schemaText)))))
			if second != first {
				t.Errorf("%q by %s is %s, which is read as %s", s, schemaText, first, second)
			}
		}
	})
}

// FuzzDatePattern prints a time by a pattern that says everything about it, and reads it back.
func FuzzDatePattern(f *testing.F) {
	f.Add(int64(0), uint8(0))
	f.Add(int64(1_709_211_906_789_123), uint8(1))
	f.Add(int64(-62_135_596_800_000_000), uint8(2))
	patterns := []string{"yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX", "yyyy-DDD kk:mm:ss.SSSSSS[ Z]", "dd LLLL yyyy KK:mm:ss.SSSSSS a", "yyyyMMdd[ HH[:mm[:ss.SSSSSS]]]"}
	f.Fuzz(func(t *testing.T, micros int64, choice uint8) {
		const first, last = -62_135_596_800_000_000, 253_402_300_799_999_999 // years 1 to 9999
		if micros < first || micros > last {
			return
		}
		pattern := textNode(patterns[int(choice)%len(patterns)])
		at := callOf("timestamp_micros", expr.Literal{Value: micros, Type: schema.BigInt})
		text := one(t, bound(t, callOf("date_format", at, pattern)))
		back := one(t, bound(t, callOf("unix_micros", callOf("to_timestamp", textNode(text), pattern))))
		if want := one(t, bound(t, callOf("unix_micros", at))); back != want {
			t.Errorf("%d by %v is %s, which is read as %s", micros, pattern, text, back)
		}
	})
}
