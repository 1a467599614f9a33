package delta_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	store "github.com/medallion-go/medallion/storage/memory"
)

// TestSyncIdentity has rows bring numbers of their own, and the table go on behind them.
func TestSyncIdentity(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		start, step int64
		own         []int64
		deleted     string
		next        int64
	}{
		{10, 5, nil, "", 10},
		{10, 5, []int64{20}, "", 25},
		{10, 5, []int64{21, 3}, "", 30},
		{10, 5, []int64{3}, "", 10},
		{10, 5, []int64{100, 20}, "id = 100", 25},
		{-1, -3, []int64{-8, 5}, "", -13},
		{-1, -3, []int64{-7}, "", -10},
		{1, 1, []int64{1 << 62}, "", 1<<62 + 1},
	} {
		t.Run(fmt.Sprint(tt.start, tt.step, tt.own), func(t *testing.T) {
			t.Parallel()
			fields := ddl(t, "id BIGINT, a INT").Fields()
			fields[0] = delta.WithIdentity(fields[0], tt.start, tt.step, true)
			table := delta.Open(store.New(), "t", testConfig())
			d := delta.Definition{Schema: arrow.NewSchema(fields, nil), Properties: map[string]string{"delta.enableDeletionVectors": "true"}}
			if _, err := table.Create(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			for _, id := range tt.own {
				source := rows(t, memory.DefaultAllocator, "id BIGINT, a INT", fmt.Sprintf(`[{"id": %d, "a": 1}]`, id))
				if _, err := table.Append(t.Context(), source, delta.WriteOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			if tt.deleted != "" {
				if _, err := table.Delete(t.Context(), tt.deleted, delta.WriteOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				if _, err := table.SyncIdentity(t.Context(), "id"); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := table.Append(t.Context(), rows(t, memory.DefaultAllocator, "a INT", `[{"a": 2}]`), delta.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			s := snapshot(t, table)
			predicate, err := s.Predicate("a = 2")
			if err != nil {
				t.Fatal(err)
			}
			read, err := s.Scan(delta.ScanConfig{Columns: []int{0, 1}, Filter: predicate})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{fmt.Sprintf("%d 2", tt.next)}, lines(t, read)); diff != "" {
				t.Errorf("the next row (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSyncIdentityRefuses(t *testing.T) {
	t.Parallel()
	table := valued(t, true)
	for path, reason := range map[string]string{"a": "no identity column", "nothing": "does not have it", "": "no column is named"} {
		parts := strings.Fields(path)
		if _, err := table.SyncIdentity(t.Context(), parts...); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: %v, want an error that says %q", path, err, reason)
		}
	}
	full := delta.WithIdentity(ddl(t, "id BIGINT").Field(0), 0, 1<<40, true)
	table = delta.Open(store.New(), "t", testConfig())
	if _, err := table.Create(t.Context(), delta.Definition{Schema: arrow.NewSchema([]arrow.Field{full, ddl(t, "a INT").Field(0)}, nil)}); err != nil {
		t.Fatal(err)
	}
	source := rows(t, memory.DefaultAllocator, "id BIGINT, a INT", fmt.Sprintf(`[{"id": %d, "a": 1}]`, int64(1<<63-1)))
	if _, err := table.Append(t.Context(), source, delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.SyncIdentity(t.Context(), "id"); err == nil || !strings.Contains(err.Error(), "no value beyond") {
		t.Errorf("at the end of BIGINT: %v", err)
	}
}
