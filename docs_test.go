package medallion_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/golden"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/s3"
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

// errorsOfPage are the errors that docs/semantics.md tells apart.
var errorsOfPage = map[string]any{
	"*dataset.DeclarationError": (*dataset.DeclarationError)(nil), "*expr.Error": (*expr.Error)(nil), "*quality.FailedError": (*quality.FailedError)(nil),
	"*files.CorruptError": (*files.CorruptError)(nil), "*files.GoneError": (*files.GoneError)(nil), "*files.ChangedError": (*files.ChangedError)(nil),
	"*files.NoFolderError": (*files.NoFolderError)(nil), "*files.NewColumnsError": (*files.NewColumnsError)(nil), "source.ErrGone": source.ErrGone,
	"delta.ErrNotTable": delta.ErrNotTable, "delta.ErrVersionNotFound": delta.ErrVersionNotFound,
	"*delta.VersionError": (*delta.VersionError)(nil), "*delta.CorruptError": (*delta.CorruptError)(nil),
	"*delta.UnsupportedError": (*delta.UnsupportedError)(nil), "*delta.ConflictError": (*delta.ConflictError)(nil), "*delta.ConstraintError": (*delta.ConstraintError)(nil),
	"*delta.NotNullError": (*delta.NotNullError)(nil), "*engine.UnsupportedError": (*engine.UnsupportedError)(nil), "*engine.TooLargeError": (*engine.TooLargeError)(nil),
	"*s3.RequestError": (*s3.RequestError)(nil), "storage.ErrNotFound": storage.ErrNotFound, "storage.ErrUndecided": storage.ErrUndecided,
	"fs.ErrPermission": fs.ErrPermission, "syscall.ENOSPC": syscall.ENOSPC,
}

// TestErrorsOfPage holds the table of errors in docs/semantics.md against the errors that there are.
func TestErrorsOfPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(semantics)
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Errors\n")
	_, section, _ = strings.Cut(section, "\n|---|---|\n")
	section, _, _ = strings.Cut(section, "\n\n")
	named := regexp.MustCompile("`(\\*?[a-z0-9]+\\.(?:Err)?[A-Z]\\w+)`").FindAllStringSubmatch(section, -1)
	seen := map[string]bool{}
	for _, m := range named {
		seen[m[1]] = true
		if e, ok := errorsOfPage[m[1]].(error); !ok {
			t.Errorf("%s names %s, which is no error that this test knows: %v", semantics, m[1], e)
		}
	}
	if len(seen) != len(errorsOfPage) {
		t.Errorf("%s tells %d errors apart, want all %d", semantics, len(seen), len(errorsOfPage))
	}
}

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
