package schema_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

func TestDate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		days schema.Date
		want string
	}{
		{0, "1970-01-01"},
		{-1, "1969-12-31"},
		{11016, "2000-02-29"},
		{-719162, "0001-01-01"},
		{-719163, "0000-12-31"},
		{-719529, "-0001-12-31"},
		{2932896, "9999-12-31"},
		{2932897, "+10000-01-01"},
		{math.MaxInt32, "+5881580-07-11"},
		{math.MinInt32, "-5877641-06-23"},
	}
	for _, tt := range tests {
		if got := tt.days.String(); got != tt.want {
			t.Errorf("Date(%d) = %s, want %s", tt.days, got, tt.want)
		}
	}
	for d := schema.Date(-800000); d < 3000000; d += 97 {
		want := d.Time().Format(time.DateOnly)
		if y := d.Time().Year(); y >= 0 && y <= 9999 && d.String() != want {
			t.Fatalf("Date(%d) = %s, want %s", d, d, want)
		}
		if got := schema.DateOf(d.Time()); got != d {
			t.Fatalf("DateOf(Date(%d).Time()) = %d", d, got)
		}
	}
	oslo := time.FixedZone("", 3600)
	if got := schema.DateOf(time.Date(1969, 12, 31, 0, 30, 0, 0, oslo)); got != -1 {
		t.Errorf("DateOf half past midnight in another zone = %d, want -1", got)
	}
	if d, err := schema.ParseDate("2024-02-29"); err != nil || d != 19782 {
		t.Errorf("ParseDate = %d, %v", d, err)
	}
	if _, err := schema.ParseDate("2023-02-29"); err == nil {
		t.Error("ParseDate took a day that does not exist")
	}
}

func TestTimestampNTZ(t *testing.T) {
	t.Parallel()
	tests := map[schema.TimestampNTZ]string{
		0: "1970-01-01T00:00:00.000000", -1: "1969-12-31T23:59:59.999999", 1740830400123456: "2025-03-01T12:00:00.123456",
		math.MaxInt64: "+294247-01-10T04:00:54.775807", math.MinInt64: "-290308-12-21T19:59:05.224192",
	}
	for ts, want := range tests {
		if got := ts.String(); got != want {
			t.Errorf("TimestampNTZ(%d) = %s, want %s", ts, got, want)
		}
	}
	clock := time.Date(2025, 3, 1, 12, 0, 0, 123456789, time.FixedZone("", 7200))
	if got := schema.TimestampNTZOf(clock); got != 1740830400123456 {
		t.Errorf("TimestampNTZOf = %d, want the clock's own reading", got)
	}
}

func TestDecimalText(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"0", "0"},
		{"-0.50", "-0.50"},
		{"+1.", "1"},
		{".5", "0.5"},
		{"1e3", "1000"},
		{"1.25E-3", "0.00125"},
		{"12.5e1", "125"},
		{"99999999999999999999999999999999999999", "99999999999999999999999999999999999999"},
		{"-0.00000000000000000000000000000000000001", "-0.00000000000000000000000000000000000001"},
	}
	for _, tt := range tests {
		d, err := schema.ParseDecimal(tt.text)
		if err != nil || d.String() != tt.want {
			t.Errorf("ParseDecimal(%s) = %s, %v, want %s", tt.text, d, err, tt.want)
		}
	}
	for _, text := range []string{
		"", ".", "-", "+-1", "1.2.3", "1-", "0x10", "1e", "1e99", "1e99999999999", " 1", "1_0", "Inf", "1.-2",
		"100000000000000000000000000000000000000", "0.000000000000000000000000000000000000001",
	} {
		if d, err := schema.ParseDecimal(text); err == nil {
			t.Errorf("ParseDecimal(%q) = %s, want an error", text, d)
		}
	}
}

func TestDecimalCompareAndRescale(t *testing.T) {
	t.Parallel()
	a, b := schema.NewDecimal(10, 1), schema.NewDecimal(100, 2)
	if a.Cmp(b) != 0 || a.Cmp(schema.NewDecimal(101, 2)) != -1 || schema.NewDecimal(-1, 0).Cmp(a) != -1 || b.Cmp(schema.NewDecimal(0, 9)) != 1 {
		t.Error("Cmp does not order numbers of different scales")
	}
	if r, ok := b.Rescale(0); !ok || r.String() != "1" {
		t.Errorf("Rescale(0) = %s, %v", r, ok)
	}
	if r, ok := schema.NewDecimal(101, 2).Rescale(1); ok {
		t.Errorf("Rescale dropped a digit: %s", r)
	}
	wide := schema.DecimalFrom(decimal128.GetMaxValue(38), 0)
	if r, ok := wide.Rescale(1); ok {
		t.Errorf("Rescale made 39 digits: %s", r)
	}
	var read schema.Decimal
	if err := read.UnmarshalText([]byte("1.00")); err != nil || read != b {
		t.Errorf("UnmarshalText = %s, %v", read, err)
	}
}

