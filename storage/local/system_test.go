package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/medallion-go/medallion/storage"
)

func noLink(temp, path string) error {
	return &os.LinkError{Op: "link", Old: temp, New: path, Err: syscall.EPERM}
}

func noRename(string, string) error { return errors.ErrUnsupported }

func TestClaimsWithoutLinks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		rename func(temp, path string) error
	}{
		{"exclusive rename", renameNoReplace}, // where the system has none, this is the next case again
		{"exclusive create", noRename},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := storeWith(t, system{link: noLink, rename: tt.rename})
			for round := range 4 {
				raceForKey(t, s, fmt.Sprintf("log/%d", round))
			}
			if err := s.PutIfAbsent(t.Context(), "log", nil); err == nil || errors.Is(err, storage.ErrExists) {
				t.Errorf("put over a directory: got error %v, want one that is not storage.ErrExists", err)
			}
			left, err := filepath.Glob(filepath.Join(s.root, "log", ".*"))
			if err != nil || len(left) > 0 {
				t.Errorf("got temporary files %q and error %v, want none", left, err)
			}
		})
	}
}

// raceForKey lets many writers claim one key at once.
func raceForKey(t *testing.T, s *Store, key string) {
	t.Helper()
	var wg sync.WaitGroup
	var winners atomic.Int64
	var winner atomic.Value
	for i := range 50 {
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
	got, err := storage.ReadAll(t.Context(), s, key)
	if err != nil || winners.Load() != 1 || string(got) != winner.Load() {
		t.Errorf("got %d winners, error %v and %d bytes, want one winner and its content", winners.Load(), err, len(got))
	}
}

func TestLostLinkResponse(t *testing.T) {
	t.Parallel()
	s := storeWith(t, system{link: func(temp, path string) error { return errors.Join(os.Link(temp, path), syscall.EEXIST) }})
	if err := s.PutIfAbsent(t.Context(), "k", []byte("x")); err != nil {
		t.Errorf("got error %v for a link that was made and reported as taken, want none", err)
	}
}

func TestNoWayToClaim(t *testing.T) {
	t.Parallel()
	s := storeWith(t, system{link: noLink, rename: func(string, string) error { return syscall.EIO }})
	err := s.PutIfAbsent(t.Context(), "k", nil)
	if !errors.Is(err, syscall.EIO) || !errors.Is(err, syscall.EPERM) || errors.Is(err, storage.ErrUndecided) {
		t.Errorf("got error %v, want both causes and a certain failure", err)
	}
	left, err := os.ReadDir(s.root)
	if err != nil || len(left) > 0 {
		t.Errorf("got files %v and error %v, want none", left, err)
	}
}

func TestUnflushedDirectoryIsUndecided(t *testing.T) {
	t.Parallel()
	calls := 0
	s := storeWith(t, system{flushDir: func(dir string) error {
		if calls++; strings.HasSuffix(dir, "a") {
			return &fs.PathError{Op: "sync", Path: dir, Err: syscall.EIO}
		}
		return flushDir(dir)
	}})
	err := s.PutIfAbsent(t.Context(), "a/k", nil)
	if !errors.Is(err, storage.ErrUndecided) || !errors.Is(err, syscall.EIO) {
		t.Errorf("put: got error %v, want storage.ErrUndecided and the cause", err)
	}
	_, err = storage.Put(t.Context(), s, "a/k", nil)
	if !errors.Is(err, storage.ErrUndecided) {
		t.Errorf("create: got error %v, want storage.ErrUndecided", err)
	}
	if calls < 3 {
		t.Errorf("got %d flushes, want one for the new directory's name and one for each file's", calls)
	}
}

func TestNoSync(t *testing.T) {
	t.Parallel()
	s, err := Config{NoSync: true}.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s.sys.flushDir = func(dir string) error { t.Errorf("flushed %s", dir); return nil }
	if err := s.PutIfAbsent(t.Context(), "a/k", nil); err != nil {
		t.Error(err)
	}
}

func TestListReadsOnlyWhatCanMatch(t *testing.T) {
	t.Parallel()
	s := storeWith(t, system{})
	for _, key := range []string{"t/_delta_log/0.json", "t/_delta_log/_sidecars/s", "t/p=1/f", "t/p=2/f", "u/f"} {
		if _, err := storage.Put(t.Context(), s, key, nil); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		prefix, after string
		want          []string
	}{
		{"t/_delta_log/", "", []string{"t/_delta_log", "t/_delta_log/_sidecars"}},
		{"t/_delta_log/0", "", []string{"t/_delta_log"}},
		{"t/p=1", "", []string{"t", "t/p=1"}},
		{"t/", "t/p=1/zz", []string{"t", "t/p=1", "t/p=2"}},
		{"", "t/p=2", []string{".", "t", "t/p=2", "u"}},
		{"missing/", "", []string{"missing"}},
	}
	for _, tt := range tests {
		var got []string
		s.sys.readDir = func(dir string) ([]fs.DirEntry, error) {
			rel, err := filepath.Rel(s.root, dir)
			got = append(got, filepath.ToSlash(rel))
			return errDir(dir, err)
		}
		for _, err := range s.List(t.Context(), tt.prefix, tt.after) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("directories read for prefix %q after %q (-want +got):\n%s", tt.prefix, tt.after, diff)
		}
	}
}

func errDir(dir string, err error) ([]fs.DirEntry, error) {
	if err != nil {
		return nil, err
	}
	return readDir(dir)
}

func TestListReportsFailure(t *testing.T) {
	t.Parallel()
	s := storeWith(t, system{readDir: func(dir string) ([]fs.DirEntry, error) {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: syscall.EACCES}
	}})
	var got []error
	for _, err := range s.List(t.Context(), "t/", "") {
		got = append(got, err)
	}
	if len(got) != 1 || !errors.Is(got[0], fs.ErrPermission) || !strings.Contains(got[0].Error(), "give this process access") {
		t.Errorf("got errors %v, want one permission error with advice", got)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  error
		want string
	}{
		{syscall.ENOSPC, "local: put k: write /lake/k: no space left on device (free space there, raise the quota, or choose another root)"},
		{syscall.EFBIG, "local: put k: write /lake/k: file too large (raise the limit on the size of files: ulimit -f)"},
		{syscall.EACCES, "local: put k: write /lake/k: permission denied (give this process access to the path)"},
		{syscall.EROFS, "local: put k: write /lake/k: read-only file system (the file system is mounted read-only)"},
		{syscall.EIO, "local: put k: write /lake/k: input/output error"},
	}
	for _, tt := range tests {
		got := opError("put", "k", &fs.PathError{Op: "write", Path: "/lake/k", Err: tt.err})
		if got.Error() != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
		if !errors.Is(got, tt.err) {
			t.Errorf("got error %v, which does not wrap %v", got, tt.err)
		}
	}
}

// storeWith is a store on which the parts of sys that are set take the place of the real system.
func storeWith(t *testing.T, sys system) *Store {
	t.Helper()
	s, err := New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if sys.link != nil {
		s.sys.link = sys.link
	}
	if sys.rename != nil {
		s.sys.rename = sys.rename
	}
	if sys.flushDir != nil {
		s.sys.flushDir = sys.flushDir
	}
	if sys.readDir != nil {
		s.sys.readDir = sys.readDir
	}
	return s
}
