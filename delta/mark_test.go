package delta_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/local"
	"github.com/medallion-go/medallion/storage/memory"
)

// TestTableReplacedByItsLike holds a table while another is put in its place, whose commits are as long to the byte.
func TestTableReplacedByItsLike(t *testing.T) {
	t.Parallel()
	stores := map[string]func(*testing.T) storage.Store{
		"memory": func(*testing.T) storage.Store { return memory.New() },
		"local": func(t *testing.T) storage.Store {
			s, err := local.New(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
	}
	for name, open := range stores {
		for _, read := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, read %v", name, read), func(t *testing.T) {
				t.Parallel()
				store := open(t)
				c := testConfig()
				c.CheckpointInterval, c.Freshness = -1, time.Nanosecond
				first, sizes := tableOf(t, store, c, "1")
				held := delta.Open(store, "t", c)
				if !read {
					held = first // which has made the newest commit itself
				}
				old := snapshot(t, held)
				if !read {
					if _, err := commitFiles(t.Context(), held, []*delta.File{file("1-2", "")}); err != nil {
						t.Fatal(err)
					}
					sizes = sizesOf(t, store)
				}
				for key := range sizes {
					if err := store.Delete(t.Context(), key); err != nil {
						t.Fatal(err)
					}
				}
				other := testConfig()
				other.NewID = func() string { return "10000000-0000-0000-0000-000000000000" }
				other.CheckpointInterval = -1
				second, _ := tableOf(t, store, other, "2")
				if !read {
					if _, err := commitFiles(t.Context(), second, []*delta.File{file("2-2", "")}); err != nil {
						t.Fatal(err)
					}
				}
				for key, size := range sizesOf(t, store) {
					if sizes[key] != size {
						t.Fatalf("%s has %d bytes, and %d in the table before: nothing is tested", key, size, sizes[key])
					}
				}
				if got := snapshot(t, held); got.ID() == old.ID() || paths(got)[0] != "2-1" {
					t.Errorf("the snapshot is of %v, want the table that is there now", paths(got))
				}
			})
		}
	}
}

// tableOf makes a table of one file, and gives its log's objects.
func tableOf(t *testing.T, store storage.Store, c delta.Config, name string) (*delta.Table, map[string]int64) {
	t.Helper()
	table := create(t, store, c, nil)
	if _, err := commitFiles(t.Context(), table, []*delta.File{file(name+"-1", "")}); err != nil {
		t.Fatal(err)
	}
	return table, sizesOf(t, store)
}

func sizesOf(t *testing.T, store storage.Store) map[string]int64 {
	t.Helper()
	sizes := make(map[string]int64)
	for info, err := range store.List(t.Context(), "t/", "") {
		if err != nil {
			t.Fatal(err)
		}
		sizes[info.Key] = info.Size
	}
	return sizes
}
