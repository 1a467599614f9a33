//go:build integration

package integration

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/local"
)

// changingStatements change the table t in every way that marks rows as deleted or that the change data feed tells of.
var changingStatements = []string{
	"INSERT INTO t SELECT id, CASE WHEN id < 10 THEN 'a' ELSE 'b c' END AS p, concat('v', id) AS v FROM range(0, 20, 1, 1)",
	"DELETE FROM t WHERE id = 3",
	"DELETE FROM t WHERE id IN (4, 13)",
	"UPDATE t SET v = concat(v, 'u') WHERE id IN (5, 6, 14)",
	"UPDATE t SET v = 'twice', p = 'd' WHERE id % 5 = 0",
	"MERGE INTO t USING (SELECT explode(array(7L, 8L, 100L)) AS id, 'a' AS p, 'm' AS v) AS s ON t.id = s.id WHEN MATCHED AND t.id = 7 THEN UPDATE SET * WHEN MATCHED THEN DELETE " +
		"WHEN NOT MATCHED THEN INSERT * WHEN NOT MATCHED BY SOURCE AND t.id = 1 THEN UPDATE SET v = 'alone'",
	"MERGE INTO t USING (SELECT explode(array(9L, 200L)) AS id, 'a' AS p, 'n' AS v) AS s ON t.id = s.id WHEN NOT MATCHED THEN INSERT *",
	"DELETE FROM t WHERE id >= 15 AND id < 100",
	"INSERT INTO t REPLACE WHERE id < 2 SELECT 0L, 'a', 'replaced'",
	"DELETE FROM t WHERE p = 'd'",
	"UPDATE t SET v = upper(v)",
}

// TestRowChangesAlternately has Spark and us change one table in turn, while Spark alone changes another by the same statements: rows and change feeds are the
// same, whoever reads them.
func TestRowChangesAlternately(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		properties, partition string
		first                 int // of two: which of the statements are ours
	}{
		"deletion vectors":         {"'delta.enableDeletionVectors' = 'true', 'delta.enableChangeDataFeed' = 'true'", "PARTITIONED BY (p)", 0},
		"copies, physical columns": {"'delta.columnMapping.mode' = 'name', 'delta.enableChangeDataFeed' = 'true'", "PARTITIONED BY (p)", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mixed, theirs := filepath.Join(t.TempDir(), "t"), filepath.Join(t.TempDir(), "t")
			spark := func(dir, text string) {
				shared.spark.ask(t, map[string]any{"op": "sql", "query": onTable(text, dir)})
			}
			create := "CREATE TABLE t (id BIGINT, p STRING, v STRING) USING DELTA " + c.partition + " TBLPROPERTIES (" + c.properties + ")"
			spark(mixed, create)
			spark(theirs, create)
			for i, text := range changingStatements {
				spark(theirs, text)
				if i%2 != c.first {
					spark(mixed, text)
					continue
				}
				cmd := exec.Command(shared.tool, "sql")
				cmd.Stdin = strings.NewReader(onTable(text, mixed))
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%s: %v\n%s", text, err, out)
				}
			}
			compareChanges(t, theirs, mixed)
		})
	}
}

// onTable is a statement over a table at a path.
func onTable(text, dir string) string {
	for _, word := range []string{"INTO", "UPDATE", "FROM", "TABLE", "OPTIMIZE"} {
		text = strings.Replace(text, word+" t ", word+" delta.`"+dir+"` "+map[bool]string{true: "AS t "}[strings.HasPrefix(text, "MERGE")], 1)
	}
	return text
}

// compareChanges holds the rows and the feed of a table against another's.
func compareChanges(t *testing.T, want, got string) {
	t.Helper()
	rows := normal(t, shared.spark.ask(t, map[string]any{"op": "read", "path": want}).Rows)
	for reader, lines := range map[string][]string{
		"Spark":    shared.spark.ask(t, map[string]any{"op": "read", "path": got}).Rows,
		"delta-rs": nil,
		"ours":     cat(t, got),
	} {
		if lines == nil {
			if strings.Contains(t.Name(), "physical") {
				continue // it finds no column by its physical name
			}
			lines = shared.readers.ask(t, map[string]any{"op": "read", "engine": "datafusion", "path": got}).Rows
		}
		if diff := cmp.Diff(rows, normal(t, lines)); diff != "" {
			t.Errorf("rows by %s (-want +got):\n%s", reader, diff)
		}
	}
	feed := func(dir string) []string {
		return normal(t, shared.spark.ask(t, map[string]any{"op": "sql", "query": "SELECT id, p, v, _change_type, _commit_version FROM table_changes_by_path('" + dir + "', 0)"}).Rows)
	}
	told := feed(want)
	if diff := cmp.Diff(told, feed(got)); diff != "" {
		t.Errorf("changes of our table by Spark (-want +got):\n%s", diff)
	}
	for table, dir := range map[string]string{"Spark's": want, "our": got} {
		if diff := cmp.Diff(told, normal(t, ourChanges(t, dir))); diff != "" {
			t.Errorf("changes of %s table by us (-want +got):\n%s", table, diff)
		}
	}
}

// ourChanges reads a change feed as lines of JSON.
func ourChanges(t *testing.T, dir string) []string {
	t.Helper()
	store, err := local.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := delta.Open(store, "", delta.Config{}).Changes(t.Context(), delta.ChangesConfig{})
	if err != nil {
		t.Fatal(err)
	}
	scan, err := changes.Scan(delta.ScanConfig{Columns: []int{0, 1, 2, 3, 4}})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rec, err := range scan.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(rec.NumRows()) {
			lines = append(lines, string(schema.AppendRowJSON(nil, rec, i)))
		}
	}
	slices.Sort(lines)
	return lines
}
