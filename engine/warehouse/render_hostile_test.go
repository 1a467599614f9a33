package warehouse_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// hostileTexts are names and literals that would end, or begin, something in SQL if they were not quoted.
var hostileTexts = []string{
	"id", "ID", "select", "user", "a b", "a.b", "1", "_", "*", "%_", `\%`, "'", `"`, "`", "``", `\`, `\\`, `\'`, "--", "/*", "*/", ";", "?", ":name", "$", "$ {", "{}",
	"x' OR '1' = '1", "x`; DROP TABLE orders; --", "\n", "\r\n\t", "\x00", "\u2028", "Größe", "🦊", "\xff", strings.Repeat("n", 300), "row_number", "orders", "count(1)",
}

// hostilePlan reads a column of that name, and computes with the text and a column that has the name too.
func hostilePlan(t testing.TB, name, text string) plan.Node {
	t.Helper()
	rows := arrow.NewSchema([]arrow.Field{
		{Name: name, Type: schema.String, Nullable: true},
		{Name: "other_" + name, Type: schema.String, Nullable: true},
	}, nil)
	scan := plan.NewScan(&table{"orders", rows})
	literal := expr.BoundLiteral{Value: text, Typ: schema.String}
	columns := plan.ColumnsOf(scan)
	same := expr.BoundCall{Func: "=", Args: []expr.Bound{columns[0], literal}, Typ: schema.Boolean, Null: true}
	filtered, err := plan.NewFilter(scan, same)
	if err != nil {
		t.Fatal(err)
	}
	joined := expr.BoundCall{Func: "concat", Args: []expr.Bound{columns[0], literal}, Typ: schema.String, Null: true}
	n, err := plan.NewProject(filtered, []expr.Bound{columns[1], joined, literal}, []string{name, text + "x", "last"})
	if err != nil {
		t.Fatal(err)
	}
	return plan.Optimize(n)
}

// wantReread fails unless the plan's text reads as the same plan, its columns under the same names.
func wantReread(t *testing.T, n plan.Node) {
	t.Helper()
	again, err := readAgain(n)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plan.Print(n), plan.Print(plan.Optimize(again))); diff != "" {
		t.Errorf("-rendered +read again\n%s\n%s", diff, render(t, n))
	}
	for i, f := range n.Schema().Fields() {
		if got := again.Schema().Field(i); got.Name != f.Name || !schema.Equal(got.Type, f.Type) {
			t.Errorf("column %d: got %s %s, want %s %s", i, got.Name, got.Type, f.Name, f.Type)
		}
	}
}

func TestNothingEscapesItsQuotes(t *testing.T) {
	t.Parallel()
	for _, name := range hostileTexts {
		wantReread(t, hostilePlan(t, name, "plain"))
		wantReread(t, hostilePlan(t, "plain", name))
	}
}

