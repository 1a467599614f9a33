package storagetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/medallion-go/medallion/storage"
)

func writeCases() []testCase {
	return []testCase{
		{"create shows nothing before commit", createInvisible},
		{"create replaces an object", createReplaces},
		{"create without a write makes an empty object", createEmpty},
		{"create in many writes", createManyWrites},
		{"abort leaves nothing", abortLeavesNothing},
		{"abort keeps the object that was there", abortKeeps},
		{"abort after commit does nothing", abortAfterCommit},
		{"a writer that has ended refuses writes", endedWriter},
		{"concurrent creates of one key leave one whole object", concurrentCreates},
	}
}

func createInvisible(t *testing.T, s storage.Store) {
	w := create(t, s, "a/k")
	write(t, w, strings.Repeat("x", 100_000))
	_, err := s.Open(t.Context(), "a/k")
	wantErr(t, err, storage.ErrNotFound)
	wantKeys(t, s, "", "")
	info, err := w.Commit(t.Context())
	if err != nil {
		t.Fatalf("commit: %v", err)
	}
	if info.Key != "a/k" || info.Size != 100_000 {
		t.Errorf("got info %+v, want key a/k and size 100000", info)
	}
	if opened := openObject(t, s, "a/k").Info(); opened.ETag != info.ETag {
		t.Errorf("got ETag %q from Commit and %q from Open, want the same", info.ETag, opened.ETag)
	}
	wantContent(t, s, "a/k", strings.Repeat("x", 100_000))
	wantKeys(t, s, "", "", "a/k")
}

func createReplaces(t *testing.T, s storage.Store) {
	put(t, s, "k", "a longer content")
	put(t, s, "k", "short")
	wantContent(t, s, "k", "short")
	wantKeys(t, s, "", "", "k")
}

func createEmpty(t *testing.T, s storage.Store) {
	w := create(t, s, "k")
	if _, err := w.Commit(t.Context()); err != nil {
		t.Fatalf("commit: %v", err)
	}
	wantContent(t, s, "k", "")
}

func createManyWrites(t *testing.T, s storage.Store) {
	w := create(t, s, "k")
	var want strings.Builder
	for i := range 3000 {
		line := fmt.Sprintf("line %d\n", i)
		want.WriteString(line)
		write(t, w, line)
	}
	if _, err := w.Commit(t.Context()); err != nil {
		t.Fatalf("commit: %v", err)
	}
	wantContent(t, s, "k", want.String())
}

func abortLeavesNothing(t *testing.T, s storage.Store) {
	w := create(t, s, "a/k")
	write(t, w, strings.Repeat("x", 100_000))
	if err := w.Abort(); err != nil {
		t.Fatalf("abort: %v", err)
	}
	if err := w.Abort(); err != nil {
		t.Errorf("second abort: %v", err)
	}
	_, err := s.Open(t.Context(), "a/k")
	wantErr(t, err, storage.ErrNotFound)
	wantKeys(t, s, "", "")
}

func abortKeeps(t *testing.T, s storage.Store) {
	put(t, s, "k", "old")
	w := create(t, s, "k")
	write(t, w, "new")
	if err := w.Abort(); err != nil {
		t.Fatalf("abort: %v", err)
	}
	wantContent(t, s, "k", "old")
}

func abortAfterCommit(t *testing.T, s storage.Store) {
	w := create(t, s, "k")
	write(t, w, "x")
	if _, err := w.Commit(t.Context()); err != nil {
		t.Fatalf("commit: %v", err)
	}
	if err := w.Abort(); err != nil {
		t.Errorf("abort after commit: %v", err)
	}
	wantContent(t, s, "k", "x")
}

func endedWriter(t *testing.T, s storage.Store) {
	for _, end := range []func(storage.Writer) error{
		func(w storage.Writer) error { _, err := w.Commit(t.Context()); return err },
		func(w storage.Writer) error { return w.Abort() },
	} {
		w := create(t, s, "k")
		if err := end(w); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("late")); err == nil {
			t.Error("write on an ended writer: got no error")
		}
		if _, err := w.Commit(t.Context()); err == nil {
			t.Error("commit of an ended writer: got no error")
		}
	}
	wantContent(t, s, "k", "")
}

func concurrentCreates(t *testing.T, s storage.Store) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() { put(t, s, "k", strings.Repeat(string(rune('a'+i)), 10_000)) })
	}
	wg.Wait()
	got, err := storage.ReadAll(t.Context(), s, "k")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 10_000 || strings.Count(string(got), string(got[:1])) != len(got) {
		t.Errorf("got %d bytes of several writers, want the 10000 of one", len(got))
	}
	wantKeys(t, s, "", "", "k")
}

func putCases() []testCase {
	return []testCase{
		{"put if absent creates", putCreates},
		{"put if absent keeps what is there", putKeeps},
		{"put if absent succeeds again after a delete", putAfterDelete},
		{"put if absent copies its data", putCopies},
		{"50 concurrent puts if absent have one winner", putRace},
	}
}

func putCreates(t *testing.T, s storage.Store) {
	for key, content := range map[string]string{"k": "one", "a/b/c": "two", "empty": "", "large": strings.Repeat("l", 300_000)} {
		if err := s.PutIfAbsent(t.Context(), key, []byte(content)); err != nil {
			t.Fatalf("put %s: %v", key, err)
		}
		wantContent(t, s, key, content)
	}
	wantKeys(t, s, "", "", "a/b/c", "empty", "k", "large")
}

func putKeeps(t *testing.T, s storage.Store) {
	put(t, s, "k", "created")
	wantErr(t, s.PutIfAbsent(t.Context(), "k", []byte("put")), storage.ErrExists)
	wantErr(t, s.PutIfAbsent(t.Context(), "k", []byte("created")), storage.ErrExists)
	wantContent(t, s, "k", "created")
	wantKeys(t, s, "", "", "k")
}

func putAfterDelete(t *testing.T, s storage.Store) {
	put(t, s, "k", "first")
	del(t, s, "k")
	if err := s.PutIfAbsent(t.Context(), "k", []byte("second")); err != nil {
		t.Fatalf("put: %v", err)
	}
	wantContent(t, s, "k", "second")
}

func putCopies(t *testing.T, s storage.Store) {
	data := []byte("kept")
	if err := s.PutIfAbsent(t.Context(), "k", data); err != nil {
		t.Fatalf("put: %v", err)
	}
	copy(data, "lost")
	wantContent(t, s, "k", "kept")
}

func putRace(t *testing.T, s storage.Store) {
	const writers, rounds = 50, 4
	for round := range rounds {
		key := fmt.Sprintf("log/%020d.json", round)
		var winners atomic.Int64
		var winner atomic.Value
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				content := strings.Repeat(fmt.Sprintf("writer %d;", i), 500)
				switch err := s.PutIfAbsent(t.Context(), key, []byte(content)); {
				case err == nil:
					winners.Add(1)
					winner.Store(content)
				case !errors.Is(err, storage.ErrExists):
					t.Errorf("put: got error %v, want storage.ErrExists", err)
				}
			})
		}
		wg.Wait()
		if got := winners.Load(); got != 1 {
			t.Fatalf("got %d winners, want 1", got)
		}
		wantContent(t, s, key, winner.Load().(string))
	}
}
