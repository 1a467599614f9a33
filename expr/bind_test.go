package expr_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
)

// scope has one column of each type, named after it; those whose names end in n are NOT NULL.
func scope(t testing.TB) expr.Scope {
	t.Helper()
	s := schematest.DDL(t, `b BOOLEAN, ti TINYINT, si SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, dec DECIMAL(18,2), dec38 DECIMAL(38,10), s STRING,
		bin BINARY, dt DATE, ts TIMESTAMP, ntz TIMESTAMP_NTZ, arr ARRAY<INT>, strs ARRAY<STRING>, m MAP<STRING, BIGINT>,
		st STRUCT<a: INT, inner: STRUCT<x: STRING NOT NULL>>, items ARRAY<STRUCT<sku: STRING, qty: BIGINT>>,
		ln BIGINT NOT NULL, sn STRING NOT NULL, bn BOOLEAN NOT NULL, dtn DATE NOT NULL, Mixed_Case INT`)
	return expr.NewScope(s).Qualify("t")
}

func bind(t *testing.T, text string) (expr.Bound, error) {
	t.Helper()
	n, err := expr.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return expr.Bind(n, scope(t))
}

// TestBind shows the implicit casts, the type, and with a ! behind it that no row gives NULL.
func TestBind(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want, typ string }{
		// Names.
		{"MIXED_case", "Mixed_Case", "INT"},
		{"t.i", "i", "INT"},
		{"st.inner.X", "st.`inner`.x", "STRING"},
		{"t.st.a", "st.a", "INT"},
		{"items.qty", "transform(items, x -> x.qty)", "ARRAY<BIGINT>"},
		{"m.k", "m['k']", "BIGINT"},
		// Arithmetic: widths, decimals, strings.
		{"ti + 1Y", "ti + 1Y", "TINYINT"},
		{"i + l", "CAST(i AS BIGINT) + l", "BIGINT"},
		{"ln + 1", "ln + 1L", "BIGINT!"},
		{"i + f", "CAST(i AS DOUBLE) + CAST(f AS DOUBLE)", "DOUBLE"},
		{"i / 2", "CAST(i AS DOUBLE) / 2D", "DOUBLE"},
		{"i div 2", "CAST(i AS BIGINT) DIV 2L", "BIGINT"},
		{"dec div 2", "dec DIV 2BD", "BIGINT"},
		{"dec + 1", "dec + 1BD", "DECIMAL(19,2)"},
		{"dec + i", "dec + CAST(i AS DECIMAL(10,0))", "DECIMAL(19,2)"},
		{"dec - dec", "dec - dec", "DECIMAL(19,2)"},
		{"dec * dec", "dec * dec", "DECIMAL(37,4)"},
		{"dec * 1.5", "dec * 1.5", "DECIMAL(21,3)"},
		{"dec / 3", "dec / 3BD", "DECIMAL(22,6)"},
		{"dec / dec", "dec / dec", "DECIMAL(38,20)"},
		{"dec % 7", "dec % 7BD", "DECIMAL(3,2)"},
		{"dec38 * dec38", "dec38 * dec38", "DECIMAL(38,6)"},
		{"dec38 + dec38", "dec38 + dec38", "DECIMAL(38,9)"},
		{"dec38 / dec38", "dec38 / dec38", "DECIMAL(38,6)"},
		{"dec * d", "CAST(dec AS DOUBLE) * d", "DOUBLE"},
		{"dec + null", "dec + CAST(NULL AS DECIMAL(18,2))", "DECIMAL(19,2)"},
		{"'1' + i", "1L + CAST(i AS BIGINT)", "BIGINT"},
		{"s + 1.5", "CAST(s AS DOUBLE) + 1.5D", "DOUBLE"},
		{"-i", "-i", "INT"},
		{"try_add(i, 1)", "try_add(i, 1)", "INT"},
		{"try_divide(ln, 2)", "try_divide(CAST(ln AS DOUBLE), 2D)", "DOUBLE"},
		{"try_multiply(dec, dec)", "try_multiply(dec, dec)", "DECIMAL(37,4)"},
		{"mod(i, 2)", "i % 2", "INT"},
		{"pmod(l, 2)", "pmod(l, 2L)", "BIGINT"},
		// Comparison.
		{"dec > 0", "dec > CAST(0.00 AS DECIMAL(18,2))", "BOOLEAN"},
		{"ln = '7'", "ln = 7L", "BOOLEAN!"},
		{"d = 1", "d = 1D", "BOOLEAN"},
		{"dec = 1.005", "CAST(dec AS DECIMAL(19,3)) = CAST(1.005 AS DECIMAL(19,3))", "BOOLEAN"},
		{"dt >= '2025-01-01'", "dt >= DATE '2025-01-01'", "BOOLEAN"},
		{"ts >= '2025-01-01'", "ts >= TIMESTAMP '2025-01-01 00:00:00'", "BOOLEAN"},
		{"ts < date '2026-01-01'", "ts < TIMESTAMP '2026-01-01 00:00:00'", "BOOLEAN"},
		{"dt = ts", "CAST(dt AS TIMESTAMP) = ts", "BOOLEAN"},
		{"ntz = ts", "CAST(ntz AS TIMESTAMP) = ts", "BOOLEAN"},
		{"s = i", "CAST(s AS BIGINT) = CAST(i AS BIGINT)", "BOOLEAN"},
		{"b = 'true'", "b = TRUE", "BOOLEAN"},
		{"i <=> null", "i <=> CAST(NULL AS INT)", "BOOLEAN!"},
		{"ln in (1, 2)", "ln IN (1L, 2L)", "BOOLEAN!"},
		{"ln in (1, null)", "ln IN (1L, CAST(NULL AS BIGINT))", "BOOLEAN"},
		{"i is null", "i IS NULL", "BOOLEAN!"},
		{"not bn and b", "NOT bn AND b", "BOOLEAN"},
		{"s and b", "CAST(s AS BOOLEAN) AND b", "BOOLEAN"},
		{"b or null", "b OR CAST(NULL AS BOOLEAN)", "BOOLEAN"},
		{"i between 1 and 2", "i >= 1 AND i <= 2", "BOOLEAN"},
		// Dates and times.
		{"dt + 1", "date_add(dt, 1)", "DATE"},
		{"1 + dt", "date_add(dt, 1)", "DATE"},
		{"dt - 1", "date_sub(dt, 1)", "DATE"},
		{"dt + null", "CAST(NULL AS TIMESTAMP)", "TIMESTAMP"},
		{"dt - '2025-01-01'", "dt - DATE '2025-01-01'", "INTERVAL DAY"},
		{"dt + interval 2 days", "date_add(dt, 2)", "DATE"},
		{"dt - interval 1 week", "date_add(dt, -7)", "DATE"},
		{"dt + interval 1 year", "add_months(dt, 12)", "DATE"},
		{"dt + interval 24 hours", "CAST(dt AS TIMESTAMP) + INTERVAL '24' HOUR", "TIMESTAMP"},
		{"ts - interval 1 month", "ts - INTERVAL '1' MONTH", "TIMESTAMP"},
		{"ntz + interval 1 day", "ntz + INTERVAL '1' DAY", "TIMESTAMP_NTZ"},
		{"ts - ts", "ts - ts", "INTERVAL DAY TO SECOND"},
		{"ts - dt", "ts - CAST(dt AS TIMESTAMP)", "INTERVAL DAY TO SECOND"},
		{"ts - ts > interval 1 hour", "ts - ts > INTERVAL '0 01:00:00' DAY TO SECOND", "BOOLEAN"},
		{"year(ts)", "year(CAST(ts AS DATE))", "INT"},
		{"year('2025-03-04')", "year(DATE '2025-03-04')", "INT!"},
		{"hour(ntz)", "hour(ntz)", "INT"},
		{"datediff(ts, dt)", "datediff(CAST(ts AS DATE), dt)", "INT"},
		{"date_trunc('MONTH', ts)", "date_trunc('MONTH', ts)", "TIMESTAMP"},
		{"trunc(dtn, 'month')", "trunc(dtn, 'month')", "DATE!"},
		{"trunc(dtn, sn)", "trunc(dtn, sn)", "DATE"},
		{"date_format(dt, 'yyyy-MM')", "date_format(CAST(dt AS TIMESTAMP), 'yyyy-MM')", "STRING"},
		{"unix_timestamp(s)", "unix_timestamp(s, 'yyyy-MM-dd HH:mm:ss')", "BIGINT"},
		{"unix_timestamp(dt)", "unix_timestamp(CAST(dt AS TIMESTAMP))", "BIGINT"},
		{"unix_timestamp()", "unix_timestamp(current_timestamp())", "BIGINT!"},
		{"now()", "current_timestamp()", "TIMESTAMP!"},
		{"timestamp_seconds(dec)", "timestamp_seconds(dec)", "TIMESTAMP"},
		// Conversions.
		{"cast(s as int)", "CAST(s AS INT)", "INT"},
		{"cast('7' as int)", "7", "INT!"},
		{"cast('x' as int)", "CAST('x' AS INT)", "INT!"},
		{"try_cast('x' as int)", "CAST(NULL AS INT)", "INT"},
		{"try_cast(sn as int)", "TRY_CAST(sn AS INT)", "INT"},
		{"cast(1.005 as decimal(5,2))", "CAST(1.01 AS DECIMAL(5,2))", "DECIMAL(5,2)!"},
		{"cast(-1.005 as decimal(5,2))", "CAST(-1.01 AS DECIMAL(5,2))", "DECIMAL(5,2)!"},
		{"cast(ln as bigint)", "ln", "BIGINT!"},
		{"date(s)", "CAST(s AS DATE)", "DATE"},
		{"to_date(s)", "CAST(s AS DATE)", "DATE"},
		{"to_date(sn, 'dd.MM.yyyy')", "to_date(sn, 'dd.MM.yyyy')", "DATE!"},
		{"try_to_date(sn, 'dd.MM.yyyy')", "try_to_date(sn, 'dd.MM.yyyy')", "DATE"},
		{"try_to_timestamp(sn)", "TRY_CAST(sn AS TIMESTAMP)", "TIMESTAMP"},
		{"to_timestamp(ntz)", "CAST(ntz AS TIMESTAMP)", "TIMESTAMP"},
		{"typeof(st)", "'struct<a:int,inner:struct<x:string>>'", "STRING!"},
		{"double(i)", "CAST(i AS DOUBLE)", "DOUBLE"},
		// Conditionals.
		{"coalesce(i, ln)", "CASE WHEN CAST(i AS BIGINT) IS NOT NULL THEN CAST(i AS BIGINT) ELSE ln END", "BIGINT!"},
		{"coalesce(ln, i)", "ln", "BIGINT!"},
		{"coalesce(coalesce(i, ti), 0)", "CASE WHEN i IS NOT NULL THEN i WHEN CAST(ti AS INT) IS NOT NULL THEN CAST(ti AS INT) ELSE 0 END", "INT!"},
		{"nvl(s, 'x')", "CASE WHEN s IS NOT NULL THEN s ELSE 'x' END", "STRING!"},
		{"coalesce(dec, 0)", "CASE WHEN dec IS NOT NULL THEN dec ELSE CAST(0.00 AS DECIMAL(18,2)) END", "DECIMAL(18,2)!"},
		{"nullif(sn, '')", "CASE WHEN sn = '' THEN CAST(NULL AS STRING) ELSE sn END", "STRING"},
		{"nvl2(i, 'a', 'b')", "CASE WHEN i IS NOT NULL THEN 'a' ELSE 'b' END", "STRING!"},
		{"if(b, 1, 2.5)", "CASE WHEN b THEN CAST(1.0 AS DECIMAL(11,1)) ELSE CAST(2.5 AS DECIMAL(11,1)) END", "DECIMAL(11,1)!"},
		{"case when b then 1 end", "CASE WHEN b THEN 1 ELSE CAST(NULL AS INT) END", "INT"},
		{"greatest(i, ln)", "greatest(CAST(i AS BIGINT), ln)", "BIGINT!"},
		{"isnan(d)", "isnan(d)", "BOOLEAN!"},
		// Mathematics.
		{"round(d)", "round(d, 0)", "DOUBLE"},
		{"round(dec, 1)", "round(dec, 1)", "DECIMAL(18,1)"},
		{"round(dec)", "round(dec, 0)", "DECIMAL(17,0)"},
		{"round(dec, -3)", "round(dec, -3)", "DECIMAL(17,0)"},
		{"ceil(dec)", "ceil(dec)", "DECIMAL(17,0)"},
		{"ceil(i)", "ceil(CAST(i AS BIGINT))", "BIGINT"},
		{"floor(d)", "floor(d)", "BIGINT"},
		{"sqrt(4)", "sqrt(4D)", "DOUBLE!"},
		{"ln(2)", "ln(2D)", "DOUBLE"},
		{"abs(s)", "abs(CAST(s AS DOUBLE))", "DOUBLE"},
		// Strings.
		{"s || i", "s || CAST(i AS STRING)", "STRING"},
		{"upper(sn)", "upper(sn)", "STRING!"},
		{"concat_ws(',', s, strs)", "concat_ws(',', s, strs)", "STRING!"},
		{"trim('x' from s)", "trim('x', s)", "STRING"},
		{"length(bin)", "length(bin)", "INT"},
		{"substr(s, 2)", "substring(s, 2)", "STRING"},
		{"lpad(i, 5)", "lpad(CAST(i AS STRING), 5, ' ')", "STRING"},
		{"split(sn, ',')", "split(sn, ',', -1)", "ARRAY<STRING>!"},
		{"position('a' in s)", "locate('a', s, 1)", "INT"},
		{"s like 'a%'", "s LIKE 'a%'", "BOOLEAN"},
		{"md5(sn)", "md5(CAST(sn AS BINARY))", "STRING!"},
		{"xxhash64(i, s)", "xxhash64(i, s)", "BIGINT!"},
		{"hex(i)", "hex(CAST(i AS BIGINT))", "STRING"},
		// Collections and lambdas.
		{"size(arr)", "size(arr)", "INT"},
		{"arr[ti]", "arr[CAST(ti AS INT)]", "INT"},
		{"element_at(m, 'k')", "element_at(m, 'k')", "BIGINT"},
		{"array(1, 2L)", "array(1L, 2L)", "ARRAY<BIGINT>!"},
		{"struct(i, 2 as two, i + 1)", "named_struct('i', i, 'two', 2, 'col3', i + 1)", "STRUCT<i: INT, two: INT NOT NULL, col3: INT>!"},
		{"map('a', 1, 'b', 2L)", "map('a', 1L, 'b', 2L)", "MAP<STRING, BIGINT>!"},
		{"array_contains(arr, ln)", "array_contains(CAST(arr AS ARRAY<BIGINT>), ln)", "BOOLEAN"},
		{"transform(arr, x -> x + ln)", "transform(arr, x -> CAST(x AS BIGINT) + ln)", "ARRAY<BIGINT>"},
		{"transform(arr, (x, i) -> i)", "transform(arr, (x, i) -> i)", "ARRAY<INT>"},
		{"filter(items, x -> x.qty > 1)", "filter(items, x -> x.qty > 1L)", "ARRAY<STRUCT<sku: STRING, qty: BIGINT>>"},
		{"exists(arr, x -> x is null)", "exists(arr, x -> x IS NULL)", "BOOLEAN"},
		{"aggregate(items, 0L, (acc, x) -> acc + x.qty)", "aggregate(items, 0L, (acc, x) -> acc + x.qty)", "BIGINT"},
		{"aggregate(arr, 0, (acc, x) -> acc + x, acc -> acc * 1.5D)", "aggregate(arr, 0, (acc, x) -> acc + x, acc -> CAST(acc AS DOUBLE) * 1.5D)", "DOUBLE"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			b, err := bind(t, tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := b.String(); got != tt.want {
				t.Errorf("Bind(%s)\n got %s\nwant %s", tt.text, got, tt.want)
			}
			typ := expr.TypeSQL(b.Type())
			if !b.Nullable() {
				typ += "!"
			}
			if typ != tt.typ {
				t.Errorf("Bind(%s) has type %s, want %s", tt.text, typ, tt.typ)
			}
		})
	}
}

