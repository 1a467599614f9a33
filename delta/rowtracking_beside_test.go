package delta_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
)

// TestRowIDsBesideEnabling: rows that have been given IDs while a transaction was under way keep them, in files that it adds again.
func TestRowIDsBesideEnabling(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		meets     int // the version of which the transaction finds that the others have it
		do        func(t *testing.T, table *delta.Table) error
		want      []string
		preserves string
	}{
		{"rows marked as deleted", 3, func(t *testing.T, table *delta.Table) error {
			_, err := table.Delete(t.Context(), "id IN (2, 5)", delta.WriteOptions{})
			return err
		}, []string{"1: 0 v4", "3: 2 v4", "4: 3 v4"}, "true"},
		{"rows written anew", 3, func(t *testing.T, table *delta.Table) error {
			_, err := table.Update(t.Context(), map[string]string{"name": "'z'"}, "id = 2", delta.WriteOptions{})
			return err
		}, []string{"1: 0 v4", "2: 5 v6", "3: 2 v4", "4: 3 v4", "5: 4 v4"}, "false"},
		{"numbered twice", 4, func(t *testing.T, table *delta.Table) error {
			_, err := table.SetProperties(t.Context(), trackingOn)
			return err
		}, []string{"1: 0 v4", "2: 1 v4", "3: 2 v4", "4: 3 v4", "5: 4 v4"}, "true"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			table, c, inner := tracked(t, map[string]string{"delta.enableDeletionVectors": "true"})
			s := &before{Store: inner, name: commitKey(tt.meets), act: func() {
				if _, err := table.SetProperties(t.Context(), trackingOn); err != nil {
					t.Error(err)
				}
			}}
			if err := tt.do(t, delta.Open(s, "t", c)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, trackedRows(t, table, "")); diff != "" {
				t.Errorf("rows with IDs and versions (-want +got):\n%s", diff)
			}
			history, err := table.History(t.Context(), 1)
			if err != nil || !strings.Contains(history[0].Raw, `"delta.rowTracking.preserved":"`+tt.preserves+`"`) {
				t.Errorf("%v, the commit does not say that it preserves rows: %s: %s", err, tt.preserves, history[0].Raw)
			}
		})
	}
}
