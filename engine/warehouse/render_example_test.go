package warehouse_test

import (
	"fmt"

	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
)

// A query over a table, under the name that the table has on the warehouse.
func ExampleRender() {
	rows, err := schema.ParseDDL("id BIGINT NOT NULL, country STRING, amount DOUBLE")
	if err != nil {
		fmt.Println(err)
		return
	}
	q, err := sql.Parse("SELECT country, sum(amount) AS revenue FROM orders WHERE amount > 0 GROUP BY country ORDER BY revenue DESC LIMIT 3")
	if err != nil {
		fmt.Println(err)
		return
	}
	n, err := q.Resolve(map[string]plan.Node{"orders": plan.NewScan(&table{"silver.orders", rows})})
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := warehouse.Render(plan.Optimize(n), func(r plan.Relation) (string, error) { return "main." + r.Name(), nil })
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(text)
	// Output:
	// SELECT country, sum(amount) AS revenue
	// FROM main.silver.orders
	// WHERE amount > 0D
	// GROUP BY country
	// ORDER BY revenue DESC
	// LIMIT 3
}
