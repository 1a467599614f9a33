package main

import (
	"path/filepath"
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

// RawOrder is an order as the shop's web server logged it: any value may be missing or wrong. What is not of its type is kept in _rescued_data.
type RawOrder struct {
	OrderID    *string
	CustomerID *int64
	ProductID  *int64
	Quantity   *int32
	Amount     *string
	Country    *string
	OrderedAt  *time.Time
	Rescued    *string `delta:"_rescued_data"`
}

// RawCustomer is a line of the customer list.
type RawCustomer struct {
	CustomerID *int64
	Name       *string
	Country    *string
	Segment    *string
	Since      *schema.Date
	Rescued    *string `delta:"_rescued_data"`
}

// Product is a row of the product catalogue, which comes as Parquet.
type Product struct {
	ProductID *int64
	Title     *string
	Category  *string
}

// Order is an order that can be trusted: it has a key, an owner and a plausible amount, and it is the latest word on that key.
type Order struct {
	OrderID    string
	OrderDate  schema.Date
	CustomerID int64
	Segment    string
	ProductID  int64
	Category   string
	Country    string
	Quantity   int32
	Amount     schema.Decimal `delta:"amount,decimal(12,2)"`
	OrderedAt  time.Time
}

// Revenue is what a country's customers of one segment bought on a day.
type Revenue struct {
	Day     schema.Date
	Country string
	Segment string
	Orders  int64
	Revenue schema.Decimal `delta:"revenue,decimal(18,2)"`
}

// TopProduct is one of a category's three best-selling products.
type TopProduct struct {
	Category string
	Place    int32
	Product  string
	Revenue  schema.Decimal `delta:"revenue,decimal(18,2)"`
}

// shop is the pipeline's outcome.
type shop struct {
	revenue     *medallion.Table[Revenue]
	topProducts *medallion.Table[TopProduct]
	bestDays    *dataset.Dataset[Revenue]
}

// declare says what every table is. Nothing is read or written here.
func declare(landing string) shop {
	rawOrders := bronze.Ingest[RawOrder]("bronze.orders", files.New(filepath.Join(landing, "orders", "*.json")))
	rawCustomers := bronze.Ingest[RawCustomer]("bronze.customers", files.New(filepath.Join(landing, "customers", "*.csv"), files.CSVOptions(files.CSVConfig{MultiLine: true})))
	products := bronze.Ingest[Product]("bronze.products", files.New(filepath.Join(landing, "products", "*.parquet")))

	customers := dataset.SQL[customer](`
		SELECT customer_id, coalesce(segment, 'unknown') AS segment FROM raw WHERE customer_id IS NOT NULL`,
		dataset.In("raw", rawCustomers))

	checked := quality.Check(
		dataset.SQL[Order](`
			SELECT o.order_id, CAST(o.ordered_at AS DATE) AS order_date, o.customer_id, coalesce(c.segment, 'unknown') AS segment,
			       o.product_id, coalesce(p.category, 'unknown') AS category, upper(trim(o.country)) AS country, o.quantity,
			       try_cast(o.amount AS DECIMAL(12,2)) AS amount, o.ordered_at
			FROM orders o
			LEFT JOIN customers c ON o.customer_id = c.customer_id
			LEFT JOIN products p ON o.product_id = p.product_id`,
			dataset.In("orders", rawOrders), dataset.In("customers", customers), dataset.In("products", products)),
		quality.Drop("has_key", "order_id IS NOT NULL"),
		quality.Quarantine("has_time", "ordered_at IS NOT NULL AND order_date IS NOT NULL"),
		quality.Quarantine("has_customer", "customer_id > 0"),
		quality.Quarantine("has_product", "product_id > 0"),
		quality.Quarantine("has_country", "country IS NOT NULL"),
		quality.Quarantine("plausible_quantity", "quantity BETWEEN 1 AND 1000"),
		quality.Quarantine("positive_amount", "amount > 0"),
		quality.Warn("known_customer", "segment <> 'unknown'"))

	orders := silver.Table("silver.orders", dataset.Latest(checked, "order_id", "ordered_at"),
		medallion.PartitionBy("order_date"),
		medallion.Expect(quality.UniqueKey("order_id")))

	revenue := gold.Table("gold.revenue", dataset.SQL[Revenue](`
		SELECT order_date AS day, country, segment, count(*) AS orders, coalesce(sum(amount), 0) AS revenue
		FROM orders GROUP BY order_date, country, segment`,
		dataset.In("orders", orders)))

	topProducts := gold.Table("gold.top_products", dataset.SQL[TopProduct](`
		SELECT o.category, coalesce(p.title, 'unknown') AS product, coalesce(sum(o.amount), 0) AS revenue,
		       row_number() OVER (PARTITION BY o.category ORDER BY sum(o.amount) DESC, p.title) AS place
		FROM orders o JOIN products p ON o.product_id = p.product_id
		GROUP BY o.category, p.title
		QUALIFY place <= 3`,
		dataset.In("orders", orders), dataset.In("products", products)))

	return shop{revenue: revenue, topProducts: topProducts, bestDays: dataset.SQL[Revenue](
		`SELECT * FROM revenue ORDER BY revenue DESC, day LIMIT 5`, dataset.In("revenue", revenue))}
}

// customer is what orders need to know of a customer.
type customer struct {
	CustomerID int64
	Segment    string
}
