//go:build integration

package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/storage/local"
)

// TestLogsAsSpark has Spark and us take turns on a table with v2 checkpoints and in-commit timestamps: each opens it from the other's checkpoints, without the
// commits before them, and goes back to the other's times.
func TestLogsAsSpark(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store, err := local.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	rows := idRows()
	properties := map[string]string{"delta.checkpointPolicy": "v2", "delta.checkpointInterval": "4", "delta.checkpoint.writeStatsAsStruct": "true"}
	table := delta.Open(store, "", delta.Config{})
	if _, err := table.CreateAs(t.Context(), delta.Definition{Properties: properties}, rows, delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	spark := func(query string) []string {
		t.Helper()
		return shared.spark.ask(t, map[string]any{"op": "sql", "query": strings.ReplaceAll(query, "$t", "delta.`"+dir+"`")}).Rows
	}
	spark("ALTER TABLE $t SET TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')")
	appendRows := func(n int) {
		t.Helper()
		for range n {
			if _, err := table.Append(t.Context(), rows, delta.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	appendRows(3) // up to version 4, whose checkpoint is ours
	forget(t, dir, 4)
	if err := table.CompactLog(t.Context(), 3, 4); err == nil {
		t.Error("a version that is gone was compacted")
	}
	compareCounts(t, spark, table, 4, 4*3)
	spark("INSERT INTO $t SELECT id FROM range(3)")
	spark("INSERT INTO $t SELECT id FROM range(3)")
	spark("DELETE FROM $t WHERE id = 0")
	spark("INSERT INTO $t SELECT id FROM range(3)") // version 8, whose checkpoint is Spark's
	forget(t, dir, 8)
	table = delta.Open(store, "", delta.Config{})
	compareCounts(t, spark, table, 8, 6*2+3)
	appendRows(3)
	if err := table.CompactLog(t.Context(), 9, 11); err != nil {
		t.Fatal(err)
	}
	compareCounts(t, spark, table, 11, 6*2+4*3)

	history, err := table.History(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	told := spark("DESCRIBE HISTORY $t LIMIT 4")
	if len(told) != len(history) {
		t.Fatalf("Spark's history: %v", told)
	}
	for i, h := range history {
		s, err := table.SnapshotAsOf(t.Context(), h.Timestamp)
		if err != nil || s.Version() != h.Version {
			t.Errorf("as of the time of version %d: %v, %v", h.Version, s, err)
		}
		at := h.Timestamp.Format("2006-01-02 15:04:05.000")
		n, _ := s.NumRows()
		got := spark("SELECT count(*) AS n FROM $t TIMESTAMP AS OF '" + at + "'")
		if diff := cmp.Diff([]string{fmt.Sprintf(`{"n": %d}`, n)}, got); diff != "" {
			t.Errorf("Spark at %s, version %d (-want +got):\n%s", at, h.Version, diff)
		}
		if line := told[i]; !strings.Contains(line, h.Timestamp.Format("2006-01-02T15:04:05.000")) {
			t.Errorf("Spark's history has another time of version %d, ours is %s:\n%s", h.Version, at, line)
		}
	}
	verifyChecksums(t, store, dir)
}

// compareCounts compares version and number of rows of the newest version, by us and by Spark, each opening the table anew.
func compareCounts(t *testing.T, spark func(string) []string, table *delta.Table, version, rows int64) {
	t.Helper()
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n, _ := s.NumRows()
	if s.Version() != version || n != rows {
		t.Errorf("version %d of %d rows, want %d of %d", s.Version(), n, version, rows)
	}
	if diff := cmp.Diff([]string{fmt.Sprintf(`{"n": %d}`, rows)}, spark("SELECT count(id) AS n FROM $t")); diff != "" {
		t.Errorf("rows by Spark at version %d (-want +got):\n%s", version, diff)
	}
}

// forget removes the commits and checksum files before a version, which must have a checkpoint.
func forget(t *testing.T, dir string, version int) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "_delta_log", fmt.Sprintf("%020d.checkpoint.*", version)))
	if err != nil || len(found) != 1 {
		t.Fatalf("checkpoints of version %d: %v, %v", version, found, err)
	}
	for v := range version {
		for _, end := range []string{"json", "crc"} {
			err := os.Remove(filepath.Join(dir, "_delta_log", fmt.Sprintf("%020d.%s", v, end)))
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
	}
}

// verifyChecksums holds every version that has a checksum file, ours and Spark's, against it.
func verifyChecksums(t *testing.T, store *local.Store, dir string) {
	t.Helper()
	checked := 0
	for v := int64(8); v <= 11; v++ {
		s, err := delta.Open(store, "", delta.Config{}).SnapshotAt(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		ok, err := s.Verify(t.Context())
		if err != nil {
			t.Error(err)
		}
		if ok {
			checked++
		}
	}
	if checked != 4 {
		t.Errorf("%d of 4 versions have a checksum file in %s", checked, dir)
	}
}

// idRows are the ids 0, 1 and 2.
func idRows() *exec.Batches {
	s := arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, s)
	defer b.Release()
	b.Field(0).(*array.Int64Builder).AppendValues([]int64{0, 1, 2}, nil)
	return exec.NewBatches(s, b.NewRecordBatch())
}
