//go:build integration

package delta_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/local"
)

// feedTables is how many tables have known changes, or a known reason why they have none.
const feedTables = 25

// TestConformanceChanges reads the change data feed of every table whose changes are known: the rows are those of the reader that index.csv trusts, or they are
// refused because of the schema where Spark refuses them for that.
func TestConformanceChanges(t *testing.T) {
	root := conformanceRoot(t)
	f, err := os.Open(filepath.Join(root, "index.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, r := range records[1:] {
		at := func(name string) string { return r[slices.Index(records[0], name)] }
		dir := filepath.Join(root, at("suite"), at("table"))
		reader := "spark"
		if at("truth") == "deltalake" {
			reader = "deltalake"
		}
		want, known := feedRead(t, dir, reader)
		if !known {
			continue
		}
		tables++
		t.Run(at("suite")+"/"+at("table"), func(t *testing.T) {
			t.Parallel()
			got, err := changedLines(t, filepath.Join(root, at("path")), delta.ChangesConfig{From: want.StartingVersion})
			if want.Error.Condition == "DELTA_CHANGE_DATA_FEED_INCOMPATIBLE_DATA_SCHEMA" {
				if !errors.Is(err, delta.ErrSchemaChanged) {
					t.Errorf("error %v, want %v as in Spark", err, delta.ErrSchemaChanged)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := compareRows(expectedRows(dir, reader, "cdf"), got); diff != "" {
				t.Errorf("changes (-want +got), %s; note: %s\n%s", reader, at("note"), diff)
			}
		})
	}
	if tables != feedTables {
		t.Errorf("%d tables have known changes, want %d", tables, feedTables)
	}
}

// knownFeed is how a reader found a table's changes.
type knownFeed struct {
	StartingVersion int64
	Error           struct{ Condition string }
}

func feedRead(t *testing.T, dir, reader string) (f knownFeed, known bool) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "expected", reader, "meta.json"))
	if err != nil {
		return f, false
	}
	var meta struct{ Reads struct{ CDF *knownFeed } }
	if err := json.Unmarshal(data, &meta); err != nil {
		t.Fatal(err)
	}
	if meta.Reads.CDF == nil {
		return f, false
	}
	return *meta.Reads.CDF, true
}

// changedLines reads changes as lines of JSON, without the time of their commits.
func changedLines(t *testing.T, path string, c delta.ChangesConfig) ([]string, error) {
	t.Helper()
	store, err := local.New(path)
	if err != nil {
		return nil, err
	}
	changes, err := delta.Open(store, "", delta.Config{}).Changes(t.Context(), c)
	if err != nil {
		return nil, err
	}
	var columns []int
	for i, f := range changes.Schema().Fields() {
		if f.Name != delta.CommitTimestampColumn {
			columns = append(columns, i)
		}
	}
	scan, err := changes.Scan(delta.ScanConfig{Columns: columns})
	if err != nil {
		return nil, err
	}
	lines := []string{}
	for rec, err := range scan.Records(t.Context()) {
		if err != nil {
			return nil, err
		}
		for i := range int(rec.NumRows()) {
			lines = append(lines, string(schema.AppendRowJSON(nil, rec, i)))
		}
	}
	return lines, nil
}
