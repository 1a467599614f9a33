package plan_test

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
)

// payments is a relation as tables, views and rows in memory are ones.
func payments() plan.Relation {
	return table{"payments", arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: schema.BigInt},
		{Name: "country", Type: schema.String, Nullable: true},
		{Name: "amount", Type: schema.Double, Nullable: true},
	}, nil)}
}

// Nodes are built from the scans upwards. A filter proves what its condition cannot let through.
func Example() {
	scan := plan.NewScan(payments())
	condition, err := expr.Parse("amount > 0")
	if err != nil {
		fmt.Println(err)
		return
	}
	positive, err := expr.BindPredicate(condition, expr.NewScope(scan.Schema()))
	if err != nil {
		fmt.Println(err)
		return
	}
	filter, err := plan.NewFilter(scan, positive)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(plan.Print(filter))
	fmt.Println(schema.DDL(filter.Schema()))
	// Output:
	// Filter amount > 0D
	//   Scan payments
	// id BIGINT NOT NULL, country STRING, amount DOUBLE NOT NULL
}

// Optimize reads less: the condition and the columns go into the scan.
func ExampleOptimize() {
	query, err := sql.Parse(`
		SELECT country, sum(amount) AS total
		FROM (SELECT id, country, amount FROM payments)
		GROUP BY country
		HAVING country <> 'XX'`)
	if err != nil {
		fmt.Println(err)
		return
	}
	n, err := query.Resolve(map[string]plan.Node{"payments": plan.NewScan(payments())})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(plan.Print(plan.Optimize(n)))
	// Output:
	// Project country, `sum(amount)` AS total
	//   Aggregate sum(amount) AS `sum(amount)` GROUP BY country
	//     Scan payments (country, amount) WHERE country <> 'XX'
}

// Transform replaces nodes; here every scan reads another relation.
func ExampleTransform() {
	n := plan.Node(plan.NewScan(payments()))
	renamed := plan.Transform(n, func(n plan.Node) plan.Node {
		if s, ok := n.(plan.Scan); ok {
			return plan.NewScan(table{"archive", s.Relation.Schema()})
		}
		return n
	})
	fmt.Print(plan.Print(renamed))
	// Output: Scan archive
}
