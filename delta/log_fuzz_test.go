package delta_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// damagedLog is a log of 12 versions, with a checkpoint of version 10 and no commits before it, in which one object is replaced.
func damagedLog(tb testing.TB, properties map[string]string, name func(string) bool, data []byte) storage.Store {
	tb.Helper()
	store := memory.New()
	grow(tb, store, testConfig(), properties, 12)
	var keys, replaced []string
	for info, err := range store.List(tb.Context(), "t/_delta_log/", "") {
		if err != nil {
			tb.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	for _, key := range keys {
		if name(strings.TrimPrefix(key, "t/_delta_log/")) {
			replaced = append(replaced, key)
		}
		if strings.HasSuffix(key, ".json") && key < "t/_delta_log/00000000000000000010.json" {
			if err := store.Delete(tb.Context(), key); err != nil {
				tb.Fatal(err)
			}
		}
	}
	if len(replaced) == 0 {
		tb.Fatal("no object to damage")
	}
	for _, key := range replaced {
		if _, err := storage.Put(tb.Context(), store, key, data); err != nil {
			tb.Fatal(err)
		}
	}
	return store
}

// checkDamaged opens a log that may be damaged: it can be read, or the error says of what kind it is.
func checkDamaged(tb testing.TB, store storage.Store) *delta.Snapshot {
	tb.Helper()
	s, err := delta.Open(store, "t", testConfig()).Snapshot(context.Background())
	var corrupt *delta.CorruptError
	var unsupported *delta.UnsupportedError
	var unknown *schema.TypeError
	if err != nil && !errors.As(err, &corrupt) && !errors.As(err, &unsupported) && !errors.As(err, &unknown) && !errors.Is(err, delta.ErrVersionNotFound) {
		tb.Errorf("an error of no kind: %v", err)
	}
	return s
}

// objectOf is the first object of a log whose name fits.
func objectOf(tb testing.TB, store storage.Store, name func(string) bool) []byte {
	tb.Helper()
	for info, err := range store.List(tb.Context(), "t/_delta_log/", "") {
		if err != nil {
			tb.Fatal(err)
		}
		if name(strings.TrimPrefix(info.Key, "t/_delta_log/")) {
			data, err := storage.ReadAll(tb.Context(), store, info.Key)
			if err != nil {
				tb.Fatal(err)
			}
			return data
		}
	}
	tb.Fatal("no such object")
	return nil
}

func isClassic(name string) bool { return strings.HasSuffix(name, ".checkpoint.parquet") }
func isManifest(name string) bool {
	return strings.Contains(name, ".checkpoint.") && strings.HasSuffix(name, ".json")
}
func isSidecar(name string) bool  { return strings.HasPrefix(name, "_sidecars/") }
func isChecksum(name string) bool { return name == "00000000000000000012.crc" }
func isHint(name string) bool     { return name == "_last_checkpoint" }

var v2 = map[string]string{"delta.checkpointPolicy": "v2"}

// fuzzObject puts bytes in the place of an object of the log.
func fuzzObject(f *testing.F, properties map[string]string, name func(string) bool, seeds ...string) {
	store := memory.New()
	grow(f, store, testConfig(), properties, 12)
	sound := objectOf(f, store, name)
	f.Add(sound)
	f.Add(sound[:len(sound)/2])
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if s := checkDamaged(t, damagedLog(t, properties, name, data)); s != nil {
			if _, err := s.Verify(t.Context()); err != nil && s.Version() == 12 && !errors.As(err, new(*delta.CorruptError)) {
				t.Errorf("Verify: %v", err)
			}
		}
	})
}

// FuzzCheckpoint has a damaged classic checkpoint.
func FuzzCheckpoint(f *testing.F) { fuzzObject(f, nil, isClassic, "PAR1PAR1") }

// FuzzManifest has a damaged top level of a v2 checkpoint.
func FuzzManifest(f *testing.F) {
	fuzzObject(f, v2, isManifest, `{"sidecar":{"path":"../../x","sizeInBytes":-1}}`, "\x00")
}

// FuzzSidecar has a damaged sidecar of a v2 checkpoint.
func FuzzSidecar(f *testing.F) { fuzzObject(f, v2, isSidecar) }

// FuzzChecksum has a damaged checksum file.
func FuzzChecksum(f *testing.F) {
	fuzzObject(f, nil, isChecksum, `{"numFiles":1e9}`, `{"setTransactions":{}}`)
}

// FuzzHint has a damaged _last_checkpoint, which changes nothing.
func FuzzHint(f *testing.F) {
	f.Add(`{"version":10,"size":1}`)
	f.Add(`{"version":9223372036854775807}`)
	f.Add(`{"version":11,"checksum":"x"}`)
	f.Fuzz(func(t *testing.T, text string) {
		if s := checkDamaged(t, damagedLog(t, nil, isHint, []byte(text))); s == nil || s.Version() != 12 {
			t.Errorf("%q: version 12 cannot be read", text)
		}
	})
}

// FuzzLogNames has an object under any name beside the log's own: versions that are there stay so.
func FuzzLogNames(f *testing.F) {
	for _, name := range []string{
		"00000000000000000013.json.tmp", "00000000000000000012.checkpoint.0000000001.0000000001.parquet", "99999999999999999999.json", "0000000000000000001.json",
		"00000000000000000011.checkpoint.x.json", "00000000000000000012.00000000000000000009.compacted.json", "000000000000000000012.json", "_staged_commits/a.json",
		"00000000000000000005.checkpoint.0000000002.0000000002.parquet", "-0000000000000000001.json", "00000000000000000012.checkpoint.parquet",
	} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		key := "t/_delta_log/" + name
		if storage.CheckKey(key) != nil {
			return
		}
		store := memory.New()
		grow(t, store, testConfig(), nil, 12)
		if err := store.PutIfAbsent(t.Context(), key, []byte("{}")); err != nil {
			return // one of the log's own
		}
		s := checkDamaged(t, store)
		if later := len(name) == 25 && strings.HasSuffix(name, ".json") && name > "00000000000000000012.json"; !later && (s == nil || s.Version() != 12 || s.NumFiles() != 8) {
			t.Errorf("with %q the log reads as %v", name, s)
		}
	})
}
