package statement_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/storage/memory"
)

// TestSubqueriesInChanges deletes and updates rows that queries tell, as Spark does; NULLs as in its three-valued logic.
func TestSubqueriesInChanges(t *testing.T) {
	t.Parallel()
	const (
		create = "CREATE TABLE t (id INT, v STRING, n INT)"
		fill   = "INSERT INTO t VALUES (1, 'a', 10), (1, 'a', 10), (2, 'b', NULL), (3, NULL, 30), (NULL, 'd', 40)"
	)
	for _, test := range []struct {
		text  string
		count string
		want  []string // of the rows (id, v, n)
	}{
		{"DELETE FROM t WHERE id IN (SELECT id FROM s)", `{"num_affected_rows":3}`, []string{`3 null 30`, `null "d" 40`}},
		{"DELETE FROM t WHERE id NOT IN (SELECT id FROM s WHERE id IS NOT NULL)", `{"num_affected_rows":1}`, []string{`1 "a" 10`, `1 "a" 10`, `2 "b" null`, `null "d" 40`}},
		{"DELETE FROM t WHERE id NOT IN (SELECT id FROM s)", `{"num_affected_rows":0}`, []string{`1 "a" 10`, `1 "a" 10`, `2 "b" null`, `3 null 30`, `null "d" 40`}},
		{"DELETE FROM t AS x WHERE EXISTS (SELECT 1 FROM s WHERE s.id = x.id AND s.w > 5)", `{"num_affected_rows":1}`, []string{`1 "a" 10`, `1 "a" 10`, `3 null 30`, `null "d" 40`}},
		{"DELETE FROM t WHERE NOT EXISTS (SELECT 1 FROM s WHERE s.id = t.id)", `{"num_affected_rows":2}`, []string{`1 "a" 10`, `1 "a" 10`, `2 "b" null`}},
		{"DELETE FROM t WHERE n > (SELECT avg(n) FROM t)", `{"num_affected_rows":2}`, []string{`1 "a" 10`, `1 "a" 10`, `2 "b" null`}},
		{"DELETE FROM t WHERE EXISTS (SELECT 1 FROM s)", `{"num_affected_rows":5}`, []string{}},
		{"DELETE FROM t WHERE EXISTS (SELECT 1 FROM s WHERE w > 100)", `{"num_affected_rows":0}`, []string{`1 "a" 10`, `1 "a" 10`, `2 "b" null`, `3 null 30`, `null "d" 40`}},
		{"DELETE FROM t WHERE (id, v) IN (SELECT id, 'a' FROM s) OR n = 30", `{"num_affected_rows":3}`, []string{`2 "b" null`, `null "d" 40`}},
		{"UPDATE t SET v = 'in', n = n + 1 WHERE id IN (SELECT id FROM s)", `{"num_affected_rows":3}`, []string{`1 "in" 11`, `1 "in" 11`, `2 "in" null`, `3 null 30`, `null "d" 40`}},
		{"UPDATE t SET n = (SELECT max(w) FROM s WHERE s.id = t.id), v = upper(v)", `{"num_affected_rows":5}`, []string{`1 "A" 1`, `1 "A" 1`, `2 "B" 9`, `3 null null`, `null "D" null`}},
		{"UPDATE t SET v = (SELECT 'x') WHERE id = 3", `{"num_affected_rows":1}`, []string{`1 "a" 10`, `1 "a" 10`, `2 "b" null`, `3 "x" 30`, `null "d" 40`}},
	} {
		for _, vectors := range []string{"true", "false"} {
			t.Run(test.text+", vectors "+vectors, func(t *testing.T) {
				t.Parallel()
				d := newDatabase(t, memory.New())
				for _, text := range []string{
					create + " TBLPROPERTIES (delta.enableDeletionVectors = " + vectors + ")", fill,
					"CREATE TABLE s AS SELECT * FROM VALUES (1, 1), (2, 9), (NULL, 3), (7, 7) AS v(id, w)",
				} {
					if _, err := d.run(text); err != nil {
						t.Fatalf("%s: %v", text, err)
					}
				}
				got, err := d.run(test.text)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]string{test.count}, got); diff != "" {
					t.Errorf("answer (-want +got):\n%s", diff)
				}
				if got, err = d.run("SELECT concat_ws(' ', coalesce(string(id), 'null'), coalesce('\"' || v || '\"', 'null'), coalesce(string(n), 'null')) AS r FROM t ORDER BY r"); err != nil {
					t.Fatal(err)
				}
				var want []string
				for _, w := range test.want {
					want = append(want, fmt.Sprintf(`{"r":%q}`, w))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("rows (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestAggregatesOfMarkedRows answers COUNT from statistics, and MIN and MAX not, where deletion vectors leave these only bounds.
func TestAggregatesOfMarkedRows(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, memory.New())
	for _, text := range []string{
		"CREATE TABLE t (id INT, p STRING) PARTITIONED BY (p) TBLPROPERTIES (delta.enableDeletionVectors = true)",
		"INSERT INTO t SELECT id, IF(id < 5, 'a', 'b') AS p FROM range(0, 10, 1, 1)",
		"DELETE FROM t WHERE id IN (0, 4, 9)",
	} {
		if _, err := d.run(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	for query, want := range map[string]string{
		"SELECT count(*) AS n, min(id) AS lo, max(id) AS hi, count(id) AS c FROM t": `{"n":7,"lo":1,"hi":8,"c":7}`,
		"SELECT count(*) AS n, min(id) AS lo, max(id) AS hi FROM t WHERE p = 'a'":   `{"n":3,"lo":1,"hi":3}`,
		"SELECT count(*) AS n FROM t WHERE p = 'b'":                                 `{"n":4}`,
		"SELECT count(*) AS n FROM t WHERE id >= 4":                                 `{"n":4}`,
		"SELECT min(p) AS lo, max(p) AS hi, count(p) AS c FROM t":                   `{"lo":"a","hi":"b","c":7}`,
	} {
		got, err := d.run(query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if diff := cmp.Diff([]string{want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}
