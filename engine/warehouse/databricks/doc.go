// Package databricks is the connection to a Databricks SQL warehouse: a warehouse.Server over databricks-sql-go, the vendor's driver. Results come as Arrow
// batches, decoded by arrow-go from the driver's IPC streams; nothing of the driver is in this package's API.
//
// Open validates a Config and does no I/O. Sessions are opened when statements need them, kept for the next statement, and closed by Close:
//
//	w, err := databricks.Open(databricks.Config{
//		Host:     "dbc-a1b2c3d4-e5f6.cloud.databricks.com",
//		HTTPPath: "/sql/1.0/warehouses/1234567890abcdef",
//		Token:    token,
//	})
//	…
//	defer w.Close()
//	at := warehouse.Parameter{Name: "country", Value: "AT"}
//	for order, err := range databricks.Select[Order](ctx, w, "SELECT * FROM main.silver.orders WHERE country = :country", at) {
//
// # What the driver does, and what is done here
//
// The driver speaks the protocol and downloads result files. It takes a result that a failed page cut short for whole, hands on the rows by which result
// files may exceed what was declared, and under database/sql sends a statement again when its session is gone, whether it ran or not. So each session here
// has an HTTP transport of its own, which sends the driver's requests, retries what may be retried, ends them with the statement's context, and reads along
// in the server's replies what was declared: how many rows in which stream, and whether there is more. A result is whole only if that many rows came and the
// server said that there is no more; anything else is an error.
//
// The transport also holds the credentials, so that the driver has none to log, and answers the driver's telemetry and feature-flag requests itself. The
// driver's own logger, which is one per process and writes to standard error, is switched off; this package logs to Config.Logger.
package databricks
