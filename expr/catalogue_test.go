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
			if got := expr.IsAggregate(strings.ToUpper(name)); got != (f.Kind == expr.AggregateFunction) {
				t.Errorf("IsAggregate(%s) = %v, its kind is %s", name, got, f.Kind)
			}
			if got := expr.IsWindow(strings.ToUpper(name)); got != (f.Kind == expr.WindowFunction) {
				t.Errorf("IsWindow(%s) = %v, its kind is %s", name, got, f.Kind)
			}
		}
	}
	for _, name := range strings.Fields(`abs negative round bround ceil floor sqrt power exp ln log10 log2 sign mod pmod greatest least try_add try_subtract try_multiply
		try_divide concat concat_ws lower upper trim ltrim rtrim btrim length char_length octet_length substring substr left right instr locate replace translate
		split split_part lpad rpad repeat reverse initcap contains startswith endswith like ilike rlike regexp_extract regexp_replace ascii chr hex md5 sha2
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
	if n := len(seen["approx_count_distinct"]); n != 0 {
		t.Error("approx_count_distinct has no exact meaning and must not be in the catalogue")
	}
}
