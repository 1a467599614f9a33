package delta_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema/schematest"
	"github.com/medallion-go/medallion/storage"
)

// testConfig has a clock that moves on by a second with each look and IDs that count.
func testConfig() delta.Config {
	var ticks, ids atomic.Int64
	return delta.Config{
		Clock:   func() time.Time { return time.Date(2026, 1, 1, 0, 0, int(ticks.Add(1)), 0, time.UTC) },
		NewID:   func() string { return fmt.Sprintf("00000000-0000-0000-0000-%012d", ids.Add(1)) },
		Backoff: time.Microsecond,
	}
}

func ddl(t testing.TB, text string) *arrow.Schema {
	t.Helper()
	return schematest.DDL(t, text)
}

// create makes an empty table of two columns.
func create(t testing.TB, store storage.Store, c delta.Config, properties map[string]string) *delta.Table {
	t.Helper()
	table := delta.Open(store, "t", c)
	tx := table.Begin(nil, delta.Operation{Name: "CREATE TABLE"})
	if err := tx.SetMetadata(ddl(t, "id BIGINT, name STRING"), delta.Metadata{Configuration: properties}); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	return table
}

// file is a data file that lies nowhere, for tests of the log.
func file(path string, stats string) *delta.File {
	return &delta.File{Path: path, Size: 100, ModificationTime: 1, DataChange: true, Stats: stats}
}

// commitFiles commits adds and removes on the newest snapshot.
func commitFiles(ctx context.Context, table *delta.Table, adds []*delta.File, removes ...*delta.File) (int64, error) {
	s, err := table.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	tx := table.Begin(s, delta.Operation{Name: "WRITE"})
	tx.Add(adds...)
	tx.Remove(removes...)
	return tx.Commit(ctx)
}

func paths(s *delta.Snapshot) []string {
	list := []string{}
	for f := range s.Files() {
		list = append(list, f.Path)
	}
	return list
}

// putCommit writes a commit as another writer would.
func putCommit(t testing.TB, store storage.Store, version int64, text string) {
	t.Helper()
	if err := store.PutIfAbsent(t.Context(), fmt.Sprintf("t/_delta_log/%020d.json", version), []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// sortedLines sorts lines.
func sortedLines(lines []string) []string {
	sorted := slices.Clone(lines)
	slices.Sort(sorted)
	return sorted
}

// countingStore counts the objects that are opened.
type countingStore struct {
	storage.Store
	opened int32
}

// Open counts.
func (s *countingStore) Open(ctx context.Context, key string) (storage.Object, error) {
	atomic.AddInt32(&s.opened, 1)
	return s.Store.Open(ctx, key)
}

// commitKey is the name of a version's commit.
func commitKey(version int) string { return fmt.Sprintf("%020d.json", version) }
