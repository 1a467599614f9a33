package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/silver"
	sinkfiles "github.com/medallion-go/medallion/sink/files"
	"github.com/medallion-go/medallion/storage/local"
)

// city is a row of the tests' table.
type city struct {
	ID   int64
	Name *string
	Area float64
	At   time.Time
}

// named is a row of the tests' data files.
type named struct {
	ID   int64
	Name string
}

// newTable makes a table of two versions in a folder: rows 1 and 2, then row 3.
func newTable(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	lake, err := medallion.LocalLake(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, query := range []string{
		`SELECT * FROM VALUES (1L, 'Rome', 1.5D, timestamp'2026-01-01 12:00:00'), (2L, CAST(NULL AS STRING), double('NaN'), timestamp'2026-01-01 12:00:00.000001') AS c(id, name, area, at)`,
		`SELECT 3L AS id, 'Oslo' AS name, 0D AS area, timestamp'2026-01-02 00:00:00' AS at`,
	} {
		at := time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC)
		p := medallion.Pipeline{Lake: lake, NoEventLog: true, Now: func() time.Time { return at }}
		table := silver.Merge("silver.cities", []silver.Flow[city]{silver.Once(dataset.SQL[city](query)).Named(fmt.Sprint(i))}, medallion.Comment("cities of the world"))
		if _, err := p.Run(t.Context(), table); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "silver", "cities")
}

// tool runs the program in this process.
func tool(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e strings.Builder
	status = run(t.Context(), args, strings.NewReader(""), &o, &e)
	return status, o.String(), e.String()
}

// wantLines runs cat and compares what it prints, line by line.
func wantLines(t *testing.T, name string, want []string, args ...string) {
	t.Helper()
	status, out, errs := tool(t, args...)
	if status != 0 || errs != "" {
		t.Errorf("%s: got status %d and %q on standard error", name, status, errs)
	}
	if diff := cmp.Diff(strings.Join(append(want, ""), "\n"), out); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

const (
	rome = `{"id":1,"name":"Rome","area":1.5,"at":"2026-01-01T12:00:00.000000Z"}`
	none = `{"id":2,"name":null,"area":"NaN","at":"2026-01-01T12:00:00.000001Z"}`
	oslo = `{"id":3,"name":"Oslo","area":0.0,"at":"2026-01-02T00:00:00.000000Z"}`
)

func TestCat(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	tests := []struct {
		name string
		args []string
		want []string
	}{
		{"a condition", []string{"cat", table, "--where", "id = 1"}, []string{rome}},
		{"flags before the table", []string{"cat", "--where", "name IS NULL", table}, []string{none}},
		{"flags on both sides", []string{"cat", "--where=id > 2", table, "--limit=5"}, []string{oslo}},
		{"columns in the order named", []string{"cat", table, "--columns", "name, id", "--where", "id = 3"}, []string{`{"name":"Oslo","id":3}`}},
		{"a condition on a column that is not printed", []string{"cat", table, "--columns", "id", "--where", "name = 'Oslo'"}, []string{`{"id":3}`}},
		{"a version", []string{"cat", table, "--version", "0", "--where", "id <> 2"}, []string{rome}},
		{"no rows", []string{"cat", table, "--limit", "0"}, nil},
		{"a URL", []string{"cat", "file://" + table, "--where", "id = 3"}, []string{oslo}},
	}
	for _, tt := range tests {
		wantLines(t, tt.name, tt.want, tt.args...)
	}
	for name, n := range map[string]int{"--limit=1": 1, "--limit=2": 2, "--limit=10": 3} {
		if _, out, _ := tool(t, "cat", table, name); strings.Count(out, "\n") != n {
			t.Errorf("%s: got %q, want %d lines", name, out, n)
		}
	}
}

func TestCatFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"1.json": `{"id":1,"name":"Rome"}` + "\n", "2.json": `{"id":2,"name":"Oslo"}` + "\n", "c.csv": "id,name\n1,Rome\n2,Oslo\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	exported(t, dir)
	for _, name := range []string{"1.json", "*.json", "c.csv", "out/*.parquet"} {
		status, out, errs := tool(t, "cat", filepath.Join(dir, name), "--columns", "id,name", "--where", "id = 1")
		if want := `{"id":1,"name":"Rome"}` + "\n"; status != 0 || out != want {
			t.Errorf("%s: got status %d, %q and %q, want %q", name, status, out, errs, want)
		}
	}
}

