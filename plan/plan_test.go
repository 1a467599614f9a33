package plan_test

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// table is a relation with no rows behind it.
type table struct {
	name   string
	schema *arrow.Schema
}

func (t table) Name() string          { return t.name }
func (t table) Schema() *arrow.Schema { return t.schema }
func (t table) ReadsFields()          {}

func field(name string, t arrow.DataType, nullable bool) arrow.Field {
	return arrow.Field{Name: name, Type: t, Nullable: nullable}
}

// orders is order_id BIGINT NOT NULL, country STRING, amount DOUBLE, seq INT NOT NULL.
func orders() plan.Scan {
	return plan.NewScan(table{"orders", arrow.NewSchema([]arrow.Field{
		field("order_id", schema.BigInt, false),
		field("country", schema.String, true),
		field("amount", schema.Double, true),
		field("seq", schema.Int, false),
	}, nil)})
}

// column is column i of n as an expression.
func column(n plan.Node, i int) expr.Bound { return plan.ColumnsOf(n)[i] }

func call(name string, args ...expr.Bound) expr.BoundCall {
	null := false
	for _, a := range args {
		null = null || a.Nullable()
	}
	return expr.BoundCall{Func: name, Args: args, Typ: schema.Boolean, Null: null && name != "isnotnull" && name != "isnull"}
}

func double(v float64) expr.BoundLiteral { return expr.BoundLiteral{Value: v, Typ: schema.Double} }

func text(v string) expr.BoundLiteral { return expr.BoundLiteral{Value: v, Typ: schema.String} }

// must is for plans that are right by construction.
func must[N any](t *testing.T) func(N, error) N {
	return func(n N, err error) N {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}
