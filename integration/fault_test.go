//go:build integration

package integration

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/local"
)

// TestFileLimit runs the pipeline where no file may grow beyond 16 KiB: it fails with the system's reason, and nothing of the batch is there. Without the limit
// the same batch is done.
func TestFileLimit(t *testing.T) {
	s := newSite(t)
	s.land(t, 50)
	s.run(t)
	before := cat(t, filepath.Join(s.lake, "bronze", "events"))
	s.land(t, 2_000)
	worker := s.worker()
	limited := exec.Command("bash", "-c", `ulimit -f 16 && exec "$0"`, worker.Path)
	limited.Env = worker.Env
	wantFailure(t, limited, "file too large")
	if got := cat(t, filepath.Join(s.lake, "bronze", "events")); len(got) != len(before) {
		t.Errorf("bronze/events: got %d rows after the failure, want the %d from before", len(got), len(before))
	}
	s.run(t)
	s.checkOnce(t)
}

// TestDiskFull runs the pipeline on a file system of 256 KiB, where the suite may mount one: TestFileLimit stands for it elsewhere.
func TestDiskFull(t *testing.T) {
	s := newSite(t)
	err := syscall.Mount("tmpfs", s.lake, "tmpfs", 0, "size=256k,mode=0755")
	if errors.Is(err, syscall.EPERM) {
		t.Logf("mounting is not allowed here (%v): TestFileLimit alone tests writes that fail", err)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(s.lake, 0); err != nil {
			t.Error(err)
		}
	})
	s.land(t, 50)
	s.run(t)
	s.land(t, 8_000)
	wantFailure(t, s.worker(), "no space left on device")
	if missing, repeated := s.faults(t, "bronze/events"); missing != 8_000 || repeated != 0 {
		t.Errorf("bronze/events: %d events are missing and %d repeated, want the failed batch's 8000 missing alone", missing, repeated)
	}
	if err := syscall.Mount("tmpfs", s.lake, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	s.run(t)
	s.checkOnce(t)
}

// TestPermissionDenied runs the pipeline as a user who may read the lake but not write to it, and then as one who may not read a landed file.
func TestPermissionDenied(t *testing.T) {
	s := newSite(t)
	s.land(t, 50)
	s.run(t)
	s.land(t, 50)
	t.Run("lake", func(t *testing.T) {
		unwritable(t, s.lake)
		wantFailure(t, unprivileged(t, s.worker()), "permission denied")
	})
	s.run(t)
	s.checkOnce(t)

	t.Run("landing", func(t *testing.T) {
		other := &site{lake: filepath.Join(shared.dir, "open-lake"), landing: s.landing, next: s.next}
		if err := os.Mkdir(other.lake, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(other.lake, 0o777); err != nil {
			t.Fatal(err)
		}
		names, err := filepath.Glob(filepath.Join(s.landing, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(names[1], 0); err != nil {
			t.Fatal(err)
		}
		wantFailure(t, unprivileged(t, other.worker()), "permission denied", filepath.Base(names[1]))
		if err := os.Chmod(names[1], 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := unprivileged(t, other.worker()).CombinedOutput(); err != nil {
			t.Fatalf("run: %v\n%s", err, out)
		}
		other.checkOnce(t)
	})
}

// unprivileged lets a program run as nobody when the suite runs as root; anybody else is denied as they are.
func unprivileged(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	if os.Geteuid() != 0 {
		return cmd
	}
	const nobody = 65534
	program := filepath.Join(shared.dir, "worker")
	if _, err := os.Stat(program); errors.Is(err, fs.ErrNotExist) {
		data, err := os.ReadFile(cmd.Path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(program, data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Path, cmd.Dir = program, shared.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return cmd
}

// unwritable takes the right to write from a folder and all below it until the test ends.
func unwritable(t *testing.T, dir string) {
	t.Helper()
	change := func(mode fs.FileMode) {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			return os.Chmod(path, mode)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	change(0o555)
	t.Cleanup(func() { change(0o755) })
}

// wantFailure runs a program that must fail with exit status 1 and say each of the words.
func wantFailure(t *testing.T, cmd *exec.Cmd, words ...string) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("got %v, want exit status 1\n%s", err, out)
	}
	for _, word := range words {
		if !strings.Contains(string(out), word) {
			t.Errorf("the failure does not say %q:\n%s", word, out)
		}
	}
	if strings.Contains(string(out), "goroutine ") {
		t.Errorf("the failure is a panic:\n%s", out)
	}
}

// restless changes a landed file between the listing and the reading.
type restless struct {
	*local.Store
	once   sync.Once
	change func()
}

func (r *restless) Open(ctx context.Context, key string) (storage.Object, error) {
	if key == "1.json" {
		r.once.Do(r.change)
	}
	return r.Store.Open(ctx, key)
}

// changing is a pipeline over two landed files of one event each, 1.json and 2.json, of which change gets the first once both have been listed.
func changing(t *testing.T, change func(file string) error) (p *medallion.Pipeline, e events, first string) {
	t.Helper()
	s := newSite(t)
	first = filepath.Join(s.landing, "1.json")
	for _, id := range []string{"1", "2"} {
		if err := os.WriteFile(filepath.Join(s.landing, id+".json"), []byte(eventLine(id)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	inner, err := local.New(s.landing)
	if err != nil {
		t.Fatal(err)
	}
	lake, err := medallion.LocalLake(s.lake)
	if err != nil {
		t.Fatal(err)
	}
	store := &restless{Store: inner, change: func() {
		if err := change(first); err != nil {
			t.Error(err)
		}
	}}
	return &medallion.Pipeline{Lake: lake}, declareEvents(files.In(store, "*.json")), first
}

func eventLine(id string) string {
	return `{"id":` + id + `,"name":"a","at":"2026-01-01T00:00:00Z","note":""}` + "\n"
}

// TestFileVanishes moves a file away that has been listed and not yet read. The run fails and says which file; the next goes on without it; once it is back, it
// is read.
func TestFileVanishes(t *testing.T) {
	p, e, first := changing(t, func(file string) error { return os.Rename(file, file+".away") })
	if report, err := p.Run(t.Context(), e.counts); err == nil || !strings.Contains(err.Error(), "1.json") {
		t.Errorf("got error %v, want one that names 1.json\n%v", err, report)
	}
	runOn(t, p, e)
	if got := collect(t, p, e.silver); len(got) != 1 || got[0].ID != 2 {
		t.Errorf("got events %v without the file, want event 2 alone", got)
	}
	if err := os.Rename(first+".away", first); err != nil {
		t.Fatal(err)
	}
	runOn(t, p, e)
	wantEvents(t, p, e, 2)
}

// TestFileGrows adds a line to a file that has been listed and not yet read. A landed file counts as it was listed: no event of it is lost or there twice, and
// what came later is not part of it.
func TestFileGrows(t *testing.T) {
	p, e, _ := changing(t, func(file string) error { return os.WriteFile(file, []byte(eventLine("1")+eventLine("3")), 0o644) })
	runOn(t, p, e)
	runOn(t, p, e)
	wantEvents(t, p, e, 2)
}

func wantEvents(t *testing.T, p *medallion.Pipeline, e events, want int) {
	t.Helper()
	seen := map[int64]int{}
	for _, row := range collect(t, p, e.silver) {
		seen[row.ID]++
	}
	for id := range int64(want) {
		if seen[id+1] != 1 {
			t.Errorf("event %d is there %d times, want once", id+1, seen[id+1])
		}
	}
	if len(seen) != want {
		t.Errorf("got %d events, want %d", len(seen), want)
	}
}
