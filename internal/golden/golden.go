// Package golden holds what tests get against files of what they are to get, and writes these anew when a test runs with -update. It is for tests only.
package golden

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what golden files hold anew")

// What stands between a case's query and its result, and between cases.
const (
	resultLine = "----\n"
	caseLine   = "====\n"
)

// Text checks that got is the whole text of a file.
func Text(t testing.TB, path, got string) {
	t.Helper()
	if *update {
		write(t, path, got)
	}
	if diff := cmp.Diff(read(t, path), got); diff != "" {
		t.Errorf("%s: -want +got\n%s", path, diff)
	}
}

// Cases runs each query of a file and checks its result against the one below it. Both end with a newline.
func Cases(t testing.TB, path string, run func(query string) string) {
	t.Helper()
	var got strings.Builder
	for i, c := range strings.Split(read(t, path), caseLine) {
		query, want, _ := strings.Cut(c, resultLine)
		result := run(query)
		if diff := cmp.Diff(want, result); diff != "" && !*update {
			t.Errorf("%s: %s: -want +got\n%s", path, query, diff)
		}
		if i > 0 {
			got.WriteString(caseLine)
		}
		got.WriteString(query + resultLine + result)
	}
	if *update {
		write(t, path, got.String())
	}
}

// Queries are those of a file's cases.
func Queries(t testing.TB, path string) (queries []string) {
	t.Helper()
	for c := range strings.SplitSeq(read(t, path), caseLine) {
		query, _, _ := strings.Cut(c, resultLine)
		queries = append(queries, query)
	}
	return queries
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
