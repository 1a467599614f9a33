package delta_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta"
	store "github.com/medallion-go/medallion/storage/memory"
)

// TestOnceAmongWriters has many writers do the same write at once: it is done once, and none of them fails.
func TestOnceAmongWriters(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(*delta.Table, delta.WriteOptions) error{
		"append": func(table *delta.Table, o delta.WriteOptions) error {
			_, err := table.Append(t.Context(), rows(t, memory.DefaultAllocator, "id BIGINT", `[{"id": 1}]`), o)
			return err
		},
		"merge": func(table *delta.Table, o delta.WriteOptions) error {
			_, err := table.Merge(rows(t, memory.DefaultAllocator, "id BIGINT", `[{"id": 1}]`), "target.id = source.id + 7").WhenNotMatched("").Insert(map[string]string{"id": "source.id"}).Run(t.Context(), o)
			return err
		},
		"update": func(table *delta.Table, o delta.WriteOptions) error {
			_, err := table.Update(t.Context(), map[string]string{"id": "id + 1"}, "id < 100", o)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := store.New()
			first := create(t, s, testConfig(), nil)
			if _, err := first.Append(t.Context(), rows(t, memory.DefaultAllocator, "id BIGINT", `[{"id": 1}]`), delta.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					if err := write(delta.Open(s, "t", delta.Config{}), delta.WriteOptions{AppID: "app", AppVersion: 1}); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			got := snapshot(t, delta.Open(s, "t", delta.Config{}))
			want := map[string]string{"append": "1 1", "merge": "1 1", "update": "2"}[name]
			var ids []string
			for _, line := range lines(t, scan(t, delta.Open(s, "t", delta.Config{}), delta.ScanConfig{Columns: []int{0}})) {
				ids = append(ids, strings.TrimSpace(line))
			}
			if got.Version() != 2 || strings.Join(ids, " ") != want {
				t.Errorf("rows %v at version %d, want %s at version 2", ids, got.Version(), want)
			}
		})
	}
}
