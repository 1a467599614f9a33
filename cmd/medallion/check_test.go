package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	if status, out, errs := tool(t, "check", table, "--deep"); status != 0 || out != "no violations\n" || errs != "" {
		t.Errorf("status %d, got %q and %q, want no violations", status, out, errs)
	}
	files, err := filepath.Glob(filepath.Join(table, "*.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	status, out, errs := tool(t, "check", table)
	if status != 1 || strings.Count(out, "the file is not there [file-missing, Data Files]\n") != len(files) || !strings.HasSuffix(errs, "of the protocol\n") {
		t.Errorf("status %d, got %q and %q, want a line for each of %d files", status, out, errs, len(files))
	}
	if status, _, errs := tool(t, "check", t.TempDir()); status != 1 || !strings.Contains(errs, "not a Delta table") {
		t.Errorf("status %d, got %q, want that there is no table", status, errs)
	}
}
