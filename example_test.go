package medallion_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/gold"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/silver"
	sinkfiles "github.com/medallion-go/medallion/sink/files"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// RawOrder is an order as a file has it.
type RawOrder struct {
	OrderID   *string
	Country   *string
	Amount    *string
	OrderedAt *time.Time
	Rescued   *string `delta:"_rescued_data"`
}

// Order is an order that can be relied on.
type Order struct {
	OrderID   string
	Country   *string
	Amount    *schema.Decimal `delta:"amount,decimal(18,2)"`
	OrderedAt *time.Time
}

// Revenue is what was sold in a country.
type Revenue struct {
	Country *string
	Revenue *schema.Decimal `delta:"revenue,decimal(28,2)"`
	Orders  int64
}

// orderFile is a file of orders.
const orderFile = `{"order_id":"a","country":"de","amount":"10.00","ordered_at":"2026-01-01T10:00:00Z"}
{"order_id":"a","country":"de","amount":"12.50","ordered_at":"2026-01-01T11:00:00Z"}
{"order_id":"b","country":"fr","amount":"20.00","ordered_at":"2026-01-01T12:00:00Z"}
{"order_id":"c","country":"fr","amount":"-1.00","ordered_at":"2026-01-01T12:00:00Z"}
{"country":"fr","amount":"3.00","ordered_at":"2026-01-01T12:00:00Z"}
`

// A whole pipeline: raw files, checked orders, revenue by country.
func Example() {
	ctx, store := context.Background(), memory.New()
	if _, err := storage.Put(ctx, store, "landing/1.json", []byte(orderFile)); err != nil {
		log.Fatal(err)
	}

	raw := bronze.Ingest[RawOrder]("bronze.orders", files.In(store, "landing/*.json"))

	checked := quality.Check(
		dataset.SQL[Order](`
			SELECT order_id, upper(country) AS country, try_cast(amount AS DECIMAL(18,2)) AS amount, ordered_at
			FROM raw`, dataset.In("raw", raw)),
		quality.Drop("has_key", "order_id IS NOT NULL"),
		quality.Quarantine("positive_amount", "amount > 0"))

	orders := silver.Table("silver.orders", dataset.Latest(checked, "order_id", "ordered_at"))

	revenue := gold.Table("gold.revenue", dataset.SQL[Revenue](
		`SELECT country, sum(amount) AS revenue, count(*) AS orders FROM orders GROUP BY country`, dataset.In("orders", orders)))

	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(store, "lake")}
	report, err := pipeline.Run(ctx, revenue)
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range report.Tables {
		fmt.Printf("%s: %d in, %d out, %d quarantined, %d dropped\n", t.Name, t.RowsIn, t.RowsOut, t.Quarantined, t.Dropped)
	}
	rows, err := medallion.Collect(ctx, &pipeline, dataset.SQL[Revenue](`SELECT * FROM r ORDER BY country`, dataset.In("r", revenue)))
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range rows {
		fmt.Println(*r.Country, r.Revenue, r.Orders)
	}
	// Output:
	// bronze.orders: 5 in, 5 out, 0 quarantined, 0 dropped
	// silver.orders: 5 in, 2 out, 1 quarantined, 1 dropped
	// gold.revenue: 2 in, 2 out, 0 quarantined, 0 dropped
	// DE 12.50 1
	// FR 20.00 1
}

// City is a row that examples write down in SQL.
type City struct {
	ID   int32
	Name string
}

// cities is a table of two rows.
func cities(options ...medallion.TableOption) *medallion.Table[City] {
	return silver.Table("silver.cities", dataset.SQL[City](`SELECT * FROM VALUES (1, 'Rome'), (2, 'Oslo') AS c(id, name)`), options...)
}

// Explain says where each table would run, and how; nothing is run.
func ExamplePipeline_Explain() {
	names := gold.Table("gold.names", dataset.SQL[Names](
		`SELECT count(*) AS n FROM c WHERE name LIKE 'R%' AND id > 0`, dataset.In("c", cities())))
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(memory.New(), "lake")}
	e, err := pipeline.Explain(context.Background(), names)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(e)
	// Output:
	// silver.cities  on local (first engine that supports it), reads 0 B
	//     replace into silver.cities
	//     Values (1, 'Rome'), (2, 'Oslo')
	//
	// gold.names  on local (first engine that supports it), reads at least 0 B, an input does not exist yet
	//     replace into gold.names
	//     Project `count(1)` AS n
	//       Aggregate count(*) AS `count(1)`
	//         Scan silver.cities WHERE name LIKE 'R%' AND id > 0
}

// Names is how many names there are.
type Names struct{ N int64 }

// Validate finds every fault of every declaration, and says where each was declared.
func ExamplePipeline_Validate() {
	ctx := context.Background()
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(memory.New(), "lake")}
	wrong := gold.Table("gold.names", dataset.SQL[Names](`SELECT cout(id) AS n FROM c`, dataset.In("c", cities())))
	wronger := gold.Table("names", dataset.SQL[Names](`SELECT count(*) AS n FROM c`, dataset.In("c", cities())))
	for line := range strings.Lines(pipeline.Validate(ctx, wrong, wronger).Error()) {
		_, fault, _ := strings.Cut(line, ".go:") // what comes before it is the file
		fmt.Println(strings.TrimSpace(strings.TrimLeft(fault, "0123456789:")))
	}
	// Output:
	// dataset.SQL: 1:8: UNRESOLVED_ROUTINE: there is no function cout (did you mean cot, count, cbrt?)
	// table names: the name "names" is not of the form schema.table, of letters, digits and underscores
}

