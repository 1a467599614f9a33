package delta_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// tracked makes a table that tracks its rows, or may do so later, with rows 1 to 3 in version 1 and rows 4 and 5 in version 2.
func tracked(t *testing.T, properties map[string]string) (*delta.Table, delta.Config, storage.Store) {
	t.Helper()
	c := testConfig()
	c.Alloc = checked(t)
	store := memory.New()
	table := delta.Open(store, "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, "id BIGINT, name STRING"), Properties: properties}); err != nil {
		t.Fatal(err)
	}
	appendJSON(t, table, c, `[{"id": 1, "name": "a"}, {"id": 2, "name": "b"}, {"id": 3, "name": "c"}]`)
	appendJSON(t, table, c, `[{"id": 4, "name": "d"}, {"id": 5, "name": "e"}]`)
	return table, c, store
}

func appendJSON(t *testing.T, table *delta.Table, c delta.Config, text string) {
	t.Helper()
	if _, err := table.Append(t.Context(), rows(t, c.Alloc, "id BIGINT, name STRING", text), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// trackedRows are the rows that a condition, empty for none, keeps, each as its id, row ID and row commit version.
func trackedRows(t *testing.T, table *delta.Table, where string) []string {
	t.Helper()
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	config := delta.ScanConfig{RowTracking: true}
	if where != "" {
		probe, err := s.Scan(config)
		if err != nil {
			t.Fatal(err)
		}
		n, err := expr.Parse(where)
		if err != nil {
			t.Fatal(err)
		}
		if config.Filter, err = expr.BindPredicate(n, expr.NewScope(probe.Schema())); err != nil {
			t.Fatal(err)
		}
	}
	scan, err := s.Scan(config)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rec, err := range scan.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		last := int(rec.NumCols()) - 1
		for i := range int(rec.NumRows()) {
			lines = append(lines, fmt.Sprintf("%s: %s v%s", rec.Column(0).ValueStr(i), rec.Column(last-1).ValueStr(i), rec.Column(last).ValueStr(i)))
		}
	}
	slices.Sort(lines)
	return lines
}

func wantTracked(t *testing.T, table *delta.Table, where string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, trackedRows(t, table, where)); diff != "" {
		t.Errorf("rows with IDs and versions, where %q (-want +got):\n%s", where, diff)
	}
}

var trackingOn = map[string]string{"delta.enableRowTracking": "true"}

func TestRowsAreNumbered(t *testing.T) {
	t.Parallel()
	table, _, store := tracked(t, trackingOn)
	wantTracked(t, table, "", "1: 0 v1", "2: 1 v1", "3: 2 v1", "4: 3 v2", "5: 4 v2")
	wantTracked(t, table, "`_metadata.row_id` >= 2 AND name < 'e'", "3: 2 v1", "4: 3 v2")
	wantTracked(t, table, "id > 1 AND id < 3", "2: 1 v1")
	data, err := storage.ReadAll(t.Context(), store, "t/_delta_log/00000000000000000002.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"baseRowId":3`, `"defaultRowCommitVersion":2`, `{\"rowIdHighWaterMark\":4}`, `"tags":{"delta.rowTracking.preserved":"false"}`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("the commit lacks %s: %s", want, data)
		}
	}
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if p := s.Protocol(); !slices.Contains(p.WriterFeatures, "rowTracking") || !slices.Contains(p.WriterFeatures, "domainMetadata") {
		t.Errorf("the protocol's writer features are %v, want rowTracking and domainMetadata among them", p.WriterFeatures)
	}
}

