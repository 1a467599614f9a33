//go:build integration

package integration

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
	"github.com/medallion-go/medallion/source"
	stream "github.com/medallion-go/medallion/source/delta"
)

const changedColumns = "id BIGINT, name STRING, p STRING"

// alternate has Spark and this library change a table in turn, by every operation that changes rows.
func (s *sharedTable) alternate() {
	s.t.Helper()
	ctx, none := s.t.Context(), delta.WriteOptions{}
	changed := func(_ *delta.Result, err error) {
		s.t.Helper()
		s.do(-1, err)
	}
	s.append(changedColumns, `[{"id": 1, "name": "a", "p": "x"}, {"id": 2, "name": "b", "p": "x"}, {"id": 3, "name": "c", "p": "a b"}, {"id": 4, "p": null}]`)
	s.spark("INSERT INTO {} VALUES (5, 'e', 'x'), (6, 'f', 'x'), (7, NULL, 'a b'), (8, 'h', 'x')")
	changed(s.ours.Update(ctx, map[string]string{"name": "'u'"}, "id IN (2, 6)", none))
	s.spark("DELETE FROM {} WHERE id = 5")
	changed(s.ours.Delete(ctx, "id = 8", none))
	s.spark("UPDATE {} SET name = 'v' WHERE id IN (1, 7)")
	changed(s.ours.Merge(jsonSource(s.t, changedColumns, `[{"id": 1, "name": "m", "p": "x"}, {"id": 7, "name": "m", "p": "y"}, {"id": 9, "name": "n", "p": "x"}]`), "target.id = source.id").
		WhenMatched("target.id = 7").Delete().WhenMatched("").UpdateAll().WhenNotMatched("").InsertAll().Run(ctx, none))
	s.spark(`MERGE INTO {} AS t USING (SELECT 2L AS id, 'w' AS name, 'x' AS p UNION ALL SELECT 10L, 'new', 'a b') AS s ON t.id = s.id
		WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT * WHEN NOT MATCHED BY SOURCE AND t.id = 4 THEN DELETE`)
	changed(s.ours.Optimize(ctx, "", delta.OptimizeOptions{}))
	s.spark("OPTIMIZE {}")
	changed(s.ours.Delete(ctx, "p = 'a b'", none))
	s.append(changedColumns, `[{"id": 11, "name": "z", "p": "a b"}, {"id": 12, "name": "z", "p": "x"}]`)
	changed(s.ours.Update(ctx, map[string]string{"p": "'moved'"}, "id = 12", none))
}

// TestChangesAndRowIDsAreAlike has tables changed in turn, one made by this library and one by Spark, one with deletion vectors and one without. It compares the
// change data feed as both read it, as a whole and as a stream, and the rows with their IDs and versions.
func TestChangesAndRowIDsAreAlike(t *testing.T) {
	properties := map[string]string{"delta.enableChangeDataFeed": "true", "delta.enableRowTracking": "true"}
	t.Run("made by us, with deletion vectors", func(t *testing.T) {
		s := newSharedTable(t)
		fields := schematest.DDL(t, changedColumns)
		properties["delta.enableDeletionVectors"] = "true"
		s.do(s.ours.Create(t.Context(), delta.Definition{Schema: fields, PartitionBy: []string{"p"}, Properties: properties}))
		s.alternate()
		s.compareChanges()
		s.compareRowIDs()
	})
	t.Run("made by Spark, without deletion vectors", func(t *testing.T) {
		s := newSharedTable(t)
		s.spark("CREATE TABLE {} (" + changedColumns + `) USING delta PARTITIONED BY (p) TBLPROPERTIES (
			'delta.enableChangeDataFeed' = 'true', 'delta.enableRowTracking' = 'true', 'delta.enableDeletionVectors' = 'false')`)
		s.alternate()
		s.compareChanges()
		s.compareRowIDs()
	})
}

