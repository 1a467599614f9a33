package sql_test

import (
	"testing"

	"github.com/medallion-go/medallion/plan/sql"
)

// TestOutputNames pins the names that Spark gives to expressions without an alias.
func TestOutputNames(t *testing.T) {
	t.Parallel()
	tests := []struct{ item, want string }{
		{"ORDER_ID", "ORDER_ID"},
		{"o.country", "country"},
		{"o.payload.device.os", "os"},
		{"CAST(amount AS INT)", "amount"},
		{"CAST(amount AS INT) + 1", "(CAST(amount AS INT) + 1)"},
		{"try_cast(upper(country) AS INT)", "TRY_CAST(upper(country) AS INT)"},
		{"count(*)", "count(1)"},
		{"count(DISTINCT o.country)", "count(DISTINCT country)"},
		{"sum(amount) FILTER (WHERE amount > 1)", "sum(amount) FILTER (WHERE (amount > 1))"},
		{"1.5D", "1.5"},
		{"1e10", "1.0E10"},
		{"2D", "2.0"},
		{"1e-5", "1.0E-5"},
		{"2.50", "2.50"},
		{"10L", "10"},
		{"7S", "7"},
		{"true", "true"},
		{"'it''s'", "it's"},
		{"DATE '2025-01-02'", "DATE '2025-01-02'"},
		{"NULL", "NULL"},
		{"-amount", "(- amount)"},
		{"amount % 2 <> 1", "(NOT ((amount % 2) = 1))"},
		{"amount <=> 1 OR NOT (amount >= 2)", "((amount <=> 1) OR (NOT (amount >= 2)))"},
		{"amount BETWEEN 1 AND 2", "((amount >= 1) AND (amount <= 2))"},
		{"country IS NOT NULL", "(country IS NOT NULL)"},
		{"country IN ('a', 'b')", "(country IN (a, b))"},
		{"country LIKE 'a%'", "country LIKE a%"},
		{"country RLIKE 'a.*'", "RLIKE(country, a.*)"},
		{"country || 'x'", "concat(country, x)"},
		{"tags[0]", "tags[0]"},
		{"if(amount > 1, 'a', 'b')", "(IF((amount > 1), a, b))"},
		{"coalesce(country, 'x')", "coalesce(country, x)"},
		{"CASE country WHEN 'a' THEN 1 END", "CASE WHEN (country = a) THEN 1 END"},
		{"named_struct('a', 1).a", "named_struct(a, 1).a"},
		{
			"transform(tags, (x, i) -> x || i)",
			"transform(tags, lambdafunction(concat(namedlambdavariable(), namedlambdavariable()), namedlambdavariable(), namedlambdavariable()))",
		},
		{
			"rank() OVER (PARTITION BY country ORDER BY amount DESC)",
			"rank() OVER (PARTITION BY country ORDER BY amount DESC NULLS LAST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)",
		},
		{"sum(amount) OVER (ORDER BY order_id)", "sum(amount) OVER (ORDER BY order_id ASC NULLS FIRST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"},
		{
			"count(*) OVER (ORDER BY order_id ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING)",
			"count(1) OVER (ORDER BY order_id ASC NULLS FIRST ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING)",
		},
	}
	for _, tt := range tests {
		t.Run(tt.item, func(t *testing.T) {
			t.Parallel()
			q, err := sql.Parse("SELECT " + tt.item + " FROM orders o")
			if err != nil {
				t.Fatal(err)
			}
			n, err := q.Resolve(tables(t))
			if err != nil {
				t.Fatal(err)
			}
			if got := n.Schema().Field(0).Name; got != tt.want {
				t.Errorf("got name %s, want %s", got, tt.want)
			}
		})
	}
}
