//go:build integration

package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// countedStatements change the table t in ways that Spark counts differently: rows of files, whole files, whole partitions, nothing, and rows with vectors before.
var countedStatements = []string{
	"INSERT INTO t SELECT /*+ COALESCE(1) */ id, CAST('a' AS STRING) AS p, concat('v', id) AS v FROM range(0, 20, 1, 1)",
	"INSERT INTO t SELECT /*+ COALESCE(1) */ id, CAST('b' AS STRING) AS p, concat('v', id) AS v FROM range(20, 40, 1, 1)",
	"INSERT INTO t SELECT /*+ COALESCE(1) */ id, CAST('c' AS STRING) AS p, concat('v', id) AS v FROM range(40, 50, 1, 1)",
	"DELETE FROM t WHERE id = 3",
	"DELETE FROM t WHERE id IN (3, 4)",
	"DELETE FROM t WHERE id >= 45 AND v < 'x'",
	"DELETE FROM t WHERE id >= 40 AND v < 'x'",
	"UPDATE t SET v = 'u' WHERE id IN (5, 6)",
	"UPDATE t SET v = 'w' WHERE v = 'u' AND id = 5",
	"UPDATE t SET v = 'x' WHERE p = 'b'",
	"UPDATE t SET v = 'z' WHERE v = 'x'",
	"DELETE FROM t WHERE p = 'b'",
	"DELETE FROM t WHERE id = 7 AND v = 'v7'",
	"DELETE FROM t",
}

// TestRowMetricsAreSparks runs the same DELETEs and UPDATEs on a table of Spark's and on one of ours: what the histories count is the same, but for
// times, and for how many bytes where there are any.
func TestRowMetricsAreSparks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ properties, partition string }{
		"vectors":       {"'delta.enableDeletionVectors' = 'true'", ""},
		"vectors, feed": {"'delta.enableDeletionVectors' = 'true', 'delta.enableChangeDataFeed' = 'true'", "PARTITIONED BY (p)"},
		"copies":        {"'delta.enableDeletionVectors' = 'false'", "PARTITIONED BY (p)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			feed := strings.Contains(c.properties, "ChangeDataFeed")
			ours, theirs := filepath.Join(t.TempDir(), "t"), filepath.Join(t.TempDir(), "t")
			create := "CREATE TABLE t (id BIGINT, p STRING, v STRING) USING DELTA " + c.partition + " TBLPROPERTIES (" + c.properties + ")"
			for i, text := range append([]string{create}, countedStatements...) {
				shared.spark.ask(t, map[string]any{"op": "sql", "query": onTable(text+" ", theirs)})
				cmd := exec.Command(shared.tool, "sql")
				cmd.Stdin = strings.NewReader(onTable(text+" ", ours))
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%s: %v\n%s", text, err, out)
				}
				if strings.HasPrefix(text, "CREATE") || strings.HasPrefix(text, "INSERT") {
					continue
				}
				if diff := cmp.Diff(rowMetrics(t, theirs, i, feed), rowMetrics(t, ours, i, feed)); diff != "" {
					t.Errorf("%s (-Spark +ours):\n%s", text, diff)
				}
			}
		})
	}
}

// rowMetrics are the metrics of a version.
func rowMetrics(t *testing.T, dir string, version int, feed bool) map[string]string {
	t.Helper()
	metrics := commitOf(t, dir, version).OperationMetrics
	for name, n := range metrics {
		if strings.HasSuffix(name, "Ms") || feed && name == "numRemovedBytes" { // among which Spark counts change files
			delete(metrics, name)
		} else if strings.HasSuffix(name, "Bytes") && n != "0" {
			metrics[name] = "some"
		}
	}
	return metrics
}

// commitInfo is what a commit says of itself.
type commitInfo struct {
	Operation        string
	OperationMetrics map[string]string
	Tags             map[string]string
}

func commitOf(t *testing.T, dir string, version int) commitInfo {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "_delta_log", fmt.Sprintf("%020d.json", version)))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var action struct{ CommitInfo *commitInfo }
		if err := json.Unmarshal([]byte(line), &action); err != nil {
			t.Fatal(err)
		}
		if action.CommitInfo != nil {
			return *action.CommitInfo
		}
	}
	t.Fatalf("version %d of %s has no commitInfo", version, dir)
	return commitInfo{}
}
