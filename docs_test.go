package medallion_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/golden"
)

const (
	semantics = "docs/semantics.md"
	listStart = "<!-- functions: written by go test . -run TestFunctionList -update -->\n"
	listEnd   = "<!-- end of functions -->\n"
)

// TestFunctionList keeps the documented functions those of the catalogue.
func TestFunctionList(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(semantics)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), listStart)
	_, after, closed := strings.Cut(rest, listEnd)
	if !ok || !closed {
		t.Fatalf("%s has no function list between %q and %q", semantics, listStart, listEnd)
	}
	golden.Text(t, semantics, before+listStart+functionList()+listEnd+after)
}

// functionList is the catalogue as a Markdown table, a line each.
func functionList() string {
	var b strings.Builder
	b.WriteString("\n| name | kind | meaning |\n|---|---|---|\n")
	for _, f := range expr.Functions() {
		names := make([]string, 0, 1+len(f.Aliases))
		for _, n := range append([]string{f.Name}, f.Aliases...) {
			names = append(names, "`"+escaped(n)+"`")
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.Join(names, ", "), f.Kind, escaped(f.Doc))
	}
	b.WriteByte('\n')
	return b.String()
}

// escaped keeps a bar from ending a cell.
func escaped(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// TestDeltaPageNamesTests holds the tests and examples that docs/delta.md names as proof against those that there are.
func TestDeltaPageNamesTests(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/delta.md")
	if err != nil {
		t.Fatal(err)
	}
	have := make(map[string]bool)
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Example)\w+)\(`).FindAllSubmatch(text, -1) {
			have[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`((?:Test|Example)\\w+)`").FindAllSubmatch(page, -1)
	if len(named) == 0 {
		t.Fatal("docs/delta.md names no tests")
	}
	for _, m := range named {
		if !have[string(m[1])] {
			t.Errorf("docs/delta.md names %s, and there is no such function", m[1])
		}
	}
}
