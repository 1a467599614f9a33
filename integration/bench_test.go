//go:build integration

package integration

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// TestBenchmarkIsReadAlike runs the benchmark's pipeline at SF 0.02 and has every reader read every table, as the quickstart's are.
func TestBenchmarkIsReadAlike(t *testing.T) {
	out := filepath.Join(t.TempDir(), "medallion")
	command(t, shared.benchmark, "--data", benchmarkData(t), "--out", out)
	for _, name := range benchmarkTables {
		t.Run(name, func(t *testing.T) { checkReadAlike(t, filepath.Join(out, name)) })
	}
}

// benchmarkTables are the tables of the benchmark's pipeline.
var benchmarkTables = []string{
	"bronze_events", "bronze_customers", "silver_events", "quarantine_events", "silver_customers", "customers_scd2",
	"gold_daily", "gold_top_products", "gold_rolling7",
}

// benchmarkData is the folder of the benchmark's input at SF 0.02.
func benchmarkData(t *testing.T) string {
	t.Helper()
	data := filepath.Join(shared.dir, "sf002")
	if _, err := os.Stat(filepath.Join(data, "manifest.json")); err != nil {
		command(t, inRepository(".venv", "bin", "python"), inRepository("bench", "peers", "gen.py"), "--sf", "0.02", "--out", data)
	}
	return data
}

// command runs a program and gives what it prints.
func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	text, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, text)
	}
	return string(text)
}

// TestBenchmarkOnEachEngine runs the benchmark's pipeline in this process, on the warehouse, and with each single table on the warehouse: the same rows, and the
// same counts of each rule.
func TestBenchmarkOnEachEngine(t *testing.T) {
	t.Parallel()
	data, dir := benchmarkData(t), t.TempDir()
	dsn := shared.warehouse.login(t).dsn(url.Values{"catalog": {"main"}})
	outs := []string{"none", "all"}
	for _, table := range benchmarkTables {
		if table != "quarantine_events" { // written together with silver_events
			outs = append(outs, table)
		}
	}
	var counts string
	for i, on := range outs {
		outs[i] = filepath.Join(dir, "on_"+on)
		text := command(t, shared.benchmark, "--data", data, "--out", outs[i], "--warehouse", dsn, "--on", on)
		found := regexp.MustCompile(`"violations":\{[^}]*\}`).FindString(text)
		if i == 0 {
			counts = found
		}
		if found == "" || found != counts {
			t.Errorf("with %s on the warehouse the rules counted %s, without it %s", on, found, counts)
		}
	}
	t.Log(command(t, inRepository(".venv", "bin", "python"), append([]string{inRepository("bench", "peers", "check.py")}, outs...)...))
}
