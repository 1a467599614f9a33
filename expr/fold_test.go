package expr_test

import (
	"testing"

	"github.com/medallion-go/medallion/expr"
)

// TestFold converts constants while binding. An empty want is a value that cannot be converted: TRY_CAST then is NULL.
func TestFold(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, typ, want string }{
		{"' 12 '", "INT", "12"},
		{"'+5'", "TINYINT", "5Y"},
		{"'12.5'", "INT", ""},
		{"'1_000'", "INT", ""},
		{"'300'", "TINYINT", ""},
		{"300", "TINYINT", ""},
		{"-128", "TINYINT", "-128Y"},
		{"2.5", "INT", "2"},
		{"-2.5", "INT", "-2"},
		{"'1e3'", "DOUBLE", "1000D"},
		{"'1e3'", "DECIMAL(5,0)", "CAST(1000BD AS DECIMAL(5,0))"},
		{"'-12.345'", "DECIMAL(5,2)", "CAST(-12.35 AS DECIMAL(5,2))"},
		{"99.995", "DECIMAL(4,2)", ""},
		{"'abc'", "DECIMAL(5,2)", ""},
		{"1.5", "DOUBLE", "1.5D"},
		{"'yes'", "BOOLEAN", "TRUE"},
		{"' F '", "BOOLEAN", "FALSE"},
		{"'2'", "BOOLEAN", ""},
		{"'2025'", "DATE", "DATE '2025-01-01'"},
		{"'2025-2'", "DATE", "DATE '2025-02-01'"},
		{"'2025-01-02T99'", "DATE", "DATE '2025-01-02'"},
		{"'2025-02-30'", "DATE", ""},
		{"'25-01-01'", "DATE", ""},
		{"'-0001-12-31'", "DATE", "DATE '-0001-12-31'"},
		{"'2025-01-02 3'", "TIMESTAMP", "TIMESTAMP '2025-01-02 03:00:00'"},
		{"'2025-01-02 03:04:05.1234567+01:00'", "TIMESTAMP", "TIMESTAMP '2025-01-02 02:04:05.123456'"},
		{"'2025-01-02 03:04:05+01:00'", "TIMESTAMP_NTZ", "TIMESTAMP_NTZ '2025-01-02 03:04:05'"},
		{"'2025-01-02 03:04Z'", "TIMESTAMP", ""},
		{"'2025-01-02 24:00:00'", "TIMESTAMP", ""},
		{"'12:00'", "TIMESTAMP", ""},
		{"date '1969-12-31'", "TIMESTAMP", "TIMESTAMP '1969-12-31 00:00:00'"},
		{"date '2025-01-02'", "STRING", "'2025-01-02'"},
		{"-7L", "STRING", "'-7'"},
		{"true", "STRING", "'true'"},
		{"'é'", "BINARY", "X'C3A9'"},
		{"null", "DATE", "CAST(NULL AS DATE)"},
	}
	for _, tt := range tests {
		t.Run(tt.text+" as "+tt.typ, func(t *testing.T) {
			t.Parallel()
			b, err := bind(t, "cast("+tt.text+" as "+tt.typ+")")
			if err != nil {
				t.Fatal(err)
			}
			if tt.want != "" {
				if got := b.String(); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
				return
			}
			if _, ok := b.(expr.BoundCast); !ok {
				t.Errorf("got %s, want the cast left to the engine, which fails", b)
			}
			try, err := bind(t, "try_cast("+tt.text+" as "+tt.typ+")")
			if err != nil {
				t.Fatal(err)
			}
			if l, ok := try.(expr.BoundLiteral); !ok || l.Value != nil {
				t.Errorf("TRY_CAST gives %s, want NULL", try)
			}
		})
	}
}

func TestCanCast(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from, to     string
		cast, assign bool
	}{
		{"INT", "BIGINT", true, true},
		{"DOUBLE", "TINYINT", true, true},
		{"STRING", "INT", true, false},
		{"INT", "STRING", true, true},
		{"BOOLEAN", "INT", true, false},
		{"INT", "BOOLEAN", true, false},
		{"DATE", "TIMESTAMP", true, true},
		{"TIMESTAMP", "DATE", true, true},
		{"TIMESTAMP", "BIGINT", true, false},
		{"BIGINT", "TIMESTAMP", true, false},
		{"TIMESTAMP_NTZ", "BIGINT", false, false},
		{"DATE", "INT", false, false},
		{"STRING", "BINARY", true, false},
		{"BINARY", "STRING", true, true},
		{"INT", "BINARY", false, false},
		{"ARRAY<INT>", "ARRAY<STRING>", true, true},
		{"ARRAY<STRING>", "ARRAY<INT>", true, false},
		{"ARRAY<INT>", "STRING", true, false},
		{"MAP<STRING, INT>", "MAP<STRING, BIGINT>", true, true},
		{"STRUCT<a: INT>", "STRUCT<b: BIGINT>", true, true},
		{"STRUCT<a: INT>", "STRUCT<b: BIGINT NOT NULL>", false, false},
		{"STRUCT<a: INT>", "STRUCT<a: INT, b: INT>", false, false},
		{"VOID", "DATE", true, true},
	}
	for _, tt := range tests {
		t.Run(tt.from+" to "+tt.to, func(t *testing.T) {
			t.Parallel()
			from, to := parseType(t, tt.from), parseType(t, tt.to)
			if got := expr.CanCast(from, to); got != tt.cast {
				t.Errorf("CanCast = %v, want %v", got, tt.cast)
			}
			if err := expr.CanAssign(from, to); (err == nil) != tt.assign {
				t.Errorf("CanAssign = %v, want %v", err, tt.assign)
			}
		})
	}
}
