package expr_test

import (
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/expr"
)

func mustBind(t *testing.T, text string) expr.Bound {
	t.Helper()
	b, err := bind(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestColumns(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want []int
	}{
		{"1 + 2", nil},
		{"l + i + l", []int{3, 4}},
		{"case when b then st.a else arr[ti] end", []int{0, 1, 14, 17}},
		{"transform(arr, x -> x + l)", []int{4, 14}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			b := mustBind(t, tt.text)
			if d := cmp.Diff(tt.want, expr.Columns(b)); d != "" {
				t.Errorf("columns (-want +got):\n%s", d)
			}
			moved := expr.MapColumns(b, func(i int) int { return i + 100 })
			for i, c := range expr.Columns(moved) {
				if c != tt.want[i]+100 {
					t.Errorf("after MapColumns column %d is %d, want %d", i, c, tt.want[i]+100)
				}
			}
			if d := cmp.Diff(tt.want, expr.Columns(b)); d != "" {
				t.Errorf("MapColumns changed its argument (-want +got):\n%s", d)
			}
		})
	}
}

func TestConjuncts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"b":                           {"b"},
		"true":                        nil,
		"b and i > 1":                 {"b", "i > 1"},
		"b and (bn and i > 1) and bn": {"b", "bn", "i > 1", "bn"},
		"b or bn and b":               {"b OR bn AND b"},
		"not (b and bn)":              {"NOT (b AND bn)"},
		"b and true":                  {"b"},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			b := mustBind(t, text)
			var got []string
			for _, c := range expr.Conjuncts(b) {
				got = append(got, c.String())
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("conjuncts (-want +got):\n%s", d)
			}
		})
	}
}

func TestAnd(t *testing.T) {
	t.Parallel()
	if got := expr.And(nil, nil); got != nil {
		t.Errorf("And of nothing is %v, want nil", got)
	}
	b, bn := mustBind(t, "b"), mustBind(t, "bn")
	if got := expr.And(bn, nil, bn); got.String() != "bn AND bn" || got.Nullable() {
		t.Errorf("got %v, nullable %v", got, got.Nullable())
	}
	if got := expr.And(bn, b); !got.Nullable() {
		t.Errorf("%v must be nullable", got)
	}
	if d := cmp.Diff(2, len(expr.Conjuncts(expr.And(b, bn)))); d != "" {
		t.Errorf("And and Conjuncts do not agree:\n%s", d)
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want bool
	}{
		{"i + 1", "T.I + 1", true},
		{"i + 1", "i + 2", false},
		{"i + 1", "1 + i", false},
		{"i", "l", false},
		{"cast(s as int)", "try_cast(s as int)", false},
		{"s like 'a'", "s like 'a'", true},
		{"transform(arr, x -> x + 1)", "transform(arr, y -> y + 1)", true},
		{"transform(arr, (x, j) -> x)", "transform(arr, (x, j) -> j)", false},
		{"transform(arr, x -> size(transform(arr, y -> x)))", "transform(arr, y -> size(transform(arr, x -> y)))", true},
		{"transform(arr, x -> size(transform(arr, y -> x)))", "transform(arr, x -> size(transform(arr, y -> y)))", false},
		{"st.a", "st.A", true},
		{"case when b then 1 end", "case when b then 1 else null end", true},
		{"X'00'", "X'00'", true},
		{"X'00'", "X'01'", false},
		{"0D", "-0D", false},
		{"1", "1L", false},
	}
	for _, tt := range tests {
		t.Run(tt.a+" / "+tt.b, func(t *testing.T) {
			t.Parallel()
			a, b := mustBind(t, tt.a), mustBind(t, tt.b)
			if got := expr.Equal(a, b); got != tt.want {
				t.Errorf("Equal(%s, %s) = %v, want %v", a, b, got, tt.want)
			}
			if got := expr.Equal(b, a); got != tt.want {
				t.Errorf("Equal(%s, %s) = %v, want %v", b, a, got, tt.want)
			}
		})
	}
}

