package local_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/local"
	"github.com/medallion-go/medallion/storage/storagetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t *testing.T) storage.Store { return newStore(t, t.TempDir()) })
}

func TestStoreBelowMissingRoot(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "not", "yet there")
	s := newStore(t, root)
	if _, err := s.Open(t.Context(), "k"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("open: got error %v, want storage.ErrNotFound", err)
	}
	if got := keys(t, s, ""); len(got) > 0 {
		t.Errorf("got keys %q, want none", got)
	}
	if _, err := os.Stat(root); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("reading created the root: %v", err)
	}
	put(t, s, "a/k", "x")
	if got, err := os.ReadFile(filepath.Join(root, "a", "k")); err != nil || string(got) != "x" {
		t.Errorf("got file content %q and error %v, want x", got, err)
	}
}

func TestNewRefusesFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "lake")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := local.New(name); err == nil || err.Error() != "local: root "+name+" is a file; name a directory" {
		t.Errorf("New(%s) = %v, want an error that it is a file", name, err)
	}
}

func TestNewRefusesEmptyRoot(t *testing.T) {
	t.Parallel()
	if _, err := local.New(""); err == nil {
		t.Error("got no error")
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	s := newStore(t, "/data/a b")
	if got, want := s.URL("t/p=1%/f"), "file:///data/a%20b/t/p=1%25/f"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFilesAreReadableByOthers(t *testing.T) {
	t.Parallel()
	s := newStore(t, t.TempDir())
	put(t, s, "created", "x")
	if err := s.PutIfAbsent(t.Context(), "put", nil); err != nil {
		t.Fatal(err)
	}
	probe := filepath.Join(s.Root(), "probe")
	if err := os.WriteFile(probe, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	want := mode(t, probe)
	for _, key := range []string{"created", "put"} {
		if got := mode(t, filepath.Join(s.Root(), key)); got != want {
			t.Errorf("%s: got mode %v, want %v as for any new file", key, got, want)
		}
	}
}

func TestChangedFile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(path string) error
		want   error
	}{
		{"grown", func(path string) error { return appendTo(path, "more") }, storage.ErrChanged},
		{"grown within one tick of the clock", growUnnoticed, storage.ErrChanged},
		{"cut", func(path string) error { return os.Truncate(path, 3) }, storage.ErrChanged},
		{"written over", func(path string) error { return os.WriteFile(path, []byte("OTHER56789"), 0o666) }, storage.ErrChanged},
		{"touched", func(path string) error { return os.Chtimes(path, time.Time{}, time.Unix(1, 0)) }, storage.ErrChanged},
		{"renamed over", renameOver, nil},
		{"removed", os.Remove, nil},
		{"not at all", func(string) error { return nil }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t, t.TempDir())
			put(t, s, "k", "0123456789")
			path := filepath.Join(s.Root(), "k")
			if err := os.Chtimes(path, time.Time{}, time.Unix(1_000_000, 0)); err != nil {
				t.Fatal(err)
			}
			o, err := s.Open(t.Context(), "k")
			if err != nil {
				t.Fatal(err)
			}
			defer o.Close()
			if err := tt.change(path); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, 5)
			_, err = o.ReadAt(got, 0)
			if !errors.Is(err, tt.want) {
				t.Fatalf("got error %v, want %v", err, tt.want)
			}
			if err == nil && string(got) != "01234" {
				t.Errorf("got %q, want the content at Open", got)
			}
		})
	}
}

func TestETagTellsContentsApart(t *testing.T) {
	t.Parallel()
	s := newStore(t, t.TempDir())
	seen := map[string]string{}
	for _, content := range []string{"one", "two", "three"} {
		info, err := storage.Put(t.Context(), s, "k", []byte(content))
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[info.ETag]; ok {
			t.Errorf("%q and %q have the same ETag %s", content, other, info.ETag)
		}
		seen[info.ETag] = content
	}
}