func TestAppendJSON(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	tests := []struct{ ddl, json, want string }{
		{"BIGINT", `[9223372036854775807,null]`, "9223372036854775807 null"},
		{"TINYINT", `[-128]`, "-128"},
		{"BOOLEAN", `[true,false]`, "true false"},
		{"DOUBLE", `["NaN","+Inf","-Inf",-0.0,0.1,1,1e30]`, `"NaN" "Infinity" "-Infinity" "-0.0" 0.1 1.0 1e+30`},
		{"FLOAT", `[0.1,16777216]`, "0.1 1.6777216e+07"},
		{"DECIMAL(20,3)", `["12.5","-0.001"]`, `"12.500" "-0.001"`},
		{"STRING", `["é\u0001\"\\","\ud83d\ude00\u007f"]`, `"é\u0001\"\\" "` + "\U0001F600\u007f" + `"`},
		{"BINARY", `["AP8="]`, `"00ff"`},
		{"DATE", `["2024-02-29"]`, `"2024-02-29"`},
		{"TIMESTAMP", `["2024-02-29T01:02:03.000004Z"]`, `"2024-02-29T01:02:03.000004Z"`},
		{"TIMESTAMP_NTZ", `["2024-02-29T01:02:03"]`, `"2024-02-29T01:02:03.000000"`},
		{"ARRAY<INT>", `[[1,null],[]]`, "[1,null] []"},
		{"MAP<INT, STRING>", `[[{"key":10,"value":"a"},{"key":9,"value":null}]]`, `[[9,null],[10,"a"]]`},
		{"STRUCT<b: INT, a: VOID>", `[{"b":1,"a":null},null]`, `{"b":1,"a":null} null`},
	}
	for _, tt := range tests {
		t.Run(tt.ddl, func(t *testing.T) {
			typ, err := schema.ParseType(tt.ddl)
			if err != nil {
				t.Fatal(err)
			}
			a, _, err := array.FromJSON(alloc, typ, strings.NewReader(tt.json))
			if err != nil {
				t.Fatal(err)
			}
			defer a.Release()
			var got []string
			for i := range a.Len() {
				got = append(got, string(schema.AppendJSON(nil, a, i)))
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("JSON = %s, want %s", strings.Join(got, " "), tt.want)
			}
		})
	}
}