func TestCommonType(t *testing.T) {
	t.Parallel()
	tests := []struct{ a, b, want string }{
		{"INT", "INT", "INT"},
		{"VOID", "DATE", "DATE"},
		{"TINYINT", "SMALLINT", "SMALLINT"},
		{"INT", "FLOAT", "DOUBLE"},
		{"FLOAT", "FLOAT", "FLOAT"},
		{"DECIMAL(5,2)", "INT", "DECIMAL(12,2)"},
		{"DECIMAL(38,10)", "DECIMAL(38,0)", "DECIMAL(38,0)"},
		{"DECIMAL(38,20)", "BIGINT", "DECIMAL(38,18)"},
		{"DECIMAL(5,2)", "FLOAT", "DOUBLE"},
		{"STRING", "TINYINT", "BIGINT"},
		{"STRING", "DECIMAL(5,2)", "DOUBLE"},
		{"STRING", "TIMESTAMP", "TIMESTAMP"},
		{"STRING", "BOOLEAN", "BOOLEAN"},
		{"STRING", "BINARY", "BINARY"},
		{"DATE", "TIMESTAMP_NTZ", "TIMESTAMP_NTZ"},
		{"TIMESTAMP", "TIMESTAMP_NTZ", "TIMESTAMP"},
		{"BOOLEAN", "INT", ""},
		{"DATE", "INT", ""},
		{"ARRAY<INT>", "ARRAY<STRING>", "ARRAY<BIGINT>"},
		{"ARRAY<INT>", "INT", ""},
		{"MAP<STRING, INT>", "MAP<STRING, DOUBLE>", "MAP<STRING, DOUBLE>"},
		{"STRUCT<a: INT NOT NULL>", "STRUCT<A: BIGINT>", "STRUCT<a: BIGINT>"},
		{"STRUCT<a: INT>", "STRUCT<b: INT>", ""},
	}
	for _, tt := range tests {
		t.Run(tt.a+" and "+tt.b, func(t *testing.T) {
			t.Parallel()
			a, b := parseType(t, tt.a), parseType(t, tt.b)
			for _, pair := range [][2]arrow.DataType{{a, b}, {b, a}} {
				got := ""
				if c, ok := expr.CommonType(pair[0], pair[1]); ok {
					got = expr.TypeSQL(c)
				}
				if !strings.EqualFold(got, tt.want) {
					t.Errorf("CommonType(%s, %s) = %s, want %s", pair[0], pair[1], got, tt.want)
				}
			}
		})
	}
}

func TestDeterministic(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"i + 1": true, "current_date() - 1": false, "ts > now()": false, "unix_timestamp()": false} {
		if got := expr.Deterministic(mustBind(t, text)); got != want {
			t.Errorf("Deterministic(%s) = %v, want %v", text, got, want)
		}
	}
}

func TestRewrite(t *testing.T) {
	t.Parallel()
	b := mustBind(t, "case when b then upper(s) else transform(strs, x -> upper(x))[0] end")
	lower := expr.Rewrite(b, func(b expr.Bound) expr.Bound {
		if c, ok := b.(expr.BoundCall); ok && c.Func == "upper" {
			c.Func = "lower"
			return c
		}
		return b
	})
	if got, want := lower.String(), "CASE WHEN b THEN lower(s) ELSE transform(strs, x -> lower(x))[0] END"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := b.String(), "CASE WHEN b THEN upper(s) ELSE transform(strs, x -> upper(x))[0] END"; got != want {
		t.Errorf("Rewrite changed its argument: got %s, want %s", got, want)
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	b := mustBind(t, "case when b then cast(l as string) else concat(s, upper(s)) end")
	same, changed := expr.Replace(b, func(part expr.Bound) (expr.Bound, bool) { return part, false })
	if changed || !expr.Equal(same, b) {
		t.Errorf("got %s, changed %t, want %s as it is", same, changed, b)
	}
	got, changed := expr.Replace(b, func(part expr.Bound) (expr.Bound, bool) {
		if c, ok := part.(expr.BoundCall); ok && c.Func == "upper" {
			return c.Args[0], true
		}
		return part, false
	})
	if want := mustBind(t, "case when b then cast(l as string) else concat(s, s) end"); !changed || !expr.Equal(got, want) {
		t.Errorf("got %s, changed %t, want %s", got, changed, want)
	}
	if !expr.Equal(b, same) {
		t.Errorf("Replace changed its argument to %s", b)
	}
}

func TestRewriteNode(t *testing.T) {
	t.Parallel()
	text := "sum(a) FILTER (WHERE a > 1) OVER (PARTITION BY a ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) + f(x -> a.b)[CASE WHEN a THEN a END]"
	n, err := expr.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	renamed := expr.RewriteNode(n, func(n expr.Node) expr.Node {
		if c, ok := n.(expr.Column); ok {
			seen++
			return expr.Column{Path: append([]string{"z"}, c.Path[1:]...)}
		}
		return n
	})
	want := "sum(z) FILTER (WHERE z > 1) OVER (PARTITION BY z ORDER BY z ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) + f(x -> z.b)[CASE WHEN z THEN z END]"
	if got := renamed.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	walked := 0
	expr.WalkNode(n, func(n expr.Node) bool {
		if _, ok := n.(expr.Column); ok {
			walked++
		}
		return true
	})
	if seen != walked {
		t.Errorf("RewriteNode saw %d columns, WalkNode %d", seen, walked)
	}
}
