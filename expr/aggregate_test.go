package expr_test

import (
	"errors"
	"testing"

	"github.com/medallion-go/medallion/expr"
)

func TestBindAggregate(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want, typ string }{
		{"count(*)", "count(*)", "BIGINT!"},
		{"count(1)", "count(1)", "BIGINT!"},
		{"COUNT(DISTINCT i, s)", "count(DISTINCT i, s)", "BIGINT!"},
		{"sum(i)", "sum(CAST(i AS BIGINT))", "BIGINT"},
		{"sum(dec) filter (where i > 0)", "sum(dec) FILTER (WHERE i > 0)", "DECIMAL(28,2)"},
		{"sum(dec38)", "sum(dec38)", "DECIMAL(38,10)"},
		{"sum(f)", "sum(CAST(f AS DOUBLE))", "DOUBLE"},
		{"sum(s)", "sum(CAST(s AS DOUBLE))", "DOUBLE"},
		{"avg(i)", "avg(CAST(i AS DOUBLE))", "DOUBLE"},
		{"mean(dec)", "avg(dec)", "DECIMAL(22,6)"},
		{"min(ln)", "min(ln)", "BIGINT"},
		{"max(st)", "max(st)", "STRUCT<a: INT, `inner`: STRUCT<x: STRING NOT NULL>>"},
		{"percentile(i, 0.95)", "percentile(CAST(i AS DOUBLE), 0.95D)", "DOUBLE"},
		{"percentile_cont(0.5) within group (order by d)", "percentile_cont(0.5D) WITHIN GROUP (ORDER BY d)", "DOUBLE"},
		{"median(dec)", "median(CAST(dec AS DOUBLE))", "DOUBLE"},
		{"stddev(i)", "stddev_samp(CAST(i AS DOUBLE))", "DOUBLE"},
		{"variance(d)", "var_samp(d)", "DOUBLE"},
		{"first_value(sn) ignore nulls", "first(sn, TRUE)", "STRING"},
		{"last(sn, false)", "last(sn)", "STRING"},
		{"max_by(s, ts)", "max_by(s, ts)", "STRING"},
		{"array_agg(i)", "collect_list(i)", "ARRAY<INT>!"},
		{"every(b)", "bool_and(b)", "BOOLEAN"},
		{"count_if(i > 1)", "count_if(i > 1)", "BIGINT!"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			a, err := expr.BindAggregate(call(t, tt.text), scope(t))
			if err != nil {
				t.Fatal(err)
			}
			if got := a.String(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			typ := expr.TypeSQL(a.Typ)
			if !a.Null {
				typ += "!"
			}
			if typ != tt.typ {
				t.Errorf("%s has type %s, want %s", tt.text, typ, tt.typ)
			}
		})
	}
}

func TestBindAggregateErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"sum(b)":                  "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
		"sum(max(i))":             "NESTED_AGGREGATE_FUNCTION",
		"min(m)":                  "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
		"count(distinct m)":       "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
		"count()":                 "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
		"count(distinct *)":       "INVALID_USAGE_OF_STAR_OR_REGEX",
		"percentile(i, 2)":        "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
		"percentile(i, d)":        "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
		"first(i, b)":             "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
		"sum(i) filter (where i)": "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN",
		"upper(s)":                "UNSUPPORTED_EXPR_FOR_OPERATOR",
		"nothing(s)":              "UNRESOLVED_ROUTINE",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, err := expr.BindAggregate(call(t, text), scope(t))
			wantClass(t, err, want)
		})
	}
}

