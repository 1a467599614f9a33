package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
)

// TestReadme holds README.md's program against this one, and runs it over the file that the page writes.
func TestReadme(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(page), "```go main.go\n")
	shown, _, closed := strings.Cut(shown, "```")
	if _, code, _ := strings.Cut(string(program), "\n"); !closed || shown != code {
		t.Errorf("README.md does not have examples/first/main.go from its second line on, but\n%s", shown)
	}
	order := regexp.MustCompile(`(?m)^mkdir -p landing/orders && echo '(.*)' > landing/orders/1\.json$`).FindSubmatch(page)
	if order == nil {
		t.Fatal("README.md writes no order")
	}
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("landing/orders", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("landing/orders/1.json", order[1], 0o644); err != nil {
		t.Fatal(err)
	}
	main()
	lake, err := medallion.LocalLake("lake")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := medallion.Collect(t.Context(), &medallion.Pipeline{Lake: lake},
		dataset.SQL[Revenue]("SELECT * FROM r", dataset.In("r", medallion.Existing[Revenue]("gold.revenue"))))
	if err != nil || len(rows) != 1 || *rows[0].Country != "DE" || rows[0].Revenue.String() != "12.50" || rows[0].Orders != 1 {
		t.Errorf("gold.revenue has %v, %v, want one order of 12.50 in DE", rows, err)
	}
}
