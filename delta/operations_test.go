package delta_test

import (
	"errors"
	"testing"

	arrowmem "github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
	"github.com/medallion-go/medallion/storage/memory"
)

const (
	opColumns = "id BIGINT, p STRING, v INT"
	opRows1   = `[{"id": 1, "p": "a", "v": 10}, {"id": 2, "p": "a", "v": null}, {"id": 3, "p": "b", "v": 30}]`
	opRows2   = `[{"id": 4, "p": "b", "v": 40}, {"id": 5, "p": "c", "v": 50}]`
)

func TestOperations(t *testing.T) {
	t.Parallel()
	const fresh = `[{"id": 9, "p": "a", "v": 90}]`
	before := []string{`1 "a" 10`, `2 "a" null`, `3 "b" 30`, `4 "b" 40`, `5 "c" 50`}
	type operation func(t *testing.T, table *delta.Table, source exec.Source) (int64, error)
	where := func(sql string) operation {
		return func(t *testing.T, table *delta.Table, source exec.Source) (int64, error) {
			return table.ReplaceWhere(t.Context(), sql, source, delta.WriteOptions{})
		}
	}
	tests := []struct {
		name    string
		run     operation
		want    []string
		version int64 // 3 where something changed
		metrics map[string]string
	}{
		{"overwrite", func(t *testing.T, table *delta.Table, source exec.Source) (int64, error) {
			return table.Overwrite(t.Context(), source, delta.WriteOptions{})
		}, []string{`9 "a" 90`}, 3, map[string]string{"numFiles": "1", "numOutputRows": "1", "numRemovedFiles": "4"}},
		{"overwrite of the partitions at hand", func(t *testing.T, table *delta.Table, source exec.Source) (int64, error) {
			return table.OverwritePartitions(t.Context(), source, delta.WriteOptions{})
		}, []string{`3 "b" 30`, `4 "b" 40`, `5 "c" 50`, `9 "a" 90`}, 3, map[string]string{"numRemovedFiles": "1"}},
		{"replace where, a partition", where("p = 'a'"), []string{`3 "b" 30`, `4 "b" 40`, `5 "c" 50`, `9 "a" 90`}, 3, map[string]string{"numRemovedFiles": "1"}},
		{"replace where, data columns", where("v >= 40 OR id = 1"), []string{`2 "a" null`, `3 "b" 30`, `9 "a" 90`}, 3, nil},
		{"replace where, rows that do not fit", where("v < 50"), before, 0, nil},
		{"delete some rows", func(t *testing.T, table *delta.Table, _ exec.Source) (int64, error) {
			return versionOf(table.Delete(t.Context(), "v > 10", delta.WriteOptions{}))
		}, []string{`1 "a" 10`, `2 "a" null`}, 3, map[string]string{"numDeletedRows": "3", "numRemovedFiles": "3", "numCopiedRows": "0"}},
		{"delete a row of a file", func(t *testing.T, table *delta.Table, _ exec.Source) (int64, error) {
			return versionOf(table.Delete(t.Context(), "id = 1", delta.WriteOptions{}))
		}, before[1:], 3, map[string]string{"numDeletedRows": "1", "numRemovedFiles": "1", "numAddedFiles": "1", "numCopiedRows": "1"}},
		{"delete everything", func(t *testing.T, table *delta.Table, _ exec.Source) (int64, error) {
			return versionOf(table.Delete(t.Context(), "true", delta.WriteOptions{}))
		}, []string{}, 3, map[string]string{"numDeletedRows": "5", "numRemovedFiles": "4"}},
		{"delete nothing", func(t *testing.T, table *delta.Table, _ exec.Source) (int64, error) {
			return versionOf(table.Delete(t.Context(), "v = 11", delta.WriteOptions{}))
		}, before, 2, nil},
		{"update", func(t *testing.T, table *delta.Table, _ exec.Source) (int64, error) {
			return versionOf(table.Update(t.Context(), map[string]string{"v": "v + 1", "P": "'z'"}, "v < 40", delta.WriteOptions{}))
		}, []string{`1 "z" 11`, `2 "a" null`, `3 "z" 31`, `4 "b" 40`, `5 "c" 50`}, 3, map[string]string{"numUpdatedRows": "2", "numCopiedRows": "1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			alloc := checked(t)
			table := filled(t, alloc, opColumns, []string{"p"}, opRows1, opRows2)
			version, err := tt.run(t, table, rows(t, alloc, opColumns, fresh))
			var violated *delta.ConstraintError
			if tt.version == 0 && !errors.As(err, &violated) || tt.version > 0 && (err != nil || version != tt.version) {
				t.Fatalf("version %d, %v, want %d", version, err, tt.version)
			}
			if diff := cmp.Diff(tt.want, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			history, err := table.History(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range tt.metrics {
				if got := history[0].Metrics[name]; got != want {
					t.Errorf("metric %s = %q, want %q", name, got, want)
				}
			}
		})
	}
}

// TestOperationFaults fails each call of each operation: afterwards the table is as before or as after, and the answer does not contradict it.
func TestOperationFaults(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	source := rows(t, alloc, opColumns, `[{"id": 1, "p": "a", "v": 11}, {"id": 9, "p": "b", "v": 90}]`)
	operations := map[string]func(*testing.T, *delta.Table) error{
		"append": func(t *testing.T, table *delta.Table) error {
			_, err := table.Append(t.Context(), source, delta.WriteOptions{})
			return err
		},
		"overwrite": func(t *testing.T, table *delta.Table) error {
			_, err := table.Overwrite(t.Context(), source, delta.WriteOptions{})
			return err
		},
		"delete": func(t *testing.T, table *delta.Table) error {
			_, err := table.Delete(t.Context(), "id = 3", delta.WriteOptions{})
			return err
		},
		"merge": func(t *testing.T, table *delta.Table) error {
			_, err := table.Merge(source, "target.id = source.id").WhenMatched("").UpdateAll().WhenNotMatched("").InsertAll().Run(t.Context(), delta.WriteOptions{})
			return err
		},
	}
	for name, run := range operations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := func() storage.Store { return filledStore(t, alloc) }
			read := func(s storage.Store) []string {
				return lines(t, scan(t, delta.Open(s, "t", testConfig()), delta.ScanConfig{}))
			}
			store := start()
			before := read(store)
			if err := run(t, delta.Open(store, "t", testConfig())); err != nil {
				t.Fatal(err)
			}
			after := read(store)
			for _, effect := range []faultstore.Effect{faultstore.Before, faultstore.After, faultstore.Partly} {
				for n := 1; ; n++ {
					inner := start()
					faulty := faultstore.New(inner, faultstore.Fault{At: n, Effect: effect})
					err := run(t, delta.Open(faulty, "t", testConfig()))
					got := read(inner)
					isBefore, isAfter := cmp.Equal(got, before), cmp.Equal(got, after)
					switch {
					case !isBefore && !isAfter:
						t.Errorf("effect %d, call %d: the table is neither before nor after: %v", effect, n, got)
					case err == nil && !isAfter:
						t.Errorf("effect %d, call %d: success, but the table is as before", effect, n)
					case err != nil && !errors.Is(err, storage.ErrUndecided) && !isBefore:
						t.Errorf("effect %d, call %d: %v, but the table is as after", effect, n, err)
					}
					if !faulty.Fired() {
						break
					}
				}
			}
		})
	}
}