func TestAppendJSONIntervals(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	months := array.NewMonthIntervalBuilder(alloc)
	defer months.Release()
	months.AppendValues([]arrow.MonthInterval{14, -1}, nil)
	times := array.NewDurationBuilder(alloc, arrow.FixedWidthTypes.Duration_us.(*arrow.DurationType))
	defer times.Release()
	times.AppendValues([]arrow.Duration{93784500000, -1, math.MinInt64}, nil)
	for _, tt := range []struct {
		b    array.Builder
		want []string
	}{
		{months, []string{`"INTERVAL '1-2' YEAR TO MONTH"`, `"INTERVAL '-0-1' YEAR TO MONTH"`}},
		{times, []string{
			`"INTERVAL '1 02:03:04.5' DAY TO SECOND"`, `"INTERVAL '-0 00:00:00.000001' DAY TO SECOND"`, `"INTERVAL '-106751991 04:00:54.775808' DAY TO SECOND"`,
		}},
	} {
		a := tt.b.NewArray()
		for i, want := range tt.want {
			if got := string(schema.AppendJSON(nil, a, i)); got != want {
				t.Errorf("JSON = %s, want %s", got, want)
			}
		}
		a.Release()
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	typ := func(ddl string) arrow.DataType {
		parsed, err := schema.ParseType(ddl)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	tests := []struct {
		name   string
		a, b   arrow.DataType
		detail []schema.Detail
		want   bool
	}{
		{"same", typ("STRUCT<a: INT, b: ARRAY<MAP<STRING, DECIMAL(3,1)>>>"), typ("struct<a:int,b:array<map<string,decimal(3,1)>>>"), nil, true},
		{"precision", typ("DECIMAL(3,1)"), typ("DECIMAL(4,1)"), nil, false},
		{"zone", typ("TIMESTAMP"), typ("TIMESTAMP_NTZ"), nil, false},
		{"order", typ("STRUCT<a: INT, b: INT>"), typ("STRUCT<b: INT, a: INT>"), nil, false},
		{"names differ in case", typ("STRUCT<a: INT>"), typ("STRUCT<A: INT>"), nil, false},
		{"names folded", typ("STRUCT<a: INT>"), typ("STRUCT<A: INT>"), []schema.Detail{schema.FoldedNames}, true},
		{"nullability ignored", typ("STRUCT<a: INT NOT NULL>"), typ("STRUCT<a: INT>"), nil, true},
		{"nullability", typ("STRUCT<a: INT NOT NULL>"), typ("STRUCT<a: INT>"), []schema.Detail{schema.Nullability}, false},
		{"element nullability", schema.ArrayOf(schema.Int, true), schema.ArrayOf(schema.Int, false), []schema.Detail{schema.Nullability}, false},
		{"value nullability", schema.MapOf(schema.Int, schema.Int, true), schema.MapOf(schema.Int, schema.Int, false), []schema.Detail{schema.Nullability}, false},
		{
			"element's name", arrow.ListOfField(arrow.Field{Name: "item", Type: schema.Int}), schema.ArrayOf(schema.Int, false),
			[]schema.Detail{schema.Nullability},
			true,
		},
		{"metadata", typ("STRUCT<a: INT COMMENT 'x'>"), typ("STRUCT<a: INT>"), []schema.Detail{schema.Metadata}, false},
		{"dictionary", &arrow.DictionaryType{IndexType: schema.Int, ValueType: schema.String}, schema.String, nil, false},
		{"decoded", &arrow.DictionaryType{IndexType: schema.Int, ValueType: schema.String}, schema.String, []schema.Detail{schema.Decoded}, true},
	}
	for _, tt := range tests {
		if got := schema.Equal(tt.a, tt.b, tt.detail...); got != tt.want {
			t.Errorf("%s: Equal = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	fields := []arrow.Field{{Name: "Ab"}, {Name: "ab"}, {Name: "Ünï"}}
	for name, want := range map[string]int{"ab": 1, "Ab": 0, "AB": 0, "ÜNÏ": 2, "x": -1, "": -1} {
		if got := schema.Find(fields, name); got != want {
			t.Errorf("Find(%q) = %d, want %d", name, got, want)
		}
		if got := schema.NamesOf(fields).Find(name); got != want {
			t.Errorf("NamesOf.Find(%q) = %d, want %d", name, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	nested := func(fields ...arrow.Field) *arrow.Schema {
		return arrow.NewSchema([]arrow.Field{{Name: "s", Type: schema.ArrayOf(schema.MapOf(schema.String, arrow.StructOf(fields...), true), true)}}, nil)
	}
	if err := schema.Check(nested(arrow.Field{Name: "s", Type: schema.Int})); err != nil {
		t.Errorf("Check = %v; a field may have the name of the column around it", err)
	}
	tests := map[string]*arrow.Schema{
		"column `s.element.value.A`: the name stands twice, also as a": nested(arrow.Field{Name: "a", Type: schema.Int}, arrow.Field{Name: "A", Type: schema.Int}),
		"column `s.element.value`: a field has no name":                nested(arrow.Field{Type: schema.Int}),
		"column s.element.value.u: type uint8":                         nested(arrow.Field{Name: "u", Type: arrow.PrimitiveTypes.Uint8}),
	}
	for want, s := range tests {
		if err := schema.Check(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Check = %v, want %q", err, want)
		}
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	check := func(path []string, typ arrow.DataType, err error) func(want ...string) {
		return func(want ...string) {
			t.Helper()
			if err != nil {
				t.Error(err)
				return
			}
			if diff := cmp.Diff(want, append(path, schema.Name(typ))); diff != "" {
				t.Errorf("Path (-want +got):\n%s", diff)
			}
		}
	}
	check(schema.Path(func(o *order) *string { return &o.EventID }))("event_id", "string")
	check(schema.Path(func(o *order) **device { return &o.Device }))("dev", "struct<os:string,app_version:string>")
	check(schema.Path(func(o *order) *device { return o.Device }))("dev", "struct<os:string,app_version:string>")
	check(schema.Path(func(o *order) *string { return &o.Device.OS }))("dev", "os", "string")
	check(schema.Path(func(o *order) **string { return &o.Device.AppVersion }))("dev", "app_version", "string")
	if path, _, err := schema.Path(func(o *order) *int64 { return new(int64) }); err == nil {
		t.Errorf("Path of a stray pointer = %v, want an error", path)
	}
}
