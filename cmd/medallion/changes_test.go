package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// feedTable makes a table that records its changes: two rows in version 1, replaced by one in version 2.
func feedTable(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "t")
	for _, text := range []string{
		"CREATE TABLE delta.`" + dir + "` (id BIGINT, name STRING) TBLPROPERTIES (delta.enableChangeDataFeed = true)",
		"INSERT INTO delta.`" + dir + "` VALUES (1, 'a'), (2, 'b')",
		"INSERT OVERWRITE delta.`" + dir + "` VALUES (3, 'c')",
	} {
		if status, _, errs := tool(t, "sql", text); status != 0 {
			t.Fatalf("%s: status %d: %s", text, status, errs)
		}
	}
	return dir
}

func TestChanges(t *testing.T) {
	t.Parallel()
	table := feedTable(t)
	for _, tt := range []struct {
		name string
		args []string
		want []string
	}{
		{"a range", []string{"--from", "0", "--to", "1", "--columns", "id,_change_type,_commit_version"}, []string{
			`{"id":1,"_change_type":"insert","_commit_version":1}`, `{"id":2,"_change_type":"insert","_commit_version":1}`,
		}},
		{"to the newest, oldest first", []string{"--from=1", "--columns=_commit_version,id", "--where=name >= 'b'"}, []string{
			`{"_commit_version":1,"id":2}`, `{"_commit_version":2,"id":2}`, `{"_commit_version":2,"id":3}`,
		}},
		{"a limit", []string{"--from", "1", "--columns", "id", "--limit", "3"}, []string{`{"id":1}`, `{"id":2}`, `{"id":1}`}},
		{"from a time", []string{"--from-timestamp", "2000-01-01", "--columns", "id", "--where", "_change_type = 'delete'"}, []string{`{"id":1}`, `{"id":2}`}},
		{"to a version that is yet to come", []string{"--from", "2", "--to", "9", "--columns", "id", "--where", "id = 3", "--limit", "1"}, []string{`{"id":3}`}},
		{"no rows", []string{"--from", "2", "--limit", "0"}, nil},
		{"CSV", []string{"--from", "2", "--columns", "name,_change_type", "--where", "id = 3", "--format", "csv"}, []string{"name,_change_type", "c,insert"}},
	} {
		wantLines(t, tt.name, tt.want, append([]string{"changes", table}, tt.args...)...)
	}
	wantLines(t, "SQL", []string{"n", "5"}, "sql", "--format", "csv", "--table", "t="+table, "SELECT count(*) AS n FROM table_changes('t', 1)")
	wantLines(t, "SQL by path", []string{"n", "2"}, "sql", "--format", "csv", "SELECT count(*) AS n FROM table_changes_by_path('"+table+"', 1, 1)")
	for want, args := range map[string][]string{
		"one of --from and --from-timestamp": {"--to", "1"},
		"exclude each other":                 {"--from", "0", "--to", "1", "--to-timestamp", "2026-01-01"},
		"no version 9":                       {"--from", "9"},
		"the nearest version is 2":           {"--from", "1", "--to-timestamp", "2999-01-01"},
		"no column \"x\"":                    {"--from", "0", "--columns", "x"},
		"--format \"xml\"":                   {"--from", "0", "--format", "xml"},
	} {
		if status, _, errs := tool(t, append([]string{"changes", table}, args...)...); status != 1 || !strings.Contains(errs, want) {
			t.Errorf("%v: status %d and %q, want 1 and %q", args, status, errs, want)
		}
	}
	if status, _, errs := tool(t, "changes", newTable(t), "--from", "0"); status != 1 || !strings.Contains(errs, "version 0: its changes cannot be read") {
		t.Errorf("a table without a feed: status %d and %q", status, errs)
	}
}