func FuzzQuotes(f *testing.F) {
	for i, text := range hostileTexts {
		f.Add(text, hostileTexts[len(hostileTexts)-1-i])
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		n := hostilePlan(t, name, text)
		written, err := warehouse.Render(n, inLake)
		if name == "" || strings.Contains(name+text, "${") {
			var unsupported *engine.UnsupportedError
			if err != nil && !errors.As(err, &unsupported) {
				t.Fatalf("got %v, want an *engine.UnsupportedError", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(written, "${") {
			t.Errorf("a variable stands in %s", written)
		}
		wantReread(t, n)
	})
}

// A variable in a literal is text; in a name there is no way to write it.
func TestVariables(t *testing.T) {
	t.Parallel()
	one, err := plan.NewProject(plan.OneRow(), []expr.Bound{expr.BoundLiteral{Value: "${spark.app.name}", Typ: schema.String}}, []string{"v"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := render(t, one), `SELECT '\u0024{spark.app.name}' AS v`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	wantUnsupported(t, hostilePlan(t, "${spark.app.name}", ""), "${")
}

func wantUnsupported(t *testing.T, n plan.Node, reason string) {
	t.Helper()
	text, err := warehouse.Render(n, inLake)
	var unsupported *engine.UnsupportedError
	if !errors.As(err, &unsupported) || !strings.Contains(unsupported.What, reason) {
		t.Errorf("got %q, %v, want an *engine.UnsupportedError with %s", text, err, reason)
	}
}

func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	nodes := relations(t)
	orders := nodes["orders"]
	none := plan.NewScanOf(orders.(plan.Scan).Relation, []int{})
	unnamed, err := plan.NewProject(orders, plan.ColumnsOf(orders)[:1], []string{""})
	if err != nil {
		t.Fatal(err)
	}
	square, err := plan.NewMap(orders, "square", func(context.Context, arrow.RecordBatch, func(arrow.RecordBatch) error) error { return nil }, orders.Schema())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		plan   plan.Node
		reason string
	}{
		{"Go code", plan.Order{Input: square, Limit: 1}, "the Go function square runs in this process only"},
		{"no columns", none, "a query without columns"},
		{"no name", unnamed, "column 1 has no name"},
		{"limit", plan.Order{Input: orders, Limit: math.MaxInt32 + 1}, "LIMIT 2147483648"},
		{"offset", plan.Order{Input: orders, Limit: math.MaxInt32, Offset: 1}, "OFFSET 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantUnsupported(t, tt.plan, tt.reason)
		})
	}
}

func TestRefusedRelation(t *testing.T) {
	t.Parallel()
	refusal := errors.New("not here")
	_, err := warehouse.Render(relations(t)["totals"], func(plan.Relation) (string, error) { return "", refusal })
	if !errors.Is(err, refusal) || !strings.Contains(err.Error(), "recent") {
		t.Errorf("got %v, want the refusal and the view in which it was", err)
	}
}

// A view's name in WITH must not hide a relation that the query reads beside it.
func TestViewsHideNothing(t *testing.T) {
	t.Parallel()
	nodes := relations(t)
	view := &plan.View{Ident: "Orders", Query: resolve(t, nodes, "SELECT id FROM orders WHERE seq = 1")}
	nodes["first"] = plan.NewScan(view)
	n := resolve(t, nodes, "SELECT f.id FROM first f JOIN orders o ON f.id = o.id")
	text, err := warehouse.Render(n, func(r plan.Relation) (string, error) { return r.Name(), nil })
	if err != nil {
		t.Fatal(err)
	}
	want := `WITH Orders_2 AS (
  SELECT id
  FROM orders
  WHERE seq = 1
)
SELECT orders.id
FROM Orders_2 AS orders
INNER JOIN orders AS orders_2 ON orders.id = orders_2.id`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A check keeps the rows that no rule takes out; what it only counts or fails for is counted elsewhere.
func TestRenderCheck(t *testing.T) {
	t.Parallel()
	orders := relations(t)["orders"]
	predicate := func(condition string) expr.Bound {
		f, ok := resolve(t, relations(t), "SELECT * FROM orders WHERE "+condition).(plan.Scan)
		if !ok {
			t.Fatalf("%s did not become a scan's filter", condition)
		}
		return f.Filter
	}
	rules := []plan.Rule{
		{Name: "warned", Action: plan.Warn, Predicate: predicate("seq = 1")},
		{Name: "dropped", Action: plan.Drop, Predicate: predicate("seq = 2 OR note IS NULL")},
		{Name: "aside", Action: plan.Quarantine, Predicate: predicate("seq = 3")},
		{Name: "failed", Action: plan.Fail, Predicate: predicate("seq = 4")},
	}
	tests := []struct {
		name  string
		rules []plan.Rule
		want  string
	}{
		{"all", rules, "SELECT id\nFROM lake.orders\nWHERE (seq = 2 OR note IS NULL) AND seq = 3"},
		{"none that takes rows out", []plan.Rule{rules[0], rules[3]}, "SELECT id\nFROM lake.orders"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check, err := plan.NewCheck(orders, tt.rules, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			n, err := plan.NewProject(check, slices.Clone(plan.ColumnsOf(check)[:1]), []string{"id"})
			if err != nil {
				t.Fatal(err)
			}
			if got := render(t, n); got != tt.want {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
		})
	}
}
