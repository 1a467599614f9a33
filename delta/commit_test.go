package delta_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
	"github.com/medallion-go/medallion/storage/memory"
)

func TestOpenWithoutTable(t *testing.T) {
	t.Parallel()
	_, err := delta.Open(memory.New(), "nothing/here", delta.Config{}).Snapshot(t.Context())
	if !errors.Is(err, delta.ErrNotTable) || !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("error = %v, want ErrNotTable, which is storage.ErrNotFound too", err)
	}
}

func TestCommitText(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := create(t, store, testConfig(), map[string]string{"a.b": "c"})
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx := table.Begin(s, delta.Operation{Name: "WRITE", Parameters: map[string]string{"mode": "Append"}})
	tx.Add(&delta.File{
		Path: "p%20q", Size: 7, ModificationTime: 8, DataChange: true, Stats: `{"numRecords":1}`,
		PartitionValues: []delta.PartitionValue{{Column: "p", Value: `a"b`}, {Column: "q", Null: true}},
	})
	tx.SetTxn("app", 3)
	tx.AddMetric("numFiles", 1)
	if err := tx.SetCommitInfo("medallion", []byte("{\"rules\": {\n\"r\": 1}}")); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	data, err := storage.ReadAll(t.Context(), store, "t/_delta_log/00000000000000000001.json")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		`{"commitInfo":{"timestamp":1767225609000,"operation":"WRITE","operationParameters":{"mode":"Append"},"readVersion":0,"isolationLevel":"Serializable",` +
			`"isBlindAppend":true,"operationMetrics":{"numFiles":"1"},"engineInfo":"medallion","txnId":"00000000-0000-0000-0000-000000000003","medallion":{"rules":{"r":1}}}}`,
		`{"txn":{"appId":"app","version":3,"lastUpdated":1767225608000}}`,
		`{"add":{"path":"p%20q","partitionValues":{"p":"a\"b","q":null},"size":7,"modificationTime":8,"dataChange":true,"stats":"{\"numRecords\":1}"}}`, "",
	}, "\n")
	got := string(data)
	if i := strings.Index(got, `"timestamp":`); i > 0 { // the clock's ticks are not what is tested
		got = got[:i+12] + "1767225609000" + got[i+25:]
	}
	got = got[:strings.Index(got, `"lastUpdated":`)+14] + "1767225608000" + got[strings.Index(got, `"lastUpdated":`)+27:]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commit (-want +got):\n%s", diff)
	}
}

func TestSetCommitInfoRefuses(t *testing.T) {
	t.Parallel()
	tx := delta.Open(memory.New(), "t", testConfig()).Begin(nil, delta.Operation{})
	if err := tx.SetCommitInfo("x", []byte("{")); err == nil {
		t.Error("text that is no JSON was accepted")
	}
	if err := tx.SetCommitInfo("txnId", []byte(`"1"`)); err == nil {
		t.Error("a member of the protocol's own was accepted")
	}
}

func TestSnapshotIsIncremental(t *testing.T) {
	t.Parallel()
	inner := memory.New()
	table := create(t, inner, testConfig(), nil)
	for i := range 5 {
		if _, err := commitFiles(t.Context(), table, []*delta.File{file(fmt.Sprint("f", i), "")}); err != nil {
			t.Fatal(err)
		}
	}
	store := faultstore.New(inner, faultstore.Fault{})
	kept := delta.Open(store, "t", testConfig())
	if _, err := kept.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	putCommit(t, inner, 6, `{"add":{"path":"f5","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true}}`)
	before := len(store.Calls())
	s, err := kept.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := paths(s), []string{"f0", "f1", "f2", "f3", "f4", "f5"}; !slices.Equal(got, want) {
		t.Errorf("files = %v, want %v", got, want)
	}
	opened := 0
	for _, c := range store.Calls()[before:] {
		if c.Kind == faultstore.Open {
			opened++
		}
	}
	if opened != 1 {
		t.Errorf("the refresh opened %d objects, want only the new commit: %v", opened, store.Calls()[before:])
	}
}

func TestTableDroppedAndCreatedAgain(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := create(t, store, testConfig(), nil)
	if _, err := commitFiles(t.Context(), table, []*delta.File{file("old", "")}); err != nil {
		t.Fatal(err)
	}
	first, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{"0.json", "1.json", "0.crc", "1.crc"} {
		if err := store.Delete(t.Context(), "t/_delta_log/0000000000000000000"+n); err != nil {
			t.Fatal(err)
		}
	}
	c := testConfig()
	c.NewID = func() string { return "another" }
	create(t, store, c, map[string]string{"k": "v"})
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Version() != 0 || s.ID() == first.ID() || s.NumFiles() != 0 {
		t.Errorf("version %d, id %s, %d files, want the new table", s.Version(), s.ID(), s.NumFiles())
	}
}

