package ndjson_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/ndjson"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
)

// parse gives the rows as JSON, and the counts of all batches. It checks that no memory is left over.
func parse(t testing.TB, c ndjson.Config, chunks ...string) (rows []string, counts ndjson.Counts) {
	t.Helper()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	c.Alloc = alloc
	p, err := ndjson.New(c)
	if err != nil {
		t.Fatal(err)
	}
	for i, chunk := range chunks {
		err := p.Parse([]byte(chunk), int64(i+1), func(b arrow.RecordBatch, n ndjson.Counts) error {
			if n.Rows != b.NumRows() {
				t.Errorf("counted %d rows in a batch of %d", n.Rows, b.NumRows())
			}
			counts.Rows += n.Rows
			counts.Corrupt += n.Corrupt
			counts.Rescued += n.Rescued
			for i := range int(b.NumRows()) {
				rows = append(rows, string(schema.AppendRowJSON(nil, b, i)))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return rows, counts
}

// value is what a column of this type holds after reading the JSON value v, and the rescued data.
func value(t *testing.T, ddl, v string) (got, rescued string) {
	t.Helper()
	c := ndjson.Config{Schema: schematest.DDL(t, "v "+ddl+", r STRING"), Rescued: "r", File: "f"}
	rows, _ := parse(t, c, `{"v":`+v+"}\n")
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1", len(rows))
	}
	got, rescued, _ = strings.Cut(strings.TrimSuffix(strings.TrimPrefix(rows[0], `{"v":`), "}"), `,"r":`)
	return got, rescued
}

func TestValues(t *testing.T) {
	t.Parallel()
	tests := []struct{ ddl, in, want string }{
		{"BOOLEAN", "true", "true"},
		{"BOOLEAN", "false", "false"},
		{"TINYINT", "-128", "-128"},
		{"SMALLINT", "32767", "32767"},
		{"INT", "-2147483648", "-2147483648"},
		{"BIGINT", "9223372036854775807", "9223372036854775807"},
		{"BIGINT", "-9223372036854775808", "-9223372036854775808"},
		{"BIGINT", "-0", "0"},
		{"BIGINT", " \t12 ", "12"},
		{"BIGINT", "null", "null"},
		{"DOUBLE", "1", "1.0"},
		{"DOUBLE", "-1.5e3", "-1500.0"},
		{"DOUBLE", "0.1", "0.1"},
		{"DOUBLE", "123456789012345678901234567890", "1.2345678901234568e+29"},
		{"DOUBLE", "9007199254740993", "9.007199254740992e+15"},
		{"DOUBLE", "-0.0", `"-0.0"`},
		{"DOUBLE", "NaN", `"NaN"`},
		{"DOUBLE", `"NaN"`, `"NaN"`},
		{"DOUBLE", `"-Infinity"`, `"-Infinity"`},
		{"DOUBLE", "+INF", `"Infinity"`},
		{"FLOAT", "0.1", "0.1"},
		{"FLOAT", "-Infinity", `"-Infinity"`},
		{"FLOAT", "16777217", "1.6777216e+07"},
		{"DECIMAL(10,2)", "1", `"1.00"`},
		{"DECIMAL(10,2)", "-12.3", `"-12.30"`},
		{"DECIMAL(10,2)", "1.005", `"1.01"`},
		{"DECIMAL(10,2)", "-1.005", `"-1.01"`},
		{"DECIMAL(10,2)", "1.0049999999999999999999999999999999999999999999999", `"1.00"`},
		{"DECIMAL(10,2)", "12345e3", `"12345000.00"`},
		{"DECIMAL(10,2)", "1.5e-2", `"0.02"`},
		{"DECIMAL(10,2)", "1e-400", `"0.00"`},
		{"DECIMAL(10,2)", `"99999999.99"`, `"99999999.99"`},
		{"DECIMAL(38,0)", "99999999999999999999999999999999999999", `"99999999999999999999999999999999999999"`},
		{"DECIMAL(38,38)", "0.12345678901234567890123456789012345678", `"0.12345678901234567890123456789012345678"`},
		{"STRING", `"a"`, `"a"`},
		{"STRING", `""`, `""`},
		{"STRING", `"a\"\\\/\b\f\n\r\tz"`, `"a\"\\/\b\f\n\r\tz"`},
		{"STRING", `"\u0041\u00e9\u20ac"`, `"Aé€"`},
		{"STRING", `"\ud83d\ude00"`, `"😀"`},
		{"STRING", `"\uD83D\uDE00!"`, `"😀!"`},
		{"STRING", `"x\ud83dy"`, `"x�y"`},
		{"STRING", `"\ude00\ud83d"`, `"��"`},
		{"STRING", `"\ud83d\u0041"`, `"�A"`},
		{"STRING", "\"a\xffb\"", `"a�b"`},
		{"STRING", "\"\xe2\x82|\xf0\x9f\x98|\xc0\x80|\xed\xa0\x80\"", `"�|�|��|���"`},
		{"STRING", "\"zażółć gęślą jaźń — long enough for many words\"", `"zażółć gęślą jaźń — long enough for many words"`},
		{"STRING", `12.50`, `"12.50"`},
		{"STRING", `true`, `"true"`},
		{"STRING", `null`, `null`},
		{"STRING", `{"a": [1, 2.0]}`, `"{\"a\": [1, 2.0]}"`},
		{"DATE", `"2024-02-29"`, `"2024-02-29"`},
		{"DATE", `"2024-2-9"`, `"2024-02-09"`},
		{"DATE", `"2024-02-29T23:59:59Z"`, `"2024-02-29"`},
		{"DATE", `"1969-12-31"`, `"1969-12-31"`},
		{"DATE", `"2024\u002d01-01"`, `"2024-01-01"`},
		{"TIMESTAMP", `"2024-01-02T03:04:05Z"`, `"2024-01-02T03:04:05.000000Z"`},
		{"TIMESTAMP", `"2024-01-02T03:04:05.678Z"`, `"2024-01-02T03:04:05.678000Z"`},
		{"TIMESTAMP", `"2024-01-02 03:04:05.123456789"`, `"2024-01-02T03:04:05.123456Z"`},
		{"TIMESTAMP", `"2024-01-02T03:04:05+02:00"`, `"2024-01-02T01:04:05.000000Z"`},
		{"TIMESTAMP", `"2024-01-02T03:04:05.5-0130"`, `"2024-01-02T04:34:05.500000Z"`},
		{"TIMESTAMP", `" 2024-01-02 3:4:0 UTC"`, `"2024-01-02T03:04:00.000000Z"`},
		{"TIMESTAMP", `"2024-01-02T03:04:05 Europe/Warsaw"`, `"2024-01-02T02:04:05.000000Z"`},
		{"DATE", `"2024-01-01Tx"`, `"2024-01-01"`},
		{"TIMESTAMP", `"2024-01-02"`, `"2024-01-02T00:00:00.000000Z"`},
		{"TIMESTAMP", `"1969-12-31T23:59:59.999999Z"`, `"1969-12-31T23:59:59.999999Z"`},
		{"TIMESTAMP", `-1`, `"1969-12-31T23:59:59.000000Z"`},
		{"TIMESTAMP_NTZ", `"2024-01-02T03:04:05.678"`, `"2024-01-02T03:04:05.678000"`},
		{"BINARY", `"AP8="`, `"00ff"`},
		{"BINARY", `""`, `""`},
		{"ARRAY<INT>", `[]`, `[]`},
		{"ARRAY<INT>", ` [ 1 , null,3 ]`, `[1,null,3]`},
		{"ARRAY<ARRAY<STRING>>", `[["a"],[],null]`, `[["a"],[],null]`},
		{"MAP<STRING, INT>", `{"b":2,"a":null}`, `[["a",null],["b",2]]`},
		{"MAP<STRING, INT>", `{"a":1,"b":2,"a":3}`, `[["a",3],["b",2]]`},
		{"MAP<STRING, ARRAY<INT>>", `{"a":[1],"\u0061":[2,3]}`, `[["a",[2,3]]]`},
		{"MAP<STRING, INT>", `{}`, `[]`},
		{"STRUCT<a: INT, b: STRUCT<c: STRING>>", `{"b":{"c":"x"}}`, `{"a":null,"b":{"c":"x"}}`},
		{"STRUCT<a: INT>", `{ }`, `{"a":null}`},
		{"STRUCT<a: INT>", `{"a":1,"a":2}`, `{"a":2}`},
		{"STRUCT<a: INT>", `{"a":1,"a":null}`, `{"a":null}`},
		{"STRUCT<a: INT>", `{"A":1}`, `{"a":1}`},
		{"STRUCT<`ä`: INT>", `{"Ä":1}`, `{"ä":1}`},
		{"STRUCT<a: INT>", `{"\u0061":1}`, `{"a":1}`},
		{"VOID", `null`, `null`},
	}
	for _, tt := range tests {
		got, rescued := value(t, tt.ddl, tt.in)
		if got != tt.want || rescued != "null" {
			t.Errorf("%s as %s = %s, rescued %s; want %s, nothing rescued", tt.in, tt.ddl, got, rescued, tt.want)
		}
	}
}

func TestMisfits(t *testing.T) {
	t.Parallel()
	tests := []struct{ ddl, in string }{
		{"BOOLEAN", `"true"`},
		{"BOOLEAN", "1"},
		{"TINYINT", "128"},
		{"SMALLINT", "-32769"},
		{"INT", "2147483648"},
		{"BIGINT", "9223372036854775808"},
		{"BIGINT", "-9223372036854775809"},
		{"BIGINT", "99999999999999999999999"},
		{"BIGINT", "18446744073709551617"},
		{"BIGINT", "1.0"},
		{"BIGINT", "1e2"},
		{"BIGINT", `"1"`},
		{"BIGINT", `""`},
		{"BIGINT", "[1]"},
		{"BIGINT", `{"a":1}`},
		{"DOUBLE", `"1.5"`},
		{"DOUBLE", "1e400"},
		{"FLOAT", "1e39"},
		{"DOUBLE", "[]"},
		{"DOUBLE", "true"},
		{"DECIMAL(4,2)", "100"},
		{"DECIMAL(4,2)", "99.995"},
		{"DECIMAL(38,0)", "1e38"},
		{"DECIMAL(4,2)", `"1,5"`},
		{"DECIMAL(4,2)", `""`},
		{"DECIMAL(4,2)", `"."`},
		{"DECIMAL(4,2)", "{}"},
		{"DATE", `"2023-02-29"`},
		{"DATE", `"2024-13-01"`},
		{"DATE", `"2024-00-01"`},
		{"DATE", `""`},
		{"DATE", "19000"},
		{"DATE", `"2024-01-01x"`},
		{"DATE", `"2024-01-01x"`},
		{"TIMESTAMP", `"not-a-date"`},
		{"TIMESTAMP", `"2024-01-02T24:00:00"`},
		{"TIMESTAMP", `"2024-01-02T03:60:00"`},
		{"TIMESTAMP", `"2024-01-02T03:04:05 Europe/Nowhere"`},
		{"TIMESTAMP", `"2024-01-02 3:4 UTC"`},
		{"TIMESTAMP", `"03:04:05"`},
		{"TIMESTAMP_NTZ", `"2024-01-02T03:04:05Z"`},
		{"TIMESTAMP", `"2024-01-02T03:04:05+19:00"`},
		{"TIMESTAMP", "1.5"},
		{"TIMESTAMP", "10000000000000"},
		{"TIMESTAMP", `"9999999-01-01"`},
		{"TIMESTAMP", `"300000-01-01"`},
		{"TIMESTAMP_NTZ", `"2024-01-02T03:04:05Z"`},
		{"TIMESTAMP_NTZ", "5"},
		{"BINARY", `"A"`},
		{"BINARY", `"AA=A"`},
		{"BINARY", "1"},
		{"ARRAY<INT>", `{"a":1}`},
		{"ARRAY<INT>", `[1,"x",{"y":[]}]`},
		{"ARRAY<ARRAY<INT>>", `[[1],["x"]]`},
		{"MAP<STRING, INT>", `[1]`},
		{"MAP<STRING, INT>", `{"a":"x"}`},
		{"STRUCT<a: INT>", `"x"`},
		{"STRUCT<a: INT>", `[]`},
		{"STRUCT<a: INT>", `{"a":"x"}`},
		{"STRUCT<a: STRUCT<b: INT>>", `{"a":{"c":1,"b":{}}}`},
		{"VOID", "1"},
	}
	for _, tt := range tests {
		_, rescued := value(t, tt.ddl, tt.in)
		want := string(schema.AppendQuoted(nil, `{"v":`+tt.in+`,"_file_path":"f"}`))
		if rescued != want {
			t.Errorf("%s as %s: rescued %s, want %s", tt.in, tt.ddl, rescued, want)
		}
	}
}

func TestPartsThatFitAreKept(t *testing.T) {
	t.Parallel()
	tests := []struct{ ddl, in, want string }{
		{"STRUCT<a: INT, b: INT>", `{"a":"x","b":2}`, `{"a":null,"b":2}`},
		{"ARRAY<INT>", `[1,"x",3]`, `[1,null,3]`},
		{"MAP<STRING, INT>", `{"a":"x","b":2}`, `[["a",null],["b",2]]`},
	}
	for _, tt := range tests {
		if got, _ := value(t, tt.ddl, tt.in); got != tt.want {
			t.Errorf("%s as %s = %s, want %s", tt.in, tt.ddl, got, tt.want)
		}
	}
}

func TestMalformedLines(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return `{"z":` + strings.Repeat("[", n) + strings.Repeat("]", n) + "}" }
	lines := []string{
		"x", "⚠ junk", "[1]", `"s"`, "1", "null", "{", "}", `{"a"}`, `{"a" 1}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":1 "b":2}`, `{"a":1}}`, `{"a":1} x`, `{"a":1}{"a":2}`,
		`{a:1}`, `{'a':1}`, `{"a":01}`, `{"a":-}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":+1}`, `{"a":tru}`, `{"a":nul}`, `{"a":nulll}`, `{"a":"x}`, `{"s":"\x"}`, `{"s":"\u12g4"}`,
		"{\"s\":\"a\tb\"}", "{\"s\":\"a\x00b\"}", "\x00", "{\"a\":1\x00}", `{"z":[1,]}`, `{"z":[1 2]}`, `{"z":{"q":}}`, `{"z":"\q"}`, `{"a":12a}`, `{"l":[1,]}`, `{"l":[1`, `{"p":{"q":1`, `{"m":{"k":1,}}`,
		`{"m":{"k"}}`, `{"m":{1:1}}`, `{"m":{"k":1,"k":2`, deep(500),
	}
	c := ndjson.Config{Schema: schematest.DDL(t, "a INT, s STRING, l ARRAY<INT>, p STRUCT<q: INT>, m MAP<STRING, INT>, c STRING"), Corrupt: "c"}
	for _, line := range lines {
		rows, counts := parse(t, c, `{"a":1}`+"\n"+line+"\r\n"+`{"a":2,"l":[7],"p":{"q":8},"m":{"k":9}}`)
		want := []string{
			`{"a":1,"s":null,"l":null,"p":null,"m":null,"c":null}`,
			`{"a":null,"s":null,"l":null,"p":null,"m":null,"c":` + string(schema.AppendQuoted(nil, line)) + `}`,
			`{"a":2,"s":null,"l":[7],"p":{"q":8},"m":[["k",9]],"c":null}`,
		}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Errorf("around %q (-want +got):\n%s", line, diff)
		}
		if want := (ndjson.Counts{Rows: 3, Corrupt: 1}); counts != want {
			t.Errorf("around %q: counts = %+v, want %+v", line, counts, want)
		}
	}
	if rows, _ := parse(t, c, deep(499)); !strings.HasSuffix(rows[0], `"c":null}`) {
		t.Errorf("a value that nests 500 deep is malformed: %.100s", rows[0])
	}
}

func TestWhereThingsAreKept(t *testing.T) {
	t.Parallel()
	const text = `{"a":1,"x":2}
{"a":"one","p":{"q":"two","r":3,"s":{"t":{}}},"y":[1, 2],"p2":{"q":null}}
{"a":1
{"a":{"A":1},"A":2}
{"A":5,"a":6}
`
	const both = "a INT, p STRUCT<q: INT, s: STRUCT<t: INT>>, r STRING, c STRING"
	tests := []struct {
		name string
		c    ndjson.Config
		want []string
	}{
		{"rescued and corrupt", ndjson.Config{Schema: schematest.DDL(t, both), Rescued: "r", Corrupt: "c", File: `d/"f"`}, []string{
			`{"a":1,"p":null,"r":"{\"x\":2,\"_file_path\":\"d/\\\"f\\\"\"}","c":null}`,
			`{"a":null,"p":{"q":null,"s":{"t":null}},"r":"{\"a\":\"one\",\"p\":{\"q\":\"two\",\"r\":3,\"s\":{\"t\":{}}},\"y\":[1, 2],\"p2\":{\"q\":null},\"_file_path\":\"d/\\\"f\\\"\"}","c":null}`,
			`{"a":null,"p":null,"r":null,"c":"{\"a\":1"}`,
			`{"a":null,"p":null,"r":"{\"a\":{\"A\":1},\"A\":2,\"_file_path\":\"d/\\\"f\\\"\"}","c":null}`,
			`{"a":6,"p":null,"r":"{\"A\":5,\"_file_path\":\"d/\\\"f\\\"\"}","c":null}`,
		}},
		{"corrupt", ndjson.Config{Schema: schematest.DDL(t, "a INT, p STRUCT<q: INT>, c STRING"), Corrupt: "c"}, []string{
			`{"a":1,"p":null,"c":null}`,
			`{"a":null,"p":{"q":null},"c":"{\"a\":\"one\",\"p\":{\"q\":\"two\",\"r\":3,\"s\":{\"t\":{}}},\"y\":[1, 2],\"p2\":{\"q\":null}}"}`,
			`{"a":null,"p":null,"c":"{\"a\":1"}`,
			`{"a":null,"p":null,"c":"{\"a\":{\"A\":1},\"A\":2}"}`,
			`{"a":6,"p":null,"c":null}`,
		}},
		{"rescued, case-sensitive", ndjson.Config{Schema: schematest.DDL(t, "a INT, p STRUCT<q: INT, r: INT, s: STRING>, r STRING"), Rescued: "r", CaseSensitive: true, File: "f"}, []string{
			`{"a":1,"p":null,"r":"{\"x\":2,\"_file_path\":\"f\"}"}`,
			`{"a":null,"p":{"q":null,"r":3,"s":"{\"t\":{}}"},"r":"{\"a\":\"one\",\"p\":{\"q\":\"two\"},\"y\":[1, 2],\"p2\":{\"q\":null},\"_file_path\":\"f\"}"}`,
			`{"a":null,"p":null,"r":"{\"_corrupt_record\":\"{\\\"a\\\":1\",\"_file_path\":\"f\"}"}`,
			`{"a":null,"p":null,"r":"{\"a\":{\"A\":1},\"A\":2,\"_file_path\":\"f\"}"}`,
			`{"a":6,"p":null,"r":"{\"A\":5,\"_file_path\":\"f\"}"}`,
		}},
		{"omitted and skipped", ndjson.Config{Schema: schematest.DDL(t, "a INT, p STRUCT<q: INT>, y STRING, r STRING"), Rescued: "r", Omit: []string{"p", "a"}, Skip: []string{"y"}, File: "f"}, []string{
			`{"a":null,"p":null,"y":null,"r":"{\"x\":2,\"_file_path\":\"f\"}"}`,
			`{"a":null,"p":null,"y":null,"r":"{\"y\":[1, 2],\"p2\":{\"q\":null},\"_file_path\":\"f\"}"}`,
			`{"a":null,"p":null,"y":null,"r":"{\"_corrupt_record\":\"{\\\"a\\\":1\",\"_file_path\":\"f\"}"}`,
			`{"a":null,"p":null,"y":null,"r":null}`,
			`{"a":null,"p":null,"y":null,"r":null}`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows, _ := parse(t, tt.c, text)
			if diff := cmp.Diff(tt.want, rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLinesAndBatches(t *testing.T) {
	t.Parallel()
	c := ndjson.Config{Schema: schematest.DDL(t, "a INT, c STRING"), Corrupt: "c", BatchRows: 3}
	tests := []struct {
		name   string
		chunks []string
		want   string
	}{
		{"nothing", []string{""}, ""},
		{"blank lines", []string{"\n\r\n \t\n{\"a\":1}\n\n"}, "1"},
		{"no last newline", []string{"{\"a\":1}\n{\"a\":2}"}, "1 2"},
		{"byte order mark", []string{"\ufeff{\"a\":1}", "\ufeff{\"a\":2}"}, "1 null"},
		{"batches", []string{strings.Repeat("{\"a\":1}\n", 7), "{\"a\":2}"}, "1 1 1 1 1 1 1 2"},
		{"order changes", []string{`{"c":1,"a":1}` + "\n" + `{"a":2,"z":0}` + "\n" + `{"z":0,"a":3}`}, "1 2 3"},
	}
	for _, tt := range tests {
		rows, _ := parse(t, c, tt.chunks...)
		var got []string
		for _, r := range rows {
			a, _, _ := strings.Cut(strings.TrimPrefix(r, `{"a":`), ",")
			got = append(got, a)
		}
		if g := strings.Join(got, " "); g != tt.want {
			t.Errorf("%s: a = %s, want %s", tt.name, g, tt.want)
		}
	}
}

func TestLongLine(t *testing.T) {
	t.Parallel()
	const size = 16 << 20
	line := `{"s":"` + strings.Repeat("x", size) + `","a":1}`
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	p, err := ndjson.New(ndjson.Config{Schema: schematest.DDL(t, "s STRING, a INT, c STRING"), Corrupt: "c", Alloc: alloc})
	if err != nil {
		t.Fatal(err)
	}
	err = p.Parse([]byte(line+"\n"+line[:size]), 1, func(b arrow.RecordBatch, n ndjson.Counts) error {
		if got := len(b.Column(0).ValueStr(0)); got != size || n.Corrupt != 1 || len(b.Column(2).ValueStr(1)) != size {
			t.Errorf("a string of %d bytes and %d corrupt records, want %d and 1", got, n.Corrupt, size)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestYieldFails(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	p, err := ndjson.New(ndjson.Config{Schema: schematest.DDL(t, "a INT, c STRING"), Corrupt: "c", BatchRows: 2, Alloc: alloc})
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	if err := p.Parse([]byte("{}\n{}\n{}\n"), 1, func(arrow.RecordBatch, ndjson.Counts) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error = %v, want that of yield", err)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, want string
		c          ndjson.Config
	}{
		{"nowhere to keep malformed lines", "would be lost", ndjson.Config{Schema: schematest.DDL(t, "a INT")}},
		{"NOT NULL", "column a: it, or a part of it, is not nullable", ndjson.Config{Schema: schematest.DDL(t, "a INT NOT NULL, c STRING"), Corrupt: "c"}},
		{"NOT NULL inside", "column a: it, or a part of it, is not nullable", ndjson.Config{Schema: schematest.DDL(t, "a ARRAY<STRUCT<b: INT NOT NULL>>, c STRING"), Corrupt: "c"}},
		{"a column that is not there", "no column c", ndjson.Config{Schema: schematest.DDL(t, "a INT"), Corrupt: "c"}},
		{"a corrupt record that is no string", "must be a string", ndjson.Config{Schema: schematest.DDL(t, "a INT"), Corrupt: "a"}},
		{"map keys", "keys of type int32", ndjson.Config{Schema: schematest.DDL(t, "m MAP<INT, INT>, c STRING"), Corrupt: "c"}},
		{"types", "type uint8", ndjson.Config{
			Schema:  arrow.NewSchema([]arrow.Field{{Name: "u", Type: arrow.PrimitiveTypes.Uint8, Nullable: true}, {Name: "c", Type: schema.String, Nullable: true}}, nil),
			Corrupt: "c",
		}},
	}
	for _, tt := range tests {
		if _, err := ndjson.New(tt.c); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error = %v, want one with %q", tt.name, err, tt.want)
		}
	}
}

func TestParseStrict(t *testing.T) {
	t.Parallel()
	s := schematest.DDL(t, "id BIGINT NOT NULL, p STRUCT<q: INT NOT NULL>, l ARRAY<INT>")
	rows := 0
	err := ndjson.ParseStrict(s, []byte("{\"id\":1,\"p\":{\"q\":2},\"x\":0}\n\n{\"id\":2,\"p\":null}\n"), func(b arrow.RecordBatch) error {
		rows += int(b.NumRows())
		return nil
	})
	if err != nil || rows != 2 {
		t.Errorf("%d rows, error %v; want 2, none", rows, err)
	}
	tests := []struct {
		line string
		want ndjson.MalformedError
	}{
		{`{"id":"x"}`, ndjson.MalformedError{Column: "id", Type: "int64", Value: `"x"`, Reason: "the value does not fit"}},
		{`{"id":null}`, ndjson.MalformedError{Column: "id", Type: "int64", Value: `null`, Reason: "the column may not be NULL"}},
		{`{"id":1,"p":{}}`, ndjson.MalformedError{Column: "p.q", Type: "int32", Reason: "the column may not be NULL and is missing"}},
		{`{"id":1,"l":[1,"y"]}`, ndjson.MalformedError{Column: "l.element", Type: "int32", Value: `"y"`, Reason: "the value does not fit"}},
		{`{"id":`, ndjson.MalformedError{Value: `{"id":`, Reason: "not a JSON object"}},
		{"x" + strings.Repeat("é", 300), ndjson.MalformedError{Value: "x" + strings.Repeat("é", 99) + "…", Reason: "not a JSON object"}},
	}
	for _, tt := range tests {
		err := ndjson.ParseStrict(s, fmt.Appendf(nil, "{\"id\":1}\n\n%s\n", tt.line), func(arrow.RecordBatch) error { return nil })
		var got *ndjson.MalformedError
		if !errors.As(err, &got) {
			t.Errorf("%s: error = %v, want a *MalformedError", tt.line, err)
			continue
		}
		tt.want.Line = 3
		if diff := cmp.Diff(tt.want, *got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.line, diff)
		}
	}
}
