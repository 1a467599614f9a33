// Package medallion turns raw files, change feeds and streams into trustworthy Delta Lake tables, through bronze, silver and gold stages.
//
// # Declaring tables
//
// A table is a Go value, Table[R], whose rows are the struct R. Its Delta schema is R's. Tables are declared once, by the package that says what they mean:
//
//	raw := bronze.Ingest[RawOrder]("bronze.orders", files.New("landing/orders/*.json"))
//
//	checked := quality.Check(
//		dataset.SQL[Order](`SELECT order_id, upper(country) AS country, try_cast(amount AS DECIMAL(18,2)) AS amount, ordered_at FROM raw`,
//			dataset.In("raw", raw)),
//		quality.Drop("has_key", "order_id IS NOT NULL"),
//		quality.Quarantine("positive_amount", "amount > 0"))
//
//	orders := silver.Table("silver.orders", dataset.Latest(checked, "order_id", "ordered_at"))
//
//	revenue := gold.Table("gold.revenue", dataset.SQL[Revenue](
//		`SELECT country, sum(amount) AS revenue, count(*) AS orders FROM orders GROUP BY country`, dataset.In("orders", orders)))
//
// Declaring does no I/O and cannot fail. Relations are wired as Go values, so the graph has no dangling names and no cycles, and a stage of the wrong row
// type does not compile.
//
// # Running them
//
// A Pipeline says where the tables lie and which engines may run them:
//
//	lake, err := medallion.LocalLake("lake")
//	pipeline := medallion.Pipeline{Lake: lake}
//	report, err := pipeline.Run(ctx, revenue) // runs bronze.orders, silver.orders, gold.revenue
//
// Run works off what there is and returns. Validate, Explain and Run check everything before any table is touched, and name the file and line of each
// faulty declaration.
//
// # What is promised
//
// Every input row counts exactly once in a bronze table: which files were read is decided by the very commit that holds their rows, whichever engine makes
// it. A silver or gold table equals its query. Rules are counted in the commit of the rows they were checked on. A killed process, a second runner or a
// lost response changes none of this. docs/semantics.md has the details, docs/design.md the reasons.
//
// # Where things are
//
// bronze, silver and gold declare tables; dataset and quality what goes into them; source/files reads raw files and sink/files delivers rows; delta is the
// table format, useful on its own; engine/local runs plans in this process, engine/warehouse as SQL on a Databricks SQL warehouse. medalliontest tests stages in
// memory.
package medallion
