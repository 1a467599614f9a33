package delta

import "slices"

// The operations that have metrics with names, or conflicts, of their own.
const (
	opDelete   = "DELETE"
	opUpdate   = "UPDATE"
	opMerge    = "MERGE"
	opOptimize = "OPTIMIZE"
	opReorg    = "REORG"
	opRestore  = "RESTORE"
)

// countAdded counts a file that was written, under the names that Spark has for the operation.
func (tx *Transaction) countAdded(rows, bytes int64) {
	switch tx.op.Name {
	case opDelete, opUpdate, opOptimize, opReorg:
		tx.AddMetric("numAddedFiles", 1)
		tx.AddMetric("numAddedBytes", bytes)
	case opMerge:
		tx.AddMetric("numTargetFilesAdded", 1)
		tx.AddMetric("numTargetBytesAdded", bytes)
		tx.AddMetric("numOutputRows", rows)
	default:
		tx.AddMetric("numFiles", 1)
		tx.AddMetric("numOutputRows", rows)
		tx.AddMetric("numOutputBytes", bytes)
	}
}

// countChangeFile counts a change file that was written.
func (tx *Transaction) countChangeFile() {
	if tx.op.Name == opMerge {
		tx.AddMetric("numTargetChangeFilesAdded", 1)
		return
	}
	tx.AddMetric("numAddedChangeFiles", 1)
}

// removeFiles removes files and counts them.
func (tx *Transaction) removeFiles(files []*File) {
	tx.Remove(files...)
	bytes := sizeOf(files)
	if tx.op.Name == opMerge {
		tx.AddMetric("numTargetFilesRemoved", int64(len(files)))
		tx.AddMetric("numTargetBytesRemoved", bytes)
		return
	}
	tx.AddMetric("numRemovedFiles", int64(len(files)))
	tx.AddMetric("numRemovedBytes", bytes)
}

// marking is files of which rows are deleted by deletion vectors.
type marking struct {
	emptied []*File // that are gone, as all their rows are deleted, by the vectors of others perhaps
	grown   []*File // with a vector in place of what they have here
}

// markingOf is the marking of one file.
func markingOf(f *File, gone bool) marking {
	if gone {
		return marking{emptied: []*File{f}}
	}
	return marking{grown: []*File{f}}
}

// metrics counts the files that are gone, and the vectors. Spark counts for an UPDATE each file with rows that it marks, and the bytes of none.
func (m marking) metrics(operation string) map[string]int64 {
	counts := m.vectorMetrics(operation)
	switch operation {
	case opMerge:
		counts["numTargetFilesRemoved"], counts["numTargetBytesRemoved"] = int64(len(m.emptied)), sizeOf(m.emptied)
	case opUpdate:
		counts["numRemovedFiles"], counts["numRemovedBytes"] = int64(len(m.emptied)+len(m.grown)), 0
	default:
		counts["numRemovedFiles"], counts["numRemovedBytes"] = int64(len(m.emptied)), 0
	}
	return counts
}

// vectorMetrics counts the deletion vectors that are written, and those that are gone with their files or with their like.
func (m marking) vectorMetrics(operation string) map[string]int64 {
	prefix := "numDeletionVectors"
	if operation == opMerge {
		prefix = "numTargetDeletionVectors"
	}
	updated := withVectors(m.grown)
	return map[string]int64{prefix + "Added": int64(len(m.grown)), prefix + "Updated": updated, prefix + "Removed": updated + withVectors(m.emptied)}
}

// count adds to several metrics at once.
func (tx *Transaction) count(metrics map[string]int64) {
	for name, n := range metrics {
		tx.AddMetric(name, n)
	}
}

// countRows counts the rows that a DELETE or an UPDATE is about, and those that it writes again as they are.
func (tx *Transaction) countRows(rows, copied int64) {
	counted := "numDeletedRows"
	if tx.op.Name == opUpdate {
		counted = "numUpdatedRows"
	}
	tx.AddMetric(counted, rows)
	tx.AddMetric("numCopiedRows", copied)
	for _, name := range []string{
		"numAddedFiles", "numRemovedFiles", "numAddedBytes", "numRemovedBytes", "numAddedChangeFiles", "numDeletionVectorsAdded", "numDeletionVectorsUpdated", "numDeletionVectorsRemoved",
	} {
		tx.AddMetric(name, 0) // those that are nothing are in the history, too
	}
}

// withVectors is how many of the files have deletion vectors.
func withVectors(files []*File) (n int64) {
	for _, f := range files {
		if f.vector() != nil {
			n++
		}
	}
	return n
}

// countRearranged tells how large the files are that an OPTIMIZE wrote, and which deletion vectors it did away with.
func (tx *Transaction) countRearranged() {
	for _, f := range tx.removes {
		if v := f.vector(); v != nil {
			tx.AddMetric("numDeletionVectorsRemoved", 1)
			tx.AddMetric("numDeletionVectorRowsRemoved", v.cardinality)
			tx.AddMetric("numDeletionVectorBytesRemoved", v.sizeInBytes)
		}
	}
	tx.AddMetric("numDeletionVectorsRemoved", 0)
	var sizes []int64
	for _, f := range tx.adds {
		sizes = append(sizes, f.Size)
	}
	if len(sizes) == 0 {
		return
	}
	slices.Sort(sizes)
	for name, at := range map[string]int{
		"minFileSize": 0, "p25FileSize": len(sizes) / 4, "p50FileSize": len(sizes) / 2, "p75FileSize": len(sizes) * 3 / 4, "maxFileSize": len(sizes) - 1,
	} {
		tx.AddMetric(name, sizes[at])
	}
}
