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
)

// thinned is a table of 23 versions, one a day, with checkpoints 10 and 20, of which some commits are no longer there.
func thinned(t *testing.T, gone []int, objects ...string) (storage.Store, *delta.Table) {
	t.Helper()
	store, c, _ := aging(t, map[string]string{"delta.enableExpiredLogCleanup": "false", "delta.enableChangeDataFeed": "true"}, 22)
	for _, v := range gone {
		objects = append(objects, commitKey(v))
	}
	for _, name := range objects {
		if err := store.Delete(t.Context(), "t/_delta_log/"+name); err != nil {
			t.Fatal(err)
		}
	}
	return store, delta.Open(store, "t", c)
}

func to(first, last int) (list []int) {
	for v := first; v <= last; v++ {
		list = append(list, v)
	}
	return list
}

// kind is what an error says of a version: "" for none, cleaned or never with what can be read instead, or damaged.
func kind(err error) string {
	var gone *delta.VersionError
	var damaged *delta.CorruptError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &gone) && errors.Is(err, delta.ErrVersionNotFound):
		said := strings.Trim(fmt.Sprint(gone.Readable), "[]")
		if gone.Cleaned {
			return "cleaned " + said
		}
		return "never " + said
	case errors.As(err, &damaged):
		return "damaged"
	default:
		return err.Error()
	}
}

// TestVersionsThatWereCleanedUp asks for versions, by number and by time, and for their changes, in logs that lack some commits: where a later checkpoint stands for
// what is missing it was cleaned up, and the error says what is left; else the log is damaged.
func TestVersionsThatWereCleanedUp(t *testing.T) {
	t.Parallel()
	const ok = ""
	tests := []struct {
		name    string
		gone    []int
		objects []string
		// By version: of its state, of the state half a day after it, and of its changes.
		state, time, changes map[int]string
	}{
		{
			"up to a checkpoint", to(0, 9), nil,
			map[int]string{-1: "never ", 0: "cleaned 10 to 22", 9: "cleaned 10 to 22", 10: ok, 15: ok, 22: ok, 23: "never 10 to 22"},
			map[int]string{0: "cleaned 10 to 22", 9: "cleaned 10 to 22", 10: ok, 22: "never 10 to 22"},
			map[int]string{0: "cleaned 10 to 22", 9: "cleaned 10 to 22", 10: ok, 23: "never 10 to 22"},
		},
		{
			"with all commits, up to the newest checkpoint", to(0, 20),
			[]string{"00000000000000000010.checkpoint.parquet"},
			map[int]string{10: "cleaned 20 to 22", 19: "cleaned 20 to 22", 20: ok, 21: ok},
			map[int]string{19: "cleaned 20 to 22", 20: "cleaned 20 to 22", 21: ok},
			map[int]string{20: "cleaned 21 to 22", 21: ok},
		},
		{
			"between a checkpoint and the commits after it", append(to(0, 9), to(11, 14)...), nil,
			map[int]string{5: "cleaned 10 20 to 22", 10: ok, 11: "cleaned 10 20 to 22", 16: "cleaned 10 20 to 22", 20: ok},
			map[int]string{5: "cleaned 10 20 to 22", 10: "cleaned 10 20 to 22", 16: "cleaned 10 20 to 22", 20: ok},
			map[int]string{10: ok, 12: "cleaned 10 15 to 22", 16: "cleaned 10 20 to 22", 20: ok},
		},
		{
			"in the middle of what a clean-up has left", to(4, 6), nil,
			map[int]string{3: ok, 4: "cleaned 0 to 3 10 to 22", 8: "cleaned 0 to 3 10 to 22", 10: ok},
			map[int]string{2: ok, 3: "cleaned 0 to 3 10 to 22", 5: "cleaned 0 to 3 10 to 22", 8: "cleaned 0 to 3 10 to 22", 10: ok},
			map[int]string{2: ok, 3: ok, 5: "cleaned 0 to 3 7 to 22", 8: "cleaned 0 to 3 10 to 22"},
		},
		{
			"that no checkpoint stands for", to(11, 14),
			[]string{"00000000000000000020.checkpoint.parquet", "_last_checkpoint"},
			map[int]string{5: ok, 10: ok, 12: "damaged", 22: "damaged", 23: "never 0 to 10"},
			map[int]string{5: "damaged"},
			map[int]string{5: "damaged"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, table := thinned(t, tt.gone, tt.objects...)
			noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
			for v, want := range tt.state {
				if _, err := table.SnapshotAt(t.Context(), int64(v)); kind(err) != want {
					t.Errorf("version %d: %q, want %q: %v", v, kind(err), want, err)
				}
			}
			for v, want := range tt.time {
				s, err := table.SnapshotAsOf(t.Context(), noon.AddDate(0, 0, v).Add(12*time.Hour))
				if kind(err) != want || err == nil && s.Version() != int64(v) {
					t.Errorf("half a day after version %d: %q, want %q: %v", v, kind(err), want, err)
				}
			}
			for v, want := range tt.changes {
				if _, err := table.Changes(t.Context(), delta.ChangesConfig{From: int64(v), To: new(int64(v))}); kind(err) != want {
					t.Errorf("changes of version %d: %q, want %q: %v", v, kind(err), want, err)
				}
			}
		})
	}
}

// TestTimeOfCleanedVersion: the moment of a commit is known even where the one that followed is not.
func TestTimeOfCleanedVersion(t *testing.T) {
	t.Parallel()
	_, table := thinned(t, to(4, 6))
	noon := time.Date(2026, 1, 4, 12, 0, 0, 0, time.UTC)
	if s, err := table.SnapshotAsOf(t.Context(), noon); err != nil || s.Version() != 3 {
		t.Errorf("at the very time of version 3: %v", err)
	}
	if v, err := table.VersionFrom(t.Context(), noon); err != nil || v != 3 {
		t.Errorf("version %d, %v, want 3", v, err)
	}
	if _, err := table.VersionFrom(t.Context(), noon.Add(time.Hour)); kind(err) != "cleaned 0 to 3 10 to 22" {
		t.Errorf("the version that came next: %v, want that it was cleaned up", err)
	}
	if v, err := table.VersionFrom(t.Context(), noon.AddDate(-1, 0, 0)); err != nil || v != 0 {
		t.Errorf("version %d, %v, want the first", v, err)
	}
}

// TestVersionErrorSaysWhatIsLeft is about the words.
func TestVersionErrorSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	_, table := thinned(t, append(to(0, 9), to(11, 14)...))
	_, atVersion := table.SnapshotAt(t.Context(), 12)
	_, atTime := table.SnapshotAsOf(t.Context(), time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))
	_, changes := table.Changes(t.Context(), delta.ChangesConfig{From: 12})
	_, never := table.SnapshotAt(t.Context(), 30)
	got := []string{atVersion.Error(), atTime.Error(), changes.Error(), never.Error()}
	const removed = "log clean-up (delta.logRetentionDuration) has removed what it takes to read it; "
	want := []string{
		"delta: version not found: t version 12: " + removed + "versions that can be read: 10, 20 to 22",
		"delta: version not found: t at 2025-01-01T00:00:00Z: the nearest version is 10, of 2026-01-11T12:00:00Z: " + removed + "versions that can be read: 10, 20 to 22",
		"delta: version not found: t version 12: " + removed + "versions whose changes can be read: 10, 15 to 22",
		"delta: version not found: t has no version 30; versions that can be read: 10, 20 to 22",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if storage.Retryable(atVersion) {
		t.Error("what was removed is to be asked for again")
	}
}
