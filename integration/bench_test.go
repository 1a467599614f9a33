//go:build integration

package integration

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestBenchmarkIsReadAlike runs the benchmark's pipeline at SF 0.02 and has every reader read every table, as the quickstart's are.
func TestBenchmarkIsReadAlike(t *testing.T) {
	dir := t.TempDir()
	data, out := filepath.Join(dir, "data", "sf002"), filepath.Join(dir, "out", "medallion")
	for _, cmd := range []*exec.Cmd{
		exec.Command(inRepository(".venv", "bin", "python"), inRepository("bench", "peers", "gen.py"), "--sf", "0.02", "--out", data),
		exec.Command(shared.benchmark, "--data", data, "--out", out),
	} {
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", cmd.Args, err, text)
		}
	}
	for _, name := range []string{
		"bronze_events", "bronze_customers", "silver_events", "quarantine_events", "silver_customers", "customers_scd2",
		"gold_daily", "gold_top_products", "gold_rolling7",
	} {
		t.Run(name, func(t *testing.T) { checkReadAlike(t, filepath.Join(out, name)) })
	}
}