func (s *sharedTable) compareChanges() {
	s.t.Helper()
	out, err := exec.Command(shared.tool, "changes", s.path, "--from", "0").CombinedOutput()
	if err != nil {
		s.t.Fatalf("medallion changes: %v\n%s", err, out)
	}
	ours := normal(s.t, strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"))
	spark := s.spark("SELECT * FROM table_changes_by_path('" + s.path + "', 0)")
	if diff := cmp.Diff(normal(s.t, spark.Rows), ours); diff != "" {
		s.t.Errorf("changes (-Spark's +ours):\n%s", diff)
	}
	streamed := shared.spark.ask(s.t, map[string]any{"op": "stream", "path": s.path, "options": map[string]string{"readChangeFeed": "true", "startingVersion": "0"}})
	if diff := cmp.Diff(normal(s.t, streamed.Rows), normal(s.t, s.stream(stream.ReadChangeFeed(), stream.StartingVersion(0)))); diff != "" {
		s.t.Errorf("streams of changes (-Spark's +ours):\n%s", diff)
	}
	skipping := shared.spark.ask(s.t, map[string]any{"op": "stream", "path": s.path, "options": map[string]string{"skipChangeCommits": "true", "startingVersion": "0"}})
	if diff := cmp.Diff(normal(s.t, skipping.Rows), normal(s.t, s.stream(stream.SkipChangeCommits(), stream.StartingVersion(0)))); diff != "" {
		s.t.Errorf("streams of rows (-Spark's +ours):\n%s", diff)
	}
}

// stream reads the table to its end, a file at a time.
func (s *sharedTable) stream(options ...stream.Option) (lines []string) {
	s.t.Helper()
	src := stream.New(s.ours, append(options, stream.MaxFilesPerTrigger(1))...)
	var after source.Offset
	for {
		b, err := src.Plan(s.t.Context(), after, src.Limits())
		if err != nil {
			s.t.Fatal(err)
		}
		if len(b.Splits) == 0 {
			return lines
		}
		for _, split := range b.Splits {
			_, err := split.Read(s.t.Context(), nil, func(rec arrow.RecordBatch) error {
				for i := range int(rec.NumRows()) {
					lines = append(lines, string(schema.AppendRowJSON(nil, rec, i)))
				}
				return nil
			})
			if err != nil {
				s.t.Fatal(err)
			}
		}
		after = b.Until
	}
}

// TestRowTrackingIsEnabledLater numbers the rows of a table of Spark's, which writes on.
func TestRowTrackingIsEnabledLater(t *testing.T) {
	s := newSharedTable(t)
	s.spark("CREATE TABLE {} USING delta AS SELECT id, 'a' AS name, 'x' AS p FROM range(2)")
	s.append(changedColumns, `[{"id": 3, "name": "c", "p": "x"}]`)
	s.do(s.ours.SetProperties(t.Context(), map[string]string{"delta.enableRowTracking": "true"}))
	s.spark("UPDATE {} SET name = 'u' WHERE id = 1")
	s.compareRowIDs()
}

func (s *sharedTable) compareRowIDs() {
	s.t.Helper()
	snapshot, err := s.ours.Snapshot(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	scan, err := snapshot.Scan(delta.ScanConfig{RowTracking: true})
	if err != nil {
		s.t.Fatal(err)
	}
	var ours []string
	for rec, err := range scan.Records(s.t.Context()) {
		if err != nil {
			s.t.Fatal(err)
		}
		for i := range int(rec.NumRows()) {
			ours = append(ours, string(schema.AppendRowJSON(nil, rec, i)))
		}
	}
	spark := s.spark("SELECT *, _metadata.row_id AS `_metadata.row_id`, _metadata.row_commit_version AS `_metadata.row_commit_version` FROM {}")
	if diff := cmp.Diff(normal(s.t, spark.Rows), normal(s.t, ours)); diff != "" {
		s.t.Errorf("rows with IDs and versions (-Spark's +ours):\n%s", diff)
	}
}
