package sql_test

import (
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/golden"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
)

// table is a relation with no rows behind it.
type table struct {
	name   string
	schema *arrow.Schema
}

func (t table) Name() string          { return t.name }
func (t table) Schema() *arrow.Schema { return t.schema }

// tables are what the queries of these tests read.
func tables(t testing.TB) map[string]plan.Node {
	t.Helper()
	nodes := map[string]plan.Node{}
	for name, ddl := range map[string]string{
		"orders": "order_id BIGINT NOT NULL, customer_id BIGINT, country STRING, amount DECIMAL(18,2), ordered_at TIMESTAMP NOT NULL, " +
			"payload STRUCT<quantity: BIGINT, device: STRUCT<os: STRING>>, tags ARRAY<STRING>",
		"customers":     "customer_id BIGINT NOT NULL, name STRING, country STRING",
		"products":      "product_id INT NOT NULL, category STRING, price DOUBLE",
		"silver.events": "id STRING NOT NULL, seq BIGINT NOT NULL, value DOUBLE",
	} {
		s := schematest.DDL(t, ddl)
		nodes[name] = plan.NewScan(table{name, s})
	}
	return nodes
}

// TestResolve resolves the queries of testdata and compares plan and schema. A case is a query, a line of dashes, and what it gives; cases have a line
// of equal signs between them.
func TestResolve(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("got files %v, error %v, want golden files", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			golden.Cases(t, file, func(query string) string { return resolved(t, query) })
		})
	}
}

// resolved is the plan of a query and its schema, or the error.
func resolved(t *testing.T, query string) string {
	t.Helper()
	q, err := sql.Parse(query)
	if err != nil {
		return err.Error() + "\n"
	}
	n, err := q.Resolve(tables(t))
	if err != nil {
		return err.Error() + "\n"
	}
	return plan.Print(n) + schema.DDL(n.Schema()) + "\n"
}
