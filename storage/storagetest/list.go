package storagetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/medallion-go/medallion/storage"
)

func listCases() []testCase {
	return []testCase{
		{"list of an empty store", func(t *testing.T, s storage.Store) { wantKeys(t, s, "", ""); wantKeys(t, s, "a/", "") }},
		{"list in the order of whole keys", listOrder},
		{"list by prefix", listPrefix},
		{"list after a key", listAfter},
		{"list of 2,500 keys", listPages},
		{"list stops when the caller does", listBreak},
		{"list gives size and time", listInfo},
		{"list sees every write that ended", listSeesWrites},
	}
}

// orderedKeys has neighbours of the slash on both sides, where components and whole keys sort differently. No key is the parent of another, which a
// file system could not hold.
var orderedKeys = []string{
	"a!/x", "a b", "a-b/1", "a-b/2", "a.b", "a.b.c/k", "a/!", "a/b", "a/b.c", "a/b0", "a/c/d", "a/c/e", "a/d", "a0", "aa/b", "ab", "b/a", "é/x", "世界",
}

func putOrdered(t *testing.T, s storage.Store) []string {
	keys := slices.Sorted(slices.Values(orderedKeys))
	for _, k := range slices.Backward(keys) {
		put(t, s, k, k)
	}
	return keys
}

func listOrder(t *testing.T, s storage.Store) {
	wantKeys(t, s, "", "", putOrdered(t, s)...)
}

func listPrefix(t *testing.T, s storage.Store) {
	keys := putOrdered(t, s)
	for _, prefix := range []string{"a", "a/", "a/b", "a/b.", "a/c/", "a/c/d", "a/c/d/", "a.", "a.b", "aa", "é/", "é", "世", "x", "x/y/", "a/x/y", "a/b/"} {
		var want []string
		for _, k := range keys {
			if len(k) >= len(prefix) && k[:len(prefix)] == prefix {
				want = append(want, k)
			}
		}
		wantKeys(t, s, prefix, "", want...)
	}
}

func listAfter(t *testing.T, s storage.Store) {
	keys := putOrdered(t, s)
	marks := append(slices.Clone(keys), "", "A", "a", "a/", "a/b/", "a/c", "a/c/", "a/c/dd", "a/zzz", "b", "zzz", "\xff")
	for _, prefix := range []string{"", "a", "a/", "a/c/", "a/b", "b/"} {
		for _, after := range marks {
			var want []string
			for _, k := range keys {
				if len(k) >= len(prefix) && k[:len(prefix)] == prefix && k > after {
					want = append(want, k)
				}
			}
			wantKeys(t, s, prefix, after, want...)
		}
	}
}

func listPages(t *testing.T, s storage.Store) {
	const n = 2500
	want := make([]string, n)
	for i := range want {
		want[i] = fmt.Sprintf("log/%020d.json", i)
	}
	each(n, func(i int) { put(t, s, want[i], "") })
	wantKeys(t, s, "log/", "", want...)
	wantKeys(t, s, "log/", want[999], want[1000:]...)
	wantKeys(t, s, "", want[n-2], want[n-1])
}

func listBreak(t *testing.T, s storage.Store) {
	putOrdered(t, s)
	var got []string
	for info, err := range s.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, info.Key); len(got) == 2 {
			break
		}
	}
	if diff := cmp.Diff([]string{"a b", "a!/x"}, got); diff != "" {
		t.Errorf("keys before the break (-want +got):\n%s", diff)
	}
}

func listInfo(t *testing.T, s storage.Store) {
	put(t, s, "a/k", "12345")
	for _, got := range list(t, s, "a/", "") {
		if got.Size != 5 || got.ModTime.IsZero() || got.ModTime.Location().String() != "UTC" {
			t.Errorf("got info %+v, want size 5 and a time in UTC", got)
		}
	}
}

func listSeesWrites(t *testing.T, s storage.Store) {
	put(t, s, "k/1", "x")
	wantKeys(t, s, "k/", "", "k/1")
	if err := s.PutIfAbsent(t.Context(), "k/2", []byte("x")); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, s, "k/", "", "k/1", "k/2")
	del(t, s, "k/1")
	wantKeys(t, s, "k/", "", "k/2")
}

func deleteCases() []testCase {
	return []testCase{
		{"delete of missing keys is no error", deleteMissing},
		{"delete of nothing", func(t *testing.T, s storage.Store) { del(t, s) }},
		{"delete removes no keys below", deleteParent},
		{"delete of 1,100 keys", deleteMany},
	}
}

func deleteMissing(t *testing.T, s storage.Store) {
	put(t, s, "a/b", "x")
	put(t, s, "c", "x")
	del(t, s, "missing", "a/missing", "missing/b", "a/b/c", "c", "c")
	wantKeys(t, s, "", "", "a/b")
}

func deleteParent(t *testing.T, s storage.Store) {
	put(t, s, "a/b/c", "x")
	del(t, s, "a", "a/b")
	wantKeys(t, s, "", "", "a/b/c")
}

func deleteMany(t *testing.T, s storage.Store) {
	keys := make([]string, 1100)
	for i := range keys {
		keys[i] = fmt.Sprintf("d/%d", i)
	}
	each(len(keys), func(i int) { put(t, s, keys[i], "") })
	put(t, s, "kept", "x")
	del(t, s, keys...)
	wantKeys(t, s, "", "", "kept")
}
