package delta_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/memory"
)

// numbered is a file with ids from lo to hi.
func numbered(path, lo, hi string) *delta.File {
	return file(path, `{"numRecords":1,"minValues":{"id":`+lo+`},"maxValues":{"id":`+hi+`},"nullCount":{"id":0}}`)
}

// TestConflicts commits W while L is under way, then L: the matrix of reference writers, cell by cell.
func TestConflicts(t *testing.T) {
	t.Parallel()
	type change func(t *testing.T, tx *delta.Transaction, s *delta.Snapshot)
	add := func(path, lo, hi string) change {
		return func(_ *testing.T, tx *delta.Transaction, _ *delta.Snapshot) { tx.Add(numbered(path, lo, hi)) }
	}
	remove := func(path string) change {
		return func(t *testing.T, tx *delta.Transaction, s *delta.Snapshot) {
			for f := range s.Files() {
				if f.Path == path {
					tx.Remove(f)
					return
				}
			}
			t.Fatalf("no file %s", path)
		}
	}
	read := func(sql string) change {
		return func(t *testing.T, tx *delta.Transaction, s *delta.Snapshot) {
			p, err := s.Predicate(sql)
			if err != nil {
				t.Fatal(err)
			}
			tx.Read(p)
		}
	}
	readAll := func(_ *testing.T, tx *delta.Transaction, _ *delta.Snapshot) { tx.ReadWholeTable() }
	addColumn := func(t *testing.T, tx *delta.Transaction, _ *delta.Snapshot) {
		if err := tx.UpdateSchema(ddl(t, "id BIGINT, name STRING, more INT")); err != nil {
			t.Fatal(err)
		}
	}
	txn := func(app string) change {
		return func(_ *testing.T, tx *delta.Transaction, _ *delta.Snapshot) { tx.SetTxn(app, 7) }
	}
	write, optimize := delta.Operation{Name: "WRITE"}, delta.Operation{Name: "OPTIMIZE", Rearranges: true}
	moved := func(path string) change {
		return func(_ *testing.T, tx *delta.Transaction, _ *delta.Snapshot) {
			f := numbered(path, "1", "9")
			f.DataChange = false
			tx.Add(f)
		}
	}
	tests := []struct {
		name   string
		level  string
		winner delta.Operation
		wins   []change
		loser  delta.Operation
		loses  []change
		want   delta.ConflictKind // 0: none
	}{
		{"append, append", "", write, []change{add("w", "1", "1")}, write, []change{add("l", "1", "1")}, 0},
		{"append, delete", "", write, []change{remove("a")}, write, []change{add("l", "1", "1")}, 0},
		{"append, compaction", "", optimize, []change{remove("a"), moved("w")}, write, []change{add("l", "1", "1")}, 0},
		{"append, metadata", "", write, []change{addColumn}, write, []change{add("l", "1", "1")}, delta.MetadataChanged},
		{"metadata, metadata", "", write, []change{addColumn}, write, []change{addColumn}, delta.MetadataChanged},
		{"overwrite, append", "", write, []change{add("w", "1", "1")}, write, []change{readAll, remove("a"), add("l", "1", "1")}, delta.ConcurrentAppend},
		{"overwrite, append, write-serializable", "WriteSerializable", write, []change{add("w", "1", "1")}, write, []change{readAll, remove("a"), add("l", "1", "1")}, 0},
		{"overwrite, append that read, write-serializable", "WriteSerializable", write, []change{read("id = 1"), add("w", "1", "1")}, write, []change{readAll, remove("a")}, delta.ConcurrentAppend},
		{"delete, append it would have read", "", write, []change{add("w", "15", "25")}, write, []change{read("id = 20"), remove("b")}, delta.ConcurrentAppend},
		{"delete, append beyond its rows by statistics", "", write, []change{add("w", "30", "39")}, write, []change{read("id = 20"), remove("b")}, 0},
		{"delete, append without statistics", "", write, []change{func(_ *testing.T, tx *delta.Transaction, _ *delta.Snapshot) { tx.Add(file("w", "")) }}, write, []change{read("id = 20"), remove("b")}, delta.ConcurrentAppend},
		{"delete, compaction adds only moved rows", "", optimize, []change{moved("w")}, write, []change{read("id = 5"), remove("a")}, 0},
		{"delete, delete of a file it read", "", write, []change{remove("a")}, write, []change{read("id = 5"), add("l", "5", "5")}, delta.ConcurrentDeleteRead},
		{"delete, delete of a file it did not read", "", write, []change{remove("b")}, write, []change{read("id = 5"), remove("a")}, 0},
		{"delete, delete of the same file", "", write, []change{remove("a")}, write, []change{remove("a")}, delta.ConcurrentDeleteDelete},
		{"compaction, append", "", write, []change{add("w", "1", "1")}, optimize, []change{readAll, remove("a"), moved("l")}, 0},
		{"compaction, delete of the same file", "", write, []change{remove("a")}, optimize, []change{remove("a"), moved("l")}, delta.ConcurrentDeleteDelete},
		{"same application", "", write, []change{txn("app")}, write, []change{txn("app")}, delta.ConcurrentTransaction},
		{"other application", "", write, []change{txn("other")}, write, []change{txn("app")}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := memory.New()
			properties := map[string]string{}
			if tt.level != "" {
				properties["delta.isolationLevel"] = tt.level
			}
			table := create(t, store, testConfig(), properties)
			if _, err := commitFiles(t.Context(), table, []*delta.File{numbered("a", "1", "9"), numbered("b", "20", "29")}); err != nil {
				t.Fatal(err)
			}
			s := snapshot(t, table)
			loser := table.Begin(s, tt.loser)
			for _, c := range tt.loses {
				c(t, loser, s)
			}
			other := delta.Open(store, "t", delta.Config{})
			winner := other.Begin(snapshot(t, other), tt.winner)
			for _, c := range tt.wins {
				c(t, winner, snapshot(t, other))
			}
			if _, err := winner.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			version, err := loser.Commit(t.Context())
			if tt.want == 0 {
				if err != nil || version != 3 {
					t.Errorf("Commit = %d, %v, want version 3", version, err)
				}
				return
			}
			var conflict *delta.ConflictError
			if !errors.As(err, &conflict) || conflict.Kind != tt.want || conflict.Version != 2 {
				t.Errorf("Commit = %v, want %v with version 2", err, tt.want)
			}
		})
	}
}

