package delta_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
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

// TestChangesRefused reads ranges in which a version has no changes that can be told.
func TestChangesRefused(t *testing.T) {
	t.Parallel()
	metadata := func(columns, partition string, on bool) string {
		text, err := schema.MarshalDelta(ddl(t, columns))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf(`{"metaData":{"id":"m","format":{"provider":"parquet","options":{}},"schemaString":%q,"partitionColumns":[%s],`+
			`"configuration":{"delta.enableChangeDataFeed":"%v"}}}`, text, partition, on)
	}
	const protocol = `{"protocol":{"minReaderVersion":1,"minWriterVersion":4}}` + "\n"
	for name, test := range map[string]struct {
		commits []string
		from    int64
		want    error
		version int64
	}{
		"never enabled":     {[]string{metadata("a INT", "", false), ""}, 1, delta.ErrNoChangeFeed, 1},
		"enabled later":     {[]string{metadata("a INT", "", false), metadata("a INT", "", true)}, 0, delta.ErrNoChangeFeed, 0},
		"disabled between":  {[]string{metadata("a INT", "", true), metadata("a INT", "", false), metadata("a INT", "", true)}, 0, delta.ErrNoChangeFeed, 1},
		"dropped column":    {[]string{metadata("a INT, b INT", "", true), metadata("a INT", "", true)}, 0, delta.ErrSchemaChanged, 0},
		"narrowed column":   {[]string{metadata("a BIGINT", "", true), "", metadata("a INT", "", true)}, 1, delta.ErrSchemaChanged, 1},
		"nested column":     {[]string{metadata("s STRUCT<x: INT, y: INT>", "", true), metadata("s STRUCT<x: INT>", "", true)}, 0, delta.ErrSchemaChanged, 0},
		"became NOT NULL":   {[]string{metadata("a INT", "", true), metadata("a INT NOT NULL", "", true)}, 0, delta.ErrSchemaChanged, 0},
		"partitioned anew":  {[]string{metadata("a INT, b INT", "", true), metadata("a INT, b INT", `"a"`, true)}, 0, delta.ErrSchemaChanged, 0},
		"a column like it":  {[]string{metadata("a INT, _Change_Type STRING", "", true)}, 0, delta.ErrNoChangeFeed, 0},
		"added and widened": {[]string{metadata("a INT, b INT", "", true), metadata("a BIGINT, b INT, c INT", "", true)}, 0, nil, 0},
		"enabled in time":   {[]string{metadata("a INT", "", false), metadata("a INT", "", true)}, 1, nil, 0},
	} {
		store := memory.New()
		for v, text := range test.commits {
			if v == 0 {
				text = protocol + text
			}
			putCommit(t, store, int64(v), text+"\n")
		}
		_, err := delta.Open(store, "t", testConfig()).Changes(t.Context(), delta.ChangesConfig{From: test.from})
		var refused *delta.ChangesError
		switch {
		case test.want == nil:
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		case !errors.Is(err, test.want) || !errors.As(err, &refused):
			t.Errorf("%s: error %v, want a *ChangesError of %v", name, err, test.want)
		case refused.Version != test.version:
			t.Errorf("%s: version %d is at fault, want %d: %v", name, refused.Version, test.version, err)
		}
	}
}

func TestChangesOfCleanedLog(t *testing.T) {
	t.Parallel()
	table, store := feed(t)
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Checkpoint(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if err := store.Delete(t.Context(), "t/_delta_log/00000000000000000000.json", "t/_delta_log/00000000000000000001.json"); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Changes(t.Context(), delta.ChangesConfig{From: 1}); !errors.Is(err, delta.ErrVersionNotFound) {
		t.Errorf("changes from a version that was cleaned up: error %v, want %v", err, delta.ErrVersionNotFound)
	}
	changes, err := table.Changes(t.Context(), delta.ChangesConfig{From: 2})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(changed(t, changes, delta.ScanConfig{})); got != 7 {
		t.Errorf("%d changes from version 2 on, want 7", got)
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

func TestFeedOfTableWithItsColumns(t *testing.T) {
	t.Parallel()
	table := delta.Open(memory.New(), "t", testConfig())
	definition := delta.Definition{Schema: ddl(t, "id BIGINT, _commit_version BIGINT"), Properties: map[string]string{"delta.enableChangeDataFeed": "true"}}
	var refused *delta.PropertyError
	if _, err := table.Create(t.Context(), definition); !errors.As(err, &refused) {
		t.Errorf("Create returned %v, want a *PropertyError", err)
	}
}

// TestChangesOfOlderVersions reads a range that ends before a column was added: the rows have it, unless columns are mapped. Where the newest version's columns
// cannot hold the rows they have those of the range's end.
func TestChangesOfOlderVersions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		properties map[string]string
		alter      func(table *delta.Table) error
		want       string
	}{
		"a new column": {nil, func(table *delta.Table) error {
			_, err := table.AddColumns(t.Context(), delta.NewColumn{Field: arrow.Field{Name: "more", Type: schema.String, Nullable: true}})
			return err
		}, `{"id":1,"more":null,"_change_type":"insert"}`},
		"a new column of mapped ones": {map[string]string{"delta.columnMapping.mode": "name"}, func(table *delta.Table) error {
			_, err := table.AddColumns(t.Context(), delta.NewColumn{Field: arrow.Field{Name: "more", Type: schema.String, Nullable: true}})
			return err
		}, `{"id":1,"_change_type":"insert"}`},
		"a column renamed": {map[string]string{"delta.columnMapping.mode": "name"}, func(table *delta.Table) error {
			_, err := table.RenameColumn(t.Context(), []string{"id"}, "key")
			return err
		}, `{"id":1,"_change_type":"insert"}`},
		"another table": {nil, func(table *delta.Table) error {
			_, err := table.Replace(t.Context(), delta.Definition{Schema: ddl(t, "x STRING")}, nil, delta.WriteOptions{})
			return err
		}, `{"id":1,"_change_type":"insert"}`},
	} {
		properties := map[string]string{"delta.enableChangeDataFeed": "true"}
		maps.Copy(properties, test.properties)
		table := delta.Open(memory.New(), "t", testConfig())
		if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, "id BIGINT"), Properties: properties}); err != nil {
			t.Fatal(err)
		}
		if _, err := table.Append(t.Context(), rows(t, checked(t), "id BIGINT", `[{"id": 1}]`), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := test.alter(table); err != nil {
			t.Fatal(err)
		}
		changes, err := table.Changes(t.Context(), delta.ChangesConfig{To: new(int64(1))})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var columns []int
		for i, f := range changes.Schema().Fields() {
			if !strings.HasPrefix(f.Name, "_commit") {
				columns = append(columns, i)
			}
		}
		if diff := cmp.Diff([]string{test.want}, changed(t, changes, delta.ScanConfig{Columns: columns})); diff != "" {
			t.Errorf("%s: changes (-want +got):\n%s", name, diff)
		}
	}
}