// Query runs any relation and yields Arrow batches.
func ExamplePipeline_Query() {
	ctx := context.Background()
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(memory.New(), "lake")}
	if _, err := pipeline.Run(ctx, cities()); err != nil {
		log.Fatal(err)
	}
	s, rows, err := pipeline.Query(ctx, cities())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(schema.DDL(s))
	n := int64(0)
	for rec, err := range rows {
		if err != nil {
			log.Fatal(err)
		}
		n += rec.NumRows() // rec is borrowed until here
	}
	fmt.Println(n, "rows")
	// Output:
	// id INT NOT NULL, name STRING NOT NULL
	// 2 rows
}

// Collect gives a relation's rows as Go values.
func ExampleCollect() {
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(memory.New(), "lake")}
	rows, err := medallion.Collect(context.Background(), &pipeline, dataset.SQL[City](`SELECT 1 AS id, 'Rome' AS name`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%+v\n", rows)
	// Output: [{ID:1 Name:Rome}]
}

// Deliver hands a table's new rows over to a sink, each once.
func ExamplePipeline_Deliver() {
	ctx, store := context.Background(), memory.New()
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(store, "lake")}
	table := cities()
	if _, err := pipeline.Run(ctx, table); err != nil {
		log.Fatal(err)
	}
	exports, err := sinkfiles.New(store, "exports", sinkfiles.Config{Format: sinkfiles.NDJSON})
	if err != nil {
		log.Fatal(err)
	}
	for range 2 {
		d, err := pipeline.Deliver(ctx, table, exports)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(d.Rows, "rows delivered")
	}
	// Output:
	// 2 rows delivered
	// 0 rows delivered
}

// A report prints as a table per run: what was done, what the expectations counted, what went wrong.
func ExampleReport_Print() {
	report := medallion.Report{Tables: []medallion.TableReport{
		{Name: "bronze.orders", Engine: "local", Result: engine.Result{
			Mode: "append", Version: 3, Commits: 1, RowsIn: 1234567, RowsOut: 1234567, Rescued: 12, BytesIn: 98_700_000, BytesOut: 23_400_000, Wall: 512 * time.Millisecond,
		}},
		{Name: "silver.orders", Engine: "local", Result: engine.Result{
			Version: 3, Wall: 3 * time.Millisecond, Rules: []engine.RuleCount{{Name: "has_key", Action: plan.Drop, Passed: 1_234_000, Failed: 567}},
		}},
	}}
	fmt.Print(&report)
	// Output:
	// TABLE          ENGINE  VERSION  DID          ROWS IN    ROWS OUT   SET ASIDE   READ     WRITTEN  TIME
	// bronze.orders  local   3        append       1,234,567  1,234,567  12 rescued  98.7 MB  23.4 MB  512ms
	// silver.orders  local   3        nothing new  0          0          -           0 B      0 B      3ms
	//
	// EXPECTATION            ACTION  PASSED     FAILED
	// silver.orders.has_key  drop    1,234,000  567
}

// Options say what a table has beside its rows.
func ExamplePartitionBy() {
	ctx, store := context.Background(), memory.New()
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(store, "lake")}
	table := cities(medallion.PartitionBy("name"), medallion.Comment("cities of the world"), medallion.Property("delta.checkpointInterval", "20"))
	if _, err := pipeline.Run(ctx, table); err != nil {
		log.Fatal(err)
	}
	s, err := delta.Open(store, "lake/silver/cities", delta.Config{}).Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.PartitionColumns(), s.NumFiles(), s.Metadata().Description, s.Properties()["delta.checkpointInterval"])
	// Output:
	// [name] 2 cities of the world 20
}

// A table that something else writes is read as it is.
func ExampleExisting() {
	ctx := context.Background()
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(memory.New(), "lake")}
	if _, err := pipeline.Run(ctx, cities()); err != nil { // as another program would
		log.Fatal(err)
	}
	rows, err := medallion.Collect(ctx, &pipeline, medallion.Existing[City]("silver.cities"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(rows), "rows")
	// Output: 2 rows
}

// One statement changes a table of the lake in one commit, and reads what it is given.
func ExamplePipeline_Exec() {
	ctx := context.Background()
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(memory.New(), "lake")}
	for _, text := range []string{
		"CREATE TABLE silver.prices (sku STRING NOT NULL, price DECIMAL(10,2))",
		"INSERT INTO silver.prices VALUES ('a', 1.5), ('b', 2), ('c', 9)",
	} {
		if _, err := pipeline.Exec(ctx, text); err != nil {
			log.Fatal(err)
		}
	}
	type price struct {
		SKU   string          `delta:"sku"`
		Price *schema.Decimal `delta:"price,decimal(10,2)"`
	}
	changes := dataset.SQL[price]("SELECT * FROM VALUES ('b', 2.5), ('d', 4.0) AS v(sku, price)")
	rows, err := pipeline.Exec(ctx, `
		MERGE INTO silver.prices AS t USING changes AS s ON t.sku = s.sku
		WHEN MATCHED THEN UPDATE SET *
		WHEN NOT MATCHED AND s.price < :most THEN INSERT *
		WHEN NOT MATCHED BY SOURCE AND t.price > :most THEN DELETE`,
		dataset.In("changes", changes), dataset.Arg("most", 5))
	if err != nil {
		log.Fatal(err)
	}
	left, err := medallion.Collect(ctx, &pipeline, medallion.Existing[price]("silver.prices"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(rows, "changed,", len(left), "there")
	// Output: 3 changed, 3 there
}
