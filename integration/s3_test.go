//go:build integration

package integration

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/storage/s3"
)

// TestStorageSuite runs the tests of storage/s3 that need a server, on each of the two.
func TestStorageSuite(t *testing.T) {
	for name, server := range shared.servers {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("go", "test", "-tags", "integration", "-count=1", "github.com/medallion-go/medallion/storage/s3")
			cmd.Env = server.environment()
			out, err := cmd.CombinedOutput()
			t.Logf("%s", out)
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestLakeOnS3 has both the landing files and the lake in a bucket.
func TestLakeOnS3(t *testing.T) {
	for name, server := range shared.servers {
		t.Run(name, func(t *testing.T) {
			store := server.bucket(t, "lake-"+name)
			p := &medallion.Pipeline{Lake: medallion.LakeIn(store, "lake")}
			e := declareEvents(files.In(store, "landing/*.json"))
			landOn(t, store, "landing/1.json", `{"id":1,"name":"a","at":"2026-01-01T00:00:00Z"}`, `{"id":2,"name":"b","at":"2026-01-01T00:00:00Z"}`)
			runOn(t, p, e)
			landOn(t, store, "landing/2.json", `{"id":3,"name":"a","at":"2026-01-02T00:00:00Z"}`)
			if report := runOn(t, p, e); report.Table("bronze.events").RowsIn != 1 {
				t.Errorf("the second run read %d rows, want those of the new file alone", report.Table("bronze.events").RowsIn)
			}
			if report := runOn(t, p, e); report.Table("bronze.events").Commits != 0 {
				t.Errorf("the third run made %d commits, want none", report.Table("bronze.events").Commits)
			}
			got := collect(t, p, e.counts)
			slices.SortFunc(got, func(a, b count) int { return strings.Compare(a.Name, b.Name) })
			if diff := cmp.Diff([]count{{Name: "A", Events: 2}, {Name: "B", Events: 1}}, got); diff != "" {
				t.Errorf("gold.counts (-want +got):\n%s", diff)
			}
		})
	}
}

func landOn(t *testing.T, store *s3.Store, key string, lines ...string) {
	t.Helper()
	w, err := store.Create(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(strings.Join(lines, "\n") + "\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func runOn(t *testing.T, p *medallion.Pipeline, e events) *medallion.Report {
	t.Helper()
	report, err := p.Run(t.Context(), e.counts)
	if err != nil {
		t.Fatalf("run: %v\n%v", err, report)
	}
	return report
}

func collect[R any](t *testing.T, p *medallion.Pipeline, rows dataset.Rows[R]) []R {
	t.Helper()
	got, err := medallion.Collect(t.Context(), p, rows)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
