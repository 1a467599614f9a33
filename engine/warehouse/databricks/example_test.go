package databricks_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/engine/warehouse/databricks"
	"github.com/medallion-go/medallion/schema"
)

// Open does no I/O: what it says at once is what the Config lacks.
func ExampleOpen() {
	_, err := databricks.Open(databricks.Config{Host: "dbc-a1b2c3d4-e5f6.cloud.databricks.com", Token: "dapi…"})
	fmt.Println(err)
	// Output:
	// databricks: Config.HTTPPath is empty: it is /sql/1.0/warehouses/<id>, from the warehouse's connection details
}

// Select gives typed rows. Without a workspace in the environment this example only says what is missing.
func ExampleSelect() {
	type Revenue struct {
		Country string
		Revenue schema.Decimal `delta:"revenue,decimal(28,2)"`
		LastAt  *time.Time
	}
	w, err := databricks.Open(databricks.FromEnvironment(os.Getenv))
	if err != nil {
		fmt.Println("set DATABRICKS_HOST, DATABRICKS_HTTP_PATH and DATABRICKS_TOKEN")
		return
	}
	defer func() { _ = w.Close() }()
	rows := databricks.Select[Revenue](context.Background(), w,
		"SELECT country, revenue, last_at FROM main.gold.revenue WHERE country = :country", warehouse.Parameter{Name: "country", Value: "AT"})
	for r, err := range rows {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Country, r.Revenue)
	}
}

// A Config that is printed shows no secret.
func ExampleConfig_String() {
	c, err := databricks.ParseDSN("token:dapi0123@h.example.com:443/sql/1.0/warehouses/1?catalog=main")
	fmt.Println(c, err)
	// Output:
	// databricks.Config{Host: "h.example.com", Port: 443, HTTPPath: "/sql/1.0/warehouses/1", Catalog: "main", Schema: ""} <nil>
}