// TestCatUnexpectedFields reads files whose later lines have more than what their columns are inferred from.
func TestCatUnexpectedFields(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"long.csv":   "a,,c\n1,2,3\n4,5,6,7\n",
		"late.json":  strings.Repeat(`{"a":1,"pad":"`+strings.Repeat("x", 1<<20)+`"}`+"\n", 9) + `{"a":2,"late":true}` + "\n",
		"blank.json": `{"":1,"a":{"":2},"b":3}` + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct{ name, columns, where, want string }{
		{"long.csv", "a,_c1,c,_rescued_data", "a = 4", `{"a":4,"_c1":5,"c":6,"_rescued_data":"{\"_c3\":\"7\",`},
		{"late.json", "a,_rescued_data", "a = 2", `{"a":2,"_rescued_data":"{\"late\":true,`},
		{"blank.json", "a,b,_rescued_data", "b = 3", `{"a":"{\"\":2}","b":3,"_rescued_data":"{\"\":1,`},
	}
	for _, tt := range tests {
		path := filepath.Join(dir, tt.name)
		status, out, errs := tool(t, "cat", path, "--columns", tt.columns, "--where", tt.where)
		if status != 0 || strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, tt.want) {
			t.Errorf("cat %s: status %d, got %q and %q, want one row, %q", tt.name, status, out, errs, tt.want)
		}
		status, out, errs = tool(t, "sql", "--format", "json", "--table", "t="+path, "SELECT "+tt.columns+" FROM t WHERE "+tt.where)
		if status != 0 || strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, tt.want) {
			t.Errorf("sql %s: status %d, got %q and %q, want one row, %q", tt.name, status, out, errs, tt.want)
		}
	}
}

// TestParquetOfBronze has files with a column _rescued_data of their own: it is data like the others.
func TestParquetOfBronze(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "t")
	if status, _, errs := tool(t, "sql", "CREATE TABLE delta.`"+dir+"` AS SELECT 1 AS a, 'x' AS _rescued_data"); status != 0 {
		t.Fatal(errs)
	}
	status, out, errs := tool(t, "sql", "--format", "json", "SELECT * FROM parquet.`"+dir+"`")
	if want := `{"a":1,"_rescued_data":"x"}` + "\n"; status != 0 || out != want {
		t.Errorf("status %d, got %q and %q, want %q", status, out, errs, want)
	}
}

