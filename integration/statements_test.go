//go:build integration

package integration

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// statements are run on two copies of a table, by Spark and by us. t stands for the table, and s for a second one.
var statements = []string{
	"CREATE TABLE t (id BIGINT NOT NULL, name STRING, v DECIMAL(10,2), day DATE, tags ARRAY<STRING>) USING DELTA PARTITIONED BY (name)",
	"INSERT INTO t VALUES (1, 'ann', 1.5, DATE'2026-01-01', array('a', NULL)), (2, 'bob', 2, NULL, array()), (3, NULL, NULL, DATE'2025-12-31', NULL), (4, 'o''neil %', -3.25, DATE'2026-01-04', array('x'))",
	"INSERT INTO t (day, id) SELECT DATE'2026-02-01', 5",
	"INSERT INTO t BY NAME SELECT 6 AS id, 7 AS v, 'bob' AS name",
	"UPDATE t SET v = coalesce(v, 0) + 1, tags = array(name) WHERE id > 2",
	"UPDATE t AS x SET x.name = upper(x.name) WHERE x.name LIKE 'a%' OR x.day IS NULL",
	"UPDATE t SET v = v * 2",
	"DELETE FROM t WHERE name IS NULL AND id > 4",
	"DELETE FROM t AS x WHERE x.v BETWEEN 2 AND 3 AND x.id = 1",
	"CREATE TABLE s USING DELTA AS SELECT id + 2 AS id, concat('n', id) AS name, CAST(id AS DECIMAL(10,2)) AS v, day, tags FROM t",
	"MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
	"MERGE INTO t USING s ON t.id = s.id WHEN MATCHED AND s.v > 2 THEN DELETE WHEN MATCHED THEN UPDATE SET t.v = t.v + s.v, day = s.day",
	"MERGE INTO t AS a USING (SELECT id, max(v) AS v FROM s WHERE id > 4 GROUP BY id) AS b ON a.id = b.id AND a.id > 4 WHEN NOT MATCHED AND b.v > 3 THEN INSERT (id, v) VALUES (b.id * 10, b.v) WHEN NOT MATCHED BY SOURCE AND a.v IS NULL THEN DELETE WHEN NOT MATCHED BY SOURCE THEN UPDATE SET a.v = a.v - 1",
	"INSERT INTO t REPLACE WHERE name = 'ANN' SELECT id + 100, 'ANN', v, day, tags FROM s WHERE id < 5",
	"INSERT INTO t REPLACE WHERE v > 100 AND id < 0 SELECT * FROM t WHERE FALSE",
	"OPTIMIZE t WHERE name = 'bob'",
	"OPTIMIZE t",
	"OPTIMIZE t ZORDER BY (id, v)",
	"REORG TABLE t APPLY (PURGE)",
	"RESTORE TABLE t TO VERSION AS OF 9",
	"INSERT INTO s SELECT * FROM t VERSION AS OF 1",
	"INSERT OVERWRITE s SELECT * FROM s WHERE id < 4",
	"CREATE OR REPLACE TABLE s USING DELTA PARTITIONED BY (p) AS SELECT id % 3 AS p, count(*) AS n, sort_array(collect_set(name)) AS names FROM t GROUP BY id % 3",
	"INSERT INTO s SELECT 9L, 1L, array('z')",
	"MERGE WITH SCHEMA EVOLUTION INTO s AS a USING (SELECT explode(array(1L, 4L)) AS p, 5L AS n, named_struct('x', 1) AS st, 'e' AS extra) AS b ON a.p = b.p WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
	"MERGE WITH SCHEMA EVOLUTION INTO s AS a USING (SELECT explode(array(1L, 2L, 5L)) AS p, named_struct('y', 2.5D, 'x', 3) AS st) AS b ON a.p = b.p WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
	"DELETE FROM s WHERE p = 9",
	"DELETE FROM t",
}

