package delta_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/memory"
)

// TestAddedSinceIsNet has a writer replace rows that it had just appended: seen from before, rows were only added; seen from in between, they were changed.
func TestAddedSinceIsNet(t *testing.T) {
	t.Parallel()
	table := create(t, memory.New(), testConfig(), nil)
	before := mustCommit(t, table, []*delta.File{file("a", "")})
	first := mustCommit(t, table, []*delta.File{file("b", ""), file("c", "")})
	mustCommit(t, table, []*delta.File{file("d", "")}, file("b", ""))
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	added, appended, err := s.AddedSince(t.Context(), before)
	if err != nil || !appended {
		t.Fatalf("since version %d: got appended %v, error %v, want true", before, appended, err)
	}
	var names []string
	for _, f := range added {
		names = append(names, f.Path)
	}
	if diff := cmp.Diff([]string{"c", "d"}, names); diff != "" {
		t.Errorf("files added since version %d (-want +got):\n%s", before, diff)
	}
	if _, appended, err := s.AddedSince(t.Context(), first); err != nil || appended {
		t.Errorf("since version %d: got appended %v, error %v, want false: its rows were replaced", first, appended, err)
	}
}

func mustCommit(t *testing.T, table *delta.Table, adds []*delta.File, removes ...*delta.File) int64 {
	t.Helper()
	v, err := commitFiles(t.Context(), table, adds, removes...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
