package s3dynamodb

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
	"github.com/medallion-go/medallion/storage/memory"
	"github.com/medallion-go/medallion/storage/storagetest"
)

// book is a ledger in memory, of which the n-th call fails: before its effect or after it.
type book struct {
	mu      sync.Mutex
	entries map[string]entry
	calls   int
	at      int
	after   bool
}

var errLost = errors.New("lost")

func newBook() *book { return &book{entries: make(map[string]entry)} }

// call counts a call, and tells whether it fails before its effect or after it.
func (b *book) call(effect func()) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.calls++; b.calls != b.at {
		effect()
		return nil
	}
	if b.after {
		effect()
	}
	return errLost
}

func (b *book) get(_ context.Context, tablePath, fileName string) (found *entry, err error) {
	err = b.call(func() {
		if e, ok := b.entries[tablePath+" "+fileName]; ok {
			found = &e
		}
	})
	return found, err
}

func (b *book) newest(_ context.Context, tablePath string) (found *entry, err error) {
	err = b.call(func() {
		for _, k := range slices.Sorted(maps.Keys(b.entries)) {
			if e := b.entries[k]; e.tablePath == tablePath {
				found = &e
			}
		}
	})
	return found, err
}

func (b *book) putIfAbsent(_ context.Context, e *entry) (err error) {
	taken := false
	err = b.call(func() {
		key := e.tablePath + " " + e.fileName
		if _, taken = b.entries[key]; !taken {
			b.entries[key] = *e
		}
	})
	if taken && err == nil {
		err = errors.New("the condition does not hold")
	}
	return err
}

func (b *book) put(_ context.Context, e *entry) error {
	return b.call(func() { b.entries[e.tablePath+" "+e.fileName] = *e })
}

func over(t *testing.T, inner storage.Store, b ledger) *Store {
	t.Helper()
	s, err := Config{Store: inner, Location: "s3a://bucket/lake", Clock: func() time.Time { return time.Unix(1000, 0) }}.over(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func commitName(v int) string { return fmt.Sprintf("t/_delta_log/%020d.json", v) }

func TestStore(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t *testing.T) storage.Store { return over(t, memory.New(), newBook()) })
}

// TestCommit looks at what one commit leaves.
func TestCommit(t *testing.T) {
	t.Parallel()
	inner, b := memory.New(), newBook()
	s := over(t, inner, b)
	s.newID = func() string { return "id" }
	if err := s.PutIfAbsent(t.Context(), commitName(0), []byte("zero")); err != nil {
		t.Fatal(err)
	}
	want := map[string]entry{"s3a://bucket/lake/t 00000000000000000000.json": {
		tablePath: "s3a://bucket/lake/t", fileName: "00000000000000000000.json", tempPath: ".tmp/00000000000000000000.json.id", complete: true, expires: 1000 + 86400,
	}}
	if diff := cmp.Diff(want, b.entries, cmp.AllowUnexported(entry{})); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	var keys []string
	for info, err := range inner.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	if diff := cmp.Diff([]string{commitName(0)}, keys); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	if err := s.PutIfAbsent(t.Context(), commitName(0), []byte("other")); !errors.Is(err, storage.ErrExists) {
		t.Errorf("a second commit of the version = %v, want ErrExists", err)
	}
	if err := s.PutIfAbsent(t.Context(), commitName(2), []byte("two")); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("a commit after a gap = %v, want ErrNotFound", err)
	}
	if err := inner.Delete(t.Context(), commitName(0)); err != nil {
		t.Fatal(err)
	}
	if err := s.PutIfAbsent(t.Context(), commitName(0), []byte("again")); err == nil || !strings.Contains(err.Error(), "dropped") {
		t.Errorf("a commit under the entries of a table that was dropped = %v", err)
	}
}

// TestOtherWriterStopped finds a commit whose writer stopped after its entry: by the next commit, by one of the same version, and by a list.
func TestOtherWriterStopped(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(s *Store) error{
		"the next commit": func(s *Store) error { return s.PutIfAbsent(t.Context(), commitName(2), []byte("two")) },
		"the same version": func(s *Store) error {
			if err := s.PutIfAbsent(t.Context(), commitName(1), []byte("mine")); !errors.Is(err, storage.ErrExists) {
				return fmt.Errorf("got error %w, want ErrExists", err)
			}
			return nil
		},
		"a list": func(s *Store) error {
			for _, err := range s.List(t.Context(), "t/_delta_log/", "") {
				if err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inner, b := memory.New(), newBook()
			s := over(t, inner, b)
			if err := s.PutIfAbsent(t.Context(), commitName(0), []byte("zero")); err != nil {
				t.Fatal(err)
			}
			if _, err := storage.Put(t.Context(), inner, "t/_delta_log/.tmp/x", []byte("theirs")); err != nil {
				t.Fatal(err)
			}
			if err := b.put(t.Context(), &entry{tablePath: "s3a://bucket/lake/t", fileName: "00000000000000000001.json", tempPath: ".tmp/x"}); err != nil {
				t.Fatal(err)
			}
			if err := next(s); err != nil {
				t.Fatal(err)
			}
			got, err := storage.ReadAll(t.Context(), inner, commitName(1))
			if err != nil || string(got) != "theirs" {
				t.Errorf("commit 1 = %q, %v, want the other writer's", got, err)
			}
			if e := b.entries["s3a://bucket/lake/t 00000000000000000001.json"]; !e.complete || e.expires == 0 {
				t.Errorf("entry = %+v, want it complete", e)
			}
		})
	}
}

