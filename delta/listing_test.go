package delta_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// overlooking is a store whose listings leave out an object at first, as those of a folder may that others write to at the time.
type overlooking struct {
	storage.Store
	name string
	left int
}

func (o *overlooking) List(ctx context.Context, prefix, startAfter string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		skip := o.left > 0
		o.left--
		for info, err := range o.Store.List(ctx, prefix, startAfter) {
			if (!skip || !strings.HasSuffix(info.Key, o.name)) && !yield(info, err) {
				return
			}
		}
	}
}

// TestListingsThatOverlookCommits: a commit that the listing leaves out while it has later ones is there, and the log is not damaged; one that is not there is missed.
func TestListingsThatOverlookCommits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		version    int
		checkpoint bool
	}{{"the first", 0, false}, {"a later one", 3, false}, {"the one after the checkpoint", 3, true}, {"the last but one", 4, true}} {
		for _, kept := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				inner := memory.New()
				c := testConfig()
				c.CheckpointInterval = -1
				table := create(t, inner, c, nil)
				s := &overlooking{Store: inner, name: commitKey(tt.version)}
				reader := delta.Open(s, "t", c)
				for version := 1; version <= 5; version++ {
					if version == 3 && kept {
						snapshot(t, reader)
					}
					if _, err := commitFiles(t.Context(), table, []*delta.File{file(commitKey(version), "")}); err != nil {
						t.Fatal(err)
					}
					if version == 2 && tt.checkpoint {
						if err := table.Checkpoint(t.Context(), snapshot(t, table)); err != nil {
							t.Fatal(err)
						}
					}
				}
				s.left = 2
				if got, err := reader.Snapshot(t.Context()); err != nil || got.Version() != 5 || got.NumFiles() != 5 {
					t.Fatalf("Snapshot = %v, %v, want version 5 with 5 files", got, err)
				}
				if tt.version == 0 {
					return
				}
				if err := inner.Delete(t.Context(), "t/_delta_log/"+commitKey(tt.version)); err != nil {
					t.Fatal(err)
				}
				var corrupt *delta.CorruptError
				if _, err := delta.Open(inner, "t", c).Snapshot(t.Context()); !errors.As(err, &corrupt) || corrupt.Version != int64(tt.version) {
					t.Errorf("Snapshot = %v, want that commit %d is missing", err, tt.version)
				}
			})
		}
	}
}
