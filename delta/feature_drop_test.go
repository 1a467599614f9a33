package delta_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

func TestDropFeature(t *testing.T) {
	t.Parallel()
	const columns = "a SMALLINT, s STRUCT<x: TINYINT, y: STRING>, l ARRAY<INT>, d DATE, p STRING"
	guarded := func(writer ...string) delta.Protocol {
		return delta.Protocol{MinReaderVersion: 1, MinWriterVersion: 7, WriterFeatures: append([]string{"appendOnly", "invariants"}, writer...)}
	}
	change := func(c delta.ColumnChange) func(*testing.T, *delta.Table) {
		return func(t *testing.T, table *delta.Table) {
			if _, err := table.ChangeColumn(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
	}
	tests := []struct {
		feature    string
		properties map[string]string
		before     func(*testing.T, *delta.Table) // what leaves traces
		columns    string
		protocol   delta.Protocol
		left       map[string]string // properties afterwards
	}{
		{
			"columnMapping", mappedByName, func(t *testing.T, table *delta.Table) {
				if _, err := table.RenameColumn(t.Context(), []string{"p"}, "q"); err != nil {
					t.Fatal(err)
				}
				if _, err := table.RenameColumn(t.Context(), []string{"s", "x"}, "z"); err != nil {
					t.Fatal(err)
				}
			}, "a SMALLINT, s STRUCT<z: TINYINT, y: STRING>, l ARRAY<INT>, d DATE, q STRING",
			guarded("checkConstraints", "changeDataFeed", "generatedColumns", "checkpointProtection"),
			map[string]string{"delta.requireCheckpointProtectionBeforeVersion": "8"},
		},
		{
			"typeWidening", widening, change(delta.ColumnChange{Path: []string{"l", "element"}, Type: schema.BigInt}), strings.Replace(columns, "ARRAY<INT>", "ARRAY<BIGINT>", 1),
			guarded("checkpointProtection"),
			map[string]string{"delta.requireCheckpointProtectionBeforeVersion": "7"},
		},
		{"deletionVectors", map[string]string{"delta.enableDeletionVectors": "true"}, func(t *testing.T, table *delta.Table) {
			if _, err := table.Append(t.Context(), rows(t, checked(t), "a SMALLINT, p STRING", `[{"a": 8, "p": "q"}, {"a": 9, "p": "q"}]`), delta.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			if _, err := table.Delete(t.Context(), "a = 9", delta.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			if _, err := table.Delete(t.Context(), "a = 8", delta.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
		}, columns, guarded("checkpointProtection"), map[string]string{"delta.requireCheckpointProtectionBeforeVersion": "9"}},
		{
			"v2Checkpoint",
			map[string]string{"delta.checkpointPolicy": "v2"},
			func(*testing.T, *delta.Table) {}, columns,
			guarded("checkpointProtection"),
			map[string]string{"delta.checkpointPolicy": "classic", "delta.requireCheckpointProtectionBeforeVersion": "6"},
		},
		{
			"vacuumProtocolCheck",
			map[string]string{"delta.feature.vacuumProtocolCheck": "supported"},
			func(*testing.T, *delta.Table) {}, columns,
			delta.Protocol{MinReaderVersion: 1, MinWriterVersion: 2},
			map[string]string{},
		},
		{
			"inCommitTimestamp",
			map[string]string{"delta.enableInCommitTimestamps": "true"},
			func(*testing.T, *delta.Table) {}, columns,
			delta.Protocol{MinReaderVersion: 1, MinWriterVersion: 2},
			map[string]string{},
		},
		{"rowTracking", map[string]string{"delta.enableRowTracking": "true"}, func(*testing.T, *delta.Table) {}, columns, guarded("domainMetadata"), map[string]string{}},
		{"checkConstraints", nil, func(t *testing.T, table *delta.Table) {
			if _, err := table.AddConstraint(t.Context(), "c", "a > 0"); err != nil {
				t.Fatal(err)
			}
			if _, err := table.DropFeature(t.Context(), "checkConstraints"); err == nil || !strings.Contains(err.Error(), "take that away first") {
				t.Errorf("with a constraint: %v, want it refused", err)
			}
			if _, err := table.DropConstraint(t.Context(), false, "c"); err != nil {
				t.Fatal(err)
			}
		}, columns, delta.Protocol{MinReaderVersion: 1, MinWriterVersion: 2}, map[string]string{}},
	}
	for _, tt := range tests {
		t.Run(tt.feature, func(t *testing.T) {
			t.Parallel()
			table := altered(t, tt.properties)
			tt.before(t, table)
			want := valuesOf(t, snapshot(t, table), fieldNamesOf(snapshot(t, table).Schema())...)
			if _, err := table.DropFeature(t.Context(), tt.feature); err != nil {
				t.Fatal(err)
			}
			s := snapshot(t, table)
			if diff := cmp.Diff(tt.protocol, s.Protocol()); diff != "" {
				t.Errorf("protocol (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.left, s.Properties()); diff != "" {
				t.Errorf("properties (-want +got):\n%s", diff)
			}
			if got := schema.DDL(s.Schema()); got != tt.columns {
				t.Errorf("columns = %s\nwant %s", got, tt.columns)
			}
			for _, f := range s.Schema().Fields() {
				if f.Metadata.Len() > 0 {
					t.Errorf("column %s keeps %v", f.Name, f.Metadata)
				}
			}
			if diff := cmp.Diff(want, valuesOf(t, s, fieldNamesOf(s.Schema())...)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDropFeatureRefuses(t *testing.T) {
	t.Parallel()
	table := altered(t, map[string]string{"delta.enableRowTracking": "true", "delta.columnMapping.mode": "name", "delta.feature.checkpointProtection": "supported"})
	if _, err := table.RenameColumn(t.Context(), []string{"a"}, "a b"); err != nil {
		t.Fatal(err)
	}
	for feature, reason := range map[string]string{
		"typeWidening": "does not have it", "wonder": "does not have it", "domainMetadata": "feature rowTracking needs it", "columnMapping": "rename it first",
		"checkpointProtection": "cleaned up",
	} {
		if _, err := table.DropFeature(t.Context(), feature); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v, want an error that says %q", feature, err, reason)
		}
	}
}

func TestFilesThatAreAddedAgainCountOnce(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := create(t, store, testConfig(), nil)
	if _, err := table.Append(t.Context(), rows(t, checked(t), "id BIGINT", `[{"id": 1}, {"id": 2}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.SetProperties(t.Context(), map[string]string{"delta.enableRowTracking": "true"}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.DropFeature(t.Context(), "rowTracking"); err != nil {
		t.Fatal(err)
	}
	found, err := check.Table(t.Context(), store, "t", check.Options{})
	if err != nil || len(found) > 0 {
		t.Errorf("the linter finds %v, %v", found, err)
	}
}
