package delta_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// aging is a table of one commit a day, at noon, from the first of January 2026 on; the clock stands at noon after the last.
func aging(t *testing.T, properties map[string]string, commits int) (storage.Store, delta.Config, *delta.Table) {
	t.Helper()
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	store := memory.Config{Now: func() time.Time { return now }}.New()
	c := testConfig()
	c.Clock = func() time.Time { return now }
	create(t, store, c, properties)
	const first, protection = "t/_delta_log/00000000000000000000.json", "delta.requireCheckpointProtectionBeforeVersion"
	text, err := storage.ReadAll(t.Context(), store, first)
	if err != nil {
		t.Fatal(err)
	}
	// Only writers that drop a feature set it.
	if _, err := storage.Put(t.Context(), store, first, bytes.Replace(text, []byte("protected"), []byte(protection), 1)); err != nil {
		t.Fatal(err)
	}
	table := delta.Open(store, "t", c)
	for i := range commits {
		now = now.Add(24 * time.Hour)
		if _, err := commitFiles(t.Context(), table, []*delta.File{file(fmt.Sprint("f", i), "")}); err != nil {
			t.Fatal(err)
		}
	}
	return store, c, table
}

// versions are those of the log's objects whose names end so.
func versions(t *testing.T, store storage.Store, end string) string {
	t.Helper()
	var list []string
	for info, err := range store.List(t.Context(), "t/_delta_log/0", "") {
		if err != nil {
			t.Fatal(err)
		}
		if name := strings.TrimPrefix(info.Key, "t/_delta_log/"); strings.HasSuffix(name, end) {
			list = append(list, strings.TrimLeft(name[:19], "0")+name[19:20])
		}
	}
	return strings.Join(list, " ")
}

// TestCommitsCleanTheLog keeps the checkpoint, and its commit, from which the versions of the retention's time can be rebuilt.
func TestCommitsCleanTheLog(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                 string
		properties           map[string]string
		commits, checkpoints string
	}{
		{"a week", map[string]string{"delta.logRetentionDuration": "interval 7 days"}, "10 11 12 13 14 15 16 17 18 19 20", "10 20"},
		{"a day", map[string]string{"delta.logRetentionDuration": "interval 1 day"}, "10 11 12 13 14 15 16 17 18 19 20", "10 20"},
		{"none", map[string]string{"delta.logRetentionDuration": "interval 0 hours"}, "10 11 12 13 14 15 16 17 18 19 20", "10 20"},
		{"longer than the log", nil, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20", "10 20"},
		{
			"not enabled",
			map[string]string{"delta.logRetentionDuration": "interval 1 day", "delta.enableExpiredLogCleanup": "false"},
			"0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20", "10 20",
		},
		{
			"protected",
			map[string]string{
				"delta.logRetentionDuration": "interval 1 day", "delta.feature.checkpointProtection": "supported", "protected": "11",
			},
			"0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20", "10 20",
		},
		{
			"no longer protected",
			map[string]string{
				"delta.logRetentionDuration": "interval 1 day", "delta.feature.checkpointProtection": "supported", "protected": "10",
			},
			"10 11 12 13 14 15 16 17 18 19 20", "10 20",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store, c, _ := aging(t, tt.properties, 20)
			got := []string{versions(t, store, ".json"), versions(t, store, ".checkpoint.parquet"), versions(t, store, ".crc")}
			if diff := cmp.Diff([]string{tt.commits, tt.checkpoints, tt.commits}, got); diff != "" {
				t.Errorf("commits, checkpoints and checksum files (-want +got):\n%s", diff)
			}
			if s := snapshot(t, delta.Open(store, "t", c)); s.NumFiles() != 20 {
				t.Errorf("%d files are left of 20", s.NumFiles())
			}
			if s, err := delta.Open(store, "t", c).SnapshotAt(t.Context(), 12); err != nil || s.NumFiles() != 12 {
				t.Errorf("version 12: %v", err)
			}
			_, err := delta.Open(store, "t", c).SnapshotAt(t.Context(), 9)
			var gone *delta.VersionError
			if strings.HasPrefix(tt.commits, "10") != errors.As(err, &gone) || gone != nil && (!gone.Cleaned || !slices.Equal(gone.Readable, []delta.VersionRange{{First: 10, Last: 20}})) {
				t.Errorf("version 9: %v", err)
			}
		})
	}
}

