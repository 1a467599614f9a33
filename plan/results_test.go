package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/plan"
)

// TestResults runs queries over constant rows: what resolving makes of them must mean what they say, before and after it is optimized.
func TestResults(t *testing.T) {
	t.Parallel()
	const numbers = "VALUES (1, 'a'), (2, 'b'), (2, 'b'), (3, NULL), (NULL, 'a') AS t(n, s)"
	tests := []struct{ query, want string }{
		{"SELECT n + 1 AS m, m * 2 AS d FROM " + numbers, "(null)|(null) 2|4 3|6 3|6 4|8"},
		{"SELECT DISTINCT n FROM " + numbers, "(null) 1 2 3"},
		{"SELECT s, count(*) AS c, sum(n) AS t FROM " + numbers + " GROUP BY s HAVING c > 1", "a|2|1 b|2|4"},
		{"SELECT count(*), count(n), count(DISTINCT n), max(n) FROM " + numbers, "5|4|3|3"},
		{"SELECT count(*) FILTER (WHERE n > 1) AS c FROM " + numbers, "3"},
		{"SELECT s, sum(n) / count(*) AS mean FROM " + numbers + " GROUP BY ALL", "(null)|3 a|0.5 b|2"},
		{"SELECT n, row_number() OVER (PARTITION BY s ORDER BY n DESC) AS r FROM " + numbers + " QUALIFY r = 1", "1|1 2|1 3|1"},
		{"SELECT s, count(*) AS c FROM " + numbers + " GROUP BY s QUALIFY row_number() OVER (ORDER BY c DESC, s) = 1", "a|2"},
		{"SELECT n FROM " + numbers + " ORDER BY n DESC LIMIT 2 OFFSET 1", "2 2"},
		{"SELECT n AS x FROM " + numbers + " ORDER BY s DESC NULLS FIRST, x LIMIT 1", "3"},
		{"SELECT * FROM (SELECT n FROM " + numbers + " ORDER BY n LIMIT 3 OFFSET 1) LIMIT 1 OFFSET 2", "2"},
		{"SELECT * FROM (SELECT n AS x FROM (SELECT n FROM " + numbers + " WHERE n > 1) ORDER BY n DESC) LIMIT 1", "3"},
		{"SELECT -n AS n FROM " + numbers + " ORDER BY n LIMIT 2", "(null) -3"},
		{"SELECT * FROM VALUES (1, 'x'), (2, 'y') AS a(k, v) FULL JOIN VALUES (2, 'z'), (3, 'w') AS b(k, u) USING (k)", "1|x|(null) 2|y|z 3|(null)|w"},
		{"SELECT k, a.k AS l, b.k AS r FROM VALUES (1) AS a(k) FULL JOIN VALUES (2) AS b(k) USING (k)", "1|1|(null) 2|(null)|2"},
		{"SELECT k FROM VALUES (1) AS a(k) RIGHT JOIN VALUES (2) AS b(k) USING (k)", "2"},
		{"SELECT * FROM VALUES (1), (2), (NULL) AS a(k) SEMI JOIN VALUES (2), (2), (NULL) AS b(k) ON a.k = b.k", "2"},
		{"SELECT * FROM VALUES (1), (2), (NULL) AS a(k) ANTI JOIN VALUES (2), (NULL) AS b(k) ON a.k = b.k", "(null) 1"},
		{"SELECT a.k, b.k FROM VALUES (1), (5) AS a(k) LEFT JOIN VALUES (2), (3) AS b(k) ON a.k < b.k AND a.k < 5", "1|2 1|3 5|(null)"},
		{"VALUES (1), (2), (2), (NULL) UNION VALUES (2), (3L), (NULL)", "(null) 1 2 3"},
		{"VALUES (1), (2), (2) UNION ALL VALUES (2)", "1 2 2 2"},
		{"VALUES (1), (2), (2), (NULL) EXCEPT VALUES (2), (4)", "(null) 1"},
		{"VALUES (1), (2), (2), (NULL) INTERSECT VALUES (2), (NULL), (4)", "(null) 2"},
		{"VALUES (1) UNION VALUES (2) INTERSECT VALUES (3)", "1"},
		{"WITH a AS (SELECT n FROM " + numbers + " WHERE n > 1), b(m) AS (SELECT max(n) FROM a) SELECT n, m FROM a, b WHERE n = m", "3|3"},
		{"SELECT sum(c) OVER (PARTITION BY s) AS t FROM (SELECT s, n, count(*) AS c FROM " + numbers + " GROUP BY s, n)", "1 2 2 2"},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			n := resolve(t, tt.query)
			for _, n := range []plan.Node{n, plan.Optimize(n)} {
				got, err := newReference(nil).run(n)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, strings.Join(got.texts(), " ")); diff != "" {
					t.Errorf("%s-want +got\n%s", plan.Print(n), diff)
				}
			}
		})
	}
}
