package warehouse_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/storage/memory"
	"github.com/medallion-go/medallion/udf"
)

// TestGoFunctionsStayHere holds that a table whose query calls a Go function is refused by its name, wherever the call stands, and runs in this process.
func TestGoFunctionsStayHere(t *testing.T) {
	t.Parallel()
	twice := udf.Scalar1("twice", func(n int64) (int64, error) { return 2 * n, nil })
	total := udf.Aggregate1("total", udf.Fold[int64, int64, int64]{
		Add:    func(s *int64, v int64) error { *s += v; return nil },
		Merge:  func(s *int64, o int64) error { *s += o; return nil },
		Result: func(s int64) (int64, error) { return s, nil },
	})
	p := medallion.Pipeline{
		Lake: medallion.LakeIn(memory.New(), ""), Functions: []udf.Function{twice, total},
		Engines: []engine.Engine{warehouse.New(nil, warehouse.Config{Catalog: "main", Lake: "s3://bucket/lake"}), local.New(local.Config{})},
	}
	type row struct{ N int64 }
	for query, function := range map[string]string{
		"SELECT twice(1L) AS n":                                                            "twice",
		"SELECT total(n) AS n FROM VALUES (1L) AS v(n)":                                    "total",
		"SELECT total(n) OVER () AS n FROM VALUES (1L) AS v(n)":                            "total",
		"SELECT n FROM VALUES (1L) AS v(n) WHERE twice(n) > 1":                             "twice",
		"SELECT a.n FROM VALUES (1L) AS a(n) JOIN VALUES (2L) AS b(n) ON twice(a.n) = b.n": "twice",
		"SELECT n FROM VALUES (1L) AS v(n) ORDER BY twice(n) LIMIT 1":                      "twice",
	} {
		table := silver.Table("silver.t", dataset.SQL[row](query))
		explanation, err := p.Explain(t.Context(), table)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		got := explanation.Tables[0]
		want := "warehouse cannot run silver.t: the Go function " + function + " runs in this process only"
		if got.Engine != "local" || !strings.Contains(got.Reason, want) || !strings.Contains(got.Plan, "the Go functions "+function+" run in this process only") {
			t.Errorf("%s: got engine %s because of %q, and the plan\n%s", query, got.Engine, got.Reason, got.Plan)
		}
	}
	r := dataset.NewResolver(t.Context(), nil)
	n, err := dataset.SQL[row]("SELECT 1L AS n").Resolve(r)
	if err != nil {
		t.Fatal(err)
	}
	if names := plan.UserFunctions(n); len(names) > 0 {
		t.Errorf("got user functions %v of a query without", names)
	}
	_, _, err = p.Query(t.Context(), dataset.SQL[row]("SELECT twice(1L) AS n"))
	var unsupported *engine.UnsupportedError
	if !errors.As(err, &unsupported) || !strings.Contains(unsupported.What, "twice") {
		t.Errorf("a query on the warehouse: got %v, want it refused by the function's name", err)
	}
}
