package delta_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/local"
	"github.com/medallion-go/medallion/storage/memory"
)

func at(t *testing.T, table *delta.Table, version int64) *delta.Snapshot {
	t.Helper()
	s, err := table.SnapshotAt(t.Context(), version)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sortedRows(t *testing.T, s *delta.Snapshot) []string {
	t.Helper()
	plan, err := s.Scan(delta.ScanConfig{})
	if err != nil {
		t.Fatal(err)
	}
	list := lines(t, plan)
	slices.Sort(list)
	return list
}

func TestRestore(t *testing.T) {
	t.Parallel()
	table := filled(t, checked(t), opColumns, []string{"p"}, opRows1, opRows2)
	want := sortedRows(t, snapshot(t, table))
	if _, err := table.Update(t.Context(), map[string]string{"v": "v + 1"}, "p = 'a'", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Delete(t.Context(), "p = 'b'", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.SetProperties(t.Context(), map[string]string{"delta.appendOnly": "false", "x": "y"}); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, table)
	res, err := table.Restore(t.Context(), at(t, table, 2), delta.RestoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := snapshot(t, table)
	if diff := cmp.Diff(want, sortedRows(t, s)); diff != "" || res.Version != 6 {
		t.Errorf("version %d, rows (-want +got):\n%s", res.Version, diff)
	}
	if s.Property("x") != "" || s.ID() != before.ID() {
		t.Errorf("property x is %q, ID %s, want none and %s", s.Property("x"), s.ID(), before.ID())
	}
	m := res.Metrics
	if m["numRestoredFiles"] != 3 || m["numRemovedFiles"] != 1 || m["numOfFilesAfterRestore"] != 4 || m["tableSizeAfterRestore"] != s.Size() {
		t.Errorf("metrics %v", m)
	}
	history, err := table.History(t.Context(), 1)
	if err != nil || history[0].Operation != "RESTORE" || history[0].Parameters["version"] != "2" {
		t.Errorf("%v, %+v, want RESTORE of version 2", err, history)
	}
	again, err := table.Restore(t.Context(), before, delta.RestoreOptions{})
	if err != nil || !cmp.Equal(sortedRows(t, snapshot(t, table)), sortedRows(t, before)) || again.Version != 7 {
		t.Errorf("back again: %+v, %v", again, err)
	}
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	store := memory.New()
	table := delta.Open(store, "t", testConfig())
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, opColumns)}); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{opRows1, opRows2} {
		if _, err := table.Append(t.Context(), rows(t, alloc, opColumns, text), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	full := snapshot(t, table)
	if _, err := table.Restore(t.Context(), full, delta.RestoreOptions{}); !errors.Is(err, delta.ErrVersionNotFound) {
		t.Errorf("the newest version: %v, want ErrVersionNotFound", err)
	}
	if _, err := table.Delete(t.Context(), "true", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	gone := paths(full)[0]
	if err := store.Delete(t.Context(), "t/"+gone); err != nil {
		t.Fatal(err)
	}
	_, err := table.Restore(t.Context(), full, delta.RestoreOptions{})
	var missing *delta.MissingFilesError
	if !errors.As(err, &missing) || missing.Version != 2 || !cmp.Equal(missing.Files, []string{gone}) {
		t.Errorf("%v, want that %s is missing", err, gone)
	}
	res, err := table.Restore(t.Context(), full, delta.RestoreOptions{IgnoreMissing: true})
	if err != nil || res.Metrics["numRestoredFiles"] != 1 || len(sortedRows(t, snapshot(t, table))) != 2 {
		t.Errorf("%+v, %v, want one file of two rows", res, err)
	}
	c := testConfig()
	c.NewID = func() string { return "other" }
	other := create(t, memory.New(), c, nil)
	if _, err := other.Restore(t.Context(), full, delta.RestoreOptions{}); err == nil || !strings.Contains(err.Error(), "another table") {
		t.Errorf("%v, want that the version is another table's", err)
	}
}

// TestRestoreVectors goes back to before rows were deleted by a vector, and forth again.
func TestRestoreVectors(t *testing.T) {
	t.Parallel()
	table := vectored(t)
	deleted := snapshot(t, table)
	for _, old := range []*delta.Snapshot{at(t, table, 1), deleted} {
		if _, err := table.Restore(t.Context(), old, delta.RestoreOptions{}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(sortedRows(t, old), sortedRows(t, snapshot(t, table))); diff != "" {
			t.Errorf("version %d (-want +got):\n%s", old.Version(), diff)
		}
	}
	if p := snapshot(t, table).Protocol(); p.MinReaderVersion != 3 {
		t.Errorf("protocol %+v, want that it is not lowered", p)
	}
}

// TestRestoreBesideAppend appends between a RESTORE's first look at the table and its commit.
func TestRestoreBesideAppend(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	store := filledStore(t, alloc)
	other := delta.Open(store, "t", testConfig())
	if _, err := other.Append(t.Context(), rows(t, alloc, opColumns, opRows2), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	table := delta.Open(&interrupted{Store: store, before: func() error {
		_, err := other.Append(t.Context(), rows(t, alloc, opColumns, opRows2), delta.WriteOptions{})
		return err
	}}, "t", testConfig())
	_, err := table.Restore(t.Context(), at(t, table, 1), delta.RestoreOptions{})
	if !errors.Is(err, &delta.ConflictError{Kind: delta.ConcurrentAppend}) {
		t.Errorf("%v, want a conflict with the append", err)
	}
}

// emptied is a table whose two files were removed by its newest version, a month ago.
func emptied(t *testing.T) (storage.Store, delta.Config) {
	t.Helper()
	now := newClock()
	store := memory.Config{Now: now.time}.New()
	c := delta.Config{Clock: now.time, Alloc: checked(t)}
	table := delta.Open(store, "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, opColumns)}); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{opRows1, opRows2} {
		if _, err := table.Append(t.Context(), rows(t, c.Alloc, opColumns, text), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := table.Delete(t.Context(), "true", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	now.now = now.now.Add(30 * day)
	return store, c
}

// TestVacuumBesideRestore restores a version after VACUUM has found that nobody needs its files, and before it removes them: they stay.
func TestVacuumBesideRestore(t *testing.T) {
	t.Parallel()
	for _, lite := range []bool{false, true} {
		store, c := emptied(t)
		other := delta.Open(store, "t", c)
		table := delta.Open(&interrupted{Store: store, before: func() error {
			_, err := other.Restore(t.Context(), at(t, other, 1), delta.RestoreOptions{})
			return err
		}}, "t", c)
		res, err := table.Vacuum(t.Context(), delta.VacuumOptions{Lite: lite})
		if err != nil || len(res.Files) != 1 {
			t.Errorf("lite %v: %+v, %v, want the file that version 1 does not have", lite, res, err)
		}
		if diff := cmp.Diff(sortedRows(t, at(t, other, 1)), sortedRows(t, snapshot(t, other))); diff != "" {
			t.Errorf("lite %v: rows (-want +got):\n%s", lite, diff)
		}
	}
}

// TestRestoreBesideVacuum removes a file that RESTORE has seen, right before its commit.
func TestRestoreBesideVacuum(t *testing.T) {
	t.Parallel()
	store, c := emptied(t)
	old := at(t, delta.Open(store, "t", c), 2)
	gone := paths(old)[1]
	table := delta.Open(&interrupted{Store: store, before: func() error { return store.Delete(t.Context(), "t/"+gone) }}, "t", c)
	_, err := table.Restore(t.Context(), old, delta.RestoreOptions{})
	var missing *delta.MissingFilesError
	if !errors.As(err, &missing) || !missing.Restored || missing.Version != 4 || !cmp.Equal(missing.Files, []string{gone}) {
		t.Errorf("%v, want that version 4 lacks %s", err, gone)
	}
}

func localStore(t *testing.T) *local.Store {
	t.Helper()
	store, err := local.Config{NoSync: true}.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// TestShallowClone clones a version, and changes both tables: neither sees what the other does.
func TestShallowClone(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	store := localStore(t)
	c := testConfig()
	c.Alloc = alloc
	source := delta.Open(store, "a b/source", c)
	definition := delta.Definition{Schema: ddl(t, opColumns), PartitionBy: []string{"p"}, Properties: map[string]string{"delta.enableDeletionVectors": "true", "x": "1"}}
	if _, err := source.Create(t.Context(), definition); err != nil {
		t.Fatal(err)
	}
	if err := source.Checkpoint(t.Context(), snapshot(t, source)); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{opRows1, opRows2} {
		if _, err := source.Append(t.Context(), rows(t, alloc, opColumns, text), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := source.Delete(t.Context(), "id = 1", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	clone := delta.Open(store, "c", c)
	first := snapshot(t, source)
	res, err := first.ShallowClone(t.Context(), clone, delta.CloneOptions{Properties: map[string]string{"x": "2"}})
	if err != nil {
		t.Fatal(err)
	}
	s := snapshot(t, clone)
	if diff := cmp.Diff(sortedRows(t, first), sortedRows(t, s)); diff != "" {
		t.Fatalf("rows (-want +got):\n%s", diff)
	}
	if res.Version != 0 || res.Metrics["sourceNumOfFiles"] != int64(first.NumFiles()) || s.Property("x") != "2" || s.ID() == first.ID() {
		t.Errorf("%+v, property %s, ID %s; want version 0, 2, and an ID of its own", res, s.Property("x"), s.ID())
	}
	if diff := cmp.Diff(first.Protocol(), s.Protocol()); diff != "" {
		t.Errorf("protocol (-want +got):\n%s", diff)
	}
	if _, err := clone.Delete(t.Context(), "id = 4", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := clone.Append(t.Context(), rows(t, alloc, opColumns, opRows1), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	want := sortedRows(t, snapshot(t, clone))
	if got := sortedRows(t, snapshot(t, source)); !cmp.Equal(got, sortedRows(t, first)) {
		t.Errorf("the source has now %v", got)
	}
	if _, err := clone.Optimize(t.Context(), "", delta.OptimizeOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := clone.Vacuum(t.Context(), delta.VacuumOptions{Retention: -1, Force: true}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, sortedRows(t, snapshot(t, clone))); diff != "" {
		t.Errorf("the clone's rows after OPTIMIZE and VACUUM (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(sortedRows(t, first), sortedRows(t, snapshot(t, source))); diff != "" {
		t.Errorf("the source's rows after VACUUM of its clone (-want +got):\n%s", diff)
	}
}

// addressed is a store whose objects have addresses as those of a bucket: with nothing escaped.
type addressed struct{ storage.Store }

func (addressed) URL(key string) string { return "s3://bucket/a lake/" + key }

// TestShallowCloneInBucket has partitions whose folders have escapes in their names.
func TestShallowCloneInBucket(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	store := addressed{memory.New()}
	source, clone := delta.Open(store, "t", testConfig()), delta.Open(store, "c", testConfig())
	if _, err := source.Create(t.Context(), delta.Definition{Schema: ddl(t, opColumns), PartitionBy: []string{"p"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := source.Append(t.Context(), rows(t, alloc, opColumns, `[{"id": 1, "p": "50% / ä", "v": 1}, {"id": 2, "p": null, "v": 2}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot(t, source).ShallowClone(t.Context(), clone, delta.CloneOptions{}); err != nil {
		t.Fatal(err)
	}
	s := snapshot(t, clone)
	if diff := cmp.Diff(sortedRows(t, snapshot(t, source)), sortedRows(t, s)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	for f := range s.Files() {
		if !strings.HasPrefix(f.Path, "s3://bucket/a%20lake/t/p=") {
			t.Errorf("path %s, want its whole address", f.Path)
		}
	}
	if res, err := clone.Vacuum(t.Context(), delta.VacuumOptions{Retention: -1, Force: true}); err != nil || len(res.Files) > 0 {
		t.Errorf("VACUUM of the clone: %+v, %v, want nothing to remove", res, err)
	}
}

// TestVacuumOfCloneSparesSource has the cloned table lie under its clone.
func TestVacuumOfCloneSparesSource(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	now := newClock()
	store := addressed{memory.Config{Now: now.time}.New()}
	source, clone := delta.Open(store, "c/t", now.config()), delta.Open(store, "c", now.config())
	if _, err := source.Create(t.Context(), delta.Definition{Schema: ddl(t, opColumns)}); err != nil {
		t.Fatal(err)
	}
	if _, err := source.Append(t.Context(), rows(t, alloc, opColumns, opRows1), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot(t, source).ShallowClone(t.Context(), clone, delta.CloneOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := clone.Delete(t.Context(), "true", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	now.now = now.now.Add(30 * day)
	for _, lite := range []bool{true, false} {
		if res, err := clone.Vacuum(t.Context(), delta.VacuumOptions{Lite: lite}); err != nil || len(res.Files) > 0 {
			t.Errorf("lite %v: %+v, %v, want nothing to remove", lite, res, err)
		}
	}
	if got := sortedRows(t, snapshot(t, source)); len(got) != 3 {
		t.Errorf("the source's rows %v, want 3", got)
	}
}

func TestShallowCloneOfClone(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	store := localStore(t)
	open := func(path string) *delta.Table { return delta.Open(store, path, testConfig()) }
	if _, err := open("a").Create(t.Context(), delta.Definition{Schema: ddl(t, opColumns)}); err != nil {
		t.Fatal(err)
	}
	if _, err := open("a").Append(t.Context(), rows(t, alloc, opColumns, opRows1), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]string{{"a", "b"}, {"b", "c"}} {
		if _, err := snapshot(t, open(pair[0])).ShallowClone(t.Context(), open(pair[1]), delta.CloneOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if got := sortedRows(t, snapshot(t, open("c"))); len(got) != 3 {
		t.Errorf("rows %v, want 3", got)
	}
}

func TestShallowCloneRefuses(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	store := localStore(t)
	source := delta.Open(store, "s", testConfig())
	if _, err := source.Create(t.Context(), delta.Definition{Schema: ddl(t, opColumns)}); err != nil {
		t.Fatal(err)
	}
	if _, err := source.Append(t.Context(), rows(t, alloc, opColumns, opRows1), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	s := snapshot(t, source)
	if _, err := s.ShallowClone(t.Context(), source, delta.CloneOptions{}); !errors.Is(err, delta.ErrTableExists) {
		t.Errorf("over itself: %v, want ErrTableExists", err)
	}
	if _, err := s.ShallowClone(t.Context(), source, delta.CloneOptions{Replace: true}); !errors.Is(err, delta.ErrTableExists) {
		t.Errorf("over a table with files: %v, want ErrTableExists", err)
	}
	var unsupported *delta.UnsupportedError
	if _, err := s.ShallowClone(t.Context(), delta.Open(localStore(t), "c", testConfig()), delta.CloneOptions{}); !errors.As(err, &unsupported) {
		t.Errorf("in another store: %v, want an UnsupportedError", err)
	}
	inMemory := filled(t, alloc, opColumns, nil, opRows1)
	if _, err := snapshot(t, inMemory).ShallowClone(t.Context(), delta.Open(memory.New(), "c", testConfig()), delta.CloneOptions{}); !errors.As(err, &unsupported) {
		t.Errorf("in memory: %v, want an UnsupportedError", err)
	}
	empty := delta.Open(store, "e", testConfig())
	if _, err := empty.Create(t.Context(), delta.Definition{Schema: ddl(t, "x INT"), Name: "mine"}); err != nil {
		t.Fatal(err)
	}
	if res, err := s.ShallowClone(t.Context(), empty, delta.CloneOptions{Replace: true}); err != nil || res.Version != 1 || len(sortedRows(t, snapshot(t, empty))) != 3 {
		t.Errorf("over an empty table: %+v, %v, want version 1 with three rows", res, err)
	}
}
