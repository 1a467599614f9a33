package delta_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// TestRowGroupsWithoutRows reads and changes files that Arrow wrote with row groups of no rows: between others, around another, and alone.
func TestRowGroupsWithoutRows(t *testing.T) {
	t.Parallel()
	three := []string{`1 "a"`, `2 null`, `3 "c"`}
	for name, all := range map[string][]string{"mid": three, "ends": three, "all": {}} {
		for _, vectors := range []string{"true", "false"} {
			t.Run(name+", vectors "+vectors, func(t *testing.T) {
				t.Parallel()
				data, err := os.ReadFile(filepath.Join("testdata", "emptygroups", name+".parquet"))
				if err != nil {
					t.Fatal(err)
				}
				store := memory.New()
				if _, err := storage.Put(t.Context(), store, "t/"+name+".parquet", data); err != nil {
					t.Fatal(err)
				}
				table := delta.Open(store, "t", testConfig())
				if _, err := table.Convert(t.Context(), delta.ConvertOptions{Properties: map[string]string{"delta.enableDeletionVectors": vectors}}); err != nil {
					t.Fatal(err)
				}
				compare := func(where string, want []string) {
					t.Helper()
					s := snapshot(t, table)
					c := delta.ScanConfig{}
					if where != "" {
						if c.Filter, err = s.Predicate(where); err != nil {
							t.Fatal(err)
						}
					}
					if diff := cmp.Diff(want, append([]string{}, sortedLines(lines(t, scan(t, table, c)))...)); diff != "" {
						t.Errorf("%s: rows (-want +got):\n%s", where, diff)
					}
				}
				compare("", all)
				if rows, exact := snapshot(t, table).NumRows(); int(rows) != len(all) || !exact {
					t.Errorf("the statistics say %d rows, exactly: %v", rows, exact)
				}
				compare("id > 3", []string{})
				if len(all) > 0 {
					compare("id = 3", all[2:])
					compare("name IS NULL", all[1:2])
					compare("name < 'b'", all[:1])
				}
				for _, where := range []string{"id = 3", "id = 1"} {
					if _, err := table.Delete(t.Context(), where, delta.WriteOptions{}); err != nil {
						t.Fatal(err)
					}
				}
				compare("", all[min(1, len(all)):min(2, len(all))])
				if _, err := table.Update(t.Context(), map[string]string{"name": "'new'"}, "id = 2", delta.WriteOptions{}); err != nil {
					t.Fatal(err)
				}
				if _, err := table.Reorg(t.Context(), "", delta.OptimizeOptions{}); err != nil {
					t.Fatal(err)
				}
				compare("id = 2", []string{`2 "new"`}[:min(1, len(all))])
				found, err := check.Table(t.Context(), store, "t", check.Options{Deep: true})
				if err != nil || len(found) > 0 {
					t.Errorf("the linter finds %v, %v", found, err)
				}
			})
		}
	}
}
