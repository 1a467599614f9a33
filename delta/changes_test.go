package delta_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/internal/deletionvector"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// feed makes a table that records its changes: two rows in version 1, two in version 2, packed in version 3, all replaced by one in version 4.
func feed(t *testing.T) (*delta.Table, storage.Store) {
	t.Helper()
	c := testConfig()
	c.Alloc = checked(t)
	store := memory.New()
	table := delta.Open(store, "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{
		Schema: ddl(t, "id BIGINT, p STRING"), PartitionBy: []string{"p"}, Properties: map[string]string{"delta.enableChangeDataFeed": "true"},
	}); err != nil {
		t.Fatal(err)
	}
	put := func(text string) {
		if _, err := table.Append(t.Context(), rows(t, c.Alloc, "id BIGINT, p STRING", text), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	put(`[{"id": 1, "p": "a b"}, {"id": 2, "p": null}]`)
	put(`[{"id": 3, "p": "a b"}, {"id": 4, "p": "c"}]`)
	if r, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{}); err != nil || r.Version != 3 {
		t.Fatalf("Optimize = %v, %v, want version 3", r, err)
	}
	if _, err := table.Overwrite(t.Context(), rows(t, c.Alloc, "id BIGINT, p STRING", `[{"id": 5, "p": "c"}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	return table, store
}

// changed reads changes as lines of JSON.
func changed(t *testing.T, changes *delta.Changes, c delta.ScanConfig) []string {
	t.Helper()
	scan, err := changes.Scan(c)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	for rec, err := range scan.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(rec.NumRows()) {
			lines = append(lines, string(schema.AppendRowJSON(nil, rec, i)))
		}
	}
	return lines
}

func TestChangesOfWholeFiles(t *testing.T) {
	t.Parallel()
	table, _ := feed(t)
	all, err := table.Changes(t.Context(), delta.ChangesConfig{})
	if err != nil {
		t.Fatal(err)
	}
	columns := []int{0, 1, 2, 3}
	got := sortedLines(changed(t, all, delta.ScanConfig{Columns: columns}))
	want := sortedLines([]string{
		`{"id":1,"p":"a b","_change_type":"insert","_commit_version":1}`, `{"id":2,"p":null,"_change_type":"insert","_commit_version":1}`,
		`{"id":3,"p":"a b","_change_type":"insert","_commit_version":2}`, `{"id":4,"p":"c","_change_type":"insert","_commit_version":2}`,
		`{"id":1,"p":"a b","_change_type":"delete","_commit_version":4}`, `{"id":2,"p":null,"_change_type":"delete","_commit_version":4}`,
		`{"id":3,"p":"a b","_change_type":"delete","_commit_version":4}`, `{"id":4,"p":"c","_change_type":"delete","_commit_version":4}`,
		`{"id":5,"p":"c","_change_type":"insert","_commit_version":4}`,
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	var parts []string
	for _, p := range all.Split() {
		parts = append(parts, changed(t, p, delta.ScanConfig{Columns: columns})...)
	}
	if diff := cmp.Diff(want, sortedLines(parts)); diff != "" {
		t.Errorf("changes file by file (-want +got):\n%s", diff)
	}
}

func TestChangesPushDown(t *testing.T) {
	t.Parallel()
	table, _ := feed(t)
	all, err := table.Changes(t.Context(), delta.ChangesConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		where   string
		skipped int
		want    []string
	}{
		{"_commit_version = 2", 6, []string{"3", "4"}},
		{"_change_type = 'delete' AND p = 'c'", 7, []string{"4"}},
		{"_change_type = 'insert' AND id >= 4", 6, []string{"4", "5"}},
	} {
		n, err := expr.Parse(test.where)
		if err != nil {
			t.Fatal(err)
		}
		filter, err := expr.BindPredicate(n, expr.NewScope(all.Schema()))
		if err != nil {
			t.Fatal(err)
		}
		scan, err := all.Scan(delta.ScanConfig{Filter: filter})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for rec, err := range scan.Records(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			for i := range int(rec.NumRows()) {
				got = append(got, rec.Column(0).ValueStr(i))
			}
		}
		if diff := cmp.Diff(test.want, sortedLines(got)); diff != "" {
			t.Errorf("%s: ids (-want +got):\n%s", test.where, diff)
		}
		if scan.SkippedFiles != test.skipped {
			t.Errorf("%s: %d files skipped, want %d", test.where, scan.SkippedFiles, test.skipped)
		}
	}
}

func TestChangesOfRange(t *testing.T) {
	t.Parallel()
	table, _ := feed(t)
	history, err := table.History(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	at := make([]time.Time, len(history)) // file times: the store's clock
	for r, err := range table.Revisions(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		at[r.Version] = r.Time
	}
	for _, test := range []struct {
		name   string
		config delta.ChangesConfig
		want   int
	}{
		{"versions", delta.ChangesConfig{From: 1, To: new(int64(2))}, 4},
		{"one version", delta.ChangesConfig{From: 2, To: new(int64(2))}, 2},
		{"to the newest", delta.ChangesConfig{From: 2}, 7},
		{"times", delta.ChangesConfig{FromTime: at[1], ToTime: at[2]}, 4},
		{"between times", delta.ChangesConfig{FromTime: at[1].Add(-time.Microsecond), ToTime: at[3].Add(time.Microsecond)}, 4},
		{"to a version that is yet to come", delta.ChangesConfig{From: 4, To: new(int64(9))}, 5},
	} {
		changes, err := table.Changes(t.Context(), test.config)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := len(changed(t, changes, delta.ScanConfig{})); got != test.want {
			t.Errorf("%s: %d rows, want %d", test.name, got, test.want)
		}
	}
	for name, config := range map[string]delta.ChangesConfig{
		"from behind the newest": {From: 5}, "before the first": {From: -1}, "to the future": {ToTime: at[4].Add(time.Hour)},
		"backwards": {From: 3, To: new(int64(2))}, "from the future": {FromTime: at[4].Add(time.Hour)}, "up to the past": {ToTime: at[0].Add(-time.Hour)},
	} {
		if _, err := table.Changes(t.Context(), config); !errors.Is(err, delta.ErrVersionNotFound) {
			t.Errorf("%s: error %v, want %v", name, err, delta.ErrVersionNotFound)
		}
	}
}

// TestChangesOfDeletionVectors gives a file one vector after the other: rows that a vector has and the one before had not were deleted, the others came back.
func TestChangesOfDeletionVectors(t *testing.T) {
	t.Parallel()
	c := testConfig()
	c.Alloc = checked(t)
	store := memory.New()
	table := delta.Open(store, "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{
		Schema: ddl(t, "id BIGINT"), Properties: map[string]string{"delta.enableChangeDataFeed": "true", "delta.enableDeletionVectors": "true"},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Append(t.Context(), rows(t, c.Alloc, "id BIGINT", `[{"id": 0}, {"id": 1}, {"id": 2}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	file := slices.Collect(s.Files())[0]
	before := ""
	for i, deleted := range [][]int64{{1}, {1, 2}, {0, 2}, nil} {
		after := inlineVector(t, deleted)
		putCommit(t, store, int64(i)+2, fmt.Sprintf(`{"remove":{"path":%q,"dataChange":true,"extendedFileMetadata":true,"partitionValues":{},"size":%d%s}}
{"add":{"path":%[1]q,"partitionValues":{},"size":%[2]d,"modificationTime":1,"dataChange":true,"stats":"{\"numRecords\":3}"%[4]s}}
`, file.Path, file.Size, before, after))
		before = after
	}
	changes, err := table.Changes(t.Context(), delta.ChangesConfig{From: 2})
	if err != nil {
		t.Fatal(err)
	}
	got := sortedLines(changed(t, changes, delta.ScanConfig{Columns: []int{2, 1, 0}}))
	want := []string{
		`{"_commit_version":2,"_change_type":"delete","id":1}`, `{"_commit_version":3,"_change_type":"delete","id":2}`,
		`{"_commit_version":4,"_change_type":"delete","id":0}`, `{"_commit_version":4,"_change_type":"insert","id":1}`,
		`{"_commit_version":5,"_change_type":"insert","id":0}`, `{"_commit_version":5,"_change_type":"insert","id":2}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

// inlineVector is a member of an action: the deletion vector of these rows; nothing for none.
func inlineVector(t *testing.T, deleted []int64) string {
	t.Helper()
	if deleted == nil {
		return ""
	}
	data, err := deletionvector.Of(deleted...).AppendPayload(nil)
	if err != nil {
		t.Fatal(err)
	}
	size := len(data)
	for len(data)%4 != 0 {
		data = append(data, 0)
	}
	text, err := json.Marshal(map[string]any{
		"storageType": "i", "pathOrInlineDv": deletionvector.EncodeZ85(data), "sizeInBytes": size, "cardinality": len(deleted),
	})
	if err != nil {
		t.Fatal(err)
	}
	return `,"deletionVector":` + string(text)
}
