// First is the program that README.md begins with.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/gold"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/source/files"
)

// RawOrder is an order as it came: any value may be missing, and what does not fit its column is kept in _rescued_data.
type RawOrder struct {
	OrderID, Country, Amount *string
	OrderedAt                *time.Time
	Rescued                  *string `delta:"_rescued_data"`
}

// Order is an order that can be relied on: what is no pointer is NOT NULL in the table, and the rules below prove it.
type Order struct {
	OrderID   string
	Country   *string
	Amount    schema.Decimal `delta:"amount,decimal(18,2)"`
	OrderedAt *time.Time
}

type Revenue struct {
	Country *string
	Revenue *schema.Decimal `delta:"revenue,decimal(28,2)"`
	Orders  int64
}

func main() {
	raw := bronze.Ingest[RawOrder]("bronze.orders", files.New("landing/orders/*.json"))
	checked := quality.Check(
		dataset.SQL[Order](`
			SELECT order_id, upper(country) AS country, try_cast(amount AS DECIMAL(18,2)) AS amount, ordered_at
			FROM raw`, dataset.In("raw", raw)),
		quality.Drop("has_key", "order_id IS NOT NULL"),
		quality.Quarantine("positive_amount", "amount > 0"))
	orders := silver.Table("silver.orders", dataset.Latest(checked, "order_id", "ordered_at"))
	revenue := gold.Table("gold.revenue", dataset.SQL[Revenue](
		`SELECT country, sum(amount) AS revenue, count(*) AS orders FROM orders GROUP BY country`,
		dataset.In("orders", orders)))

	lake, err := medallion.LocalLake("lake")
	if err != nil {
		log.Fatal(err)
	}
	pipeline := medallion.Pipeline{Lake: lake}
	report, err := pipeline.Run(context.Background(), revenue) // runs raw, orders, revenue
	fmt.Print(report)
	if err != nil {
		log.Fatal(err)
	}
}
