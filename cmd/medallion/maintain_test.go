package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMaintain(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	orphan := filepath.Join(table, "orphan.parquet")
	if err := os.WriteFile(orphan, []byte("orphan"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-8 * 24 * time.Hour)
	if err := os.Chtimes(orphan, old, old); err != nil {
		t.Fatal(err)
	}
	_, before, _ := tool(t, "cat", table)
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"optimize", table, "--where", "true"}, " became 1 of "},
		{[]string{"reorg", table}, "nothing to purge among 1 files of version 2\n"},
		{[]string{"optimize", table}, "nothing to pack among 1 files of version 2\n"},
		{[]string{"vacuum", table, "--dry-run", "--retain", "200"}, "would remove 0 files of "},
		{[]string{"vacuum", table, "--dry-run"}, "orphan.parquet  (of no version)\nwould remove 1 files of "},
		{[]string{"vacuum", table, "--lite"}, "removed 0 files of "},
		{[]string{"vacuum", table}, "removed 1 files of "},
		{[]string{"vacuum", table}, "removed 0 files of "},
		{[]string{"vacuum", table, "--retain=0", "--force"}, "removed "},
	} {
		if status, out, errs := tool(t, step.args...); status != 0 || !strings.Contains(out, step.want) {
			t.Errorf("%v: status %d, got %q and %q, want %q", step.args, status, out, errs, step.want)
		}
	}
	copied := filepath.Join(t.TempDir(), "clone")
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"clone", table, copied}, "has the 1 files of version "},
		{[]string{"optimize", copied, "--zorder-by", "id"}, "version 1: 1 files"},
		{[]string{"restore", copied, "--version", "0"}, "version 2 is as version 0 was: 1 files came back, 1 went, 1 are there\n"},
		{[]string{"restore", copied, "--timestamp", "2000-01-01"}, ""},
		{[]string{"restore", copied}, ""},
	} {
		status, out, errs := tool(t, step.args...)
		if (status != 0) != (step.want == "") || !strings.Contains(out, step.want) {
			t.Errorf("%v: status %d, got %q and %q, want %q", step.args, status, out, errs, step.want)
		}
	}
	if err := os.RemoveAll(filepath.Join(table, "_delta_log")); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"convert", table, "--partitioned-by", "x"}, ""},
		{[]string{"convert", table}, "version 0: made a table of 1 file\n"},
		{[]string{"fsck", table, "--dry-run"}, "version 0: 0 files gone\n"},
	} {
		status, out, errs := tool(t, step.args...)
		if (status != 0) != (step.want == "") || !strings.Contains(out, step.want) {
			t.Errorf("%v: status %d, got %q and %q, want %q", step.args, status, out, errs, step.want)
		}
	}
	if status, _, errs := tool(t, "generate", table); status != 0 {
		t.Errorf("generate: %s", errs)
	}
	if _, err := os.Stat(filepath.Join(table, "_symlink_format_manifest", "manifest")); err != nil {
		t.Error(err)
	}
	if _, cloned, _ := tool(t, "cat", copied); !sameLines(cloned, before) {
		t.Errorf("the clone's rows %s, want %s", cloned, before)
	}
	if _, after, _ := tool(t, "cat", table); !sameLines(after, before) {
		t.Errorf("rows %s, want %s", after, before)
	}
	if left, err := filepath.Glob(filepath.Join(table, "*.parquet")); err != nil || len(left) != 1 {
		t.Errorf("files %v, %v, want the one that all rows are in", left, err)
	}
	if _, err := os.Stat(orphan); !os.IsNotExist(err) {
		t.Errorf("the orphan is there still: %v", err)
	}
}

func sameLines(a, b string) bool {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}