// overtaken is a store in which the writer of a commit comes to it just before its temporary object is read by another.
type overtaken struct {
	storage.Store
	comes bool
}

func (o *overtaken) Open(ctx context.Context, key string) (storage.Object, error) {
	if strings.Contains(key, "/.tmp/") {
		if o.comes {
			if err := o.PutIfAbsent(ctx, commitName(1), []byte("theirs")); err != nil {
				return nil, err
			}
		}
		if err := o.Delete(ctx, key); err != nil {
			return nil, err
		}
	}
	return o.Store.Open(ctx, key)
}

// TestWriterIsNotDeadButSlow repairs a commit that its own writer completes at that moment. Without it the commit is lost, and that is an error.
func TestWriterIsNotDeadButSlow(t *testing.T) {
	t.Parallel()
	for _, comes := range []bool{true, false} {
		inner, b := memory.New(), newBook()
		if err := over(t, inner, b).PutIfAbsent(t.Context(), commitName(0), []byte("zero")); err != nil {
			t.Fatal(err)
		}
		if err := b.put(t.Context(), &entry{tablePath: "s3a://bucket/lake/t", fileName: "00000000000000000001.json", tempPath: ".tmp/x"}); err != nil {
			t.Fatal(err)
		}
		err := over(t, &overtaken{inner, comes}, b).PutIfAbsent(t.Context(), commitName(2), []byte("two"))
		if (err == nil) != comes || !comes && !strings.Contains(err.Error(), ".tmp/x is gone") {
			t.Errorf("its writer comes: %v; the next commit = %v", comes, err)
		}
	}
}

// TestFaults fails each call of a commit, to the bucket and to DynamoDB, and has another writer go on: what was told to be there is, and once.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, effect := range []faultstore.Effect{faultstore.Before, faultstore.After, faultstore.Partly} {
		for n := 1; ; n++ {
			inner, b := memory.New(), newBook()
			if err := over(t, inner, b).PutIfAbsent(t.Context(), commitName(0), []byte("zero")); err != nil {
				t.Fatal(err)
			}
			faulty := faultstore.New(inner, faultstore.Fault{At: n, Effect: effect})
			err := over(t, faulty, b).PutIfAbsent(t.Context(), commitName(1), []byte("first"))
			checkAfter(t, fmt.Sprintf("bucket, effect %d, call %d", effect, n), inner, b, err)
			if !faulty.Fired() {
				break
			}
		}
	}
	for _, after := range []bool{false, true} {
		for n := 1; ; n++ {
			inner, b := memory.New(), newBook()
			if err := over(t, inner, b).PutIfAbsent(t.Context(), commitName(0), []byte("zero")); err != nil {
				t.Fatal(err)
			}
			b.calls, b.at, b.after = 0, n, after
			err := over(t, inner, b).PutIfAbsent(t.Context(), commitName(1), []byte("first"))
			fired := b.calls >= n
			checkAfter(t, fmt.Sprintf("DynamoDB, after %v, call %d", after, n), inner, b, err)
			if !fired {
				break
			}
		}
	}
}

// checkAfter has a second writer commit the same version, and compares.
func checkAfter(t *testing.T, what string, inner storage.Store, b *book, err error) {
	t.Helper()
	second := over(t, inner, b).PutIfAbsent(t.Context(), commitName(1), []byte("second"))
	got, readErr := storage.ReadAll(t.Context(), inner, commitName(1))
	switch {
	case readErr != nil:
		t.Errorf("%s: commit 1 is not there: %v", what, readErr)
	case err == nil && (string(got) != "first" || !errors.Is(second, storage.ErrExists)):
		t.Errorf("%s: success, but commit 1 is %q, and the second writer got %v", what, got, second)
	case err != nil && !errors.Is(err, storage.ErrUndecided) && string(got) != "second":
		t.Errorf("%s: %v, but commit 1 is %q", what, err, got)
	case string(got) == "second" && second != nil, string(got) == "first" && !errors.Is(second, storage.ErrExists):
		t.Errorf("%s: commit 1 is %q, and the second writer got %v", what, got, second)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{{}, {Store: memory.New(), Location: "bucket"}} {
		if _, err := New(c); err == nil {
			t.Errorf("New(%+v) has no error", c)
		}
		if _, err := c.over(newBook()); err == nil {
			t.Errorf("over(%+v) has no error", c)
		}
	}
}
