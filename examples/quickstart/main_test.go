package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/medallion-go/medallion"
)

// landing copies the raw files, so that the test may add some.
func landing(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "landing")
	if err := os.CopyFS(dir, os.DirFS("landing")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestQuickstart(t *testing.T) {
	t.Parallel()
	dir := landing(t)
	lake, err := medallion.LocalLake(filepath.Join(t.TempDir(), "lake"))
	if err != nil {
		t.Fatal(err)
	}
	pipeline := medallion.Pipeline{Name: "quickstart", Lake: lake}
	refresh := func() *medallion.Report {
		t.Helper()
		s := declare(dir)
		report, err := pipeline.Run(t.Context(), s.revenue, s.topProducts)
		if err != nil {
			t.Fatalf("run: %v\n%v", err, report)
		}
		return report
	}

	first := refresh()
	bronze, silver := first.Table("bronze.orders"), first.Table("silver.orders")
	if bronze.RowsIn == 0 || bronze.RowsIn != bronze.RowsOut {
		t.Errorf("bronze.orders: got %d rows in and %d out, want every line kept", bronze.RowsIn, bronze.RowsOut)
	}
	if silver.Quarantined == 0 || silver.Dropped == 0 || silver.RowsOut == 0 {
		t.Errorf("silver.orders: got %d quarantined, %d dropped, %d out, want some of each", silver.Quarantined, silver.Dropped, silver.RowsOut)
	}
	for _, tr := range refresh().Tables {
		if tr.Commits != 0 {
			t.Errorf("%s: the second run made %d commits (%s), want nothing new", tr.Name, tr.Commits, tr.Why)
		}
	}

	line := `{"order_id":"o-new","customer_id":1,"product_id":1,"quantity":1,"amount":"1.00","country":"DE","ordered_at":"2026-03-01T00:00:00Z"}`
	if err := os.WriteFile(filepath.Join(dir, "orders", "orders-900.json"), []byte(line), 0o644); err != nil {
		t.Fatal(err)
	}
	third := refresh()
	if tr := third.Table("bronze.orders"); tr.RowsIn != 1 || tr.FilesIn != 1 {
		t.Errorf("bronze.orders: got %d rows of %d files, want the new file alone", tr.RowsIn, tr.FilesIn)
	}
	if got := third.Table("silver.orders").RowsOut; got != silver.RowsOut+1 {
		t.Errorf("silver.orders: got %d rows, want %d", got, silver.RowsOut+1)
	}
	if tr := third.Table("bronze.customers"); tr.Commits != 0 {
		t.Errorf("bronze.customers: got %d commits, want nothing new", tr.Commits)
	}
}

func TestOutput(t *testing.T) {
	t.Parallel()
	if err := run(t.Context(), filepath.Join(t.TempDir(), "lake"), "landing", false); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), filepath.Join(t.TempDir(), "lake"), "landing", true); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), t.TempDir(), "no such folder", false); err == nil {
		t.Error("got no error for a landing folder that is not there")
	}
}