// refusedStatements fail in both and change nothing. The classes are ours; an empty one is Spark's too, where Delta for Spark has none of its own.
var refusedStatements = []struct{ text, class string }{
	{"INSERT INTO t SELECT nope FROM s", ""},
	{"DELETE FROM t WHERE nope = 1", ""},
	{"OPTIMIZE t WHERE v > 1", "DELTA_NON_PARTITION_COLUMN_REFERENCE"},
	{"OPTIMIZE t ZORDER BY (name)", "DELTA_ZORDERING_ON_PARTITION_COLUMN"},
	{"UPDATE t SET id = CAST('x' AS BIGINT) WHERE id > 0", ""},
	{"UPDATE t SET v = 1 / 0 WHERE id > 0", "DIVIDE_BY_ZERO"},
	{"MERGE INTO t USING s ON t.id = s.nope WHEN MATCHED THEN DELETE", "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
	{"INSERT INTO t VALUES ('x', 'y', 1, NULL, NULL)", "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST"},
}

// TestStatementsAsSpark runs statements on a table of ours and on one of Spark's: the same rows after each, ours as Spark reads them.
func TestStatementsAsSpark(t *testing.T) {
	t.Parallel()
	ours, theirs := t.TempDir(), t.TempDir()
	in := func(dir, text string) string {
		return regexp.MustCompile(`\b(INTO|OVERWRITE|UPDATE|FROM|TABLE|USING|OPTIMIZE) ([ts])\b`).ReplaceAllStringFunc(text, func(found string) string {
			word, name, _ := strings.Cut(found, " ")
			place := word + " delta.`" + filepath.Join(dir, name) + "`"
			if word == "USING" || word == "INTO" && strings.Contains(text, "MERGE INTO "+name+" USING") || word == "UPDATE" && !strings.Contains(text, " AS x") {
				place += " AS " + name
			}
			return place
		})
	}
	run := func(text string) ([]byte, error) {
		cmd := exec.Command(shared.tool, "sql")
		cmd.Stdin = strings.NewReader(in(ours, text))
		return cmd.CombinedOutput()
	}
	spark := func(text string) error {
		_, err := shared.spark.try(map[string]any{"op": "sql", "query": in(theirs, text)})
		return err
	}
	content := func(dir, table string) []string {
		rows := normal(t, shared.spark.ask(t, map[string]any{"op": "read", "path": filepath.Join(dir, table)}).Rows)
		slices.Sort(rows)
		return rows
	}
	for i, text := range statements {
		if err := spark(text); err != nil {
			t.Fatalf("Spark: %s: %v", text, err)
		}
		if out, err := run(text); err != nil {
			t.Fatalf("%s: %v\n%s", text, err, out)
		}
		table := regexp.MustCompile(`\b(INTO|OVERWRITE|UPDATE|FROM|TABLE|OPTIMIZE) ([ts])\b`).FindStringSubmatch(text)[2]
		if diff := cmp.Diff(content(theirs, table), content(ours, table)); diff != "" {
			t.Fatalf("%s: rows (-Spark's +ours):\n%s", text, diff)
		}
		if i == len(statements)-3 {
			refuseAlike(t, run, spark)
		}
	}
}

// refuseAlike runs what both refuse.
func refuseAlike(t *testing.T, run func(string) ([]byte, error), spark func(string) error) {
	t.Helper()
	class := regexp.MustCompile(`[A-Z]+(_[A-Z]+)+(\.[A-Z_]+)?`)
	for _, refused := range refusedStatements {
		theirs := spark(refused.text)
		out, err := run(refused.text)
		if err == nil || theirs == nil {
			t.Errorf("%s: ours said %v, Spark %v", refused.text, err, theirs)
			continue
		}
		want := refused.class
		if want == "" {
			want = class.FindString(theirs.Error())
		}
		if got := class.FindString(string(out)); got != want {
			t.Errorf("%s: ours is %s, want %s\n%s\n%.300s", refused.text, got, want, out, theirs)
		}
	}
}
