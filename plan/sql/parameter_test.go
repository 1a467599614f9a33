package sql_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
)

func named(name string, value expr.Typed) sql.Arg { return sql.Arg{Name: name, Value: value.Node()} }

func next(value expr.Typed) sql.Arg { return sql.Arg{Value: value.Node()} }

// TestParameters compares a query with parameters to the one that has the values as literals.
func TestParameters(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, query, want string
		args              []sql.Arg
	}{
		{"where", "SELECT order_id FROM orders WHERE country = :c", "SELECT order_id FROM orders WHERE country = 'PL'", []sql.Arg{named("c", expr.Lit("PL"))}},
		{
			"twice, and one too many", "SELECT :n AS n, amount + :n AS m FROM orders", "SELECT 5 AS n, amount + 5 AS m FROM orders",
			[]sql.Arg{named("n", expr.Lit(int32(5))), named("other", expr.Lit(true))},
		},
		{
			"in order", "SELECT ? AS a, ? AS b FROM orders WHERE order_id > ? LIMIT ?", "SELECT 'x' AS a, 2L AS b FROM orders WHERE order_id > 3L LIMIT 4",
			[]sql.Arg{next(expr.Lit("x")), next(expr.Lit(2)), next(expr.Lit(3)), next(expr.Lit(4))},
		},
		{"text is no SQL", "SELECT * FROM products WHERE category = :c", `SELECT * FROM products WHERE category = "' OR 1 = 1 --"`, []sql.Arg{named("c", expr.Lit("' OR 1 = 1 --"))}},
		{"name of the column", "SELECT :n + 1 FROM orders", "SELECT 5 + 1 FROM orders", []sql.Arg{named("n", expr.Lit(int32(5)))}},
		{
			"everywhere",
			`WITH w AS (SELECT order_id AS o, country AS c, amount AS a FROM orders WHERE order_id <> :n)
			SELECT c, sum(a) FILTER (WHERE a > :n) AS s, (SELECT max(price) FROM products WHERE price < :n) AS p FROM w JOIN customers k ON w.o = k.customer_id + :n
			WHERE c IN (:t, 'x') AND EXISTS (SELECT 1 FROM products WHERE product_id = :n) GROUP BY c HAVING count(*) > :n ORDER BY s + :n LIMIT :n OFFSET :n`,
			`WITH w AS (SELECT order_id AS o, country AS c, amount AS a FROM orders WHERE order_id <> 7)
			SELECT c, sum(a) FILTER (WHERE a > 7) AS s, (SELECT max(price) FROM products WHERE price < 7) AS p FROM w JOIN customers k ON w.o = k.customer_id + 7
			WHERE c IN ('DE', 'x') AND EXISTS (SELECT 1 FROM products WHERE product_id = 7) GROUP BY c HAVING count(*) > 7 ORDER BY s + 7 LIMIT 7 OFFSET 7`,
			[]sql.Arg{named("n", expr.Lit(int32(7))), named("t", expr.Lit("DE"))},
		},
		{
			"relations", "SELECT * FROM VALUES (?, 1) AS t(a, b), range(?), LATERAL explode(array(?, b)) AS e(x)",
			"SELECT * FROM VALUES (1, 1) AS t(a, b), range(2), LATERAL explode(array(3, b)) AS e(x)",
			[]sql.Arg{next(expr.Lit(int32(1))), next(expr.Lit(int32(2))), next(expr.Lit(int32(3)))},
		},
		{
			"pivot", "SELECT * FROM (SELECT country, order_id FROM orders) PIVOT (count(order_id) FOR country IN (:a AS a, 'b'))",
			"SELECT * FROM (SELECT country, order_id FROM orders) PIVOT (count(order_id) FOR country IN ('q' AS a, 'b'))",
			[]sql.Arg{named("a", expr.Lit("q"))},
		},
		{"set", "SELECT 1 UNION ALL (SELECT ?)", "SELECT 1 UNION ALL (SELECT 2)", []sql.Arg{next(expr.Lit(int32(2)))}},
		{"null", "SELECT coalesce(:x, 1L) AS x", "SELECT coalesce(CAST(NULL AS BIGINT), 1L) AS x", []sql.Arg{named("x", expr.Lit((*int64)(nil)))}},
		{"limit", "SELECT 1 LIMIT 1 + 2", "SELECT 1 LIMIT 3", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(bound(t, tt.want), bound(t, tt.query, tt.args...)); diff != "" {
				t.Errorf("plan: -want +got\n%s", diff)
			}
		})
	}
}

// bound is the optimized plan of a query with its values, and the names of its columns.
func bound(t *testing.T, text string, args ...sql.Arg) string {
	t.Helper()
	q, err := sql.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if q, err = q.Bind(args...); err != nil {
		t.Fatal(err)
	}
	n, err := q.Resolve(tables(t))
	if err != nil {
		t.Fatal(err)
	}
	return n.Schema().String() + "\n" + plan.Print(plan.Optimize(n))
}

func TestParameterErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, query string
		args        []sql.Arg
		want        expr.Error
		message     string
	}{
		{"no value", "SELECT :n", nil, fault("UNBOUND_SQL_PARAMETER", "42P02", 1, 8), ":n"},
		{"another name", "SELECT 1 +\n:n", []sql.Arg{named("m", expr.Lit(1))}, fault("UNBOUND_SQL_PARAMETER", "42P02", 2, 1), ":n"},
		{"too few", "SELECT ?, ?", []sql.Arg{next(expr.Lit(1))}, fault("UNBOUND_SQL_PARAMETER", "42P02", 1, 11), "?"},
		{"in a limit", "SELECT 1 LIMIT :n", nil, fault("UNBOUND_SQL_PARAMETER", "42P02", 1, 16), ":n"},
		{"wrong type", "SELECT amount > :n FROM orders", []sql.Arg{named("n", expr.Lit([]byte("x")))}, fault("DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES", "42K09", 1, 8), "BINARY"},
		{"negative limit", "SELECT 1 LIMIT :n", []sql.Arg{named("n", expr.Lit(-1))}, fault("INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE", "42K0E", 1, 16), "-1"},
		{"limit of text", "SELECT 1 LIMIT :n", []sql.Arg{named("n", expr.Lit("x"))}, fault("INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE", "42K0E", 1, 16), "INT"},
		{"limit of NULL", "SELECT 1 LIMIT NULL", nil, fault("INVALID_LIMIT_LIKE_EXPRESSION.IS_NULL", "42K0E", 1, 16), "NULL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q, err := sql.Parse(tt.query)
			if err == nil {
				q, err = q.Bind(tt.args...)
			}
			if err == nil {
				_, err = q.Resolve(tables(t))
			}
			checkError(t, err, tt.want, tt.message)
		})
	}
	q, err := sql.Parse("SELECT ?, :n")
	if err != nil {
		t.Fatal(err)
	}
	_, err = q.Bind(next(expr.Lit(1)), named("n", expr.Lit(2)))
	checkError(t, err, fault("INVALID_QUERY_MIXED_QUERY_PARAMETERS", "42613", 0, 0), "together")
}
