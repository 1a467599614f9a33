package sql_test

import (
	"fmt"

	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
)

// A query is parsed once and resolved against the plans that its tables stand for.
func Example() {
	query, err := sql.Parse(`
		SELECT id, upper(country) AS country
		FROM raw
		QUALIFY row_number() OVER (PARTITION BY id ORDER BY updated_at DESC) = 1`)
	if err != nil {
		fmt.Println(err)
		return
	}
	columns, err := schema.ParseDDL("id BIGINT NOT NULL, country STRING, updated_at TIMESTAMP")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("reads", query.Tables())
	n, err := query.Resolve(map[string]plan.Node{"raw": plan.NewScan(table{"bronze.raw", columns})})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(plan.Print(plan.Optimize(n)))
	// Output:
	// reads [raw]
	// Project id, upper(country) AS country
	//   Latest BY id ORDER BY updated_at DESC
	//     Scan bronze.raw
}

// Faults name their place in the text, in Databricks' words.
func ExampleQuery_Resolve() {
	query, err := sql.Parse("SELECT name,\n  sum(amount) FROM payments")
	if err != nil {
		fmt.Println(err)
		return
	}
	columns, err := schema.ParseDDL("name STRING, amount DOUBLE")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = query.Resolve(map[string]plan.Node{"payments": plan.NewScan(table{"payments", columns})})
	fmt.Println(err)
	// Output: 1:8: MISSING_GROUP_BY: name stands beside an aggregate, and there is no GROUP BY (group by it, or take any_value(name))
}
