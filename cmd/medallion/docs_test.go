package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/silver"
)

// block is a fenced block of a page: what stands behind the fence, and the lines between.
type block struct{ info, text string }

func blocks(t *testing.T, page string) []block {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var list []block
	for i, part := range strings.Split(string(data), "```") {
		if i%2 == 1 {
			info, text, _ := strings.Cut(part, "\n")
			list = append(list, block{info, text})
		}
	}
	return list
}

// TestDocs runs what docs/sql.md shows at the command line, over its own files, and finds its Go code in the package's examples.
func TestDocs(t *testing.T) {
	dir := t.TempDir()
	var examples string
	for _, file := range []string{"../../udf/example_test.go", "../../example_test.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		examples += string(text)
	}
	page := blocks(t, "../../docs/sql.md")
	writeCities(t, dir)
	t.Chdir(dir)
	for _, b := range page {
		kind, name, _ := strings.Cut(b.info, " ")
		switch {
		case name != "":
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(b.text), 0o644); err != nil {
				t.Fatal(err)
			}
		case kind == "console":
			runConsole(t, b.text)
		case kind == "go":
			if code := strings.ReplaceAll("\t"+strings.TrimSpace(b.text), "\n", "\n\t"); !strings.Contains(examples, code) {
				t.Errorf("udf/example_test.go does not have this code:\n%s", b.text)
			}
		}
	}
}

// writeCities makes the table that the page's queries read.
func writeCities(t *testing.T, dir string) {
	t.Helper()
	lake, err := medallion.LocalLake(filepath.Join(dir, "lake"))
	if err != nil {
		t.Fatal(err)
	}
	type city struct {
		Name string
		Area float64
	}
	table := silver.Table("silver.cities", dataset.SQL[city]("SELECT * FROM VALUES ('Rome', 1285D), ('Oslo', 454D) AS c(name, area)"))
	if _, err := (&medallion.Pipeline{Lake: lake, NoEventLog: true}).Run(context.Background(), table); err != nil {
		t.Fatal(err)
	}
}

// measures are what differs from run to run.
var measures = regexp.MustCompile(`(time|memory|read|skipped|spilled|wall|CPU|estimated) [0-9.]+( ?[a-zµ]?[A-Za-z]+)?`)

// runConsole runs each command of the block and compares what it prints.
func runConsole(t *testing.T, text string) {
	t.Helper()
	for _, part := range strings.Split("\n"+text, "\n$ medallion ")[1:] {
		command, want, _ := strings.Cut(part, "\n")
		args, in := words(command)
		var out, errs strings.Builder
		run(t.Context(), args, strings.NewReader(in), &out, &errs)
		got := strings.TrimSpace(blankTimes(measures.ReplaceAllString(out.String()+errs.String(), "$1 ~")))
		got = regexp.MustCompile(`(?m)^─+$`).ReplaceAllString(got, "─")
		if diff := cmp.Diff(strings.TrimSpace(want), got); diff != "" {
			t.Errorf("%s (-page +got):\n%s", command, diff)
		}
	}
}

// words splits a command as a shell does, as far as the page needs: blanks outside of quotes, and <<< before the input.
func words(command string) (args []string, in string) {
	var word strings.Builder
	quote := rune(0)
	for _, r := range command + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0 || r != ' ' && r != '\'' && r != '"':
			word.WriteRune(r)
		case r != ' ':
			quote = r
		case word.Len() > 0:
			args = append(args, word.String())
			word.Reset()
		}
	}
	if n := len(args); n > 1 && args[n-2] == "<<<" {
		return args[:n-2], args[n-1]
	}
	return args, ""
}

// TestReadmeListsCommands holds the commands that README.md lists against those that there are.
func TestReadmeListsCommands(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile("(?m)^\\| `cmd/medallion` \\| (.*) for any Delta table").FindSubmatch(page)
	if line == nil {
		t.Fatal("README.md does not list the commands")
	}
	got, want := map[string]bool{}, map[string]bool{}
	for _, m := range regexp.MustCompile("`([a-z]+)`").FindAllSubmatch(line[1], -1) {
		got[string(m[1])] = true
	}
	for _, v := range verbs() {
		want[v.name] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("README.md (-there +listed):\n%s", diff)
	}
}