func TestTemporaryFilesAreNoObjects(t *testing.T) {
	t.Parallel()
	s := newStore(t, t.TempDir())
	put(t, s, "t/k", "x")
	w, err := s.Create(t.Context(), "t/new")
	if err != nil {
		t.Fatal(err)
	}
	leftovers, err := filepath.Glob(filepath.Join(s.Root(), "t", ".*"))
	if err != nil || len(leftovers) != 1 {
		t.Fatalf("got hidden files %q and error %v while a writer is open, want one", leftovers, err)
	}
	if diff := cmp.Diff([]string{"t/k"}, keys(t, s, "")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	key := "t/" + filepath.Base(leftovers[0])
	_, err = s.Open(t.Context(), key)
	if _, ok := errors.AsType[*storage.KeyError](err); !ok {
		t.Errorf("open %s: got error %v, want a *storage.KeyError", key, err)
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(leftovers[0]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("abort left %s: %v", leftovers[0], err)
	}
}

func TestLinksAreFollowed(t *testing.T) {
	t.Parallel()
	outside := newStore(t, t.TempDir())
	put(t, outside, "d/k", "x")
	s := newStore(t, t.TempDir())
	put(t, s, "a/k", "x")
	for link, target := range map[string]string{
		"a/loop": s.Root(), "b": filepath.Join(outside.Root(), "d"), "c": filepath.Join(s.Root(), "a", "k"), "dangling": filepath.Join(s.Root(), "none"),
	} {
		if err := os.Symlink(target, filepath.Join(s.Root(), filepath.FromSlash(link))); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"a/k", "b/k", "c"}, keys(t, s, "")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestDirectoryInTheWay(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newStore(t, t.TempDir())
	put(t, s, "a/b", "x")
	if err := s.PutIfAbsent(ctx, "a", nil); err == nil || errors.Is(err, storage.ErrExists) {
		t.Errorf("put over a directory: got error %v, want one that is not storage.ErrExists", err)
	}
	if _, err := storage.Put(ctx, s, "a", nil); err == nil {
		t.Error("create over a directory: got no error")
	}
	_, err := storage.Put(ctx, s, "a/b/c", nil)
	if !errors.Is(err, syscall.ENOTDIR) || !strings.Contains(err.Error(), "a file system cannot hold both") {
		t.Errorf("create below a file: got error %v, want one that says what is in the way", err)
	}
	if diff := cmp.Diff([]string{"a/b"}, keys(t, s, "")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestNameTooLong(t *testing.T) {
	t.Parallel()
	s := newStore(t, t.TempDir())
	_, err := storage.Put(t.Context(), s, strings.Repeat("x", 300), nil)
	if !errors.Is(err, syscall.ENAMETOOLONG) || !strings.Contains(err.Error(), "shorten the key") {
		t.Errorf("got error %v, want ENAMETOOLONG with advice", err)
	}
	if left, _ := os.ReadDir(s.Root()); len(left) > 0 {
		t.Errorf("got files %v after a failed write, want none", left)
	}
}

func ExampleNew() {
	dir, err := os.MkdirTemp("", "lake")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	s, err := local.New(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	fmt.Println(s.PutIfAbsent(ctx, "orders/0.json", []byte("{}")))
	fmt.Println(errors.Is(s.PutIfAbsent(ctx, "orders/0.json", []byte("{}")), storage.ErrExists))
	// Output:
	// <nil>
	// true
}

func newStore(t *testing.T, root string) *local.Store {
	t.Helper()
	s, err := local.New(root)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s storage.Store, key, content string) {
	t.Helper()
	if _, err := storage.Put(t.Context(), s, key, []byte(content)); err != nil {
		t.Fatal(err)
	}
}

func keys(t *testing.T, s storage.Store, prefix string) []string {
	t.Helper()
	var keys []string
	for info, err := range s.List(t.Context(), prefix, "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	return keys
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func appendTo(path, s string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(s)
	return errors.Join(err, f.Close())
}

func growUnnoticed(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return errors.Join(appendTo(path, "more"), os.Chtimes(path, time.Time{}, info.ModTime()))
}

func renameOver(path string) error {
	if err := os.WriteFile(path+".new", bytes.Repeat([]byte("n"), 10), 0o666); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
