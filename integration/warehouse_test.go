//go:build integration

package integration

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"testing"

	_ "github.com/databricks/databricks-sql-go"
	"github.com/google/go-cmp/cmp"
)

// connect opens the warehouse through the driver as it comes, on a connection of its own.
func (w *warehouseToken) connect(t *testing.T, options url.Values) *sql.Conn {
	t.Helper()
	db, err := sql.Open("databricks", w.dsn(options))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// TestWarehouseCatalogs runs what medallion sends to a warehouse, in each catalog, by names of three parts.
func TestWarehouseCatalogs(t *testing.T) {
	for _, catalog := range []string{"main", "dev"} {
		t.Run(catalog, func(t *testing.T) {
			t.Parallel()
			c := shared.warehouse.login(t).connect(t, nil)
			dir := t.TempDir()
			r := strings.NewReplacer("{cat}", catalog, "{dir}", dir)
			for _, step := range []struct{ sql, want string }{
				{"CREATE SCHEMA {cat}.s LOCATION '{dir}/s'", ""},
				{"CREATE SCHEMA IF NOT EXISTS {cat}.s", ""},
				{"SHOW SCHEMAS IN {cat} LIKE 's*'", "s"},
				{"CREATE TABLE {cat}.s.t (a BIGINT NOT NULL, b STRING) TBLPROPERTIES ('x' = '1')", ""},
				{"INSERT INTO {cat}.s.t VALUES (1, 'one'), (2, 'two')", ""},
				{"SELECT * FROM {cat}.s.t ORDER BY a", "1|one\n2|two"},
				{"SHOW TABLES IN {cat}.s", "s|t|false"},
				{"ALTER TABLE {cat}.s.t SET TBLPROPERTIES ('x' = '2')", ""},
				{"SHOW TBLPROPERTIES {cat}.s.t ('x')", "x|2"},
				{"MERGE INTO {cat}.s.t USING (SELECT 2 AS a, 'zwei' AS b UNION ALL SELECT 3, 'drei') u ON t.a = u.a WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *", "2|1|0|1"},
				{"MERGE WITH SCHEMA EVOLUTION INTO {cat}.s.t USING (SELECT 4 AS a, 'vier' AS b, 4.5D AS c) u ON t.a = u.a WHEN NOT MATCHED THEN INSERT *", "1|0|0|1"},
				{"INSERT INTO {cat}.s.t REPLACE WHERE a >= 4 SELECT 5, 'five', 5.5D", ""},
				{"SELECT * FROM {cat}.s.t ORDER BY a", "1|one|<nil>\n2|zwei|<nil>\n3|drei|<nil>\n5|five|5.5"},
				{"SELECT count(*) FROM {cat}.s.t VERSION AS OF 1", "2"},
				{"CREATE TABLE {cat}.s.c SHALLOW CLONE {cat}.s.t", "any"},
				{"CREATE OR REPLACE TABLE {cat}.s.r AS SELECT a + 1 AS a FROM {cat}.s.t WHERE a < 3", ""},
				{"CREATE OR REPLACE TABLE {cat}.s.r CLUSTER BY (a) AS SELECT a FROM {cat}.s.r", ""},
				{"SELECT * FROM {cat}.s.r ORDER BY a", "2\n3"},
				{"SELECT count(*) FROM {cat}.s.c", "4"},
				{"UPDATE {cat}.s.r SET a = 0 WHERE a = 2", "1"},
				{"DELETE FROM {cat}.s.r WHERE a = 0", "1"},
				{"ALTER TABLE {cat}.s.r ADD COLUMNS (d DATE)", ""},
				{"SELECT a, d FROM delta.`{dir}/s/r`", "3|<nil>"},
				{"CREATE TABLE {cat}.s.e USING delta LOCATION '{dir}/s/r'", ""},
				{"SELECT a FROM {cat}.s.e", "3"},
				{"OPTIMIZE {cat}.s.t", "any"},
				{"DESCRIBE HISTORY {cat}.s.r LIMIT 1", "any"},
				{"DESCRIBE DETAIL {cat}.s.r", "any"},
				{"DROP TABLE {cat}.s.e", ""},
				{"DROP TABLE IF EXISTS {cat}.s.none", ""},
				{"SELECT a FROM {cat}.s.r", "3"},
				{"USE CATALOG {cat}", ""},
				{"USE SCHEMA s", ""},
				{"SELECT current_catalog(), current_schema(), count(*) FROM c", catalog + "|s|4"},
				{"CREATE TEMPORARY VIEW v AS SELECT a + 1 AS b FROM c WHERE a = 1", ""},
				{"SELECT b FROM v", "2"},
				{"DROP SCHEMA {cat}.s CASCADE", ""},
				{"SHOW SCHEMAS IN {cat} LIKE 's*'", ""},
			} {
				got, err := rowsOf(t.Context(), c, r.Replace(step.sql))
				if err != nil {
					t.Fatalf("%s: %v", step.sql, err)
				}
				if step.want == "any" {
					if got == "" {
						t.Errorf("%s: no rows", step.sql)
					}
				} else if diff := cmp.Diff(step.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", step.sql, diff)
				}
			}
		})
	}
}

// TestWarehouseCatalogsAreApart has one name in both catalogs, and a schema that only one of them has.
func TestWarehouseCatalogsAreApart(t *testing.T) {
	t.Parallel()
	w := shared.warehouse.login(t)
	c := w.connect(t, nil)
	for _, s := range []string{
		"CREATE SCHEMA main.apart", "CREATE SCHEMA dev.apart", "CREATE SCHEMA dev.apart_dev",
		"CREATE TABLE main.apart.t AS SELECT 'main' AS v", "CREATE TABLE dev.apart.t AS SELECT 'dev' AS v",
	} {
		if _, err := c.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	for query, want := range map[string]string{
		"SELECT m.v, d.v FROM main.apart.t m CROSS JOIN dev.apart.t d": "main|dev",
		"SHOW SCHEMAS IN main LIKE 'apart*'":                           "apart",
		"SHOW SCHEMAS IN dev LIKE 'apart*'":                            "apart\napart_dev",
	} {
		got, err := rowsOf(t.Context(), c, query)
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", query, got, err, want)
		}
	}
	if got, err := rowsOf(t.Context(), c, "SELECT * FROM main.apart_dev.t"); err == nil || !strings.Contains(err.Error(), "TABLE_OR_VIEW_NOT_FOUND") {
		t.Errorf("main has the schema of dev: %q, %v", got, err)
	}
	d := w.connect(t, url.Values{"catalog": {"dev"}, "schema": {"apart"}})
	if got, err := rowsOf(t.Context(), d, "SELECT v FROM t"); err != nil || got != "dev" {
		t.Errorf("a session in dev.apart reads %q, %v", got, err)
	}
}

// rowsOf is a query's rows as text, a row a line.
func rowsOf(ctx context.Context, c *sql.Conn, query string, args ...any) (string, error) {
	rows, err := c.QueryContext(ctx, query, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var lines []string
	for rows.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return "", err
		}
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = fmt.Sprint(v)
		}
		lines = append(lines, strings.Join(texts, "|"))
	}
	return strings.Join(lines, "\n"), rows.Err()
}
