// Package databricks is the connection to a Databricks SQL warehouse: a warehouse.Server over databricks-sql-go. Results come as Arrow batches, decoded from
// the driver's IPC streams, and never through the driver's own row or Arrow types.
package databricks
