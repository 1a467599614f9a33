package delta_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
	store "github.com/medallion-go/medallion/storage/memory"
)

// wornTable is a table with what operations on it meet: partitions, deletion vectors, change files, commits that a checkpoint has taken up, and files that are a
// month old and no longer needed. Its versions 0 to 4 are old.
func wornTable(t *testing.T, now *clock) storage.Store {
	t.Helper()
	s := store.Config{Now: now.time}.New()
	c := delta.Config{Clock: now.time}
	table := delta.Open(s, "t", c)
	d := delta.Definition{Schema: ddl(t, opColumns), PartitionBy: []string{"p"}, Properties: map[string]string{
		"delta.enableDeletionVectors": "true", "delta.enableChangeDataFeed": "true", "delta.logRetentionDuration": "interval 3 days", "delta.enableExpiredLogCleanup": "false",
	}}
	if _, err := table.Create(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	add := func(text string) {
		if _, err := table.Append(t.Context(), rows(t, memory.DefaultAllocator, opColumns, text), delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(where string) {
		if _, err := table.Delete(t.Context(), where, delta.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	add(opRows1)
	add(opRows2)
	remove("id = 1")
	if _, err := table.Update(t.Context(), map[string]string{"v": "v + 1"}, "p = 'b'", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	now.now = now.now.Add(30 * day)
	if err := table.Checkpoint(t.Context(), snapshot(t, table)); err != nil {
		t.Fatal(err)
	}
	add(`[{"id": 6, "p": "a", "v": 60}, {"id": 7, "p": "a", "v": 70}]`)
	remove("id = 6")
	now.now = now.now.Add(day)
	return s
}

// copyOf is a store with the same objects, as old as they are there.
func copyOf(t *testing.T, s storage.Store) storage.Store {
	t.Helper()
	var at clock
	out := store.Config{Now: at.time}.New()
	for info, err := range s.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		data, err := storage.ReadAll(t.Context(), s, info.Key)
		if err != nil {
			t.Fatal(err)
		}
		at.now = info.ModTime
		if err := out.PutIfAbsent(t.Context(), info.Key, data); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestKilled ends a writer at each of its calls that write to the store or delete from it (one that is ended while it reads leaves what it had left before), before
// the call's effect, after it and half way. Whoever comes then finds the table as it was before or
// as it is afterwards, without a breach of the protocol, and may do the same again.
func TestKilled(t *testing.T) {
	t.Parallel()
	none := delta.WriteOptions{}
	for name, run := range map[string]func(*delta.Table) error{
		"DELETE": func(table *delta.Table) error {
			_, err := table.Delete(t.Context(), "id IN (3, 7)", none)
			return err
		},
		"RESTORE": func(table *delta.Table) error {
			old, err := table.SnapshotAt(t.Context(), 4)
			if err == nil {
				_, err = table.Restore(t.Context(), old, delta.RestoreOptions{})
			}
			return err
		},
		"OPTIMIZE": func(table *delta.Table) error {
			_, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{})
			return err
		},
		"REORG": func(table *delta.Table) error {
			_, err := table.Reorg(t.Context(), "", delta.OptimizeOptions{})
			return err
		},
		"VACUUM": func(table *delta.Table) error {
			_, err := table.Vacuum(t.Context(), delta.VacuumOptions{})
			return err
		},
		"VACUUM LITE": func(table *delta.Table) error {
			_, err := table.Vacuum(t.Context(), delta.VacuumOptions{Lite: true})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := newClock()
			worn := wornTable(t, now)
			k := &killing{t: t, now: now, run: run, worn: worn, before: rowsIn(t, worn)}
			after := copyOf(t, worn)
			if err := run(k.open(after)); err != nil {
				t.Fatal(err)
			}
			k.after, k.left = rowsIn(t, after), dataObjects(t, after)
			for _, effect := range []faultstore.Effect{faultstore.Before, faultstore.After, faultstore.Partly} {
				n := 1
				for k.kill(n, effect) {
					n++
				}
				if n <= 2 {
					t.Errorf("effect %d: the operation came to %d calls: nothing is tested", effect, n)
				}
			}
		})
	}
}

// killing is an operation on a table that is ended in its course.
type killing struct {
	t             *testing.T
	now           *clock
	run           func(*delta.Table) error
	worn          storage.Store
	before, after []string // rows
	left          int      // objects beside the log's, once the operation is done
}

func (k *killing) open(s storage.Store) *delta.Table {
	return delta.Open(s, "t", delta.Config{Clock: k.now.time, Backoff: time.Microsecond})
}

// kill ends the operation at its n-th call that changes something; false where it has fewer.
func (k *killing) kill(n int, effect faultstore.Effect) bool {
	k.t.Helper()
	s := copyOf(k.t, k.worn)
	faulty := faultstore.New(s, faultstore.Fault{At: n, Of: faultstore.Create | faultstore.Write | faultstore.Changes, Effect: effect, Stop: true})
	err := k.run(k.open(faulty))
	if !faulty.Fired() {
		return false
	}
	at := fmt.Sprintf("effect %d, call %d, %v", effect, n, err)
	got := rowsIn(k.t, s)
	if !slices.Equal(got, k.before) && !slices.Equal(got, k.after) || err == nil && !slices.Equal(got, k.after) {
		k.t.Errorf("%s: the rows are %v, want those before, or those after", at, got)
	}
	k.sound(at, s)
	if err := k.run(k.open(s)); err != nil {
		k.t.Errorf("%s: once more: %v", at, err)
	}
	if diff := cmp.Diff(k.after, rowsIn(k.t, s)); diff != "" {
		k.t.Errorf("%s: rows once it is done again (-want +got):\n%s", at, diff)
	}
	if left := dataObjects(k.t, s); strings.Contains(k.t.Name(), "VACUUM") && left != k.left {
		k.t.Errorf("%s: %d files are left once it is done again, want %d", at, left, k.left)
	}
	k.sound(at, s)
	return true
}

func (k *killing) sound(at string, s storage.Store) {
	k.t.Helper()
	violations, err := check.Table(k.t.Context(), s, "t", check.Options{})
	if err != nil || len(violations) > 0 {
		k.t.Errorf("%s: check = %v, %v", at, violations, err)
	}
}

func rowsIn(t *testing.T, s storage.Store) []string {
	t.Helper()
	got, err := rowsOfVersion(t.Context(), snapshot(t, delta.Open(s, "t", delta.Config{})))
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		t.Fatal(err)
	}
	return append(got, fmt.Sprint(err))
}

// dataObjects counts the objects beside the log's.
func dataObjects(t *testing.T, s storage.Store) (n int) {
	t.Helper()
	for info, err := range s.List(t.Context(), "t/", "") {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(info.Key, "t/_delta_log/") {
			n++
		}
	}
	return n
}
