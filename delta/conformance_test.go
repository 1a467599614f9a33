//go:build integration

package delta_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/local"
)

// conformanceTable is a table that another writer made, with what other readers found in it (see the README beside the tables).
type conformanceTable struct {
	name  string // suite/table
	dir   string // of what is expected
	path  string // of the table
	truth string // whom to believe
}

// conformanceRoot is the folder of the tables.
func conformanceRoot(t *testing.T) string {
	t.Helper()
	root := os.Getenv("MEDALLION_CONFORMANCE")
	if _, err := os.Stat(filepath.Join(root, "index.csv")); root == "" || err != nil {
		if os.Getenv("CI_CONFORMANCE") != "" {
			t.Fatalf("MEDALLION_CONFORMANCE=%q holds no index.csv: %v", root, err)
		}
		t.Skip("MEDALLION_CONFORMANCE does not name the folder of conformance tables")
	}
	return root
}

// conformanceTables are all tables of the index, by name.
func conformanceTables(t *testing.T) map[string]conformanceTable {
	t.Helper()
	root := conformanceRoot(t)
	f, err := os.Open(filepath.Join(root, "index.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string]conformanceTable{}
	for _, r := range records[1:] {
		at := func(name string) string { return r[slices.Index(records[0], name)] }
		name := at("suite") + "/" + at("table")
		tables[name] = conformanceTable{
			name: name, dir: filepath.Join(root, at("suite"), at("table"), "expected"), path: filepath.Join(root, at("path")), truth: at("truth"),
		}
	}
	return tables
}

// open is the table in a local store.
func (c conformanceTable) open(t *testing.T) *delta.Table {
	t.Helper()
	store, err := local.New(c.path)
	if err != nil {
		t.Fatal(err)
	}
	return delta.Open(store, "", delta.Config{})
}

// TestConformance reads the newest version of every table that has rows: they are those of every reader that is to be believed, and the snapshot is what the
// tables' authors and Spark say of it.
func TestConformance(t *testing.T) {
	tables := conformanceTables(t)
	read := 0
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		c := tables[name]
		if c.truth == "error-or-log-only" {
			if _, ok := stateOnly[name]; !ok {
				t.Errorf("%s: TestConformanceState has no line for it", name)
			}
			continue
		}
		read++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := c.open(t).Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			c.compareMeta(t, s)
			if _, err := c.open(t).History(t.Context(), 0); err != nil {
				t.Errorf("history: %v", err)
			}
			c.compareVersion(t, s, "latest")
		})
	}
	if read != 245 {
		t.Errorf("%d tables have rows, want 245", read)
	}
}

// TestConformanceTimeTravel reads the older versions whose rows are known.
func TestConformanceTimeTravel(t *testing.T) {
	tables := conformanceTables(t)
	found := 0
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		c := tables[name]
		for _, version := range c.versions(t) {
			found++
			t.Run(fmt.Sprintf("%s@%d", name, version), func(t *testing.T) {
				t.Parallel()
				s, err := c.open(t).SnapshotAt(t.Context(), version)
				if err != nil {
					t.Fatal(err)
				}
				c.compareVersion(t, s, fmt.Sprint("v", version))
			})
		}
	}
	if found != 461 {
		t.Errorf("%d older versions have rows, want 461", found)
	}
}

// compareMeta compares the snapshot with what Spark and deltalake say of the table.
func (c conformanceTable) compareMeta(t *testing.T, s *delta.Snapshot) {
	t.Helper()
	var spark sparkMeta
	c.readMeta(t, "spark", &spark)
	if spark.Version != nil && *spark.Version != s.Version() {
		t.Errorf("version %d, want %d", s.Version(), *spark.Version)
	}
	if want := spark.Protocol.Protocol; want.MinReaderVersion > 0 {
		if diff := cmp.Diff(want, s.Protocol()); diff != "" {
			t.Errorf("protocol (-want +got):\n%s", diff)
		}
	}
	if want := spark.Metadata.MetaData; want.ID != "" {
		got := s.Metadata()
		if diff := cmp.Diff(jsonValue(t, want.SchemaString), jsonValue(t, got.SchemaString)); diff != "" {
			t.Errorf("schema (-want +got):\n%s", diff)
		}
		text, err := schema.MarshalDelta(s.Schema())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := schema.UnmarshalDelta(text); err != nil {
			t.Errorf("the schema as it is written again: %v", err)
		}
		if got.ID != want.ID || !slices.Equal(got.PartitionColumns, want.PartitionColumns) || !maps.Equal(got.Configuration, want.Configuration) {
			t.Errorf("metadata %v %v %v, want %v %v %v", got.ID, got.PartitionColumns, got.Configuration, want.ID, want.PartitionColumns, want.Configuration)
		}
	}
	var rs deltalakeMeta
	c.readMeta(t, "deltalake", &rs)
	if rs.NumFiles != nil && disbelieved[c.name] != "deltalake" && s.NumFiles() != *rs.NumFiles {
		t.Errorf("%d files, want %d", s.NumFiles(), *rs.NumFiles)
	}
}

// sparkMeta is what Spark's meta.json tells.
type sparkMeta struct {
	Version  *int64
	Protocol struct{ Protocol delta.Protocol }
	Metadata struct {
		MetaData struct {
			ID               string
			SchemaString     string
			PartitionColumns []string
			Configuration    map[string]string
		}
	}
}

// deltalakeMeta is what deltalake's meta.json tells.
type deltalakeMeta struct {
	NumFiles *int
	Reads    map[string]struct {
		Rows  int
		Error any
	}
}

func (c conformanceTable) readMeta(t *testing.T, reader string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(c.dir, reader, "meta.json"))
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func jsonValue(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
