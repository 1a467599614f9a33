package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema/schematest"
)

// nullable is a relation of columns that may all be NULL.
func nullable(t *testing.T) plan.Scan {
	t.Helper()
	s := schematest.DDL(t, "a BIGINT, b BIGINT, s STRING, t STRING, f BOOLEAN, x DOUBLE, p STRUCT<q: INT>, d DATE, ts TIMESTAMP, list ARRAY<INT>")
	return plan.NewScan(table{"nullable", s})
}

// bind resolves SQL over n.
func bind(t *testing.T, n plan.Node, text string) expr.Bound {
	t.Helper()
	node, err := expr.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	b, err := expr.Bind(node, expr.NewScope(n.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNotNullProofs(t *testing.T) {
	t.Parallel()
	tests := []struct{ cond, want string }{
		{"a IS NOT NULL", "a"},
		{"a IS NULL", ""},
		{"NOT (a IS NULL)", "a"},
		{"NOT (a IS NOT NULL)", ""},
		{"a > 0", "a"},
		{"a = b AND s LIKE 'x%'", "a b s"},
		{"a <> 1 OR b = 2", ""},
		{"a = 1 OR a = 2 AND b = 1", "a"},
		{"NOT (a = 1 OR b = 2)", "a b"},
		{"NOT (a = 1 AND b = 2)", ""},
		{"a IN (1, NULL)", "a"},
		{"a NOT IN (1, 2)", "a"},
		{"a <=> 1", "a"},
		{"a <=> b", ""},
		{"NOT (a <=> 1)", ""},
		{"f", "f"},
		{"NOT f", "f"},
		{"f IS TRUE", "f"},
		{"coalesce(a, 0) = 1", ""},
		{"a + b > x", "a b x"},
		{"p.q = 1", "p"},
		{"CAST(s AS INT) = 1", "s"},
		{"try_cast(s AS INT) = 1", "s"},
		{"upper(trim(s)) = t", "s t"},
		{"length(concat_ws(',', s, t)) > 1", ""},
		{"CASE WHEN a = 1 THEN b = 1 ELSE true END", ""},
		{"d BETWEEN DATE '2025-01-01' AND DATE '2025-02-01'", "d"},
		{"exists(list, e -> e = a)", ""},
	}
	for _, tt := range tests {
		t.Run(tt.cond, func(t *testing.T) {
			t.Parallel()
			f := must[plan.Filter](t)(plan.NewFilter(nullable(t), bind(t, nullable(t), tt.cond)))
			var got []string
			for _, c := range f.Schema().Fields() {
				if !c.Nullable {
					got = append(got, c.Name)
				}
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("columns proven NOT NULL: -want +got\n%s", diff)
			}
		})
	}
}

func TestMayFail(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want bool
	}{
		{"a = 1 AND b > a OR NOT f", false},
		{"a IS NOT NULL", false},
		{"a IN (1, 2)", false},
		{"s LIKE 'x%'", false},
		{`s LIKE 'x\\_'`, true},
		{"s LIKE t", true},
		{"upper(s) || t", false},
		{"CAST(a AS DOUBLE)", false},
		{"CAST(a AS STRING)", false},
		{"CAST(a AS INT)", true},
		{"CAST(s AS INT)", true},
		{"try_cast(s AS INT)", false},
		{"CAST(a AS DECIMAL(20,1))", false},
		{"CAST(a AS DECIMAL(10,0))", true},
		{"CAST(x AS BIGINT)", true},
		{"CAST(ts AS DATE)", false},
		{"x + 1", false},
		{"a + 1", true},
		{"a / b", true},
		{"x / 2", true},
		{"-a", true},
		{"-x", false},
		{"round(x * 100)", false},
		{"round(a / 2, 1)", true},
		{"aggregate(list, 0, (acc, e) -> acc + e)", true},
		{"aggregate(list, 0D, (acc, e) -> acc + e)", false},
		{"CASE WHEN a = 1 THEN 1 / a ELSE 0 END", true},
		{"CASE WHEN a = 1 THEN b ELSE 0 END", false},
		{"coalesce(a, b)", false},
		{"list[1]", true},
		{"exists(list, e -> e = 1)", false},
		{"exists(list, e -> 1 / e = 1)", true},
		{"p.q", false},
		{"year(ts)", false},
		{"to_date(s)", true},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			if got := plan.MayFail(bind(t, nullable(t), tt.text)); got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
}
