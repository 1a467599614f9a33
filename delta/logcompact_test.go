package delta_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// TestCompactLog reads each version alike with and without compactions, which overlap and lie before and after checkpoints.
func TestCompactLog(t *testing.T) {
	t.Parallel()
	store := memory.New()
	c := testConfig()
	c.CheckpointInterval = -1
	table := grow(t, store, c, map[string]string{"delta.minReaderVersion": "1"}, 24)
	putCommit(t, store, 25, `{"wonder":{"x":1}}`+"\n"+`{"domainMetadata":{"domain":"d","configuration":"","removed":true}}`+"\n")
	putCommit(t, store, 26, `{"txn":{"appId":"other","version":1}}`)
	want := make([]map[string]any, 27)
	at := func(v int) map[string]any {
		s, err := delta.Open(store, "t", c).SnapshotAt(t.Context(), int64(v))
		if err != nil {
			t.Fatal(err)
		}
		return describe(t, s)
	}
	for v := range want {
		want[v] = at(v)
	}
	for _, r := range [][2]int64{{0, 3}, {0, 5}, {2, 4}, {6, 9}, {9, 20}, {21, 26}} {
		if err := table.CompactLog(t.Context(), r[0], r[1]); err != nil {
			t.Fatal(err)
		}
	}
	var reads countingStore
	reads.Store = store
	if s, err := delta.Open(&reads, "t", c).SnapshotAt(t.Context(), 26); err != nil || s.Version() != 26 || reads.opened > 20 {
		t.Errorf("%d objects were opened for 27 commits, of which 20 lie in compactions (%v)", reads.opened, err)
	}
	for v := range want {
		if diff := cmp.Diff(want[v], at(v)); diff != "" {
			t.Errorf("version %d (-commits +compactions):\n%s", v, diff)
		}
	}
	if err := table.Checkpoint(t.Context(), snapshot(t, delta.Open(store, "t", c))); err == nil {
		t.Error("the compaction lost the action that nobody knows")
	}
}

// TestCompactLogRefuses has ranges that are none, and a gap.
func TestCompactLogRefuses(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := grow(t, store, testConfig(), nil, 8)
	if err := store.Delete(t.Context(), "t/_delta_log/00000000000000000004.json"); err != nil {
		t.Fatal(err)
	}
	for _, r := range [][2]int64{{3, 3}, {-1, 2}, {2, 1}} {
		if err := table.CompactLog(t.Context(), r[0], r[1]); err == nil {
			t.Errorf("versions %d to %d were compacted", r[0], r[1])
		}
	}
	for _, r := range [][2]int64{{3, 5}, {4, 6}, {6, 99}} {
		if err := table.CompactLog(t.Context(), r[0], r[1]); !errors.Is(err, delta.ErrVersionNotFound) {
			t.Errorf("versions %d to %d: %v, want ErrVersionNotFound", r[0], r[1], err)
		}
	}
}

// TestCompactionsThatAreNotReconciled are passed over with a warning.
func TestCompactionsThatAreNotReconciled(t *testing.T) {
	t.Parallel()
	const add, remove = `{"add":{"path":"f0","partitionValues":{},"size":100,"modificationTime":1,"dataChange":true}}`, `{"remove":{"path":"f0","dataChange":true}}`
	for name, text := range map[string]string{
		"a file added and removed":  add + "\n" + remove,
		"a file twice":              add + "\n" + add,
		"under two spellings":       add + "\n" + strings.Replace(add, "f0", "%660", 1),
		"a transaction twice":       `{"txn":{"appId":"app","version":1}}` + "\n" + `{"txn":{"appId":"app","version":2}}`,
		"a domain twice":            strings.Repeat(`{"domainMetadata":{"domain":"d","configuration":"","removed":false}}`+"\n", 2),
		"cut off":                   add[:50],
		"two protocols":             strings.Repeat(`{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}`+"\n", 2),
		"names that are not theirs": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := memory.New()
			grow(t, store, testConfig(), nil, 8)
			want := describe(t, snapshot(t, delta.Open(store, "t", testConfig())))
			file := fmt.Sprintf("t/_delta_log/%020d.%020d.compacted.json", 2, 5)
			if text == "" {
				file = fmt.Sprintf("t/_delta_log/%020d.%020d.compacted.json", 5, 2)
			}
			if _, err := storage.Put(t.Context(), store, file, []byte(text)); err != nil {
				t.Fatal(err)
			}
			var warnings bytes.Buffer
			c := testConfig()
			c.Logger = slog.New(slog.NewTextHandler(&warnings, nil))
			if diff := cmp.Diff(want, describe(t, snapshot(t, delta.Open(store, "t", c)))); diff != "" {
				t.Errorf("snapshot (-want +got):\n%s", diff)
			}
			if got := strings.Contains(warnings.String(), "passed over"); got != (text != "") {
				t.Errorf("warnings: %q", warnings.String())
			}
		})
	}
}
