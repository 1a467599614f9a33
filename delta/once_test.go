package delta_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

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

// TestOnceWhateverTheConflict: where two do the same write at once, and meet over something else than the application first, it is done once all the same.
func TestOnceWhateverTheConflict(t *testing.T) {
	t.Parallel()
	merging := delta.WriterConfig{MergeSchema: true}
	for _, tt := range []struct {
		name, columns, text string
		config              delta.WriterConfig
		overwrite           bool
		want                []string
	}{
		{"identity", "name STRING", `[{"name": "a"}]`, delta.WriterConfig{}, false, []string{`{"id":1,"name":"a"}`}},
		{"columns", "name STRING, more INT", `[{"name": "a", "more": 1}]`, merging, false, []string{`{"id":1,"name":"a","more":1}`}},
		{"overwrite", "name STRING", `[{"name": "a"}]`, delta.WriterConfig{}, true, []string{`{"id":1,"name":"a"}`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inner := store.New()
			fields := ddl(t, "id BIGINT, name STRING").Fields()
			fields[0] = delta.WithIdentity(fields[0], 1, 1, false)
			if _, err := delta.Open(inner, "t", testConfig()).Create(t.Context(), delta.Definition{Schema: arrow.NewSchema(fields, nil)}); err != nil {
				t.Fatal(err)
			}
			write := func(table *delta.Table, version int64) (int64, error) {
				o := delta.WriteOptions{AppID: "app", AppVersion: version, Writer: tt.config}
				if tt.overwrite {
					return table.Overwrite(t.Context(), rows(t, memory.DefaultAllocator, tt.columns, tt.text), o)
				}
				return table.Append(t.Context(), rows(t, memory.DefaultAllocator, tt.columns, tt.text), o)
			}
			s := &before{Store: inner, name: "00000000000000000001.json", act: func() {
				if _, err := write(delta.Open(inner, "t", delta.Config{}), 7); err != nil {
					t.Error(err)
				}
			}}
			table := delta.Open(s, "t", delta.Config{})
			for _, version := range []int64{7, 7, 6} { // beside the other, again, and what is older than what is done
				if got, err := write(table, version); err != nil || got != 1 {
					t.Errorf("write %d = %d, %v, want that it is done in version 1", version, got, err)
				}
			}
			got, err := rowsOfVersion(t.Context(), snapshot(t, delta.Open(inner, "t", delta.Config{})))
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("%v, rows (-want +got):\n%s", err, diff)
			}
		})
	}
}