// filledStore holds the table of the fault tests.
func filledStore(t *testing.T, alloc arrowmem.Allocator) storage.Store {
	t.Helper()
	store := memory.New()
	table := delta.Open(store, "t", testConfig())
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, opColumns), PartitionBy: []string{"p"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Append(t.Context(), rows(t, alloc, opColumns, opRows1), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	return store
}

func TestConstraints(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	c := testConfig()
	c.Alloc = alloc
	table := delta.Open(memory.New(), "t", c)
	definition := delta.Definition{Schema: ddl(t, "id BIGINT, v INT"), Properties: map[string]string{"delta.constraints.positive": "v > 0"}}
	if _, err := table.Create(t.Context(), definition); err != nil {
		t.Fatal(err)
	}
	if got := snapshot(t, table).Protocol().MinWriterVersion; got != 3 {
		t.Errorf("writer version = %d, want 3 for CHECK constraints", got)
	}
	tests := []struct {
		rows string
		bad  int64
	}{
		{`[{"id": 1, "v": 5}]`, 0},
		{`[{"id": 1, "v": 5}, {"id": 2, "v": 0}, {"id": 3, "v": null}]`, 2},
	}
	for _, tt := range tests {
		_, err := table.Append(t.Context(), rows(t, alloc, "id BIGINT, v INT", tt.rows), delta.WriteOptions{})
		var violated *delta.ConstraintError
		if tt.bad == 0 && err != nil || tt.bad > 0 && (!errors.As(err, &violated) || violated.Rows != tt.bad || violated.Name != "positive") {
			t.Errorf("%s: %v, want %d violations", tt.rows, err, tt.bad)
		}
	}
}

// versionOf is the version of a change that went well.
func versionOf(r *delta.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.Version, nil
}