func TestBindWindow(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want, typ string }{
		{"row_number() over (partition by s order by i desc)", "row_number() OVER (PARTITION BY s ORDER BY i DESC)", "INT!"},
		{"rank() over (order by i)", "rank() OVER (ORDER BY i)", "INT!"},
		{"percent_rank() over (order by i)", "percent_rank() OVER (ORDER BY i)", "DOUBLE!"},
		{"ntile(4) over (order by i)", "ntile(4) OVER (ORDER BY i)", "INT!"},
		{"lag(ln) over (order by i)", "lag(ln, 1, CAST(NULL AS BIGINT)) OVER (ORDER BY i)", "BIGINT"},
		{"lead(ln, 2, 0) over (order by i)", "lead(ln, 2, 0L) OVER (ORDER BY i)", "BIGINT!"},
		{"sum(i) over ()", "sum(CAST(i AS BIGINT)) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)", "BIGINT"},
		{"sum(i) over (order by dt)", "sum(CAST(i AS BIGINT)) OVER (ORDER BY dt RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)", "BIGINT"},
		{
			"count(*) filter (where b) over (partition by s)",
			"count(CASE WHEN b THEN 1 ELSE CAST(NULL AS INT) END) OVER (PARTITION BY s ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)", "BIGINT!",
		},
		{
			"avg(d) over (order by dt range between interval 6 days preceding and current row)",
			"avg(d) OVER (ORDER BY dt RANGE BETWEEN INTERVAL '6' DAY PRECEDING AND CURRENT ROW)", "DOUBLE",
		},
		{
			"max(d) over (order by ln range between 5 preceding and 1 following)",
			"max(d) OVER (ORDER BY ln RANGE BETWEEN 5L PRECEDING AND 1L FOLLOWING)", "DOUBLE",
		},
		{"first(s) over (order by i rows 2 preceding)", "first_value(s) OVER (ORDER BY i ROWS BETWEEN 2L PRECEDING AND CURRENT ROW)", "STRING"},
		{
			"nth_value(s, 2) ignore nulls over (order by i)",
			"nth_value(s, 2) IGNORE NULLS OVER (ORDER BY i RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)", "STRING",
		},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			w, err := expr.BindWindow(over(t, tt.text), scope(t))
			if err != nil {
				t.Fatal(err)
			}
			if got := w.String(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			typ := expr.TypeSQL(w.Typ)
			if !w.Null {
				typ += "!"
			}
			if typ != tt.typ {
				t.Errorf("%s has type %s, want %s", tt.text, typ, tt.typ)
			}
			if w.Frame.Unit == expr.FrameDefault {
				t.Error("the frame is not resolved")
			}
		})
	}
}

func TestBindWindowErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"row_number() over ()":                                              "WINDOW_FUNCTION_WITHOUT_ORDER",
		"median(d) over (order by i)":                                       "INVALID_WINDOW_SPEC_FOR_AGGREGATION_FUNC",
		"listagg(s) over (order by i)":                                      "INVALID_WINDOW_SPEC_FOR_AGGREGATION_FUNC",
		"median(d) over (rows unbounded preceding)":                         "INVALID_WINDOW_SPEC_FOR_AGGREGATION_FUNC",
		"rank() over (order by i rows 1 preceding)":                         "WINDOW_FUNCTION_AND_FRAME_MISMATCH",
		"sum(i) over w":                                                     "MISSING_WINDOW_SPECIFICATION",
		"upper(s) over (order by i)":                                        "UNSUPPORTED_EXPR_FOR_WINDOW",
		"count(distinct i) over (order by i)":                               "DISTINCT_WINDOW_FUNCTION_UNSUPPORTED",
		"sum(i) over (range between 1 preceding and current row)":           "DATATYPE_MISMATCH.RANGE_FRAME_WITHOUT_ORDER",
		"sum(i) over (order by i, l range 1 preceding)":                     "DATATYPE_MISMATCH.RANGE_FRAME_MULTI_ORDER",
		"sum(i) over (order by s range 1 preceding)":                        "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE",
		"sum(i) over (order by i rows -1 preceding)":                        "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_INVALID_BOUND",
		"sum(i) over (order by i rows between l preceding and 1 following)": "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_INVALID_BOUND",
		"sum(i) over (order by m)":                                          "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
		"first(i) filter (where b) over (order by i)":                       "UNSUPPORTED_FEATURE",
		"ntile(0) over (order by i)":                                        "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
		"lag(i, l) over (order by i)":                                       "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, err := expr.BindWindow(over(t, text), scope(t))
			wantClass(t, err, want)
		})
	}
}

func wantClass(t *testing.T, err error, want string) {
	t.Helper()
	var e *expr.Error
	if !errors.As(err, &e) || e.Class != want {
		t.Errorf("got %v, want class %s", err, want)
	} else if e.Line == 0 {
		t.Errorf("%v has no place", e)
	}
}

func call(t *testing.T, text string) expr.Call {
	t.Helper()
	n, err := expr.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return n.(expr.Call)
}

func over(t *testing.T, text string) expr.Over {
	t.Helper()
	n, err := expr.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return n.(expr.Over)
}
