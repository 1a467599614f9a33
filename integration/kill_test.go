//go:build integration

package integration

import (
	"errors"
	"flag"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// kills is how many processes TestKilledAnywhere kills; the moments are drawn from a fixed seed.
var kills = flag.Int("kills", 200, "processes that are killed at random moments")

// TestKilledAnywhere kills the pipeline's process at random moments between its start and its usual end. Whatever was under way, no table ever shows an event
// twice, and the run that is let be completes them.
func TestKilledAnywhere(t *testing.T) {
	s := newSite(t)
	random := rand.New(rand.NewPCG(20250301, 1))
	s.land(t, 50)
	usual := timed(t, s)
	for killed := 0; killed < *kills; {
		if landed := random.IntN(3) > 0; landed {
			s.land(t, 1+random.IntN(40))
		}
		if !killedAfter(t, s.worker(), time.Duration(random.Int64N(int64(usual)))) {
			// It was done before the moment came, so the usual time is shorter than that.
			continue
		}
		killed++
		if killed%25 == 0 {
			for _, table := range []string{"bronze/events", "silver/events"} {
				if _, repeated := s.faults(t, table); repeated != 0 {
					t.Fatalf("%s: %d events are there more than once after %d kills", table, repeated, killed)
				}
			}
			s.run(t)
			s.checkOnce(t)
			s.land(t, 10)
			usual = timed(t, s)
		}
	}
	s.run(t)
	s.checkOnce(t)
}

// timed is how long a whole run takes.
func timed(t *testing.T, s *site) time.Duration {
	t.Helper()
	start := time.Now()
	s.run(t)
	return time.Since(start)
}

// killedAfter starts a process and kills it after a while. It returns false when the process was done by then.
func killedAfter(t *testing.T, cmd *exec.Cmd, after time.Duration) bool {
	t.Helper()
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return false
	case errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL:
		return true
	}
	t.Fatalf("a run after a kill failed: %v\n%s", err, out.String())
	return false
}

// TestTwoProcesses runs the same pipeline in two processes at once, again and again: in an empty lake, where both create the tables, and on. Each event counts
// once, and neither process fails because the other came first.
func TestTwoProcesses(t *testing.T) {
	for range 12 {
		s := newSite(t)
		for range 3 {
			s.land(t, 200)
			runTwice(t, s)
			s.checkOnce(t)
		}
		if t.Failed() {
			return
		}
	}
	s := newSite(t)
	s.land(t, 200)
	runTwice(t, s)
	checkReadAlike(t, filepath.Join(s.lake, "bronze", "events"))
}

// runTwice runs the pipeline in two processes at once.
func runTwice(t *testing.T, s *site) {
	t.Helper()
	var outs [2]string
	var errs [2]error
	var both sync.WaitGroup
	for i := range errs {
		both.Go(func() {
			out, err := s.worker().CombinedOutput()
			outs[i], errs[i] = string(out), err
		})
	}
	both.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatalf("process %d: %v\n%s", i, err, outs[i])
		}
	}
}
