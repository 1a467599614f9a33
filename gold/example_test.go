package gold_test

import (
	"context"
	"fmt"
	"log"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/gold"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/storage/memory"
)

// Order is a row of silver.orders.
type Order struct {
	OrderID int32
	Country string
	Amount  int32
}

// Revenue is what gold keeps per country. A sum is NULL where every amount is, hence the pointer.
type Revenue struct {
	Country string
	Orders  int64
	Revenue *int64
}

// A gold table equals its query over everything that its inputs hold, and is run after them.
func ExampleTable() {
	orders := silver.Table("silver.orders", dataset.SQL[Order](
		`SELECT * FROM VALUES (1, 'DE', 10), (2, 'FR', 20), (3, 'DE', 30) AS o(order_id, country, amount)`))
	revenue := gold.Table("gold.revenue", dataset.SQL[Revenue](
		`SELECT country, count(*) AS orders, sum(amount) AS revenue FROM orders GROUP BY country`, dataset.In("orders", orders)),
		medallion.Comment("orders and their value, by country"),
		medallion.Property("delta.checkpointInterval", "20"),
		medallion.Expect(quality.UniqueKey("country")))

	ctx := context.Background()
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(memory.New(), "lake")}
	report, err := pipeline.Run(ctx, revenue)
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range report.Tables {
		fmt.Println(t.Name, t.RowsOut)
	}
	rows, err := medallion.Collect(ctx, &pipeline, dataset.SQL[Revenue](`SELECT * FROM r ORDER BY country`, dataset.In("r", revenue)))
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range rows {
		fmt.Println(r.Country, r.Orders, *r.Revenue)
	}
	// Output:
	// silver.orders 3
	// gold.revenue 2
	// DE 2 40
	// FR 1 20
}
