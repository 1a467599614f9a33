package warehouse_test

import (
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/internal/golden"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema/schematest"
)

// table is a relation with no rows behind it.
type table struct {
	name string
	rows *arrow.Schema
}

func (t *table) Name() string          { return t.name }
func (t *table) Schema() *arrow.Schema { return t.rows }

// tables are what the queries of the golden files read, by DDL.
var tables = map[string]string{
	"orders":    "id BIGINT NOT NULL, customer BIGINT, country STRING, amount DECIMAL(18,2), seq INT NOT NULL, placed DATE, at TIMESTAMP, note STRING",
	"customers": "id BIGINT NOT NULL, name STRING, country STRING, active BOOLEAN",
	"events": "id STRING, tags ARRAY<STRING>, attributes MAP<STRING, BIGINT>, score DOUBLE, local TIMESTAMP_NTZ, " +
		"payload STRUCT<id: BIGINT, device: STRUCT<os: STRING>, items: ARRAY<STRUCT<sku: STRING, qty: INT>>>",
	"hostile": "`select` STRING, `a``b` STRING, `--` STRING, `/* x */ ; ? :p` STRING, `Größe` STRING, `user` STRING, hostile STRUCT<id: INT>, " +
		"`line\nfeed` STRING, `a.b` STRING",
	"bronze_events": "event_id STRING, event_type STRING, event_ts TIMESTAMP, seq BIGINT, user_id BIGINT, status STRING, " +
		"payload STRUCT<product_id: BIGINT, quantity: BIGINT, unit_price: DOUBLE, currency: STRING, device: STRUCT<os: STRING>>, " +
		"items ARRAY<STRUCT<sku: STRING, qty: BIGINT>>",
	"bronze_customers": "customer_id BIGINT, country STRING, segment STRING, is_active BOOLEAN",
	"silver_events":    "event_date DATE, event_type STRING, user_id BIGINT, status STRING, product_id BIGINT, quantity BIGINT, amount_eur_cents BIGINT",
	"products":         "product_id BIGINT, category STRING, list_price DOUBLE",
}

// relations has each table, and two views of which one reads the other.
func relations(t testing.TB) map[string]plan.Node {
	t.Helper()
	nodes := map[string]plan.Node{}
	for name, ddl := range tables {
		s := schematest.DDL(t, ddl)
		nodes[name] = plan.NewScan(&table{name, s})
	}
	recent := &plan.View{Ident: "recent", Query: resolve(t, nodes, "SELECT id, country, amount FROM orders WHERE placed >= DATE '2025-01-01'")}
	nodes["recent"] = plan.NewScan(recent)
	nodes["totals"] = plan.NewScan(&plan.View{Ident: "totals", Query: resolve(t, nodes, "SELECT country, sum(amount) AS total FROM recent GROUP BY country")})
	return nodes
}

func resolve(t testing.TB, nodes map[string]plan.Node, query string) plan.Node {
	t.Helper()
	q, err := sql.Parse(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	n, err := q.Resolve(nodes)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return plan.Optimize(n)
}

// inLake calls a table lake.<its name>.
func inLake(r plan.Relation) (string, error) { return "lake." + r.Name(), nil }

func render(t testing.TB, n plan.Node) string {
	t.Helper()
	text, err := warehouse.Render(n, inLake)
	if err != nil {
		t.Fatalf("%s%v", plan.Print(n), err)
	}
	return text
}

func goldenFiles(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/render/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	return paths
}

func TestRender(t *testing.T) {
	t.Parallel()
	nodes := relations(t)
	for _, path := range goldenFiles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			golden.Cases(t, path, func(query string) string { return render(t, resolve(t, nodes, query)) + "\n" })
		})
	}
}

// BenchmarkRender measures a plan on its way to SQL: a filter, and the silver query of the peer benchmark, 17 columns over two tables.
func BenchmarkRender(b *testing.B) {
	nodes := relations(b)
	silver := golden.Queries(b, "testdata/render/pipeline.txt")[0]
	for name, query := range map[string]string{"filter": "SELECT id, upper(country) AS country FROM orders WHERE amount > 0", "silver": silver} {
		n := resolve(b, nodes, query)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := warehouse.Render(n, inLake); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