func TestOptimizeKeepsRowIDs(t *testing.T) {
	t.Parallel()
	table, c, _ := tracked(t, trackingOn)
	for range 2 { // the second reads the IDs that the first has kept
		r, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Metrics["numRemovedFiles"] != 2 {
			t.Fatalf("%d files were packed, want 2", r.Metrics["numRemovedFiles"])
		}
		history, err := table.History(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(history[0].Raw, `"delta.rowTracking.preserved":"true"`) {
			t.Errorf("the commit does not say that it preserves row tracking: %s", history[0].Raw)
		}
		appendJSON(t, table, c, `[{"id": 6, "name": "f"}]`)
	}
	wantTracked(t, table, "", "1: 0 v1", "2: 1 v1", "3: 2 v1", "4: 3 v2", "5: 4 v2", "6: 10 v4", "6: 17 v6")
	wantTracked(t, table, "`_metadata.row_commit_version` = 4", "6: 10 v4")
	wantTracked(t, table, "name = 'b'", "2: 1 v1")
}

func TestRowIDsAfterConflict(t *testing.T) {
	t.Parallel()
	table, c, store := tracked(t, trackingOn)
	other := delta.Open(store, "t", c)
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx := table.Begin(s, delta.Operation{Name: "WRITE"})
	w, err := tx.NewWriter(delta.WriterConfig{})
	if err != nil {
		t.Fatal(err)
	}
	late := exec.Pipeline{Source: rows(t, c.Alloc, "id BIGINT, name STRING", `[{"id": 7, "name": "x"}]`)}
	if err := late.Run(t.Context(), &exec.Env{Alloc: c.Alloc}, w.Sink()); err != nil {
		t.Fatal(err)
	}
	appendJSON(t, other, c, `[{"id": 6, "name": "f"}]`)
	if v, err := tx.Commit(t.Context()); err != nil || v != 4 {
		t.Fatalf("Commit = %d, %v, want version 4", v, err)
	}
	wantTracked(t, table, "id > 5", "6: 5 v3", "7: 6 v4")
}

func TestRowTrackingIsEnabledLater(t *testing.T) {
	t.Parallel()
	table, c, _ := tracked(t, nil)
	if _, err := table.SetProperties(t.Context(), trackingOn); err != nil {
		t.Fatal(err)
	}
	appendJSON(t, table, c, `[{"id": 6, "name": "f"}]`)
	history, err := table.History(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	var operations []string
	for _, h := range history {
		operations = append(operations, h.Operation)
	}
	if diff := cmp.Diff([]string{"WRITE", "SET TBLPROPERTIES", "ROW TRACKING BACKFILL", "UPGRADE PROTOCOL", "WRITE", "WRITE", "CREATE TABLE"}, operations); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	wantTracked(t, table, "", "1: 0 v4", "2: 1 v4", "3: 2 v4", "4: 3 v4", "5: 4 v4", "6: 5 v6")
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"delta.rowTracking.materializedRowIdColumnName", "delta.rowTracking.materializedRowCommitVersionColumnName"} {
		if s.Property(name) == "" || schema.Find(s.Schema().Fields(), s.Property(name)) >= 0 {
			t.Errorf("property %s is %q", name, s.Property(name))
		}
	}
}

// TestRowTrackingRefused has settings that contradict each other, and reads IDs where there are none.
func TestRowTrackingRefused(t *testing.T) {
	t.Parallel()
	table, _, _ := tracked(t, nil)
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Scan(delta.ScanConfig{RowTracking: true}); refused(err, true) != "rowTracking" {
		t.Errorf("row IDs of a table without row tracking: error %v, want an *UnsupportedError", err)
	}
	tx := table.Begin(s, delta.Operation{Name: "SET TBLPROPERTIES"})
	m := s.Metadata()
	m.Configuration = trackingOn
	if err := tx.SetMetadata(s.Schema(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Commit(t.Context()); err == nil || !strings.Contains(err.Error(), "SetProperties") {
		t.Errorf("row tracking over files without IDs: error %v", err)
	}
	on, _, _ := tracked(t, trackingOn)
	if _, err := on.SetProperties(t.Context(), map[string]string{"delta.rowTrackingSuspended": "true"}); err == nil {
		t.Error("row tracking is enabled and suspended at once")
	}
}

// TestRowsKeepTheirIDs updates, deletes and merges rows, by deletion vectors and without, with a change data feed and without: a row that is updated keeps its ID
// and gets the version of the commit, the others of its file keep both, and a new row has an ID of its own.
func TestRowsKeepTheirIDs(t *testing.T) {
	t.Parallel()
	for _, vectors := range []string{"true", "false"} {
		for _, changes := range []string{"true", "false"} {
			t.Run("deletion vectors "+vectors+", changes "+changes, func(t *testing.T) {
				t.Parallel()
				table, c, _ := tracked(t, map[string]string{
					"delta.enableRowTracking": "true", "delta.enableDeletionVectors": vectors, "delta.enableChangeDataFeed": changes,
				})
				if _, err := table.Update(t.Context(), map[string]string{"name": "'z'"}, "id = 2", delta.WriteOptions{}); err != nil {
					t.Fatal(err)
				}
				wantTracked(t, table, "", "1: 0 v1", "2: 1 v3", "3: 2 v1", "4: 3 v2", "5: 4 v2")
				if _, err := table.Delete(t.Context(), "id = 3", delta.WriteOptions{}); err != nil {
					t.Fatal(err)
				}
				wantTracked(t, table, "", "1: 0 v1", "2: 1 v3", "4: 3 v2", "5: 4 v2")
				source := rows(t, c.Alloc, "id BIGINT, name STRING", `[{"id": 1, "name": "m"}, {"id": 5, "name": "n"}, {"id": 9, "name": "o"}]`)
				merge := table.Merge(source, "t.id = s.id").As("t", "s").WhenMatched("t.id = 5").Delete().WhenMatched("").UpdateAll().WhenNotMatched("").InsertAll()
				if _, err := merge.Run(t.Context(), delta.WriteOptions{}); err != nil {
					t.Fatal(err)
				}
				got := trackedRows(t, table, "id <> 9")
				if diff := cmp.Diff([]string{"1: 0 v5", "2: 1 v3", "4: 3 v2"}, got); diff != "" {
					t.Errorf("rows with IDs and versions after the merge (-want +got):\n%s", diff)
				}
				inserted := trackedRows(t, table, "id = 9 AND `_metadata.row_id` > 4 AND `_metadata.row_commit_version` = 5")
				if len(inserted) != 1 {
					t.Errorf("the inserted row is %v, want an ID above 4 and version 5", trackedRows(t, table, "id = 9"))
				}
			})
		}
	}
}

// TestBackfillBringsNoFileBack numbers the rows of a file that another commit removes first.
func TestBackfillBringsNoFileBack(t *testing.T) {
	t.Parallel()
	table, c, store := tracked(t, map[string]string{"delta.feature.rowTracking": "supported"})
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx := table.Begin(s, delta.Operation{Name: "ROW TRACKING BACKFILL", Rearranges: true})
	for f := range s.Files() {
		again := *f
		again.DataChange = false
		tx.Add(&again)
	}
	if _, err := delta.Open(store, "t", c).Delete(t.Context(), "id > 3", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Commit(t.Context()); !errors.Is(err, &delta.ConflictError{Kind: delta.ConcurrentDeleteDelete}) {
		t.Errorf("Commit returned %v, want a conflict over the removed file", err)
	}
}
