package medallion_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/medallion-go/medallion"

// tiers are the packages from the ground up. A package imports those of lower tiers; what it may import of its own tier is in sideways.
var tiers = [][]string{
	{
		"expr", "schema", "storage", "storage/local", "storage/memory", "internal/columns", "internal/cputime", "internal/datetime", "internal/digits", "internal/parquet",
		"internal/parquet/meta", "internal/ndjson", "internal/csv", "internal/numberformat", "internal/pool", "internal/simd", "internal/skipping", "internal/variant",
		"delta/internal/deletionvector", "delta/internal/hilbert",
	},
	{"exec", "exec/kernel", "exec/vector", "udf", "plan", "plan/sql", "source", "sink", "catalog"},
	{"delta", "delta/check", "dataset", "quality", "engine", "source/files", "source/delta", "sink/files", "catalog/file", "storage/s3", "storage/s3dynamodb"},
	{"engine/flow", "engine/local", "engine/statement", "engine/warehouse", "engine/warehouse/databricks"},
	{"", "bronze", "silver", "gold", "medalliontest"},
	{"examples", "cmd", "bench", "integration"},
}

// sideways are the imports within a tier.
var sideways = map[string][]string{
	"expr":                        {"schema", "internal/datetime", "internal/numberformat", "internal/csv"},
	"schema":                      {"internal/datetime", "internal/digits", "internal/variant"},
	"storage/local":               {"storage"},
	"storage/memory":              {"storage"},
	"internal/datetime":           {"internal/digits"},
	"internal/ndjson":             {"internal/columns", "internal/digits", "schema"},
	"internal/csv":                {"internal/columns", "internal/datetime", "internal/digits", "schema"},
	"internal/columns":            {"schema", "internal/datetime", "internal/pool"},
	"internal/parquet":            {"internal/datetime", "internal/parquet/meta", "schema"},
	"internal/skipping":           {"expr", "internal/parquet", "schema"},
	"exec":                        {"exec/kernel", "exec/vector"},
	"exec/kernel":                 {"exec/vector"},
	"delta/check":                 {"delta"},
	"plan":                        {"source"},
	"plan/sql":                    {"plan"},
	"source/delta":                {"delta"},
	"engine/local":                {"engine/flow"},
	"engine/statement":            {"engine/flow"},
	"engine/warehouse":            {"engine/flow"},
	"engine/warehouse/databricks": {"engine/warehouse"},
	"quality":                     {"dataset"},
	"bronze":                      {""},
	"silver":                      {""},
	"gold":                        {""},
	"medalliontest":               {""},
	"examples":                    {"examples"},
	"bench":                       {"bench"},
	"integration":                 {"integration"},
}

// tests are packages that only tests import; they may use anything below programs.
var tests = []string{"internal/golden", "schema/schematest", "storage/faultstore", "storage/storagetest", "source/sourcetest", "sink/sinktest", "catalog/catalogtest", "engine/enginetest"}

// vendors says which package alone may import a system's SDK.
var vendors = map[string]string{
	"github.com/aws/":                              "storage/s3 storage/s3dynamodb cmd",
	"github.com/databricks/":                       "engine/warehouse/databricks",
	"github.com/apache/arrow/go/":                  "engine/warehouse/databricks",
	"github.com/apache/arrow-go/v18/arrow/compute": "",
	"github.com/apache/arrow-go/v18/parquet":       "",
}

type listed struct {
	ImportPath string
	Imports    []string
}

func TestLayers(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		name := relative(p.ImportPath)
		if slices.Contains(tests, name) {
			continue
		}
		from, known := tier(name)
		if !known {
			t.Errorf("package %s is in no tier: add it to tiers in layers_test.go", name)
			continue
		}
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, module) {
				checkImport(t, name, relative(imported), from)
			} else {
				checkVendor(t, name, imported)
			}
		}
	}
}

func checkImport(t *testing.T, name, imported string, from int) {
	t.Helper()
	to, _ := tier(imported)
	switch {
	case slices.Contains(tests, imported):
		t.Errorf("%s imports %s, which is for tests only", name, imported)
	case to > from:
		t.Errorf("%s (tier %d) imports %s (tier %d): imports point down", name, from, imported, to)
	case to == from && !slices.Contains(sideways[group(name)], imported) && !slices.Contains(sideways[group(name)], group(imported)):
		t.Errorf("%s imports %s of its own tier: allow it in sideways, or move what they share down", name, imported)
	}
}

func checkVendor(t *testing.T, name, imported string) {
	t.Helper()
	for prefix, owner := range vendors {
		if strings.HasPrefix(imported, prefix) && !slices.Contains(strings.Fields(owner), group(name)) {
			t.Errorf("%s imports %s, which only %q may", name, imported, owner)
		}
	}
}

// group is the name under which a package stands in tiers: programs stand under their folder.
func group(name string) string {
	for _, program := range tiers[len(tiers)-1] {
		if name == program || strings.HasPrefix(name, program+"/") {
			return program
		}
	}
	return name
}

func tier(name string) (int, bool) {
	for i, packages := range tiers {
		if slices.Contains(packages, group(name)) {
			return i, true
		}
	}
	return 0, false
}

func relative(path string) string { return strings.TrimPrefix(strings.TrimPrefix(path, module), "/") }

// list asks the go command for every package of the module and what it imports, tests left out.
func list(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p listed
		if err := d.Decode(&p); err != nil {
			t.Fatalf("go list: %v", err)
		}
		packages = append(packages, p)
	}
	return packages
}
