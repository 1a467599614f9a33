package delta_test

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/memory"
)

// TestColumnStatistics sums up the statistics of files that other writers might have written.
func TestColumnStatistics(t *testing.T) {
	t.Parallel()
	const ten, twenty = `{"numRecords":10,"minValues":{"id":3,"name":"b"},"maxValues":{"id":9,"name":"c"},"nullCount":{"id":2,"name":0}}`,
		`{"numRecords":20,"minValues":{"id":-4,"name":"a"},"maxValues":{"id":5,"name":"b"},"nullCount":{"id":0,"name":1}}`
	id := func(low, high any, nulls int64, exact bool) delta.ColumnStatistics {
		return delta.ColumnStatistics{Min: low, Max: high, Nulls: nulls, Exact: exact}
	}
	tests := []struct {
		name  string
		stats []string
		id    delta.ColumnStatistics
	}{
		{"no files", nil, id(nil, nil, 0, true)},
		{"all files tell", []string{ten, twenty}, id(int64(-4), int64(9), 2, true)},
		{"a file that says nothing", []string{ten, ""}, id(nil, nil, -1, false)},
		{"a file of NULLs", []string{ten, `{"numRecords":5,"minValues":{},"maxValues":{},"nullCount":{"id":5}}`}, id(int64(3), int64(9), 7, true)},
		{"a file without bounds", []string{ten, `{"numRecords":5,"nullCount":{"id":1}}`}, id(nil, nil, 3, false)},
		{"a file whose NULLs are not counted", []string{ten, `{"numRecords":5,"minValues":{"id":1},"maxValues":{"id":2}}`}, id(int64(1), int64(9), -1, false)},
		{"wide bounds", []string{`{"numRecords":5,"minValues":{"id":1},"maxValues":{"id":2},"nullCount":{"id":0},"tightBounds":false}`}, id(int64(1), int64(2), -1, false)},
		{"no rows", []string{`{"numRecords":0}`, twenty}, id(int64(-4), int64(5), -1, false)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			table := create(t, memory.New(), testConfig(), nil)
			for i, s := range tt.stats {
				if _, err := commitFiles(t.Context(), table, []*delta.File{file(string(rune('a'+i)), s)}); err != nil {
					t.Fatal(err)
				}
			}
			s, err := table.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.id, s.ColumnStatistics(0)); diff != "" {
				t.Errorf("id (-want +got):\n%s", diff)
			}
			if name := s.ColumnStatistics(1); name.Exact {
				t.Errorf("the bounds of a text are exact: %+v", name)
			}
		})
	}
}

// TestPartitionStatistics takes a partition column's values from the files that it divides.
func TestPartitionStatistics(t *testing.T) {
	t.Parallel()
	table := delta.Open(memory.New(), "t", testConfig())
	tx := table.Begin(nil, delta.Operation{Name: "CREATE TABLE"})
	if err := tx.SetMetadata(ddl(t, "id BIGINT, day DATE"), delta.Metadata{PartitionColumns: []string{"day"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	var files []*delta.File
	for name, value := range map[string]string{"a": "1970-01-03", "b": "1970-01-11", "c": ""} {
		f := file(name, `{"numRecords":4,"nullCount":{"id":4}}`)
		f.PartitionValues = []delta.PartitionValue{{Column: "day", Value: value, Null: value == ""}}
		files = append(files, f)
	}
	if _, err := commitFiles(t.Context(), table, files); err != nil {
		t.Fatal(err)
	}
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := s.ColumnStatistics(1); got.Nulls != 4 || !got.Exact || cmp.Diff([]any{got.Min, got.Max}, []any{date(2), date(10)}) != "" {
		t.Errorf("day: got %+v, want 4 NULLs from day 2 to day 10", got)
	}
	if got := s.ColumnStatistics(0); got.Nulls != 12 || got.Min != nil || !got.Exact {
		t.Errorf("id: got %+v, want 12 NULLs and nothing else", got)
	}
}

func date(days int32) arrow.Date32 { return arrow.Date32(days) }
