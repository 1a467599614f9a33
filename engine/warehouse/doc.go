// Package warehouse is the engine that runs plans as SQL on a Databricks SQL warehouse, for tables whose input is too large for one process. It renders the
// same plan that engine/local runs, so that rows, counts and guarantees are the same; the two meet in the lake's Delta tables, which hold each flow's progress.
package warehouse
