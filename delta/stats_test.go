package delta

import (
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
)

func TestCutStrings(t *testing.T) {
	t.Parallel()
	a32 := strings.Repeat("a", 32)
	top := "\U0010FFFF"
	tests := []struct {
		name, text string
		upper      bool
		want       string // JSON; empty: left out
	}{
		{"short", "abc", true, `"abc"`},
		{"exactly 32", a32, true, `"` + a32 + `"`},
		{"minimum", a32 + "b", false, `"` + a32 + `"`},
		{"maximum", a32 + "aaaa", true, `"` + a32 + "\x7f" + `"`},
		{"maximum cut before DEL", a32 + "\x7fa", true, `"` + a32 + top + `"`},
		{"maximum cut before é", a32 + "éa", true, `"` + a32 + top + `"`},
		{"cut at code points", strings.Repeat("é", 33), false, `"` + strings.Repeat("é", 32) + `"`},
		{"supplementary characters", strings.Repeat("😀", 40), true, `"` + strings.Repeat("😀", 32) + top + `"`},
		{"greatest code points behind the cut", a32 + top + top + "b", true, `"` + a32 + top + top + "\x7f" + `"`},
		{"only greatest code points", a32 + top, true, `"` + a32 + top + `"`},
		{"too many of them", a32 + strings.Repeat(top, 40), true, ``},
		{"no UTF-8", "\xff", true, ``},
		{"quotes", `a"b`, true, `"a\"b"`},
	}
	for _, tt := range tests {
		if got := string(appendCut(nil, tt.text, tt.upper)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestStatValues(t *testing.T) {
	t.Parallel()
	tests := []struct {
		typ   arrow.DataType
		value any
		upper bool
		want  string
	}{
		{schema.Timestamp, int64(123_456), false, `"1970-01-01T00:00:00.123Z"`},
		{schema.Timestamp, int64(123_456), true, `"1970-01-01T00:00:00.124Z"`},
		{schema.Timestamp, int64(-1), false, `"1969-12-31T23:59:59.999Z"`},
		{schema.Timestamp, int64(-1), true, `"1970-01-01T00:00:00.000Z"`},
		{schema.TimestampNTZType, int64(0), true, `"1970-01-01T00:00:00.000"`},
		{schema.DateType, int64(-1), false, `"1969-12-31"`},
		{schema.Double, math.Copysign(0, -1), false, `-0.0`},
		{schema.Double, 0.0, true, `0`},
		{schema.Double, math.Inf(1), true, ``},
		{schema.Double, 1e300, true, `1e+300`},
		{schema.Float, float32(0.1), true, `0.10000000149011612`},
		{schema.BigInt, int64(math.MinInt64), false, `-9223372036854775808`},
		{schema.Boolean, true, false, ``},
		{schema.Binary, []byte("x"), false, ``},
		{schema.BigInt, nil, false, ``},
	}
	for _, tt := range tests {
		if got := string(appendStatValue(nil, tt.typ, tt.value, tt.upper)); got != tt.want {
			t.Errorf("%s %v upper=%v: %s, want %s", tt.typ, tt.value, tt.upper, got, tt.want)
		}
	}
	if got := appendMax(nil, statsNode{typ: schema.Double}, parquet.ColumnStats{Max: 1.0, HasNaN: true}); len(got) > 0 {
		t.Errorf("the maximum of a column with NaN is %s, want none", got)
	}
}

func TestWhichColumnsHaveStatistics(t *testing.T) {
	t.Parallel()
	fields := []arrow.Field{{Name: "l", Type: schema.ArrayOf(schema.BigInt, true)}, {Name: "s", Type: arrow.StructOf(
		arrow.Field{Name: "x", Type: schema.BigInt}, arrow.Field{Name: "y", Type: schema.BigInt})}, {Name: "z.z", Type: schema.BigInt}}
	footer := &parquet.Footer{Rows: 2, Columns: make([]parquet.ColumnStats, 4)}
	tests := []struct {
		name   string
		config map[string]string
		want   string
	}{
		{"the first 32", nil, `{"s":{"x":0,"y":0},"z.z":0}`},
		{"the first two, the list among them", map[string]string{"delta.dataSkippingNumIndexedCols": "2"}, `{"s":{"x":0}}`},
		{"none", map[string]string{"delta.dataSkippingNumIndexedCols": "0"}, `{}`},
		{"all", map[string]string{"delta.dataSkippingNumIndexedCols": "-1"}, `{"s":{"x":0,"y":0},"z.z":0}`},
		{"by name", map[string]string{"delta.dataSkippingStatsColumns": " S.Y , `z.z`,nope"}, `{"s":{"y":0},"z.z":0}`},
		{"a whole struct", map[string]string{"delta.dataSkippingStatsColumns": "s"}, `{"s":{"x":0,"y":0}}`},
		{"none by name", map[string]string{"delta.dataSkippingStatsColumns": ""}, `{}`},
	}
	for _, tt := range tests {
		w := newStatsWriter(&Metadata{Configuration: tt.config}, fields)
		want := `{"numRecords":2,"minValues":{},"maxValues":{},"nullCount":` + tt.want + `}`
		if diff := cmp.Diff(want, w.json(footer)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
