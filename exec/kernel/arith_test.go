package kernel_test

import (
	"math"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

func TestArithmetic(t *testing.T) {
	t.Parallel()
	longs := []column{{bigint, `[7, -7, null, 9223372036854775807]`}, {bigint, `[2, 2, 1, 1]`}}
	a, b := col(0, bigint), col(1, bigint)
	dec := schema.DecimalOf(10, 2)
	decimals := []column{{dec, `["1.25", "-2.50", null]`}, {dec, `["3.00", "0.10", "1.00"]`}}
	d, e := col(0, dec), col(1, dec)
	tests := []struct {
		name    string
		expr    expr.Bound
		columns []column
		sel     []int32
		want    []string
		class   string
	}{
		{"sum of selected rows", call("+", bigint, a, b), longs, []int32{0, 1, 2}, []string{"9", "-5", "NULL"}, ""},
		{"overflow of a selected row", call("+", bigint, a, b), longs, nil, nil, "ARITHMETIC_OVERFLOW"},
		{"try_add", call("try_add", bigint, a, b), longs, nil, []string{"9", "-5", "NULL", "NULL"}, ""},
		{"product", call("*", bigint, a, b), longs, nil, []string{"14", "-14", "NULL", "9223372036854775807"}, ""},
		{"product overflows", call("*", bigint, a, lit(int64(2), bigint)), longs, nil, nil, "ARITHMETIC_OVERFLOW"},
		{"remainder has the dividend's sign", call("%", bigint, a, b), longs, []int32{0, 1}, []string{"1", "-1"}, ""},
		{"pmod is positive", call("pmod", bigint, a, b), longs, []int32{0, 1}, []string{"1", "1"}, ""},
		{"integral division", call("div", bigint, a, b), longs, []int32{0, 1}, []string{"3", "-3"}, ""},
		{"division by a zero literal", call("/", double, cast(a, double), lit(0.0, double)), longs, nil, nil, "DIVIDE_BY_ZERO"},
		{"try_divide by zero", call("try_divide", double, cast(a, double), lit(0.0, double)), longs, []int32{0}, []string{"NULL"}, ""},
		{"remainder by zero", call("%", bigint, a, lit(int64(0), bigint)), longs, nil, nil, "REMAINDER_BY_ZERO"},
		{"negation of the least", call("negative", bigint, lit(int64(math.MinInt64), bigint)), nil, nil, nil, "ARITHMETIC_OVERFLOW"},
		{"tinyint overflow", call("+", schema.TinyInt, lit(int8(100), schema.TinyInt), lit(int8(28), schema.TinyInt)), nil, nil, nil, "BINARY_ARITHMETIC_OVERFLOW"},
		{"decimal sum", call("+", schema.DecimalOf(11, 2), d, e), decimals, nil, []string{"4.25", "-2.40", "NULL"}, ""},
		{"decimal product", call("*", schema.DecimalOf(21, 4), d, e), decimals, nil, []string{"3.7500", "-0.2500", "NULL"}, ""},
		{"decimal quotient", call("/", schema.DecimalOf(23, 13), d, e), decimals, nil, []string{"0.4166666666667", "-25.0000000000000", "NULL"}, ""},
		{"decimal remainder", call("%", dec, d, e), decimals, nil, []string{"1.25", "0.00", "NULL"}, ""},
		{"product rounded to a narrower scale", call("*", schema.DecimalOf(38, 1), d, e), decimals, nil, []string{"3.8", "-0.3", "NULL"}, ""},
		{"product too wide", call("*", schema.DecimalOf(3, 2), d, cast(lit("9.99", stringT), dec)), decimals, nil, nil, "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := evaluate(t, tt.expr, tt.sel, false, tt.columns...)
			if class(err) != tt.class {
				t.Fatalf("error %v, want class %q", err, tt.class)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestThreeValuedLogic(t *testing.T) {
	t.Parallel()
	columns := []column{
		{booleanT, `[true, true, true, false, false, false, null, null, null]`},
		{booleanT, `[true, false, null, true, false, null, true, false, null]`},
	}
	a, b := col(0, booleanT), col(1, booleanT)
	tests := []struct {
		expr expr.Bound
		want []string
	}{
		{call("and", booleanT, a, b), []string{"true", "false", "NULL", "false", "false", "false", "NULL", "false", "NULL"}},
		{call("or", booleanT, a, b), []string{"true", "true", "true", "true", "false", "NULL", "true", "NULL", "NULL"}},
		{call("not", booleanT, a), []string{"false", "false", "false", "true", "true", "true", "NULL", "NULL", "NULL"}},
		{call("<=>", booleanT, a, b), []string{"true", "false", "false", "false", "true", "false", "false", "false", "true"}},
		{call("isnull", booleanT, a), []string{"false", "false", "false", "false", "false", "false", "true", "true", "true"}},
		{call("=", booleanT, a, b), []string{"true", "false", "NULL", "false", "true", "NULL", "NULL", "NULL", "NULL"}},
	}
	for _, tt := range tests {
		t.Run(tt.expr.(expr.BoundCall).Func, func(t *testing.T) {
			t.Parallel()
			got, err := evaluate(t, tt.expr, nil, false, columns...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestOnlyReachedRowsFail(t *testing.T) {
	t.Parallel()
	columns := []column{{double, `[0, 1, 2, null]`}}
	a := col(0, double)
	zero := lit(0.0, double)
	inverse := call("/", double, lit(1.0, double), a)
	guard := call("<>", booleanT, a, zero)
	tests := []struct {
		name string
		expr expr.Bound
		want []string
	}{
		{"case", expr.BoundCase{Whens: []expr.BoundWhen{{Cond: guard, Result: inverse}}, Else: zero, Typ: double, Null: true}, []string{"0.0", "1.0", "0.5", "0.0"}},
		{"and", call("and", booleanT, guard, call(">", booleanT, inverse, lit(0.7, double))), []string{"false", "true", "false", "NULL"}},
		{"or", call("or", booleanT, call("=", booleanT, a, zero), call(">", booleanT, inverse, lit(0.7, double))), []string{"true", "true", "false", "NULL"}},
		{"no row reaches the error", expr.BoundCase{
			Whens: []expr.BoundWhen{{Cond: call("isnull", booleanT, a), Result: call("/", double, zero, zero)}, {Cond: guard, Result: a}},
			Else:  lit(9.0, double), Typ: double, Null: true,
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := evaluate(t, tt.expr, nil, false, columns...)
			if tt.want == nil {
				if class(err) != "DIVIDE_BY_ZERO" {
					t.Fatalf("the row that is NULL reaches the division: %v", err)
				}
				got, err = evaluate(t, tt.expr, []int32{0, 1, 2}, false, columns...)
				tt.want = []string{"9.0", "1.0", "2.0"}
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	nan := cast(lit("NaN", stringT), double)
	doubles := []column{{double, `[1, -0.0, null, 3]`}}
	withNaN := expr.BoundCase{
		Whens: []expr.BoundWhen{{Cond: call(">", booleanT, col(0, double), lit(2.0, double)), Result: nan}},
		Else:  col(0, double), Typ: double, Null: true,
	}
	tests := []struct {
		op   string
		with expr.Bound
		want []string
	}{
		{"<", lit(1.0, double), []string{"false", "true", "NULL", "false"}},
		{">", lit(1.0, double), []string{"false", "false", "NULL", "true"}},
		{">=", nan, []string{"false", "false", "NULL", "true"}},
		{"=", nan, []string{"false", "false", "NULL", "true"}},
		{"<", nan, []string{"true", "true", "NULL", "false"}},
		{"<=", nan, []string{"true", "true", "NULL", "true"}},
		{"<>", nan, []string{"true", "true", "NULL", "false"}},
		{"=", lit(0.0, double), []string{"false", "true", "NULL", "false"}},
		{"=", withNaN, []string{"true", "true", "NULL", "true"}},
	}
	for _, tt := range tests {
		t.Run(tt.op, func(t *testing.T) {
			t.Parallel()
			got, err := evaluate(t, call(tt.op, booleanT, withNaN, tt.with), nil, false, doubles...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// TestCompareAgreesWithOrder runs every relation over more than one bitmap word of every integer width, with and without a selection.
func TestCompareAgreesWithOrder(t *testing.T) {
	t.Parallel()
	values := make([]int64, 200)
	json := "["
	for i := range values {
		values[i] = int64(i*37%101) - 50
		if i > 0 {
			json += ","
		}
		json += itoa(values[i])
	}
	json += "]"
	holds := map[string]func(a, b int64) bool{
		"=": func(a, b int64) bool { return a == b }, "<>": func(a, b int64) bool { return a != b },
		"<": func(a, b int64) bool { return a < b }, "<=": func(a, b int64) bool { return a <= b },
		">": func(a, b int64) bool { return a > b }, ">=": func(a, b int64) bool { return a >= b },
	}
	for _, typ := range []arrow.DataType{schema.TinyInt, schema.SmallInt, schema.Int, schema.BigInt} {
		for op, f := range holds {
			for _, sel := range [][]int32{nil, {3, 64, 65, 130, 199}} {
				constant := cast(lit(int64(7), bigint), typ)
				for _, e := range []expr.Bound{call(op, booleanT, col(0, typ), constant), call(op, booleanT, col(0, typ), col(1, typ))} {
					got, err := evaluate(t, e, sel, false, column{typ, json}, column{typ, json})
					if err != nil {
						t.Fatal(err)
					}
					for k, i := range rowsOf(len(values), sel) {
						other := values[i]
						if e.(expr.BoundCall).Args[1] == constant {
							other = 7
						}
						if want := f(values[i], other); got[k] != map[bool]string{true: "true", false: "false"}[want] {
							t.Fatalf("%s %d %s %d = %s, want %t", typ, values[i], op, other, got[k], want)
						}
					}
				}
			}
		}
	}
}
