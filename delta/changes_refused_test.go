package delta_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

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
