package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
)

// arrays is a scan with columns of each kind that a generator takes.
func arrays(t *testing.T) plan.Node {
	t.Helper()
	s := schematest.DDL(t, "id BIGINT NOT NULL, k STRING, xs ARRAY<INT>, m MAP<STRING, DOUBLE>, note STRING")
	return plan.NewScan(table{"arrays", s})
}

// generate is the rows of a call beside the columns of in.
func generate(t *testing.T, in plan.Node, call string, names ...string) plan.Node {
	t.Helper()
	n, err := expr.Parse(call)
	if err != nil {
		t.Fatal(err)
	}
	gen, err := expr.BindGenerator(n.(expr.Call), expr.NewScope(in.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	g, err := plan.NewGenerate(in, gen, names)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// filtered keeps the rows of in for which a condition is TRUE, and projected some of their columns.
func filtered(t *testing.T, in plan.Node, cond string) plan.Node {
	t.Helper()
	n, err := expr.Parse(cond)
	if err != nil {
		t.Fatal(err)
	}
	b, err := expr.BindPredicate(n, expr.NewScope(in.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	f, err := plan.NewFilter(in, b)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func projected(t *testing.T, in plan.Node, columns ...string) plan.Node {
	t.Helper()
	exprs := make([]expr.Bound, len(columns))
	for i, c := range columns {
		var err error
		if exprs[i], err = expr.Bind(expr.Column{Path: []string{c}}, expr.NewScope(in.Schema())); err != nil {
			t.Fatal(err)
		}
	}
	p, err := plan.NewProject(in, exprs, columns)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestOptimizeGenerate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		plan plan.Node
		want string
	}{
		{
			"what is taken apart is not kept beside its parts",
			projected(t, generate(t, arrays(t), "explode(xs)", "x"), "id", "x"),
			`
Generate explode(xs) AS (x) BESIDE (id)
  Scan arrays (id, xs)`,
		},
		{
			"nothing is kept where nothing is read",
			projected(t, generate(t, arrays(t), "posexplode(m)", "p", "k2", "v"), "v"),
			`
Project v
  Generate posexplode(m) AS (p, k2, v) BESIDE ()
    Scan arrays (m)`,
		},
		{
			"conditions on the input go below, those on what is generated stay",
			projected(t, filtered(t, generate(t, arrays(t), "explode(xs)", "x"), "id > 3 AND x > 1 AND k IS NOT NULL"), "id", "k", "x"),
			`
Filter x > 1
  Generate explode(xs) AS (x) BESIDE (id, k)
    Scan arrays (id, k, xs) WHERE id > 3L AND k IS NOT NULL`,
		},
		{
			"a condition that may fail stays where rows may have no elements",
			projected(t, filtered(t, generate(t, arrays(t), "explode(xs)", "x"), "10 / id > 3"), "id", "x"),
			`
Filter 10D / CAST(id AS DOUBLE) > 3D
  Generate explode(xs) AS (x) BESIDE (id)
    Scan arrays (id, xs)`,
		},
		{
			"it goes below where every row has some",
			projected(t, filtered(t, generate(t, arrays(t), "explode_outer(xs)", "x"), "10 / id > 3"), "id", "x"),
			`
Generate explode_outer(xs) AS (x) BESIDE (id)
  Scan arrays (id, xs) WHERE 10D / CAST(id AS DOUBLE) > 3D`,
		},
		{
			"stack",
			projected(t, filtered(t, generate(t, arrays(t), "stack(2, k, 'k', note, 'note')", "v", "n"), "id = 1"), "id", "v"),
			`
Project id, v
  Generate stack(2, k, 'k', note, 'note') AS (v, n) BESIDE (id)
    Scan arrays (id, k, note) WHERE id = 1L`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := plan.Print(plan.Optimize(tt.plan))
			if diff := cmp.Diff(strings.TrimPrefix(tt.want, "\n")+"\n", got); diff != "" {
				t.Errorf("plan: -want +got\n%s", diff)
			}
		})
	}
}

func TestGenerateSchema(t *testing.T) {
	t.Parallel()
	tests := []struct {
		call string
		want string
	}{
		{"explode(m)", "key STRING NOT NULL, value DOUBLE"},
		{"explode_outer(m)", "key STRING, value DOUBLE"},
		{"posexplode(xs)", "pos INT NOT NULL, col INT"},
		{"posexplode_outer(xs)", "pos INT, col INT"},
		{"explode(array(1, 2))", "col INT NOT NULL"},
		{"inline(array(named_struct('a', id, 'b', k)))", "a BIGINT NOT NULL, b STRING"},
		{"inline(array(named_struct('a', id), NULL))", "a BIGINT"},
		{"stack(2, id, k, NULL)", "col0 BIGINT, col1 STRING"},
		{"stack(2, id, 'x', 5L, 'y')", "col0 BIGINT NOT NULL, col1 STRING NOT NULL"},
		{"range(3)", "id BIGINT NOT NULL"},
	}
	for _, tt := range tests {
		t.Run(tt.call, func(t *testing.T) {
			t.Parallel()
			in := arrays(t)
			n, err := expr.Parse(tt.call)
			if err != nil {
				t.Fatal(err)
			}
			gen, err := expr.BindGenerator(n.(expr.Call), expr.NewScope(in.Schema()))
			if err != nil {
				t.Fatal(err)
			}
			names := make([]string, len(gen.Columns))
			for i, f := range gen.Columns {
				names[i] = f.Name
			}
			g, err := plan.NewGenerate(in, gen, names)
			if err != nil {
				t.Fatal(err)
			}
			all := schema.DDL(g.Schema())
			if got := strings.TrimPrefix(all, schema.DDL(in.Schema())+", "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