// TestCleanLogOfV2Checkpoints removes sidecars and compactions of the past, and spares sidecars that a checkpoint names or that are young.
func TestCleanLogOfV2Checkpoints(t *testing.T) {
	t.Parallel()
	properties := map[string]string{"delta.logRetentionDuration": "interval 1 day", "delta.checkpointPolicy": "v2", "delta.enableExpiredLogCleanup": "false"}
	store, _, table := aging(t, properties, 25)
	count := func(prefix string) (n int) {
		for _, err := range store.List(t.Context(), "t/_delta_log/"+prefix, "") {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n
	}
	for _, r := range [][2]int64{{3, 5}, {20, 22}, {21, 23}} {
		if err := table.CompactLog(t.Context(), r[0], r[1]); err != nil {
			t.Fatal(err)
		}
	}
	want := describe(t, snapshot(t, table))
	if _, err := storage.Put(t.Context(), store, "t/_delta_log/_sidecars/young.parquet", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if n := count("_sidecars/"); n != 3 {
		t.Fatalf("%d sidecars, want one of each checkpoint and a young one", n)
	}
	n, err := table.CleanLog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// 20 commits and checksum files, one checkpoint and its sidecar, and the compactions that begin at 3 and 20.
	if got := versions(t, store, "json"); n != 44 || got != "20 20 21 21 22 23 24 25" || count("_sidecars/") != 2 {
		t.Errorf("%d objects went; left are %s and %d sidecars", n, got, count("_sidecars/"))
	}
	if diff := cmp.Diff(want, describe(t, snapshot(t, delta.Open(store, "t", testConfig())))); diff != "" {
		t.Errorf("snapshot (-before +after):\n%s", diff)
	}
	if n, err := table.CleanLog(t.Context()); n != 0 || err != nil {
		t.Errorf("again: %d objects, %v", n, err)
	}
}

// TestCleanLogSparesYoungTables: where no commit is old enough to go, sidecars that are older than a day stay too.
func TestCleanLogSparesYoungTables(t *testing.T) {
	t.Parallel()
	store, c, table := aging(t, map[string]string{"delta.checkpointPolicy": "v2"}, 25)
	before := len(logKeys(t, store))
	if n, err := table.CleanLog(t.Context()); n != 0 || err != nil {
		t.Errorf("%d objects went, %v", n, err)
	}
	if n, err := delta.Open(store, "t", c).CleanLog(t.Context()); n != 0 || err != nil {
		t.Errorf("%d objects went, %v", n, err)
	}
	var warnings bytes.Buffer
	c.Logger = slog.New(slog.NewTextHandler(&warnings, nil))
	if s := snapshot(t, delta.Open(store, "t", c)); s.NumFiles() != 25 || warnings.Len() > 0 || len(logKeys(t, store)) != before {
		t.Errorf("%d files of 25, %d objects of %d, warnings: %s", s.NumFiles(), len(logKeys(t, store)), before, warnings.String())
	}
}

func logKeys(t *testing.T, store storage.Store) []string {
	t.Helper()
	var list []string
	for info, err := range store.List(t.Context(), "t/_delta_log/", "") {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, info.Key)
	}
	return list
}

// listed is a store on which something happens once, right after a listing of a folder has ended, the first or, where some are to be passed over, a later one.
type listed struct {
	storage.Store
	folder string
	skip   int
	after  func()
}

func (s *listed) List(ctx context.Context, prefix, startAfter string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		s.Store.List(ctx, prefix, startAfter)(yield)
		if s.after == nil || prefix != s.folder {
			return
		}
		if s.skip--; s.skip < 0 {
			after := s.after
			s.after = nil
			after()
		}
	}
}

// TestLogIsCleanedWhileItIsRead is about a reader that takes so long between the listing of the log and its reading that others write a checkpoint and clean it up.
func TestLogIsCleanedWhileItIsRead(t *testing.T) {
	t.Parallel()
	properties := map[string]string{"delta.logRetentionDuration": "interval 1 day", "delta.enableExpiredLogCleanup": "false"}
	for name, upTo := range map[string]int64{"the newest": -1, "one that is there": 21, "one that is no more": 15} {
		store, c, table := aging(t, properties, 22)
		if err := store.Delete(t.Context(), "t/_delta_log/00000000000000000020.checkpoint.parquet", "t/_delta_log/_last_checkpoint"); err != nil {
			t.Fatal(err)
		}
		slow := delta.Open(&listed{store, "t/_delta_log/", 0, func() {
			err := table.Checkpoint(t.Context(), at(t, table, 20))
			if err == nil {
				_, err = table.CleanLog(t.Context())
			}
			if err != nil || versions(t, store, ".json") != "20 21 22" {
				t.Errorf("%v, commits %s", err, versions(t, store, ".json"))
			}
		}}, "t", c)
		var s *delta.Snapshot
		var err error
		if upTo < 0 {
			s, err = slow.Snapshot(t.Context())
		} else {
			s, err = slow.SnapshotAt(t.Context(), upTo)
		}
		switch {
		case upTo == 15 && kind(err) != "cleaned 20 to 22":
			t.Errorf("%s: %v, want that it was cleaned up", name, err)
		case upTo != 15 && (err != nil || int64(s.NumFiles()) != s.Version()):
			t.Errorf("%s: %v", name, err)
		}
	}
}
