// Package delta reads and writes Delta Lake tables on any storage.Store, without anything else of medallion.
//
// A Table is opened without I/O; a Snapshot is one of its versions, and Scan reads it, skipping files, row groups and pages that a filter rules out:
//
//	table := delta.Open(store, "silver/orders", delta.Config{})
//	snapshot, err := table.Snapshot(ctx)
//	scan, err := snapshot.Scan(delta.ScanConfig{})
//	for batch, err := range scan.Records(ctx) { … }
//
// Create, Append, Overwrite, OverwritePartitions, ReplaceWhere, Delete, Update and Merge are whole operations, each one commit. Begin opens a Transaction for
// everything else. A commit checks the commits that came before it for conflicts, as Spark does, and is put behind those that do not matter; others are a
// *ConflictError. A commit whose answer was lost is found again by its own id.
//
// What a table needs and this package does not know is refused by the feature's name: *UnsupportedError.
package delta