func TestTwoWritersCreate(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := delta.Open(store, "t", testConfig())
	tx := table.Begin(nil, delta.Operation{Name: "CREATE TABLE"})
	if err := tx.SetMetadata(ddl(t, "id INT"), delta.Metadata{}); err != nil {
		t.Fatal(err)
	}
	create(t, store, delta.Config{}, nil)
	_, err := tx.Commit(t.Context())
	for _, want := range []error{&delta.ConflictError{Kind: delta.ConcurrentCreate}, delta.ErrTableExists} {
		if !errors.Is(err, want) {
			t.Errorf("Commit = %v, want %v", err, want)
		}
	}
	if errors.Is(&delta.ConflictError{Kind: delta.ConcurrentAppend}, delta.ErrTableExists) {
		t.Error("a conflict with an append is said to be ErrTableExists")
	}
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, "id INT")}); !errors.Is(err, delta.ErrTableExists) {
		t.Errorf("Create = %v, want ErrTableExists", err)
	}
}

func TestAppendOnly(t *testing.T) {
	t.Parallel()
	table := create(t, memory.New(), testConfig(), map[string]string{"delta.appendOnly": "true"})
	if _, err := commitFiles(t.Context(), table, []*delta.File{file("a", "")}); err != nil {
		t.Fatal(err)
	}
	s := snapshot(t, table)
	if _, err := commitFiles(t.Context(), table, nil, slices.Collect(s.Files())...); !errors.Is(err, delta.ErrAppendOnly) {
		t.Errorf("removing rows = %v, want ErrAppendOnly", err)
	}
	tx := table.Begin(s, delta.Operation{Name: "OPTIMIZE", Rearranges: true})
	tx.Remove(slices.Collect(s.Files())...)
	tx.Add(file("b", ""))
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Errorf("rearranging rows = %v, want success", err)
	}
}
