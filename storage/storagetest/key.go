package storagetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/storage"
)

func keyCases() []testCase {
	return []testCase{
		{"keys with unusual characters", unusualKeys},
		{"keys that could climb out are refused", badKeys},
		{"keys that differ in one character", similarKeys},
	}
}

// unusualKeysUsed occur in real tables: partition values, encoded twice or not at all, and file names made by people.
var unusualKeysUsed = []string{
	"t/p=a b/f", "t/p=a%20b/f", "t/p=a%2520b/f", "t/p=a+b/f", "t/p=é/f", "t/p=e\u0301/f", "t/p=日本/f", "t/p=😀/f", "t/p=a&b,c;d/f", "t/p=#1/f", "t/p='q'/f",
	"t/p=(x)[y]{z}/f", "t/p=$@!~^`/f", "t/p=__HIVE_DEFAULT_PARTITION__/f", "t/.hidden", "t/_delta_log/.00.json.crc", "t/..two", "t/trailing.", "t/%", "t/100%/f",
	"t/..a/b.", "t/-dash", "t/~", "t/a=b=c/f", strings.Repeat("long/", 40) + "f", "t/" + strings.Repeat("n", 200),
}

func unusualKeys(t *testing.T, s storage.Store) {
	for _, key := range unusualKeysUsed {
		put(t, s, key, key)
		wantErr(t, s.PutIfAbsent(t.Context(), key, nil), storage.ErrExists)
	}
	for _, key := range unusualKeysUsed {
		wantContent(t, s, key, key)
		wantKeys(t, s, key, "", key)
	}
	wantKeys(t, s, "", "", slices.Sorted(slices.Values(unusualKeysUsed))...)
	del(t, s, unusualKeysUsed...)
	wantKeys(t, s, "", "")
}

func badKeys(t *testing.T, s storage.Store) {
	for _, key := range []string{"", "/", "/a", "a/", "a//b", "..", "../a", "a/../b", "a/..", ".", "./a", "a/./b", "a\x00b"} {
		_, openErr := s.Open(t.Context(), key)
		_, createErr := s.Create(t.Context(), key)
		for op, err := range map[string]error{
			"open": openErr, "create": createErr, "put": s.PutIfAbsent(t.Context(), key, nil), "delete": s.Delete(t.Context(), key),
		} {
			if _, ok := errors.AsType[*storage.KeyError](err); !ok {
				t.Errorf("%s %q: got error %v, want a *storage.KeyError", op, key, err)
			}
		}
	}
	for _, prefix := range []string{"/", "../", "a/../b", "a//"} {
		if err := listErr(t.Context(), s, prefix); err == nil {
			t.Errorf("list %q: got no error, want a *storage.KeyError", prefix)
		}
	}
}

func similarKeys(t *testing.T, s storage.Store) {
	put(t, s, "t/a%2Fb", "encoded")
	put(t, s, "t/a/b", "plain")
	wantContent(t, s, "t/a%2Fb", "encoded")
	wantContent(t, s, "t/a/b", "plain")
	del(t, s, "t/a/b")
	wantKeys(t, s, "", "", "t/a%2Fb")
}

func contextCases() []testCase {
	return []testCase{
		{"calls fail when their context has ended", endedContext},
		{"reads fail once the context of open has ended", endedRead},
		{"a writer fails once the context of create has ended", endedWrite},
		{"list fails when its context ends between objects", endedList},
	}
}

func endedContext(t *testing.T, s storage.Store) {
	put(t, s, "k", "x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, openErr := s.Open(ctx, "k")
	wantErr(t, openErr, context.Canceled)
	_, err := storage.Put(ctx, s, "new", []byte("x"))
	wantErr(t, err, context.Canceled)
	wantErr(t, s.PutIfAbsent(ctx, "new", nil), context.Canceled)
	wantErr(t, listErr(ctx, s, ""), context.Canceled)
	wantErr(t, listErr(ctx, s, "nothing/"), context.Canceled)
	wantErr(t, s.Delete(ctx, "k"), context.Canceled)
	wantKeys(t, s, "", "", "k")
}

func endedRead(t *testing.T, s storage.Store) {
	putBytes(t, s, "k", pattern(largeObject))
	ctx, cancel := context.WithCancel(t.Context())
	o, err := s.Open(ctx, "k")
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	cancel()
	for _, off := range []int64{0, 1 << 20, largeObject - 1} {
		_, err = o.ReadAt(make([]byte, 1), off)
		wantErr(t, err, context.Canceled)
	}
}

func endedWrite(t *testing.T, s storage.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	w, err := s.Create(ctx, "k")
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, "x")
	cancel()
	_, err = w.Write([]byte("y"))
	wantErr(t, err, context.Canceled)
	_, err = w.Commit(ctx)
	wantErr(t, err, context.Canceled)
	if err := w.Abort(); err != nil {
		t.Errorf("abort: %v", err)
	}
	wantKeys(t, s, "", "")
}

func endedList(t *testing.T, s storage.Store) {
	putOrdered(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	seen := 0
	for _, err := range s.List(ctx, "", "") {
		if last = err; err == nil {
			seen++
		}
		cancel()
	}
	wantErr(t, last, context.Canceled)
	if seen == len(orderedKeys) {
		t.Errorf("got all %d objects after the context ended", seen)
	}
}

func subCases() []testCase {
	return []testCase{{"a sub store is a store of its own", subStore}}
}

func subStore(t *testing.T, s storage.Store) {
	put(t, s, "a/outside", "x")
	put(t, s, "a/bb/outside", "x")
	for _, sub := range []storage.Store{storage.Sub(s, "a/b"), storage.Sub(storage.Sub(s, "a/"), "b/")} {
		put(t, sub, "k/1", "one")
		wantErr(t, sub.PutIfAbsent(t.Context(), "k/1", nil), storage.ErrExists)
		wantContent(t, s, "a/b/k/1", "one")
		if got := openObject(t, sub, "k/1").Info().Key; got != "k/1" {
			t.Errorf("got key %q, want k/1", got)
		}
		put(t, sub, "k/2", "two")
		wantKeys(t, sub, "", "", "k/1", "k/2")
		wantKeys(t, sub, "k/", "k/1", "k/2")
		_, err := sub.Open(t.Context(), "../outside")
		if _, ok := errors.AsType[*storage.KeyError](err); !ok {
			t.Errorf("got error %v, want a *storage.KeyError", err)
		}
		del(t, sub, "k/1", "k/2")
		wantKeys(t, s, "", "", "a/bb/outside", "a/outside")
	}
	located, has := s.(storage.Locator)
	subLocated, subHas := storage.Sub(s, "a").(storage.Locator)
	if has != subHas {
		t.Fatalf("the sub store has a URL: got %v, want %v", subHas, has)
	}
	if has && subLocated.URL("b") != located.URL("a/b") {
		t.Errorf("got URL %s, want %s", subLocated.URL("b"), located.URL("a/b"))
	}
}
