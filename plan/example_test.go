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

// A sub-query is joined with the rows that it is about: here the sum is computed once per country, not once per payment. Its variable is the country of
// the payment around it.
func ExampleSubquery() {
	rows := plan.NewScan(payments())
	country := plan.ColumnsOf(rows)[1]
	around := expr.BoundVar{ID: plan.FirstVariable, Name: "country", Typ: country.Type(), Null: true}
	same := expr.BoundCall{Func: "=", Args: []expr.Bound{country, around}, Typ: arrow.FixedWidthTypes.Boolean, Null: true}
	matching, err := plan.NewFilter(plan.NewScan(payments()), same)
	if err != nil {
		fmt.Println(err)
		return
	}
	number := expr.BoundAggregate{Func: "count", Typ: arrow.PrimitiveTypes.Int64}
	counted, err := plan.NewAggregate(matching, nil, nil, []expr.BoundAggregate{number}, []string{"n"})
	if err != nil {
		fmt.Println(err)
		return
	}
	query := plan.Subquery{Name: "payments of the country", Query: counted, Vars: map[int]expr.Bound{plan.FirstVariable: country}}
	n, err := query.Scalar(rows, "n")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(plan.Print(plan.Optimize(n)))
	// Output:
	// Project id, country, amount, CASE WHEN n IS NOT NULL THEN n ELSE 0L END AS n
	//   Join LEFT OUTER ON country = country
	//     Scan payments
	//     Aggregate count(*) AS n GROUP BY country
	//       Scan payments (country)
}
