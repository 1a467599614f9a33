// Package delta reads and writes Delta Lake tables on any storage.Store, without anything else of medallion.
//
// A Table is opened without I/O; a Snapshot is one of its versions, and Scan reads it, skipping files, row groups and pages that a filter rules out:
//
//	table := delta.Open(store, "silver/orders", delta.Config{})
//	snapshot, err := table.Snapshot(ctx)
//	scan, err := snapshot.Scan(delta.ScanConfig{})
//	for batch, err := range scan.Records(ctx) { … }
//
// Create, Append, Overwrite, OverwritePartitions, ReplaceWhere, Delete, Update and Merge change rows; Changes reads what they changed. AddColumns, RenameColumn,
// ChangeColumn, SetProperties, AddConstraint and DropFeature change the table; Optimize, Reorg, Vacuum, Restore, Convert and Repair maintain it. Each is one
// commit. Begin opens a Transaction for everything else. A commit checks the commits that came before it for conflicts, as Spark does, and is put behind those
// that do not matter; others are a *ConflictError. A commit whose answer was lost is found again by its own id.
//
// # Where things are
//
// An operation's own file (rewrite.go, merge.go, optimize.go, alter.go …) fills a Transaction; writer.go and file_writer.go write its data files, vectors.go its
// deletion vectors, commit.go puts it at the end of the log, conflict.go decides whether it may go behind others. log.go, load.go and checkpoint_….go build a
// Snapshot from the log, whose text parser.go and action_parse.go read. scan.go plans to read a Snapshot, scan_choose.go and prune.go say which of its files, and
// scan_file.go reads one. feature.go is the list of the protocol's features, mapping.go the names in files.
//
// What a table needs and this package does not know is refused by the feature's name: *UnsupportedError.
package delta
