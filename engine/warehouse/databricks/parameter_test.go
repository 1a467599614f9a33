package databricks_test

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/schema"
)

func TestParameters(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 25, 1, 2, 3, 456789000, time.FixedZone("", 3600))
	decimal := func(s string) schema.Decimal {
		d, err := schema.ParseDecimal(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	tests := []struct {
		value     any
		typ, text string // as sent; no type: an error, in text
	}{
		{nil, "VOID", ""},
		{true, "BOOLEAN", "true"},
		{int8(-1), "TINYINT", "-1"},
		{int16(2), "SMALLINT", "2"},
		{int32(3), "INTEGER", "3"},
		{int64(math.MinInt64), "BIGINT", "-9223372036854775808"},
		{5, "BIGINT", "5"},
		{float32(0.1), "FLOAT", "0.1"},
		{1e300, "DOUBLE", "1e+300"},
		{math.Inf(-1), "DOUBLE", "-Infinity"},
		{math.NaN(), "DOUBLE", "NaN"},
		{"it's", "STRING", "it's"},
		{decimal("12.50"), "DECIMAL(4,2)", "12.50"},
		{decimal("99999999999999999999999999999999999999"), "DECIMAL(38,0)", "99999999999999999999999999999999999999"},
		{decimal("-99999999999999999999999999999999999999"), "", "38 digits"},
		{schema.Date(-1), "DATE", "1969-12-31"},
		{arrow.Date32(1), "DATE", "1970-01-02"},
		{at, "TIMESTAMP", "2026-11-25T00:02:03.456789Z"},
		{arrow.Timestamp(-1), "TIMESTAMP", "1969-12-31T23:59:59.999999Z"},
		{arrow.Date32(math.MaxInt32), "", "the year"},
		{decimal128.FromI64(1), "", "no scale"},
		{[]byte("x"), "", "unhex"},
		{arrow.MonthInterval(1), "", "CAST"},
	}
	for _, tt := range tests {
		t.Run(tt.typ+" "+tt.text, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, result{})
			err := f.open(t).Exec(t.Context(), warehouse.Statement{SQL: "SELECT :p", Parameters: []warehouse.Parameter{{Name: "p", Value: tt.value}}})
			if tt.typ == "" {
				if err == nil || !strings.Contains(err.Error(), tt.text) || f.count("ExecuteStatement") != 0 {
					t.Errorf("got %v, want %q", err, tt.text)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{"p", tt.typ, tt.text} {
				if want := string(binary.BigEndian.AppendUint32(nil, uint32(len(text)))) + text; !strings.Contains(f.sent[1], want) {
					t.Errorf("the statement is sent without %q: %q", text, f.sent[1])
				}
			}
		})
	}
}

func TestParametersAreOfOneKind(t *testing.T) {
	t.Parallel()
	w := newFake(t, result{}).open(t)
	err := w.Exec(t.Context(), warehouse.Statement{SQL: "SELECT ?, :p", Parameters: []warehouse.Parameter{{Value: int64(1)}, {Name: "p", Value: int64(2)}}})
	if err == nil || !strings.Contains(err.Error(), "parameter p") {
		t.Errorf("got %v, want an error", err)
	}
}
