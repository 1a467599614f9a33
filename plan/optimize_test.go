package plan_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/golden"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
)

// relations are what the queries of the golden files read.
func relations() map[string]plan.Node {
	nodes := map[string]plan.Node{}
	for name, ddl := range map[string]string{
		"orders":    "id BIGINT NOT NULL, customer BIGINT, country STRING, amount DOUBLE, seq INT NOT NULL, note STRING",
		"customers": "id BIGINT NOT NULL, name STRING, country STRING, limit_ DOUBLE",
		"lines":     "id BIGINT NOT NULL, product INT, quantity INT NOT NULL",
		"bronze_events": "event_id STRING, event_type STRING, event_ts TIMESTAMP, seq BIGINT, user_id BIGINT, status STRING, " +
			"payload STRUCT<product_id: BIGINT, quantity: BIGINT, unit_price: DOUBLE, currency: STRING, device: STRUCT<os: STRING>>, " +
			"items ARRAY<STRUCT<sku: STRING, qty: BIGINT>>, _corrupt_record STRING",
		"bronze_customers": "customer_id BIGINT, name STRING, country STRING, segment STRING, is_active BOOLEAN, updated_at TIMESTAMP",
		"cdc":              "Op STRING, commit_ts TIMESTAMP, change_seq BIGINT, customer_id BIGINT, country STRING",
		"silver_events": "event_id STRING, event_date DATE, event_type STRING, user_id BIGINT, status STRING, product_id BIGINT, quantity BIGINT, " +
			"device_os STRING, customer_country STRING, amount_eur_cents BIGINT",
		"products": "product_id BIGINT, category STRING, list_price DOUBLE",
	} {
		s, err := schema.ParseDDL(ddl)
		if err != nil {
			panic(err)
		}
		nodes[name] = plan.NewScan(table{name, s})
	}
	return nodes
}

func resolve(t testing.TB, query string) plan.Node {
	t.Helper()
	q, err := sql.Parse(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	n, err := q.Resolve(relations())
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// TestRewrites applies each rule to the queries of its golden file. A case is a query, a line of dashes, and the plan; cases have a line of equal signs
// between them.
func TestRewrites(t *testing.T) {
	t.Parallel()
	for name, rewrite := range plan.Rewrites {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Cases(t, filepath.Join("testdata", name+".txt"), func(query string) string {
				before := resolve(t, query)
				after := rewrite(before)
				checkRewrite(t, before, after)
				return plan.Print(after)
			})
		})
	}
}

// checkRewrite checks what every rule promises: the same columns, no weaker proofs, and a tree that the constructors accept.
func checkRewrite(t *testing.T, before, after plan.Node) {
	t.Helper()
	b, a := before.Schema().Fields(), after.Schema().Fields()
	if len(a) != len(b) {
		t.Fatalf("got columns %v, want %v", after.Schema(), before.Schema())
	}
	for i := range b {
		if a[i].Name != b[i].Name || !schema.Equal(a[i].Type, b[i].Type) || a[i].Nullable && !b[i].Nullable {
			t.Errorf("column %d is %v, want %v", i, a[i], b[i])
		}
	}
	if err := rebuild(after); err != nil {
		t.Errorf("invalid plan: %v\n%s", err, plan.Print(after))
	}
}

// rebuild passes every node through its constructor.
func rebuild(n plan.Node) (err error) {
	names := func(from, to int) []string {
		var list []string
		for _, f := range n.Schema().Fields()[from:to] {
			list = append(list, f.Name)
		}
		return list
	}
	width := n.Schema().NumFields()
	switch n := n.(type) {
	case plan.Scan:
		if n.Filter != nil {
			bare := plan.NewScan(n.Relation)
			bare.Columns = n.Columns
			_, err = bare.Where(n.Filter)
		}
	case plan.Project:
		_, err = plan.NewProject(n.Input, n.Exprs, names(0, width))
	case plan.Filter:
		_, err = plan.NewFilter(n.Input, n.Cond)
	case plan.Aggregate:
		_, err = plan.NewAggregate(n.Input, n.Groups, names(0, len(n.Groups)), n.Aggs, names(len(n.Groups), width))
	case plan.Join:
		_, err = plan.NewJoin(n.Kind, n.Left, n.Right, n.LeftKeys, n.RightKeys, n.Residual)
	case plan.Window:
		_, err = plan.NewWindow(n.Input, n.Funcs, names(width-len(n.Funcs), width))
	case plan.Latest:
		_, err = plan.NewLatest(n.Input, n.Keys, n.By)
	case plan.Order:
		_, err = plan.NewOrder(n.Input, n.Keys, n.Limit, n.Offset)
	case plan.Union:
		_, err = plan.NewUnion(n.Inputs...)
	case plan.Values:
		_, err = plan.NewValues(n.Schema(), n.Rows)
	case plan.Check:
		_, err = plan.NewCheck(n.Input, n.Rules, n.Quarantine, n.QuarantineNames)
	case plan.Map:
		_, err = plan.NewMap(n.Input, n.Name, n.Func, n.Schema())
	}
	for _, c := range n.Children() {
		if err == nil {
			err = rebuild(c)
		}
	}
	return err
}

// TestOptimizeTwice checks that the rules leave nothing for each other to do.
func TestOptimizeTwice(t *testing.T) {
	t.Parallel()
	for name := range plan.Rewrites {
		for _, query := range golden.Queries(t, filepath.Join("testdata", name+".txt")) {
			once := plan.Optimize(resolve(t, query))
			if diff := cmp.Diff(plan.Print(once), plan.Print(plan.Optimize(once))); diff != "" {
				t.Errorf("%s: -once +twice\n%s", query, diff)
			}
		}
	}
}
