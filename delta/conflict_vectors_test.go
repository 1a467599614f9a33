package delta_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/storage"
	store "github.com/medallion-go/medallion/storage/memory"
)

// before is a store that lets something happen just before the commit of a version.
type before struct {
	storage.Store
	name string
	act  func()
}

func (b *before) PutIfAbsent(ctx context.Context, key string, data []byte) error {
	if act := b.act; act != nil && strings.HasSuffix(key, b.name) {
		b.act = nil
		act()
	}
	return b.Store.PutIfAbsent(ctx, key, data)
}

// TestRowsOfOneFile has two writers take rows out of one file at once.
func TestRowsOfOneFile(t *testing.T) {
	t.Parallel()
	remove := func(where string) func(*delta.Table) error {
		return func(table *delta.Table) error {
			_, err := table.Delete(t.Context(), where, delta.WriteOptions{})
			return err
		}
	}
	update := func(where string) func(*delta.Table) error {
		return func(table *delta.Table) error {
			_, err := table.Update(t.Context(), map[string]string{"name": "'new'"}, where, delta.WriteOptions{})
			return err
		}
	}
	rename := func(where, column, to string) func(*delta.Table) error {
		return func(table *delta.Table) error {
			_, err := table.Update(t.Context(), map[string]string{column: to}, where, delta.WriteOptions{})
			return err
		}
	}
	purge := func(where string) func(*delta.Table) error {
		return func(table *delta.Table) error {
			if _, err := table.Delete(t.Context(), where, delta.WriteOptions{}); err != nil {
				return err
			}
			_, err := table.Reorg(t.Context(), "", delta.OptimizeOptions{})
			return err
		}
	}
	merge := func(id int, condition string) func(*delta.Table) error {
		return func(table *delta.Table) error {
			source := rows(t, memory.DefaultAllocator, "id BIGINT, name STRING", fmt.Sprintf(`[{"id": %d, "name": "merged"}, {"id": %d, "name": "added"}]`, id, id+10))
			_, err := table.Merge(source, "target.id = source.id").WhenMatched(condition).UpdateAll().WhenNotMatched("").InsertAll().Run(t.Context(), delta.WriteOptions{})
			return err
		}
	}
	tests := []struct {
		name          string
		vectors       string
		winner, loser func(*delta.Table) error
		want          string // rows, or conflict
	}{
		{"delete, delete", "true", remove("id = 1"), remove("id = 2"), "3,c 4,d"},
		{"update, delete", "true", update("id = 1"), remove("id = 2"), "1,new 3,c 4,d"},
		{"delete, update", "true", remove("id = 1"), update("id = 2"), "2,new 3,c 4,d"},
		{"update, update", "true", update("id = 1"), update("id = 2"), "1,new 2,new 3,c 4,d"},
		{"delete all that is left", "true", remove("id < 3"), remove("id > 2"), ""},
		{"the same row", "true", update("id = 1"), remove("id = 1"), "conflict"},
		{"delete, delete of that row too", "true", remove("id < 3"), remove("id IN (2, 3)"), "4,d"},
		{"delete, update of that row too", "true", remove("id = 1"), update("id < 3"), "conflict"},
		{"delete, delete of the whole file", "true", remove("id = 1"), remove("id > 0"), ""},
		{"delete of the whole file, delete", "true", remove("id > 0"), remove("id = 2"), ""},
		{"delete of the whole file, delete of it", "true", remove("id > 0"), remove("id < 5"), ""},
		{"delete of the whole file, update", "true", remove("id > 0"), update("id = 2"), "conflict"},
		{"delete, update of the whole file", "true", remove("id = 1"), update("id > 0"), "conflict"},
		{"update of the whole file, delete", "true", update("id > 0"), remove("id = 2"), "conflict"},
		{"update, delete of the whole file", "true", update("id = 1"), remove("id > 0"), "conflict"},
		{"update of rows that are not meant, delete of the others", "true", rename("id = 1", "id", "100"), remove("id > 1 AND id < 50"), "100,a"},
		{"delete, purged, delete", "true", purge("id = 1"), remove("id = 2"), "conflict"},
		{"delete, purged, delete of the whole file", "true", purge("id = 1"), remove("id > 0"), "conflict"},
		{"delete of the whole file, merge", "true", remove("id > 0"), merge(2, ""), "conflict"},
		{"delete of the whole file, delete of it, without vectors", "false", remove("id > 0"), remove("id < 5"), ""},
		{"file written anew, delete of the whole file", "false", remove("id = 1"), remove("id > 0"), "conflict"},
		{"delete, merge", "true", remove("id = 1"), merge(2, ""), "12,added 2,merged 3,c 4,d"},
		{"merge, delete", "true", merge(3, ""), remove("id = 2"), "1,a 13,added 3,merged 4,d"},
		{"delete, merge that leaves rows as they are", "true", remove("id = 1"), merge(2, "target.name = 'z'"), "conflict"},
		{"files written anew", "false", remove("id = 1"), remove("id = 2"), "conflict"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inner := store.New()
			first := create(t, inner, testConfig(), map[string]string{"delta.enableDeletionVectors": tt.vectors, "delta.enableChangeDataFeed": "true"})
			source := rows(t, memory.DefaultAllocator, "id BIGINT, name STRING", `[{"id":1,"name":"a"},{"id":2,"name":"b"},{"id":3,"name":"c"},{"id":4,"name":"d"}]`)
			if _, err := first.Append(t.Context(), source, delta.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			s := &before{Store: inner, name: "00000000000000000002.json", act: func() {
				if err := tt.winner(delta.Open(inner, "t", delta.Config{})); err != nil {
					t.Error(err)
				}
			}}
			err := tt.loser(delta.Open(s, "t", delta.Config{}))
			if tt.want == "conflict" {
				var conflict *delta.ConflictError
				if !errors.As(err, &conflict) || !slices.Contains([]delta.ConflictKind{delta.ConcurrentDeleteDelete, delta.ConcurrentDeleteRead, delta.ConcurrentAppend}, conflict.Kind) {
					t.Errorf("error = %v, want a conflict", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := strings.ReplaceAll(strings.Join(lines(t, scan(t, delta.Open(inner, "t", delta.Config{}), delta.ScanConfig{})), ";"), " ", ",")
			want := strings.ReplaceAll(tt.want, " ", ";")
			if diff := gocmp.Diff(want, strings.ReplaceAll(got, `"`, "")); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			violations, err := check.Table(t.Context(), inner, "t", check.Options{Deep: true})
			if err != nil || len(violations) > 0 {
				t.Errorf("check = %v, %v", violations, err)
			}
		})
	}
}

// TestRowsOfOneFileAreCountedOnce: what the second of two that take rows out of one file at once tells in its history is what it tells if it begins after the first.
func TestRowsOfOneFileAreCountedOnce(t *testing.T) {
	t.Parallel()
	remove := func(where string) func(*delta.Table) (*delta.Result, error) {
		return func(table *delta.Table) (*delta.Result, error) {
			return table.Delete(t.Context(), where, delta.WriteOptions{})
		}
	}
	update := func(where string) func(*delta.Table) (*delta.Result, error) {
		return func(table *delta.Table) (*delta.Result, error) {
			return table.Update(t.Context(), map[string]string{"name": "'new'"}, where, delta.WriteOptions{})
		}
	}
	merge := func(text string) func(*delta.Table) (*delta.Result, error) {
		return func(table *delta.Table) (*delta.Result, error) {
			return table.Merge(rows(t, memory.DefaultAllocator, "id BIGINT, name STRING", text), "target.id = source.id").
				WhenMatched("").UpdateAll().WhenNotMatched("").InsertAll().Run(t.Context(), delta.WriteOptions{})
		}
	}
	const off = "false"
	for name, tt := range map[string]struct {
		vectors       string
		before        string // a DELETE that both know
		winner, loser func(*delta.Table) (*delta.Result, error)
	}{
		"other rows":                           {"", "", remove("id = 1"), remove("id = 2")},
		"other rows, a vector before":          {"", "id = 3", remove("id = 1"), remove("id = 2")},
		"some rows of both":                    {"", "", remove("id < 3"), remove("id IN (2, 3)")},
		"what is left":                         {"", "", remove("id < 3"), remove("id > 2")},
		"what is left, a vector before":        {"", "id = 3", remove("id < 3"), remove("id > 2")},
		"what is left, and more":               {"", "", remove("id < 3"), remove("id IN (2, 3, 4)")},
		"a file of the log":                    {"", "", remove("id = 1"), remove("id > 0")},
		"a file of the log, a vector before":   {"", "id = 3", remove("id = 1"), remove("id > 0")},
		"a file by its rows":                   {"", "", remove("id = 1"), remove("id % 1 = 0")},
		"a file by its rows, a vector before":  {"", "id = 3", remove("id = 1"), remove("id % 1 = 0")},
		"a file that is gone":                  {"", "", remove("id > 0"), remove("id = 2")},
		"a file that is gone, a vector before": {"", "id = 3", remove("id > 0"), remove("id = 2")},
		"both the file":                        {"", "", remove("id > 0"), remove("id < 5")},
		"both the file by its rows":            {"", "id = 3", remove("id % 1 = 0"), remove("id % 1 = 0")},
		"both the file, without vectors":       {off, "", remove("id > 0"), remove("id < 5")},
		"by rows, without vectors":             {off, "", remove("id % 1 = 0"), remove("id % 1 = 0")},
		"update, delete":                       {"", "", update("id = 1"), remove("id = 2")},
		"delete, update":                       {"", "", remove("id = 1"), update("id = 2")},
		"delete, update of what is left":       {"", "id = 3", remove("id < 3"), update("id = 4")},
		"delete, merge":                        {"", "", remove("id = 1"), merge(`[{"id": 2, "name": "m"}, {"id": 12, "name": "n"}]`)},
		"delete, merge of what is left":        {"", "id = 3", remove("id < 3"), merge(`[{"id": 4, "name": "m"}]`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var told [2]map[string]int64
			for i, atOnce := range []bool{false, true} {
				inner := store.New()
				first := create(t, inner, testConfig(), map[string]string{"delta.enableDeletionVectors": cmp.Or(tt.vectors, "true")})
				source := rows(t, memory.DefaultAllocator, "id BIGINT, name STRING", `[{"id":1,"name":"a"},{"id":2,"name":"b"},{"id":3,"name":"c"},{"id":4,"name":"d"}]`)
				if _, err := first.Append(t.Context(), source, delta.WriteOptions{}); err != nil {
					t.Fatal(err)
				}
				if tt.before != "" {
					if _, err := remove(tt.before)(first); err != nil {
						t.Fatal(err)
					}
				}
				win := func() {
					if _, err := tt.winner(delta.Open(inner, "t", delta.Config{})); err != nil {
						t.Error(err)
					}
				}
				s := &before{Store: inner, name: fmt.Sprintf("%020d.json", snapshot(t, first).Version()+1), act: win}
				if !atOnce {
					s.act = nil
					win()
				}
				res, err := tt.loser(delta.Open(s, "t", delta.Config{}))
				if err != nil {
					t.Fatal(err)
				}
				if told[i] = res.Metrics; atOnce && s.act != nil {
					t.Fatal("the winner has not come in between")
				}
				maps.DeleteFunc(told[i], func(name string, n int64) bool { return n == 0 || strings.HasSuffix(name, "Ms") })
			}
			if diff := gocmp.Diff(told[0], told[1]); diff != "" {
				t.Errorf("metrics (-one after the other +at once):\n%s", diff)
			}
		})
	}
}

// TestRowsThatAreRestoredMeanwhile: a RESTORE may bring rows of a file back and take as many others of it away. Who has not found the row before must not miss it.
func TestRowsThatAreRestoredMeanwhile(t *testing.T) {
	t.Parallel()
	inner := store.New()
	table := create(t, inner, testConfig(), map[string]string{"delta.enableDeletionVectors": "true"})
	source := rows(t, memory.DefaultAllocator, "id BIGINT, name STRING", `[{"id":1,"name":"a"},{"id":2,"name":"b"},{"id":3,"name":"c"}]`)
	if _, err := table.Append(t.Context(), source, delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	remove := func(where string) {
		if _, err := table.Delete(t.Context(), where, delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	restore := func(version int64) {
		if _, err := table.Restore(t.Context(), at(t, table, version), delta.RestoreOptions{}); err != nil {
			t.Error(err)
		}
	}
	remove("id = 2")
	restore(1)
	remove("id = 1")
	s := &before{Store: inner, name: commitKey(5), act: func() { restore(2) }}
	upsert := delta.Open(s, "t", delta.Config{}).Merge(rows(t, memory.DefaultAllocator, "id BIGINT, name STRING", `[{"id":1,"name":"new"}]`), "target.id = source.id")
	_, err := upsert.WhenMatched("").UpdateAll().WhenNotMatched("").InsertAll().Run(t.Context(), delta.WriteOptions{})
	if !errors.Is(err, &delta.ConflictError{Kind: delta.ConcurrentAppend}) {
		t.Errorf("MERGE = %v, want a conflict with the rows that came back", err)
	}
	got, err := rowsOfVersion(t.Context(), snapshot(t, table))
	if diff := gocmp.Diff([]string{`{"id":1,"name":"a"}`, `{"id":3,"name":"c"}`}, got); diff != "" || err != nil {
		t.Errorf("%v, rows (-want +got):\n%s", err, diff)
	}
}
