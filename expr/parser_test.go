package expr_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// TestPrint parses text and compares how the tree prints, which shows how operators bind.
func TestPrint(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"a", "a"},
		{"A.b.`c d`", "A.b.`c d`"},
		{"`select`", "`select`"},
		{"a + b * c", "a + b * c"},
		{"(a + b) * c", "(a + b) * c"},
		{"a - (b - c)", "a - (b - c)"},
		{"a - b - c", "a - b - c"},
		{"a || 'x' || b", "a || 'x' || b"},
		{"concat(a, b)", "a || b"},
		{"concat(a, b, c)", "concat(a, b, c)"},
		{"a | b ^ c & d << e + f", "a | b ^ c & shiftleft(d, e + f)"},
		{"(a | b) & ~c = d", "(a | b) & ~c = d"},
		{"a >> b >>> c < d", "shiftrightunsigned(shiftright(a, b), c) < d"},
		{"- ~a", "-~a"},
		{"~(a & b)", "~(a & b)"},
		{"overlay(a placing b from 2 for 3)", "overlay(a, b, 2, 3)"},
		{"a DIV b % c", "a DIV b % c"},
		{"not a = b and c or d", "NOT a = b AND c OR d"},
		{"not (a and b)", "NOT (a AND b)"},
		{"! a", "NOT a"},
		{"a and (b or c)", "a AND (b OR c)"},
		{"a == b", "a = b"},
		{"a != b", "a <> b"},
		{"a <=> null", "a <=> NULL"},
		{"a = b is null", "a = b IS NULL"},
		{"a between 1 and 2 + 3 and b", "a >= 1 AND a <= 2 + 3 AND b"},
		{"a not between 1 and 2", "NOT (a >= 1 AND a <= 2)"},
		{"a not in (1, 2L, 3Y, 4S)", "a NOT IN (1, 2L, 3Y, 4S)"},
		{"a in ('x')", "a IN ('x')"},
		{"a like 'x%'", "a LIKE 'x%'"},
		{`a like 'x\%' escape '!'`, `a LIKE 'x\\%' ESCAPE '!'`},
		{"a not ilike b", "NOT a ILIKE b"},
		{"a regexp r'\\d+'", `a RLIKE '\\d+'`},
		{"a is not null", "a IS NOT NULL"},
		{"a is true", "a <=> TRUE"},
		{"a is not false", "NOT a <=> FALSE"},
		{"a is unknown", "a IS NULL"},
		{"a is distinct from b", "NOT a <=> b"},
		{"a is not distinct from b", "a <=> b"},
		{"-1", "-1"},
		{"- a", "-a"},
		{"-(1)", "negative(1)"},
		{"- -1", "negative(-1)"},
		{"a - -1", "a - -1"},
		{"+a", "a"},
		{"-9223372036854775808", "-9223372036854775808L"},
		{"-2147483648", "-2147483648"},
		{"2147483648", "2147483648L"},
		{"99999999999999999999", "99999999999999999999BD"},
		{"1.50", "1.50"},
		{"-.05", "-0.05"},
		{"1.", "1BD"},
		{"10BD", "10BD"},
		{"1e3", "1000D"},
		{"1.5D", "1.5D"},
		{"1.5f", "1.5F"},
		{"3.4028235e38f", "3.4028234663852886E+38F"},
		{"1.5e-2BD", "0.015"},
		{"X'1f2'", "X'01F2'"},
		{`'it''s'`, `'it\'s'`},
		{`'a' 'b'`, `'ab'`},
		{`"a\tb\u00e4\101"`, `'a\tbäA'`},
		{`r'a\tb'`, `'a\\tb'`},
		{"'${a} $ $${b'", `'\u0024{a} $ $\u0024{b'`},
		{"`user` = `default`", "`user` = `default`"},
		{"m[a and b][c = d]", "m[(a AND b)][c = d]"},
		{"true and null", "TRUE AND NULL"},
		{"date '2025-1-2'", "DATE '2025-01-02'"},
		{"timestamp '2025-01-02T03:04:05.5+01:00'", "TIMESTAMP '2025-01-02 02:04:05.5'"},
		{"timestamp '2025-07-01 00:00:00 Europe/Berlin'", "TIMESTAMP '2025-06-30 22:00:00'"},
		{"timestamp '2025-01-02 03:04:05 UTC+1:30'", "TIMESTAMP '2025-01-02 01:34:05'"},
		{"timestamp '2025-01-02 03:04:05-013015'", "TIMESTAMP '2025-01-02 04:34:20'"},
		{"timestamp_ntz '2025-01-02'", "TIMESTAMP_NTZ '2025-01-02 00:00:00'"},
		{"interval 3 days", "INTERVAL '3' DAY"},
		{"interval '1' week", "INTERVAL '7' DAY"},
		{"interval 1 day 2 hours", "INTERVAL '1 02' DAY TO HOUR"},
		{"interval '1 12:00:00.25' day to second", "INTERVAL '1 12:00:00.25' DAY TO SECOND"},
		{"interval '-1-6' year to month", "INTERVAL '-1-6' YEAR TO MONTH"},
		{"interval '2 hours -30 minutes'", "INTERVAL '01:30' HOUR TO MINUTE"},
		{"interval", "`interval`"},
		{"case a when 1 then 'x' else 'y' end", "CASE WHEN a = 1 THEN 'x' ELSE 'y' END"},
		{"case when a then b end", "CASE WHEN a THEN b END"},
		{"cast(a as decimal(18,2))", "CAST(a AS DECIMAL(18,2))"},
		{
			"try_cast(a as array<struct<x: int, `y z` string not null comment 'c'>>)",
			"TRY_CAST(a AS ARRAY<STRUCT<x: INT, `y z`: STRING NOT NULL COMMENT 'c'>>)",
		},
		{"a::map<string,array<bigint>>", "CAST(a AS MAP<STRING, ARRAY<BIGINT>>)"},
		{"cast(a - b as interval day to second)", "CAST(a - b AS INTERVAL DAY TO SECOND)"},
		{"a::interval year to month", "CAST(a AS INTERVAL YEAR TO MONTH)"},
		{"a::int::string", "CAST(CAST(a AS INT) AS STRING)"},
		{"a::timestamp_ntz", "CAST(a AS TIMESTAMP_NTZ)"},
		{"a::array<varchar(3)>", "CAST(a AS ARRAY<STRING>)"},
		{"a not like any ('x', b)", "NOT a LIKE 'x' OR NOT a LIKE b"},
		{"a ilike all ('x%', 'y')", "a ILIKE 'x%' AND a ILIKE 'y'"},
		{"a::numeric", "CAST(a AS DECIMAL(10,0))"},
		{"a[0].b[c]", "a[0].b[c]"},
		{"f(a).b", "f(a).b"},
		{"(a).b", "(a).b"},
		{"transform(xs, x -> x + 1)", "transform(xs, x -> x + 1)"},
		{"aggregate(xs, 0, (acc, x) -> acc + x)", "aggregate(xs, 0, (acc, x) -> acc + x)"},
		{"extract(year from ts)", "date_part('YEAR', ts)"},
		{"raw:a.b[0]['c d'].e", "get_json_object(raw, '$.a.b[0][\\'c d\\'].e')"},
		{"raw:`a.b`[*]", "get_json_object(raw, '$[\\'a.b\\'][*]')"},
		{"timestampadd(MONTH, 1, ts)", "timestampadd(MONTH, 1, ts)"},
		{"date_add(month, 1)", "date_add(month, 1)"},
		{"extract(second from ts)", "date_part('SECOND', ts)"},
		{"position('a' in b)", "locate('a', b)"},
		{"position('a', b, 2)", "locate('a', b, 2)"},
		{"substring(a from 2 for 3)", "substring(a, 2, 3)"},
		{"trim(leading 'x' from a)", "ltrim('x', a)"},
		{"trim(both from a)", "trim(a)"},
		{"trim('x' from a)", "trim('x', a)"},
		{"left(a, 2) = right(a, 2)", "left(a, 2) = right(a, 2)"},
		{"current_date", "current_date()"},
		{"COUNT(*)", "count(*)"},
		{"count(distinct a, b) filter (where c > 0)", "count(DISTINCT a, b) FILTER (WHERE c > 0)"},
		{"percentile_cont(0.5) within group (order by a)", "percentile_cont(0.5) WITHIN GROUP (ORDER BY a)"},
		{"listagg(distinct a, ',') within group (order by a desc, b nulls last) filter (where c)", "listagg(DISTINCT a, ',') WITHIN GROUP (ORDER BY a DESC, b NULLS LAST) FILTER (WHERE c)"},
		{"mode() within group (order by a desc)", "mode() WITHIN GROUP (ORDER BY a DESC)"},
		{"lag(a) ignore nulls over (order by b)", "lag(a, 1, NULL) IGNORE NULLS OVER (ORDER BY b)"},
		{"first(a) ignore nulls", "first(a, TRUE)"},
		{"nth_value(a, 2) ignore nulls over w", "nth_value(a, 2) IGNORE NULLS OVER w"},
		{
			"row_number() over (partition by a, b order by c desc, d nulls last)",
			"row_number() OVER (PARTITION BY a, b ORDER BY c DESC, d NULLS LAST)",
		},
		{
			"sum(a) over (order by d range between interval 6 days preceding and current row)",
			"sum(a) OVER (ORDER BY d RANGE BETWEEN INTERVAL '6' DAY PRECEDING AND CURRENT ROW)",
		},
		{"sum(a) over (order by d rows 2 preceding)", "sum(a) OVER (ORDER BY d ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)"},
		{"sum(a) over (w)", "sum(a) OVER w"},
		{"struct(a as x, b)", "struct(a AS x, b)"},
		{"(a, b) in ((1, 2))", "struct(a, b) IN (struct(1, 2))"},
		{"a /* b /* c */ d */ + -- e\n 1", "a + 1"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			n, err := expr.Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := n.String(); got != tt.want {
				t.Errorf("Parse(%q) prints\n got %s\nwant %s", tt.text, got, tt.want)
			}
			again, err := expr.Parse(n.String())
			if err != nil {
				t.Fatalf("printed text does not parse: %v", err)
			}
			if !expr.EqualNode(n, again) {
				t.Errorf("printed text parses to something else: %s", again)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, class, place string }{
		{"", "PARSE_SYNTAX_ERROR", "1:1"},
		{"a +", "PARSE_SYNTAX_ERROR", "1:4"},
		{"a\n  + from", "PARSE_SYNTAX_ERROR", "2:5"},
		{"ä + 'x", "PARSE_SYNTAX_ERROR", "1:5"},
		{"a b", "PARSE_SYNTAX_ERROR", "1:3"},
		{"a < < b", "PARSE_SYNTAX_ERROR", "1:5"},
		{"(a", "PARSE_SYNTAX_ERROR", "1:3"},
		{"`a", "PARSE_SYNTAX_ERROR", "1:1"},
		{"``", "PARSE_SYNTAX_ERROR", "1:1"},
		{"/* a", "PARSE_SYNTAX_ERROR", "1:1"},
		{"5abc", "PARSE_SYNTAX_ERROR", "1:1"},
		{"300Y", "INVALID_NUMERIC_LITERAL_RANGE", "1:1"},
		{"1e999", "INVALID_NUMERIC_LITERAL_RANGE", "1:1"},
		{strings.Repeat("9", 39), "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "1:1"},
		{"date '2025-02-30'", "INVALID_TYPED_LITERAL", "1:6"},
		{"timestamp '2025-01-01 25:00:00'", "INVALID_TYPED_LITERAL", "1:11"},
		{"interval '1 month 1 day'", "INVALID_INTERVAL_FORMAT", "1:1"},
		{"interval '1' day to month", "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING_WITH_NOTICE", "1:1"},
		{"case a end", "PARSE_SYNTAX_ERROR", "1:8"},
		{"cast(a as varchar)", "DATATYPE_MISSING_SIZE", "1:11"},
		{"cast(a as decimal(3,4))", "INVALID_DECIMAL_TYPE", "1:19"},
		{"bigint '5'", "UNSUPPORTED_TYPED_LITERAL", "1:1"},
		{"X'zz'", "INVALID_TYPED_LITERAL", "1:1"},
		{"cast(a as interval month to day)", "PARSE_SYNTAX_ERROR", "1:11"},
		{"cast(a as decimal(39,0))", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "1:19"},
		{"cast(a as nonsense)", "UNSUPPORTED_DATATYPE", "1:11"},
		{"extract(1 from a)", "PARSE_SYNTAX_ERROR", "1:9"},
		{"a in (select 1)", "UNSUPPORTED_FEATURE", "1:7"},
		{"(select 1)", "UNSUPPORTED_FEATURE", "1:2"},
		{"sum(a) over (order by b rows between 1 following and 1 preceding)", "PARSE_SYNTAX_ERROR", "1:25"},
		{"a like 'x' escape 'yy'", "PARSE_SYNTAX_ERROR", "1:19"},
		{strings.Repeat("(", 100_000), "STATEMENT_TOO_COMPLEX", "1:401"},
		{strings.Repeat("a + ", 200_000) + "a", "STATEMENT_TOO_COMPLEX", "1:200003"},
		{strings.Repeat("(", 60) + "a" + strings.Repeat(" between 1 and 2)", 60), "STATEMENT_TOO_COMPLEX", "1:316"},
	}
	for _, tt := range tests {
		t.Run(tt.text[:min(len(tt.text), 40)], func(t *testing.T) {
			t.Parallel()
			n, err := expr.Parse(tt.text)
			var e *expr.Error
			if !errors.As(err, &e) {
				t.Fatalf("Parse = %v, %v; want an *expr.Error", n, err)
			}
			if e.Class != tt.class {
				t.Errorf("class %s, want %s (%v)", e.Class, tt.class, e)
			}
			if place, _, _ := strings.Cut(e.Error(), ": "); place != tt.place {
				t.Errorf("at %s, want %s (%v)", place, tt.place, e)
			}
		})
	}
}

func TestParseItem(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want, rest string }{
		{"* from", "*", "from"},
		{"t.* except (a, `b c`) from", "t.* EXCEPT (a, `b c`)", "from"},
		{"a + 1 as `from`, b", "a + 1 AS `from`", ","},
		{"a b", "a AS b", ""},
		{"a limit", "a", "limit"},
		{"a.b from", "a.b", "from"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			p, err := expr.NewParser(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			n, err := p.ParseItem()
			if err != nil {
				t.Fatal(err)
			}
			if got := n.String(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if got := p.Peek().Text; got != tt.rest {
				t.Errorf("stops at %q, want %q", got, tt.rest)
			}
		})
	}
}

// FuzzParse checks that no text makes the parser panic, and that what parses prints as text that parses to the same tree.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"a + b * -c", "a NOT IN (1, 2.5, 'x')", "CASE WHEN a THEN b ELSE c END", "f(x -> x.y[1])", "sum(a) FILTER (WHERE b) OVER (ORDER BY c)",
		"TRIM(BOTH 'x' FROM y)", "INTERVAL '1' DAY", "X'00'", "`a``b`.c::ARRAY<INT>", "a LIKE 'b' ESCAPE '\\\\'", "(a, b) -> c", "1.e5 .5 5.",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := expr.Parse(text)
		if err != nil {
			var e *expr.Error
			if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 {
				t.Fatalf("Parse(%q): %v is no *expr.Error with a place", text, err)
			}
			return
		}
		printed := n.String()
		again, err := expr.Parse(printed)
		if errors.Is(err, &expr.Error{Class: "STATEMENT_TOO_COMPLEX"}) {
			return // the printed form may have more parentheses
		}
		if err != nil {
			t.Fatalf("%q prints as %q, which does not parse: %v", text, printed, err)
		}
		if !expr.EqualNode(n, again) {
			t.Fatalf("%q prints as %q, which parses to something else: %q", text, printed, again)
		}
	})
}

func parseType(t *testing.T, text string) arrow.DataType {
	t.Helper()
	p, err := expr.NewParser(text)
	if err != nil {
		t.Fatal(err)
	}
	typ, err := p.ParseType()
	if err != nil {
		t.Fatal(err)
	}
	return typ
}

// TestTypeSQL prints types that parse to themselves.
func TestTypeSQL(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL(38,38)", "STRING", "BINARY", "DATE", "TIMESTAMP", "TIMESTAMP_NTZ", "VOID",
		"ARRAY<ARRAY<INT>>", "MAP<STRING, STRUCT<a: INT, `b c`: ARRAY<DATE> NOT NULL COMMENT 'it\\'s'>>", "STRUCT<>",
	} {
		if got := expr.TypeSQL(parseType(t, text)); got != text {
			t.Errorf("got %s, want %s", got, text)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	const text = "CASE WHEN lower(trim(event_type)) = 'purchase' THEN CAST(round(payload.unit_price * 100) AS BIGINT) * payload.quantity ELSE 0 END"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := expr.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
