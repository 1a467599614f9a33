package delta_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// stillConfig has a clock that stands, so that every snapshot is fresh, and IDs of which all are as long.
func stillConfig(id int) delta.Config {
	c := testConfig()
	c.Clock = func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	next := c.NewID
	c.NewID = func() string { return fmt.Sprint(id) + next()[1:] }
	return c
}

// replace drops the table and makes another of so many commits in its place, whose first ones are as long to the byte.
func replace(t *testing.T, store storage.Store, commits int) {
	t.Helper()
	for info, err := range store.List(t.Context(), "t/", "") {
		if err == nil {
			err = store.Delete(t.Context(), info.Key)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	table := create(t, store, stillConfig(2), nil)
	for i := range commits {
		if _, err := commitFiles(t.Context(), table, []*delta.File{file(fmt.Sprint("2-", i), "")}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWritesToReplacedTable holds a table, of which the newest commit was made or read a moment ago, while another is put in its place: nothing of what is begun on the
// old one gets into the new one, whose versions are fewer, as many, or more.
func TestWritesToReplacedTable(t *testing.T) {
	t.Parallel()
	for _, made := range []bool{true, false} {
		for _, commits := range []int{1, 3, 5} {
			t.Run(fmt.Sprintf("made %v, %d commits", made, commits), func(t *testing.T) {
				t.Parallel()
				var ticks int
				store := memory.Config{Now: func() time.Time {
					ticks++
					return time.Date(2026, 1, 1, 0, 0, 0, ticks, time.UTC)
				}}.New()
				held := create(t, store, stillConfig(1), nil)
				for i := range 3 {
					if _, err := commitFiles(t.Context(), held, []*delta.File{file(fmt.Sprint("1-", i), "")}); err != nil {
						t.Fatal(err)
					}
				}
				if !made {
					held = delta.Open(store, "t", stillConfig(1))
				}
				old := snapshot(t, held)
				first := slices.Collect(old.Files())[0]
				replace(t, store, commits)
				before := logKeys(t, store)
				if s, err := held.SnapshotAt(t.Context(), 3); commits >= 3 && (err != nil || s.ID() == old.ID()) || commits < 3 && kind(err) != "never 0 to 1" {
					t.Errorf("version 3: %v, want that of the new table", err)
				}
				for name, change := range map[string]func(tx *delta.Transaction){
					"append": func(tx *delta.Transaction) { tx.Add(file("mixed", "")) },
					"delete": func(tx *delta.Transaction) {
						tx.ReadWholeTable()
						tx.Remove(first)
					},
				} {
					tx := held.Begin(old, delta.Operation{Name: "WRITE"})
					change(tx)
					if v, err := tx.Commit(t.Context()); !errors.Is(err, &delta.ConflictError{Kind: delta.MetadataChanged}) {
						t.Errorf("%s: version %d, %v, want MetadataChanged", name, v, err)
					}
				}
				if err := held.Checkpoint(t.Context(), old); !errors.Is(err, &delta.ConflictError{Kind: delta.MetadataChanged}) {
					t.Errorf("checkpoint: %v, want MetadataChanged", err)
				}
				if got := logKeys(t, store); !slices.Equal(got, before) {
					t.Errorf("the new table's log is %v, want %v", got, before)
				}
				if s, err := held.SnapshotAt(t.Context(), 1); err != nil || s.ID() == old.ID() || paths(s)[0] != "2-0" {
					t.Errorf("version 1: %v, want that of the new table", err)
				}
				if v, err := commitFiles(t.Context(), held, []*delta.File{file("next", "")}); err != nil || v != int64(commits)+1 {
					t.Errorf("the next write: version %d, %v, want one of the new table", v, err)
				}
			})
		}
	}
}

// TestAppendToReplacedTable: a blind append goes by the snapshot that is kept, and looks whether that is of the table that is there.
func TestAppendToReplacedTable(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	store := memory.New()
	c := stillConfig(1)
	held := create(t, store, c, nil)
	add := func() error {
		_, err := held.Append(t.Context(), rows(t, alloc, "id BIGINT", `[{"id": 1}]`), delta.WriteOptions{})
		return err
	}
	if err := add(); err != nil {
		t.Fatal(err)
	}
	replace(t, store, 1)
	if err := add(); !errors.Is(err, &delta.ConflictError{Kind: delta.MetadataChanged}) {
		t.Errorf("%v, want MetadataChanged", err)
	}
	if err := add(); err != nil {
		t.Errorf("once more: %v", err)
	}
	if s := snapshot(t, delta.Open(store, "t", c)); s.Version() != 2 || s.NumFiles() != 2 || !strings.HasPrefix(s.ID(), "2") {
		t.Errorf("version %d of %s with %d files, want version 2 of the new table", s.Version(), s.ID(), s.NumFiles())
	}
}

// TestTableIsReplacedBeforeTheCommit replaces a table in the very moment that the version is taken: what the commit would be put behind is another table's.
func TestTableIsReplacedBeforeTheCommit(t *testing.T) {
	t.Parallel()
	store := memory.New()
	create(t, store, stillConfig(1), nil)
	table := delta.Open(&interrupted{Store: store, before: func() error { replace(t, store, 3); return nil }}, "t", stillConfig(1))
	if v, err := commitFiles(t.Context(), table, []*delta.File{file("mixed", "")}); !errors.Is(err, &delta.ConflictError{Kind: delta.MetadataChanged}) {
		t.Errorf("version %d, %v, want MetadataChanged", v, err)
	}
	if got := paths(snapshot(t, delta.Open(store, "t", stillConfig(3)))); !slices.Equal(got, []string{"2-0", "2-1", "2-2"}) {
		t.Errorf("the new table has %v", got)
	}
}

// TestCleaningOfReplacedTable replaces a table between the listing of what is old of it and its removal.
func TestCleaningOfReplacedTable(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]struct {
		folder string
		clean  func(*delta.Table) error
	}{
		"CleanLog": {"t/_delta_log/", func(table *delta.Table) error {
			_, err := table.CleanLog(t.Context())
			return err
		}},
		"VACUUM": {"t/", func(table *delta.Table) error {
			_, err := table.Vacuum(t.Context(), delta.VacuumOptions{Retention: -1, Force: true, NoLog: true})
			return err
		}},
	} {
		store, c, table := aging(t, map[string]string{"delta.logRetentionDuration": "interval 1 day", "delta.enableExpiredLogCleanup": "false"}, 22)
		if _, err := storage.Put(t.Context(), store, "t/f-of-nobody", []byte("x")); err != nil {
			t.Fatal(err)
		}
		snapshot(t, table)
		var before []string
		s := &listed{store, run.folder, 0, func() {
			replace(t, store, 5)
			if _, err := storage.Put(t.Context(), store, "t/f-of-nobody", []byte("x")); err != nil {
				t.Error(err)
			}
			before = objectKeys(t, store)
		}}
		if name == "CleanLog" {
			s.skip = 1 // that of the newest snapshot
		}
		c.Clock = func() time.Time { return time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC) }
		err := run.clean(delta.Open(s, "t", c))
		if got := objectKeys(t, store); !errors.Is(err, &delta.ConflictError{Kind: delta.MetadataChanged}) || s.after != nil || !slices.Equal(got, before) {
			t.Errorf("%s: %v, left are %v of %v; want MetadataChanged, and everything", name, err, got, before)
		}
	}
}

func objectKeys(t *testing.T, store storage.Store) (list []string) {
	t.Helper()
	for info, err := range store.List(t.Context(), "t/", "") {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, info.Key)
	}
	return list
}