// exported puts a Parquet file of two rows under dir/out.
func exported(t *testing.T, dir string) {
	t.Helper()
	store, err := local.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	p := medallion.Pipeline{Lake: medallion.LakeIn(store, "lake"), NoEventLog: true}
	once := silver.Merge("silver.t", []silver.Flow[named]{
		silver.Once(dataset.SQL[named](`SELECT * FROM VALUES (1L, 'Rome'), (2L, 'Oslo') AS c(id, name)`)),
	})
	if _, err := p.Run(t.Context(), once); err != nil {
		t.Fatal(err)
	}
	sink, err := sinkfiles.New(store, "out", sinkfiles.Config{Format: sinkfiles.Parquet})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Deliver(t.Context(), once, sink); err != nil {
		t.Fatal(err)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	status, out, errs := tool(t, "history", table)
	if status != 0 || errs != "" {
		t.Fatalf("got status %d and %q", status, errs)
	}
	var versions []int64
	for line := range strings.Lines(out) {
		var c commitLine
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if c.Operation != "WRITE" || c.OperationMetrics["numOutputRows"] == "" || !strings.HasPrefix(c.Timestamp, "20") {
			t.Errorf("got %s, want the operation, its metrics and its time", line)
		}
		versions = append(versions, c.Version)
	}
	if diff := cmp.Diff([]int64{1, 0}, versions); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
	if _, out, _ = tool(t, "history", "--limit", "1", table); strings.Count(out, "\n") != 1 {
		t.Errorf("--limit 1: got %q, want one line", out)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	status, out, errs := tool(t, "describe", table)
	if status != 0 || errs != "" {
		t.Fatalf("got status %d and %q", status, errs)
	}
	for _, want := range []string{"name         silver.cities\n", "description  cities of the world\n", "version      1\n", "rows         3\n", "  id bigint NOT NULL\n", "  name string\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("got %s, want it to hold %q", out, want)
		}
	}
	if _, out, _ = tool(t, "describe", table, "--version=0"); !strings.Contains(out, "rows         2\n") {
		t.Errorf("--version=0: got %s, want 2 rows", out)
	}
}

// TestHelp is about the ways to ask for help, none of which is a failure.
func TestHelp(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"help"}, {"-h"}, {"--help"}} {
		status, out, errs := tool(t, args...)
		if status != 0 || errs != "" || !strings.Contains(out, "medallion fsck TABLE [--dry-run]\n        take files out of the table that are gone\n") {
			t.Errorf("%v: status %d, got %q and %q, want every verb and what it does", args, status, out, errs)
		}
	}
	for _, v := range verbs() {
		status, out, errs := tool(t, "help", v.name)
		if want := "medallion " + v.usage + "\n\n" + v.name + ": " + v.does + "\n"; status != 0 || errs != "" || !strings.HasPrefix(out, want) {
			t.Errorf("help %s: status %d, got %q and %q, want %q", v.name, status, out, errs, want)
		}
		for name := range strings.SplitSeq(out, "\n  -") {
			name, _, _ = strings.Cut(strings.Fields(name)[0], "\n")
			if flag := "--" + name; name != "medallion" && !strings.Contains(v.usage, flag) {
				t.Errorf("help %s: the usage %q lacks %s", v.name, v.usage, flag)
			}
		}
	}
	for _, args := range [][]string{{"help", "fsck"}, {"fsck", "-h"}, {"fsck", "t", "--help"}} {
		status, out, errs := tool(t, args...)
		want := "medallion fsck TABLE [--dry-run]\n\nfsck: take files out of the table that are gone\n  -dry-run\n"
		if status != 0 || errs != "" || !strings.HasPrefix(out, want) || !strings.Contains(out, "list the files and commit nothing") {
			t.Errorf("%v: status %d, got %q and %q, want %q and what its flags mean", args, status, out, errs, want)
		}
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	tests := []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"nothing", nil, 2, "usage:"},
		{"unknown command", []string{"drop", table}, 2, `there is no command "drop"`},
		{"no table", []string{"cat"}, 2, "usage: medallion cat TABLE"},
		{"two tables", []string{"cat", table, table}, 2, "usage: medallion cat TABLE"},
		{"unknown flag", []string{"history", table, "--colour"}, 2, "usage: medallion history TABLE"},
		{"a limit that is no number", []string{"cat", table, "--limit", "few"}, 2, "usage: medallion cat TABLE"},
		{"no such table", []string{"describe", filepath.Join(t.TempDir(), "none")}, 1, "none"},
		{"no such version", []string{"cat", table, "--version", "9"}, 1, "9"},
		{"version and time", []string{"cat", table, "--version", "0", "--timestamp", "2026-01-01"}, 1, "exclude each other"},
		{"no time", []string{"cat", table, "--timestamp", "noon"}, 1, "--timestamp \"noon\": write it as"},
		{"unknown column", []string{"cat", table, "--columns", "id,nam"}, 1, `there is no column "nam": the columns are id`},
		{"faulty condition", []string{"cat", table, "--where", "id ="}, 1, "--where: 1:5: PARSE_SYNTAX_ERROR"},
		{"condition that is none", []string{"cat", table, "--where", "id + 1"}, 1, "--where: "},
		{"a retention that is too short", []string{"vacuum", table, "--retain", "0"}, 1, "delta.deletedFileRetentionDuration"},
		{"a retention that is none", []string{"vacuum", table, "--retain", "-1"}, 2, "usage: medallion vacuum TABLE"},
		{"condition on a column that is in the files", []string{"optimize", table, "--where", "id = 1"}, 1, "DELTA_NON_PARTITION_COLUMN_REFERENCE"},
		{"no such file", []string{"cat", filepath.Join(t.TempDir(), "*.json")}, 1, ".json"},
		{"version of files", []string{"cat", "x.json", "--version", "1"}, 1, "it has no versions"},
		{"unknown scheme", []string{"cat", "ftp://host/t"}, 1, "the scheme ftp is not known"},
	}
	for _, tt := range tests {
		status, out, errs := tool(t, tt.args...)
		if status != tt.status || !strings.Contains(errs, tt.want) || out != "" {
			t.Errorf("%s: got status %d, %q and %q, want status %d, nothing, and %q", tt.name, status, out, errs, tt.status, tt.want)
		}
		if tt.status == 1 && (strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "medallion: ")) {
			t.Errorf("%s: got %q, want one line that begins with the tool's name", tt.name, errs)
		}
	}
}
