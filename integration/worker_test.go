//go:build integration

package integration

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/gold"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/source/files"
)

// workerVariable makes this test program run the small pipeline once instead of the tests, so that it can be killed, starved and denied.
const workerVariable = "MEDALLION_INTEGRATION_WORKER"

// event is a row of the small pipeline. Each has an id of its own, so that lost and repeated rows are seen, and a note that does not compress, so that rows
// take room.
type event struct {
	ID   int64     `json:"id"`
	Name string    `json:"name"`
	At   time.Time `json:"at"`
	Note string    `json:"note"`
}

// rawEvent is an event as it comes.
type rawEvent struct {
	ID      *int64
	Name    *string
	At      *time.Time
	Note    *string
	Rescued *string `delta:"_rescued_data"`
}

// count is a row of gold: how many events of a name there are.
type count struct {
	Name   string
	Events int64
}

// events is the small pipeline: one table per layer.
type events struct {
	raw    *medallion.Table[rawEvent]
	silver *medallion.Table[event]
	counts *medallion.Table[count]
}

func declareEvents(src source.Source) events {
	raw := bronze.Ingest[rawEvent]("bronze.events", src)
	clean := silver.Append("silver.events", dataset.SQL[event](`
		SELECT coalesce(id, -1) AS id, coalesce(upper(name), '') AS name, coalesce(at, TIMESTAMP '1970-01-01 00:00:00') AS at, coalesce(note, '') AS note
		FROM raw`,
		dataset.In("raw", raw)))
	counts := gold.Table("gold.counts", dataset.SQL[count](`SELECT name, count(*) AS events FROM events GROUP BY name`, dataset.In("events", clean)))
	return events{raw: raw, silver: clean, counts: counts}
}

// work runs the pipeline over the lake and the landing folder that the variable names, and returns the exit status.
func work() int {
	// A file beyond the limit is an error of the write, as a full disk is, not the end of the process.
	signal.Ignore(syscall.SIGXFSZ)
	lakeDir, landing, _ := strings.Cut(os.Getenv(workerVariable), "\n")
	lake, err := medallion.LocalLake(lakeDir)
	if err == nil {
		_, err = (&medallion.Pipeline{Lake: lake}).Run(context.Background(), declareEvents(files.New(filepath.Join(landing, "*.json"))).counts)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// site is a lake and a landing folder of one test.
type site struct {
	lake, landing string
	next          int64 // the id of the next event to land
}

// newSite makes the folders where an unprivileged user may reach them.
func newSite(t *testing.T) *site {
	t.Helper()
	dir, err := os.MkdirTemp(shared.dir, "site-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &site{lake: filepath.Join(dir, "lake"), landing: filepath.Join(dir, "landing")}
	for _, d := range []string{dir, s.lake, s.landing} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// land puts a file of n events into the landing folder.
func (s *site) land(t *testing.T, n int) {
	t.Helper()
	var b strings.Builder
	for range n {
		e := event{ID: s.next, Name: fmt.Sprintf("event-%d", s.next%7), At: time.Unix(1_750_000_000+s.next, 0).UTC()}
		e.Note = fmt.Sprintf("%x", sha256.Sum256([]byte(e.At.String())))
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
		s.next++
	}
	// Renamed into place, as a writer that is still at it is not what these tests are about.
	name := filepath.Join(s.landing, fmt.Sprintf("%08d.json", s.next))
	if err := os.WriteFile(name+".part", []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".part", name); err != nil {
		t.Fatal(err)
	}
}

// worker is a run of the pipeline in a process of its own, not yet started.
func (s *site) worker() *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), workerVariable+"="+s.lake+"\n"+s.landing)
	return cmd
}

// run runs the pipeline to its end and fails the test when it fails.
func (s *site) run(t *testing.T) {
	t.Helper()
	if out, err := s.worker().CombinedOutput(); err != nil {
		t.Fatalf("run: %v\n%s", err, out)
	}
}

// checkOnce holds the tables against what has landed: every event exactly once in bronze and in silver, and gold counts them.
func (s *site) checkOnce(t *testing.T) {
	t.Helper()
	for _, table := range []string{"bronze/events", "silver/events"} {
		if missing, repeated := s.faults(t, table); missing != 0 || repeated != 0 {
			t.Errorf("%s: %d events are missing and %d are there more than once, of %d", table, missing, repeated, s.next)
		}
	}
	want := map[string]int64{}
	for id := range s.next {
		want[fmt.Sprintf("EVENT-%d", id%7)]++
	}
	got := map[string]int64{}
	for _, line := range cat(t, filepath.Join(s.lake, "gold", "counts")) {
		var c count
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		got[c.Name] += c.Events
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("gold/counts (-want +got):\n%s", diff)
	}
}

// faults counts the events that a table lacks, and those that it has more than once.
func (s *site) faults(t *testing.T, table string) (missing, repeated int) {
	t.Helper()
	seen := make([]int, s.next)
	for _, line := range cat(t, filepath.Join(s.lake, table)) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%s: %v: %s", table, err, line)
		}
		if e.ID < 0 || e.ID >= s.next {
			t.Fatalf("%s: an event %d, which never landed", table, e.ID)
		}
		seen[e.ID]++
	}
	for _, n := range seen {
		if n == 0 {
			missing++
		} else if n > 1 {
			repeated++
		}
	}
	return missing, repeated
}

// cat reads a table with the command-line tool: a row is a line of JSON.
func cat(t *testing.T, table string) []string {
	t.Helper()
	var failure strings.Builder
	cmd := exec.Command(shared.tool, "cat", table)
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("medallion cat %s: %v\n%s", table, err, failure.String())
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}