func TestConcurrentAppendsAllLand(t *testing.T) {
	t.Parallel()
	store := memory.New()
	create(t, store, testConfig(), nil)
	const writers, each = 4, 8
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			c := testConfig()
			c.Retries = 1000
			c.NewID = func() string { return fmt.Sprint("writer", w) }
			table := delta.Open(store, "t", c)
			for i := range each {
				if _, err := commitFiles(t.Context(), table, []*delta.File{file(fmt.Sprint(w, "-", i), "")}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s, err := delta.Open(store, "t", testConfig()).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Version() != writers*each || s.NumFiles() != writers*each {
		t.Errorf("version %d with %d files, want %d of each", s.Version(), s.NumFiles(), writers*each)
	}
	if ok, err := s.Verify(t.Context()); err != nil {
		t.Errorf("Verify = %v, %v", ok, err)
	}
}

// TestCommitFaults fails each call of a commit in each way: afterwards the table is as before or as after, and the answer never contradicts it.
func TestCommitFaults(t *testing.T) {
	t.Parallel()
	for _, effect := range []faultstore.Effect{faultstore.Before, faultstore.After, faultstore.Partly} {
		for n := 1; ; n++ {
			inner := memory.New()
			create(t, inner, testConfig(), nil)
			store := faultstore.New(inner, faultstore.Fault{At: n, Effect: effect})
			version, err := commitFiles(t.Context(), delta.Open(store, "t", testConfig()), []*delta.File{file("new", "")})
			s, readErr := delta.Open(inner, "t", testConfig()).Snapshot(t.Context())
			if readErr != nil {
				t.Fatalf("effect %d, call %d: the table cannot be read: %v", effect, n, readErr)
			}
			there := slices.Equal(paths(s), []string{"new"})
			switch {
			case err == nil && (version != 1 || !there):
				t.Errorf("effect %d, call %d: success as version %d, but files are %v", effect, n, version, paths(s))
			case err != nil && !errors.Is(err, storage.ErrUndecided) && there:
				t.Errorf("effect %d, call %d: %v, but the commit is there", effect, n, err)
			}
			if !store.Fired() {
				break
			}
		}
	}
}

func TestLostResponseIsFoundByTxnID(t *testing.T) {
	t.Parallel()
	inner := memory.New()
	create(t, inner, testConfig(), nil)
	store := faultstore.New(inner, faultstore.Fault{At: 1, Of: faultstore.Put, Effect: faultstore.After})
	version, err := commitFiles(t.Context(), delta.Open(store, "t", testConfig()), []*delta.File{file("new", "")})
	if err != nil || version != 1 {
		t.Fatalf("commit = %d, %v, want success as version 1", version, err)
	}
	s, err := delta.Open(inner, "t", testConfig()).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Version() != 1 || s.NumFiles() != 1 {
		t.Errorf("version %d with %d files: the commit was written twice or not at all", s.Version(), s.NumFiles())
	}
}

func TestCommitAfterContextEnds(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := create(t, store, testConfig(), nil)
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tx := table.Begin(s, delta.Operation{Name: "WRITE"})
	tx.Add(file("f", ""))
	if _, err := tx.Commit(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Commit = %v, want context.Canceled", err)
	}
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Errorf("a commit that was not tried cannot be tried again: %v", err)
	}
}

// late is a store on which a commit that has just been made is not read at first.
type late struct {
	storage.Store
	key  string
	left int
}

func (l *late) Open(ctx context.Context, key string) (storage.Object, error) {
	if key == l.key && l.left > 0 {
		l.left--
		return nil, storage.ErrNotFound
	}
	return l.Store.Open(ctx, key)
}

// TestWinnerNotReadYet: the commit that took the version is looked at until it can be read, and ours comes after it.
func TestWinnerNotReadYet(t *testing.T) {
	t.Parallel()
	inner := memory.New()
	create(t, inner, testConfig(), nil)
	store := &late{Store: inner, key: "t/_delta_log/00000000000000000001.json"}
	table := delta.Open(store, "t", testConfig())
	tx := table.Begin(snapshot(t, table), delta.Operation{Name: "WRITE"})
	tx.Add(file("ours", ""))
	putCommit(t, inner, 1, `{"add":{"path":"theirs","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true}}`)
	store.left = 3
	version, err := tx.Commit(t.Context())
	if err != nil || version != 2 || store.left != 0 {
		t.Errorf("Commit = %d, %v, with %d looks left, want version 2 after all of them", version, err, store.left)
	}
}

// TestTableDroppedWhileWriting: what was written for a table that is no more does not get into the one that has taken its place.
func TestTableDroppedWhileWriting(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := create(t, store, testConfig(), nil)
	for range 3 {
		if _, err := commitFiles(t.Context(), table, []*delta.File{file("old", "")}); err != nil {
			t.Fatal(err)
		}
	}
	c := testConfig()
	c.Freshness = time.Nanosecond
	slow := delta.Open(store, "t", c)
	tx := slow.Begin(snapshot(t, slow), delta.Operation{Name: "WRITE"})
	tx.Add(file("new", ""))
	for info, err := range store.List(t.Context(), "t/", "") {
		if err == nil {
			err = store.Delete(t.Context(), info.Key)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	c.NewID = func() string { return "another" }
	create(t, store, c, nil)
	if version, err := tx.Commit(t.Context()); !errors.Is(err, &delta.ConflictError{Kind: delta.MetadataChanged}) {
		t.Errorf("Commit = %d, %v, want MetadataChanged", version, err)
	}
	if got := snapshot(t, delta.Open(store, "t", testConfig())); got.Version() != 0 {
		t.Errorf("the new table is at version %d, want 0", got.Version())
	}
}
