package sql_test

import (
	"testing"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan/sql"
)

func TestResolveErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       expr.Error
		message    string
	}{
		{"unknown table", "SELECT *\nFROM oders", fault("TABLE_OR_VIEW_NOT_FOUND", "42P01", 2, 6), "oders"},
		{"unknown column", "SELECT contry FROM orders", fault("UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", 1, 8), "contry"},
		{"unknown column in WHERE", "SELECT 1 FROM orders WHERE\n  contry = 'x'", fault("UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", 2, 3), "contry"},
		{"alias in WHERE", "SELECT amount AS a FROM orders WHERE a > 1", fault("UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", 1, 38), "a"},
		{"later alias", "SELECT b + 1 AS a, 1 AS b FROM orders", fault("UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", 1, 8), "b"},
		{"ambiguous column", "SELECT country FROM orders JOIN customers USING (customer_id)", fault("AMBIGUOUS_REFERENCE", "42704", 1, 8), "country"},
		{"ambiguous alias", "SELECT amount AS a, order_id AS a FROM orders ORDER BY a", fault("AMBIGUOUS_REFERENCE", "42704", 1, 56), "a"},
		{"ambiguous lateral alias", "SELECT amount AS a, order_id AS a, a + 1 FROM orders", fault("AMBIGUOUS_LATERAL_COLUMN_ALIAS", "42704", 1, 36), "a"},
		{"no group by", "SELECT country, sum(amount) FROM orders", fault("MISSING_GROUP_BY", "42803", 1, 8), "country"},
		{
			"not grouped by", "SELECT country,\n  customer_id + 1, sum(amount) FROM orders GROUP BY country",
			fault("MISSING_AGGREGATION", "42803", 2, 3), "customer_id",
		},
		{"star in an aggregation", "SELECT *, count(*) FROM orders GROUP BY country", fault("MISSING_AGGREGATION", "42803", 1, 8), "order_id"},
		{"not grouped by, in HAVING", "SELECT country FROM orders GROUP BY country HAVING amount > 1", fault("MISSING_AGGREGATION", "42803", 1, 52), "amount"},
		{
			"two windows of time", "SELECT 1 FROM VALUES (TIMESTAMP '2024-01-01 00:00:00') AS v(t) GROUP BY window(t, '1 day'),\n  window(t, '2 days')",
			fault("UNSUPPORTED_FEATURE", "0A000", 2, 3), "one window only",
		},
		{
			"windows of time that overlap", "SELECT window(t, '2 days', '1 day') FROM VALUES (TIMESTAMP '2024-01-01 00:00:00') AS v(t)",
			fault("UNSUPPORTED_FEATURE", "0A000", 1, 28), "overlap",
		},
		{"aggregate in WHERE", "SELECT 1 FROM orders WHERE sum(amount) > 1", fault("INVALID_WHERE_CONDITION", "42903", 1, 28), "sum(amount)"},
		{"aggregate in GROUP BY", "SELECT 1 FROM orders GROUP BY sum(amount)", fault("GROUP_BY_AGGREGATE", "42903", 1, 31), "sum(amount)"},
		{"aggregate at a position", "SELECT sum(amount) FROM orders GROUP BY 1", fault("GROUP_BY_POS_AGGREGATE", "42903", 1, 41), "position 1"},
		{"aggregate in an aggregate", "SELECT sum(max(amount)) FROM orders", fault("NESTED_AGGREGATE_FUNCTION", "42607", 1, 12), "max(amount)"},
		{
			"alias in an aggregate", "SELECT country AS c, max(c) FROM orders GROUP BY country",
			fault("UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC", "0A000", 1, 26), "alias c",
		},
		{
			"window function in HAVING", "SELECT 1 FROM orders GROUP BY country HAVING row_number() OVER (ORDER BY country) = 1",
			fault("UNSUPPORTED_EXPR_FOR_OPERATOR", "42K0E", 1, 46), "QUALIFY",
		},
		{
			"window function of a window function", "SELECT rank() OVER (ORDER BY amount) AS r, max(r) OVER () FROM orders",
			fault("UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_WINDOW", "0A000", 1, 44), "reads r",
		},
		{"unknown window", "SELECT rank() OVER w FROM orders", fault("MISSING_WINDOW_SPECIFICATION", "42P20", 1, 8), "WINDOW w"},
		{
			"windows that name each other", "SELECT rank() OVER a FROM orders WINDOW a AS (b), b AS (a)",
			fault("MISSING_WINDOW_SPECIFICATION", "42P20", 1, 8), "WINDOW",
		},
		{"group position", "SELECT country FROM orders GROUP BY 2", fault("GROUP_BY_POS_OUT_OF_RANGE", "42805", 1, 37), "position 2"},
		{"order position", "SELECT country FROM orders ORDER BY 0", fault("ORDER_BY_POS_OUT_OF_RANGE", "42805", 1, 37), "position 0"},
		{"using", "SELECT 1 FROM orders JOIN products USING (product_id)", fault("UNRESOLVED_USING_COLUMN_FOR_JOIN", "42703", 1, 43), "left side"},
		{"star of nothing", "SELECT x.* FROM orders o", fault("CANNOT_RESOLVE_STAR_EXPAND", "42704", 1, 8), "x.*"},
		{"star of a string", "SELECT country.* FROM orders", fault("CANNOT_RESOLVE_STAR_EXPAND", "42704", 1, 8), "STRING"},
		{"unknown exception", "SELECT * EXCEPT (nothing) FROM orders", fault("UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", 1, 8), "nothing"},
		{"union of unequal widths", "SELECT 1\nUNION SELECT 1, 2", fault("NUM_COLUMNS_MISMATCH", "42826", 2, 1), "query 2 has 2"},
		{"union of unlike types", "SELECT tags FROM orders UNION ALL SELECT amount FROM orders", fault("INCOMPATIBLE_COLUMN_TYPE", "42825", 1, 25), "column 1"},
		{"values of unequal widths", "VALUES (1, 2), (3)", fault("INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH", "42000", 1, 17), "row 2"},
		{"with twice", "WITH a AS (SELECT 1), A AS (SELECT 2) SELECT * FROM a", fault("DUPLICATED_CTE_NAMES", "42602", 1, 23), "A"},
		{"column names", "SELECT * FROM orders AS o(a, b)", fault("ASSIGNMENT_ARITY_MISMATCH", "42802", 1, 15), "2 column names for 7"},
		{"distinct order", "SELECT DISTINCT country FROM orders ORDER BY amount", fault("UNSUPPORTED_FEATURE.DISTINCT_ORDER_BY", "0A000", 1, 46), "amount"},
		{"join condition", "SELECT 1 FROM orders o JOIN customers c ON o.amount", fault("DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", "42K09", 1, 44), "BOOLEAN"},
		{"order of a map", "SELECT map(1, 2) AS m ORDER BY m", fault("DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "42K09", 1, 32), "MAP"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q, err := sql.Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			_, err = q.Resolve(tables(t))
			checkError(t, err, tt.want, tt.message)
		})
	}
}

// TestMisspeltQuery is about a query whose first word is nearly one.
func TestMisspeltQuery(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SELCT 1":  "1:1: PARSE_SYNTAX_ERROR: a query cannot begin here (did you mean SELECT?)",
		"frobnify": "1:1: PARSE_SYNTAX_ERROR: a query cannot begin here (expected SELECT, VALUES, WITH or a query in parentheses)",
		"":         "1:1: PARSE_SYNTAX_ERROR: a query cannot begin here (expected SELECT, VALUES, WITH or a query in parentheses)",
	} {
		if _, err := sql.Parse(text); err == nil || err.Error() != want {
			t.Errorf("%q: got error %v, want %s", text, err, want)
		}
	}
}

func TestUnknownTableHint(t *testing.T) {
	t.Parallel()
	q, err := sql.Parse("SELECT * FROM ordrs")
	if err != nil {
		t.Fatal(err)
	}
	_, err = q.Resolve(tables(t))
	const want = "1:15: TABLE_OR_VIEW_NOT_FOUND: there is no table ordrs (did you mean orders?)"
	if err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}
