package expr_test

import (
	"strings"
	"testing"

	"github.com/medallion-go/medallion/expr"
)

func TestFunctions(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, f := range expr.Functions() {
		if f.Doc == "" || strings.Contains(f.Doc, "\n") {
			t.Errorf("%s: the doc line is %q", f.Name, f.Doc)
		}
		for _, name := range append([]string{f.Name}, f.Aliases...) {
			if name != strings.ToLower(name) {
				t.Errorf("%s is not in lower case", name)
			}
			if other, ok := seen[name]; ok {
				t.Errorf("%s names both %s and %s", name, other, f.Name)
			}
			seen[name] = f.Name
			if got := (expr.Call{Func: strings.ToUpper(name)}).IsAggregate(); got != (f.Kind == expr.AggregateFunction) {
				t.Errorf("IsAggregate(%s) = %v, its kind is %s", name, got, f.Kind)
			}
			if got := expr.IsWindow(strings.ToUpper(name)); got != (f.Kind == expr.WindowFunction) {
				t.Errorf("IsWindow(%s) = %v, its kind is %s", name, got, f.Kind)
			}
		}
	}
	for _, name := range strings.Fields(`abs negative round bround ceil floor sqrt
		power exp ln log10 log2 sign mod pmod greatest least try_add try_subtract try_multiply
		try_divide concat concat_ws lower upper trim ltrim rtrim btrim length char_length octet_length substring substr left right instr locate replace
		translate split split_part lpad rpad repeat reverse initcap contains startswith endswith like ilike rlike regexp_extract regexp_replace ascii chr hex md5 sha2
		xxhash64 crc32 base64 coalesce nvl ifnull nullif nvl2 if isnull isnotnull isnan nanvl to_date try_to_date date to_timestamp try_to_timestamp year quarter
		month day dayofweek dayofyear weekofyear hour minute second date_add date_sub datediff add_months months_between last_day date_trunc trunc date_format
		unix_timestamp from_unixtime timestamp_micros timestamp_millis timestamp_seconds unix_micros unix_millis unix_seconds make_date current_date
		current_timestamp now size cardinality element_at array named_struct struct map array_contains array_join array_distinct array_max array_min sort_array
		slice flatten transform filter exists forall aggregate reduce map_keys map_values get typeof get_json_object count sum min max avg percentile median
		stddev stddev_samp stddev_pop variance var_samp var_pop first last any_value max_by min_by collect_list collect_set bool_and bool_or every some count_if
		row_number rank dense_rank percent_rank ntile lag lead first_value last_value nth_value`) {
		if seen[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
}

// TestEveryFunction binds the functions that TestBind leaves out; together they cover the catalogue.
func TestEveryFunction(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want, typ string }{
		{"i <> 1", "i <> 1", "BOOLEAN"},
		{"l < 1", "l < 1L", "BOOLEAN"},
		{"positive(i)", "i", "INT"},
		{"array_distinct(arr)", "array_distinct(arr)", "ARRAY<INT>"},
		{"array_join(arr, ',')", "array_join(CAST(arr AS ARRAY<STRING>), ',')", "STRING"},
		{"array_join(strs, ',', '-')", "array_join(strs, ',', '-')", "STRING"},
		{"array_max(arr)", "array_max(arr)", "INT"},
		{"array_min(strs)", "array_min(strs)", "STRING"},
		{"ascii(sn)", "ascii(sn)", "INT!"},
		{"base64(bin)", "base64(bin)", "STRING"},
		{"bround(d, 1)", "bround(d, 1)", "DOUBLE"},
		{"btrim(s, 'x')", "btrim(s, 'x')", "STRING"},
		{"chr(65)", "chr(65L)", "STRING!"},
		{"contains(sn, '0')", "contains(sn, '0')", "BOOLEAN!"},
		{"crc32(sn)", "crc32(CAST(sn AS BINARY))", "BIGINT!"},
		{"current_date", "current_date()", "DATE!"},
		{"day(dt)", "day(dt)", "INT"},
		{"dayofweek(dt)", "dayofweek(dt)", "INT"},
		{"dayofyear(dt)", "dayofyear(dt)", "INT"},
		{"endswith(s, 'a')", "endswith(s, 'a')", "BOOLEAN"},
		{"exp(i)", "exp(CAST(i AS DOUBLE))", "DOUBLE"},
		{"flatten(array(arr, arr))", "flatten(array(arr, arr))", "ARRAY<INT>"},
		{"forall(arr, x -> x > 0)", "forall(arr, x -> x > 0)", "BOOLEAN"},
		{"from_unixtime(ln)", "from_unixtime(ln, 'yyyy-MM-dd HH:mm:ss')", "STRING!"},
		{"get(arr, 9)", "get(arr, 9)", "INT"},
		{"get_json_object(sn, '$.a')", "get_json_object(sn, '$.a')", "STRING"},
		{"s ilike 'a%'", "s ILIKE 'a%'", "BOOLEAN"},
		{"initcap(s)", "initcap(s)", "STRING"},
		{"instr(s, 'a')", "instr(s, 'a')", "INT"},
		{"last_day(dt)", "last_day(dt)", "DATE"},
		{"least(ln, 3)", "least(ln, 3L)", "BIGINT!"},
		{"left(sn, 4)", "left(sn, 4)", "STRING!"},
		{"log10(d)", "log10(d)", "DOUBLE"},
		{"log2(d)", "log2(d)", "DOUBLE"},
		{"lcase(s)", "lower(s)", "STRING"},
		{"ltrim(s)", "ltrim(s)", "STRING"},
		{"make_date(2025, 1, 2)", "make_date(2025, 1, 2)", "DATE!"},
		{"map_keys(m)", "map_keys(m)", "ARRAY<STRING>"},
		{"map_values(m)", "map_values(m)", "ARRAY<BIGINT>"},
		{"minute(ts)", "minute(ts)", "INT"},
		{"month(dt)", "month(dt)", "INT"},
		{"months_between(ts, dt)", "months_between(ts, CAST(dt AS TIMESTAMP), TRUE)", "DOUBLE"},
		{"nanvl(f, 0)", "nanvl(CAST(f AS DOUBLE), 0D)", "DOUBLE"},
		{"nanvl(f, f)", "nanvl(f, f)", "FLOAT"},
		{"octet_length(s)", "octet_length(s)", "INT"},
		{"pow(2, d)", "power(2D, d)", "DOUBLE"},
		{"quarter(dt)", "quarter(dt)", "INT"},
		{"regexp_extract(s, '(a)')", "regexp_extract(s, '(a)', 1)", "STRING"},
		{"regexp_replace(s, 'a', 'b')", "regexp_replace(s, 'a', 'b', 1)", "STRING"},
		{"repeat(s, 2)", "repeat(s, 2)", "STRING"},
		{"replace(s, 'a')", "replace(s, 'a', '')", "STRING"},
		{"reverse(arr)", "reverse(arr)", "ARRAY<INT>"},
		{"reverse(i)", "reverse(CAST(i AS STRING))", "STRING"},
		{"right(s, 2)", "right(s, 2)", "STRING"},
		{"regexp_like(s, 'a+')", "s RLIKE 'a+'", "BOOLEAN"},
		{"rpad(s, 9, '-')", "rpad(s, 9, '-')", "STRING"},
		{"rtrim('x', s)", "rtrim('x', s)", "STRING"},
		{"second(ts)", "second(ts)", "INT"},
		{"extract(second from ts)", "date_part('SECOND', ts)", "DECIMAL(8,6)"},
		{"sha2(sn, 256)", "sha2(CAST(sn AS BINARY), 256)", "STRING"},
		{"signum(i)", "sign(CAST(i AS DOUBLE))", "DOUBLE"},
		{"slice(arr, 2, 2)", "slice(arr, 2, 2)", "ARRAY<INT>"},
		{"sort_array(strs)", "sort_array(strs, TRUE)", "ARRAY<STRING>"},
		{"split_part(sn, '-', 2)", "split_part(sn, '-', 2)", "STRING!"},
		{"startswith(s, '7')", "startswith(s, '7')", "BOOLEAN"},
		{"timestamp_micros(ln)", "timestamp_micros(ln)", "TIMESTAMP!"},
		{"timestamp_millis(i)", "timestamp_millis(CAST(i AS BIGINT))", "TIMESTAMP"},
		{"to_timestamp(sn, 'yyyy-MM-dd')", "to_timestamp(sn, 'yyyy-MM-dd')", "TIMESTAMP!"},
		{"translate(s, 'a', 'b')", "translate(s, 'a', 'b')", "STRING"},
		{"try_subtract(dec, 1)", "try_subtract(dec, 1BD)", "DECIMAL(19,2)"},
		{"try_to_timestamp(sn, 'yyyy')", "try_to_timestamp(sn, 'yyyy')", "TIMESTAMP"},
		{"unix_micros(ts)", "unix_micros(ts)", "BIGINT"},
		{"unix_millis(ts)", "unix_millis(ts)", "BIGINT"},
		{"unix_seconds(timestamp(dt))", "unix_seconds(CAST(dt AS TIMESTAMP))", "BIGINT"},
		{"weekofyear(dt)", "weekofyear(dt)", "INT"},
		{"int(d)", "CAST(d AS INT)", "INT"},
		{"concat(bin, bin)", "bin || bin", "BINARY"},
		{"concat(arr, array(1L))", "CAST(arr AS ARRAY<BIGINT>) || CAST(array(1L) AS ARRAY<BIGINT>)", "ARRAY<BIGINT>"},
		{"concat()", "concat()", "STRING!"},
		{"hex(s)", "hex(s)", "STRING"},
		{"array()", "array()", "ARRAY<VOID>!"},
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
