package delta

import (
	"maps"
	"slices"
	"strings"

	"github.com/medallion-go/medallion/schema"
)

// rowTrackingDomain holds the highest row ID that has been given away.
const rowTrackingDomain = "delta.rowTracking"

// protocolConflict says why a transaction cannot be put after a change of protocol, empty where it can: then it takes the new protocol over. What features that
// were added ask for is asked for by properties, whose change conflicts by itself, or is done by every attempt anew; clustering alone is neither.
func (k *conflicts) protocolConflict(w *actions, before *Snapshot) string {
	switch {
	case w.protocol == nil:
		return ""
	case k.commit.protocol != nil:
		return "the protocol, which both change"
	case dropsFeatures(before.protocol, w.protocol):
		return "features that were dropped"
	case w.protocol.supports("clustering") && !before.protocol.supports("clustering") && len(k.commit.tx.adds) > 0:
		return "the feature clustering, which files must have statistics for"
	default:
		return ""
	}
}

// dropsFeatures reports whether the new protocol no longer asks for something that the old one did.
func dropsFeatures(before, after *Protocol) bool {
	missing := func(have []string) func(string) bool {
		return func(f string) bool { return !slices.Contains(have, f) }
	}
	return slices.ContainsFunc(before.ReaderFeatures, missing(after.ReaderFeatures)) || slices.ContainsFunc(before.listed(), missing(after.listed())) ||
		after.MinReaderVersion < before.MinReaderVersion || after.MinWriterVersion < before.MinWriterVersion
}

// harmless are the properties whose change concerns no commit that is under way: they say how long things are kept, when checkpoints are written, and how new
// files are to look.
var harmless = []string{
	"delta.logRetentionDuration", "delta.deletedFileRetentionDuration", "delta.setTransactionRetentionDuration", "delta.enableExpiredLogCleanup",
	"delta.checkpointInterval", "delta.checkpointPolicy", "delta.checkpoint.writeStatsAsJson", "delta.checkpoint.writeStatsAsStruct",
	"delta.targetFileSize", "delta.tuneFileSizesForRewrites", "delta.parquet.compression.codec", "delta.autoOptimize", "delta.autoOptimize.autoCompact",
	"delta.autoOptimize.optimizeWrite",
}

// enabling are the properties that a transaction under way can do justice to where they are set to true: each attempt does it anew, or, of deletion vectors, need
// not.
var enabling = []string{"delta.enableInCommitTimestamps", "delta.enableRowTracking", "delta.enableDeletionVectors"}

// told are the properties that come with those.
var told = []string{
	"delta.inCommitTimestampEnablementVersion", "delta.inCommitTimestampEnablementTimestamp",
	"delta.rowTracking.materializedRowIdColumnName", "delta.rowTracking.materializedRowCommitVersionColumnName",
}

// metadataConflict says why a transaction cannot be put after a change of metadata, empty where it can.
func (k *conflicts) metadataConflict(w *Metadata, before *Snapshot) string {
	now := before.metadata.Metadata
	switch {
	case k.commit.tx.metadata != nil:
		return "the metadata, which both change"
	case w.ID != now.ID:
		return "the table's ID"
	case !slices.Equal(w.PartitionColumns, now.PartitionColumns):
		return "the partition columns"
	case w.SchemaString != now.SchemaString && !sameButHighWaterMarks(w.SchemaString, now.SchemaString):
		return "the schema"
	}
	for key, value := range changedProperties(now.Configuration, w.Configuration) {
		on := strings.EqualFold(value, "true")
		if !slices.Contains(harmless, key) && !slices.Contains(told, key) && (!on || !slices.Contains(enabling, key)) {
			return "the property " + key
		}
	}
	for key := range now.Configuration {
		if _, kept := w.Configuration[key]; !kept && !slices.Contains(harmless, key) {
			return "the property " + key
		}
	}
	return ""
}

// sameButHighWaterMarks compares two schemas but for how far their identity columns have got. Two commits that each write such a column change the metadata
// both; one that does not is not concerned.
func sameButHighWaterMarks(a, b string) bool {
	x, err1 := schema.UnmarshalDelta(a)
	y, err2 := schema.UnmarshalDelta(b)
	if err1 != nil || err2 != nil || x.NumFields() != y.NumFields() {
		return false
	}
	for i := range x.NumFields() {
		f, g := x.Field(i), y.Field(i)
		p, q := f.Metadata.ToMap(), g.Metadata.ToMap()
		delete(p, identityHighKey)
		delete(q, identityHighKey)
		f.Metadata = g.Metadata
		if !maps.Equal(p, q) || !f.Equal(g) {
			return false
		}
	}
	return true
}
