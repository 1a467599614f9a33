package delta_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// TestCommitOnBusyTable is about a writer that waits longer than others need for a commit: it catches up with what came in that time, and is never left behind.
func TestCommitOnBusyTable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		c := testConfig()
		c.Clock = time.Now
		busy := create(t, store, c, nil)
		c.NewID = func() string { return "slow" }
		c.Backoff, c.Retries = 5*time.Millisecond, 3
		slow := delta.Open(store, "t", c)
		s, err := slow.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tx := slow.Begin(s, delta.Operation{Name: "WRITE"})
		tx.Add(file("slow", ""))
		commitBusily(t, busy, 0)
		var landed atomic.Bool
		var wg sync.WaitGroup
		wg.Go(func() {
			for n := 1; !landed.Load(); n++ {
				time.Sleep(100 * time.Microsecond)
				commitBusily(t, busy, n)
			}
		})
		if _, err := tx.Commit(t.Context()); err != nil {
			t.Error(err)
		}
		landed.Store(true)
		wg.Wait()
	})
}

func commitBusily(t *testing.T, table *delta.Table, n int) {
	t.Helper()
	if _, err := commitFiles(t.Context(), table, []*delta.File{file(fmt.Sprint("busy", n), "")}); err != nil {
		t.Error(err)
	}
}

// overtaken lets another writer commit just before each commit of its own.
type overtaken struct {
	storage.Store
	other func()
}

func (o overtaken) PutIfAbsent(ctx context.Context, key string, data []byte) error {
	if strings.HasSuffix(key, ".json") {
		o.other()
	}
	return o.Store.PutIfAbsent(ctx, key, data)
}

// TestRetriesExceeded is about a writer that others overtake each time: its error is a conflict like others, which says to begin again.
func TestRetriesExceeded(t *testing.T) {
	t.Parallel()
	store := memory.New()
	other, n := create(t, store, testConfig(), nil), 0
	c := testConfig()
	c.Retries = 3
	c.NewID = func() string { return "overtaken" }
	table := delta.Open(overtaken{store, func() {
		n++
		commitBusily(t, other, n)
	}}, "t", c)
	_, err := commitFiles(t.Context(), table, []*delta.File{file("mine", "")})
	var conflict *delta.ConflictError
	if !errors.As(err, &conflict) || conflict.Kind != delta.RetriesExceeded || conflict.Version != 4 || !conflict.Retryable() || !storage.Retryable(err) {
		t.Fatalf("got %v (%+v), want a retryable conflict with version 4", err, conflict)
	}
	want := "delta: commit to t: delta: t: RetriesExceeded: others were first at every version up to 4 in 4 attempts: repeat the operation, or raise Config.Retries"
	if err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

// TestCommitBehindCleanedLog is about a writer that took so long that the commits beside it were cleaned from the log: the place of the first of them is free, and
// a commit there would never be read.
func TestCommitBehindCleanedLog(t *testing.T) {
	t.Parallel()
	store := memory.New()
	other := create(t, store, testConfig(), nil)
	c := testConfig()
	c.NewID = func() string { return "slow" }
	table := delta.Open(store, "t", c)
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		commitBusily(t, other, n)
	}
	now, err := other.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Checkpoint(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	for version := range now.Version() {
		if err := store.Delete(t.Context(), fmt.Sprintf("t/_delta_log/%020d.json", version)); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		c.Clock() // the clock goes on by a second each time
	}
	tx := table.Begin(s, delta.Operation{Name: "WRITE"})
	tx.Add(file("slow", ""))
	if version, err := tx.Commit(t.Context()); !errors.Is(err, delta.ErrVersionNotFound) {
		t.Errorf("got version %d and %v, want ErrVersionNotFound", version, err)
	}
}
