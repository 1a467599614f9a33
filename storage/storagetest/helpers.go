package storagetest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/medallion-go/medallion/storage"
)

func put(t *testing.T, s storage.Store, key, content string) {
	t.Helper()
	putBytes(t, s, key, []byte(content))
}

// putBytes reports rather than stops, so that goroutines may call it.
func putBytes(t *testing.T, s storage.Store, key string, data []byte) {
	t.Helper()
	info, err := storage.Put(t.Context(), s, key, data)
	if err != nil {
		t.Errorf("put %q: %v", key, err)
		return
	}
	if info.Key != key || info.Size != int64(len(data)) {
		t.Errorf("put %q: got info %+v, want that key and size %d", key, info, len(data))
	}
}

func del(t *testing.T, s storage.Store, keys ...string) {
	t.Helper()
	if err := s.Delete(t.Context(), keys...); err != nil {
		t.Fatalf("delete %d keys: %v", len(keys), err)
	}
}

func create(t *testing.T, s storage.Store, key string) storage.Writer {
	t.Helper()
	w, err := s.Create(t.Context(), key)
	if err != nil {
		t.Fatalf("create %q: %v", key, err)
	}
	t.Cleanup(func() {
		if err := w.Abort(); err != nil {
			t.Errorf("abort %q: %v", key, err)
		}
	})
	return w
}

func write(t *testing.T, w storage.Writer, content string) {
	t.Helper()
	if n, err := w.Write([]byte(content)); n != len(content) || err != nil {
		t.Fatalf("write: got (%d, %v), want (%d, nil)", n, err, len(content))
	}
}

func openObject(t *testing.T, s storage.Store, key string) storage.Object {
	t.Helper()
	o, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatalf("open %q: %v", key, err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Errorf("close %q: %v", key, err)
		}
	})
	return o
}

func list(t *testing.T, s storage.Store, prefix, after string) []storage.Info {
	t.Helper()
	var infos []storage.Info
	for info, err := range s.List(t.Context(), prefix, after) {
		if err != nil {
			t.Fatalf("list %q after %q: %v", prefix, after, err)
		}
		infos = append(infos, info)
	}
	return infos
}

// listErr returns the last error of a list.
func listErr(ctx context.Context, s storage.Store, prefix string) error {
	var last error
	for _, err := range s.List(ctx, prefix, "") {
		last = err
	}
	return last
}

func wantKeys(t *testing.T, s storage.Store, prefix, after string, want ...string) {
	t.Helper()
	var got []string
	for _, info := range list(t, s, prefix, after) {
		got = append(got, info.Key)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("keys under %q after %q (-want +got):\n%s", prefix, after, diff)
	}
}

func wantContent(t *testing.T, s storage.Store, key, want string) {
	t.Helper()
	got, err := storage.ReadAll(t.Context(), s, key)
	if err != nil {
		t.Fatalf("read %q: %v", key, err)
	}
	if string(got) != want {
		t.Errorf("read %q: got %d bytes that differ from the %d wanted", key, len(got), len(want))
	}
}

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got error %v, want %v", got, want)
	}
}

// each calls f for 0 to n-1 on a few goroutines, so that a remote store takes seconds rather than minutes.
func each(n int, f func(i int)) {
	const workers = 8
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				f(i)
			}
		})
	}
	wg.Wait()
}

// pattern returns n bytes of which no two ranges of a few bytes are alike.
func pattern(n int) []byte {
	p := make([]byte, n)
	x := uint32(2463534242)
	for i := range p {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		p[i] = byte(x)
	}
	return p
}
