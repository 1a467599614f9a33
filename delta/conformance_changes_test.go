//go:build integration

package delta_test

import (
	"errors"
	"testing"

	"github.com/medallion-go/medallion/delta"
)

// feedTables is how many tables have known changes, or a known reason why they have none.
const feedTables = 25

// knownFeed is how a reader found a table's changes.
type knownFeed struct {
	StartingVersion int64
	Error           struct{ Condition string }
}

// TestConformanceChanges reads the change data feed of every table whose changes are known: the rows are those of the reader that index.csv trusts, or they are
// refused because of the schema where Spark refuses them for that.
func TestConformanceChanges(t *testing.T) {
	tables := 0
	for name, c := range conformanceTables(t) {
		reader := "spark"
		if c.truth == "deltalake" {
			reader = "deltalake"
		}
		var meta struct{ Reads struct{ CDF *knownFeed } }
		c.readMeta(t, reader, &meta)
		want := meta.Reads.CDF
		if want == nil {
			continue
		}
		tables++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes, err := c.open(t).Changes(t.Context(), delta.ChangesConfig{From: want.StartingVersion})
			if want.Error.Condition == "DELTA_CHANGE_DATA_FEED_INCOMPATIBLE_DATA_SCHEMA" {
				if !errors.Is(err, delta.ErrSchemaChanged) {
					t.Errorf("error %v, want %v as in Spark", err, delta.ErrSchemaChanged)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			c.compareChanges(t, changes, reader)
		})
	}
	if tables != feedTables {
		t.Errorf("%d tables have known changes, want %d", tables, feedTables)
	}
}

// compareChanges compares all columns but the commits' times, which are those of the files' copies.
func (c conformanceTable) compareChanges(t *testing.T, changes *delta.Changes, reader string) {
	t.Helper()
	s, err := changes.Table().Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want, ok := c.expectedRows(t, s, reader, "cdf")
	if !ok {
		t.Fatalf("there are no changes that %s found", reader)
	}
	var columns []int
	for i, f := range changes.Schema().Fields() {
		if f.Name != delta.CommitTimestampColumn {
			columns = append(columns, i)
		}
	}
	if diff := compareRows(want, changed(t, changes, delta.ScanConfig{Columns: columns})); diff != "" {
		t.Errorf("changes (-want +got), %s:\n%s", reader, diff)
	}
}