// TestBindAgain parses what a bound expression prints and binds it once more: nothing may change, as the text may be run elsewhere.
func TestBindAgain(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"dec + i > 0", "coalesce(s, 'x') || i", "dt + interval 2 days = ts", "transform(arr, x -> x + 1)", "struct(i, 2 as two).two", "round(dec, 1)",
		"nullif(s, 'a') in ('b', null)", "unix_timestamp(s)", "aggregate(arr, 0, (acc, x) -> acc + x)", "case s when 'a' then 1 else 2.5 end", "items.qty[0]",
		"transform(arr, I -> i + t.i)", "transform(arr, x -> transform(arr, X -> x + 1)[x])", "transform(arr, x -> transform(arr, y -> x + y)[0])",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			once, err := bind(t, text)
			if err != nil {
				t.Fatal(err)
			}
			again, err := bind(t, once.String())
			if err != nil {
				t.Fatal(err)
			}
			if !expr.Equal(once, again) {
				t.Errorf("%s binds to\n%s and that to\n%s", text, once, again)
			}
		})
	}
}

func TestBindErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, class, state, part string }{
		{"1 +\n amout", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", "2:2: "},
		{"mixd_case", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", "did you mean t.Mixed_Case,"},
		{"st.inner.y", "FIELD_NOT_FOUND", "42704", "no field y"},
		{"i.x", "INVALID_EXTRACT_BASE_FIELD_TYPE", "42000", "INT"},
		{"uper(s)", "UNRESOLVED_ROUTINE", "42883", "did you mean upper"},
		{"upper(s, s)", "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605", "upper takes 1 argument, not 2"},
		{"lpad(s)", "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605", "2 to 3 arguments, not 1"},
		{"b = 1", "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES", "42K09", "BOOLEAN and INT"},
		{"'1' + '2'", "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE", "42K09", "strings"},
		{"b + 1", "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES", "42K09", ""},
		{"d div 2", "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES", "42K09", ""},
		{"not i", "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "42K09", "must be BOOLEAN, but i is INT"},
		{"s and s", "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE", "42K09", ""},
		{"if(s, 1, 2)", "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "42K09", ""},
		{"timestamp_millis(d)", "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "42K09", "a whole number"},
		{"m = m", "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "42K09", ""},
		{"size(s)", "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "42K09", "ARRAY or MAP"},
		{"greatest(s, i)", "DATATYPE_MISMATCH.DATA_DIFF_TYPES", "42K09", ""},
		{"cast(b as date)", "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION", "42K09", "BOOLEAN cannot be cast to DATE"},
		{"i = 'abc'", "CAST_INVALID_INPUT", "22018", "1:5: "},
		{"dt = '2025-02-30'", "CAST_INVALID_INPUT", "22018", "DATE"},
		{"round(d, i)", "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT", "42K09", "constant"},
		{"date_format(ts, 'GGGG')", "UNSUPPORTED_FEATURE", "0A000", "1:17: "},
		{"sum(i) + 1", "UNSUPPORTED_EXPR_FOR_OPERATOR", "42K0E", "aggregate sum"},
		{"row_number()", "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE", "42601", ""},
		{"rank() over (order by i)", "UNSUPPORTED_EXPR_FOR_OPERATOR", "42K0E", ""},
		{"upper(distinct s)", "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", "42000", ""},
		{"filter(arr, (a, b, c) -> true)", "INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH", "42K0D", ""},
		{"filter(arr, x -> x)", "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "42K09", ""},
		{"upper(x -> x)", "INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION", "42K0D", ""},
		{"aggregate(arr, 0L, (a, x) -> x)", "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "42K09", "cast the start value to INT"},
		{"case when i then 1 end", "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "42K09", ""},
		{"map(1)", "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605", "even"},
		{strings.Repeat("nullif(", 20) + "s" + strings.Repeat(", 'a')", 20), "STATEMENT_TOO_COMPLEX", "54001", ""},
		{"size(" + strings.Repeat("nullif(", 200) + "s" + strings.Repeat(", 'a')", 200) + ")", "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "42K09", ""},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			b, err := bind(t, tt.text)
			var e *expr.Error
			if !errors.As(err, &e) {
				t.Fatalf("Bind(%s) = %v, %v; want an *expr.Error", tt.text, b, err)
			}
			if e.Class != tt.class || e.SQLState != tt.state || !strings.Contains(e.Error(), tt.part) {
				t.Errorf("got %s %v; want class %s, state %s and %q", e.SQLState, e, tt.class, tt.state, tt.part)
			}
			if e.Line == 0 {
				t.Errorf("%v has no place", e)
			}
		})
	}
}

func TestAmbiguous(t *testing.T) {
	t.Parallel()
	one := arrow.NewSchema([]arrow.Field{{Name: "id", Type: schema.BigInt}, {Name: "a", Type: schema.String}}, nil)
	joined := expr.NewScope(one).Qualify("l").Join(expr.NewScope(one).Qualify("r"), 2)
	for text, want := range map[string]string{"l.id": "0", "R.a": "3", "id": "AMBIGUOUS_REFERENCE", "x.id": "UNRESOLVED_COLUMN.WITH_SUGGESTION"} {
		n, err := expr.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		b, err := expr.Bind(n, joined)
		var e *expr.Error
		switch {
		case errors.As(err, &e):
			if e.Class != want {
				t.Errorf("%s: %v, want %s", text, err, want)
			}
		case string(rune('0'+b.(expr.BoundColumn).Index)) != want:
			t.Errorf("%s: column %d, want %s", text, b.(expr.BoundColumn).Index, want)
		}
	}
}

// FuzzBind checks that no expression makes Bind panic, and that what it gives prints as text that binds to the same again.
func FuzzBind(f *testing.F) {
	for _, s := range []string{
		"dec * i / 3 > '7'", "coalesce(nullif(s, ''), m.k, st.inner.x)", "dt + interval 1 month - ts", "aggregate(items, 0L, (a, x) -> a + x.qty)",
		"try_cast(s as array<int>)", "round(dec38, -2) in (1, 2.5)", "struct(i, dec as x).x", "map('a', 1)['a']", "date_trunc('WEEK', dt)",
		"concat(arr, array(1L))", "case i when 1 then ntz when null then dt end", "filter(strs, (x, i) -> x like '%a' and i > 0)", "hex(md5(s))",
	} {
		f.Add(s)
	}
	columns := scope(f)
	f.Fuzz(func(t *testing.T, text string) {
		n, err := expr.Parse(text)
		if err != nil {
			return
		}
		once, err := expr.Bind(n, columns)
		if err != nil {
			var e *expr.Error
			if !errors.As(err, &e) || e.Line < 1 {
				t.Fatalf("Bind(%q): %v is no *expr.Error with a place", text, err)
			}
			return
		}
		n, err = expr.Parse(once.String())
		if errors.Is(err, &expr.Error{Class: "STATEMENT_TOO_COMPLEX"}) {
			return
		}
		if err != nil {
			t.Fatalf("%q binds to %s, which does not parse: %v", text, once, err)
		}
		again, err := expr.Bind(n, columns)
		if err != nil {
			t.Fatalf("%q binds to %s, which does not bind: %v", text, once, err)
		}
		if !expr.Equal(once, again) {
			t.Fatalf("%q binds to %s, and that to %s", text, once, again)
		}
	})
}

func BenchmarkBind(b *testing.B) {
	n, err := expr.Parse("CASE WHEN lower(trim(s)) = 'purchase' THEN CAST(round(d * 100) AS BIGINT) * l ELSE 0 END")
	if err != nil {
		b.Fatal(err)
	}
	columns := scope(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := expr.Bind(n, columns); err != nil {
			b.Fatal(err)
		}
	}
}
