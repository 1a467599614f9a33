// Package source is the port of everything that bronze ingests from. A Source knows how to say what is new since an Offset and how to read it, as
// Arrow record batches, in any order and in parallel. It holds no state of its own: what was read is decided by the Delta commit that holds the rows.
package source

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/expr"
)

// Offset is how far a flow has read. Only the source that made it understands it; the zero value is the beginning. It is JSON, so that the batch
// files under _medallion/flows can be read by people.
type Offset = json.RawMessage

// ErrGone says that a source no longer holds a batch as it was planned, and never will again: a file of it was taken away, or replaced.
var ErrGone = errors.New("source: the batch is no longer there as it was planned")

// Limits bounds one batch. A zero field does not bound it.
type Limits struct {
	Files int   // Auto Loader's maxFilesPerTrigger
	Bytes int64 // Auto Loader's maxBytesPerTrigger: a soft bound, at least one file is taken
}

// Source is where rows come from. Implementations are safe for concurrent use.
type Source interface {
	// Name says what is read, for reports and errors: a glob, a topic.
	Name() string
	// Schema is the schema of every batch that its splits yield.
	Schema(ctx context.Context) (*arrow.Schema, error)
	// Plan lists what is new after the offset, within the limits, and the offset that covers it. No splits means that nothing is new.
	// The batch is described completely by (after, until): Replan gives the same splits again.
	Plan(ctx context.Context, after Offset, limits Limits) (Batch, error)
	// Replan rebuilds a batch that an earlier Plan described and that may have been interrupted. It fails with ErrGone when the source no longer holds it;
	// an engine then gives the batch up, none of whose rows it has committed, and plans from the last one that was done.
	Replan(ctx context.Context, until Offset, work json.RawMessage) (Batch, error)
}

// Batch is one step of a flow.
type Batch struct {
	Until  Offset          // covers everything up to and including this batch
	Work   json.RawMessage // describes this batch alone (its files, its ranges), for Replan
	Splits []Split         // pieces that can be read on their own, in any order
	Bytes  int64           // input bytes, an estimate where the source cannot know
	Files  int64           // files, objects or partitions that the splits are pieces of
}

// Split is one piece of a batch: a file, a row group, a byte range of a text file.
type Split interface {
	// Read yields the rows as batches with the source's schema, but that a STRING or BINARY column may come as a dictionary of that type. A batch is borrowed
	// until yield returns; Retain to keep it. columns names the top-level columns that are wanted (nil: all); the others may be left null. It stops at the
	// first error of yield and returns it.
	Read(ctx context.Context, columns []string, yield func(arrow.RecordBatch) error) (Counts, error)
}

// Counts is what a split saw besides the rows it yielded.
type Counts struct {
	Rows    int64 // rows yielded
	Bytes   int64 // bytes read
	Corrupt int64 // rows whose _corrupt_record is set
	Rescued int64 // rows whose _rescued_data is set

	RowGroups, Pages               int64 // read of Parquet files; pages are those of the columns that a filter reads
	SkippedRowGroups, SkippedPages int64 // that were not read, because statistics rule their rows out
	SkippedBytes                   int64 // of the skipped row groups, in all columns
}

// Hinted is what a Split has besides, when it can make use of what is known of the reading.
type Hinted interface {
	Split
	// With is the same split, read by the hints.
	With(h Hints) Split
}

// Hints is what a reader of splits tells them. A split may follow each of them or not.
type Hints struct {
	Filter  expr.Bound       // rows for which it is not TRUE are not wanted: they may be left out, and are neither read nor counted then; nil: all are wanted
	Columns []string         // the names of the source's columns that Filter is bound over
	Alloc   memory.Allocator // for the batches, where the source has none of its own; new memory may be garbage, and what is released is used again
}

// Typed is what a Source has besides, when it can give its rows with a schema that is asked for: files that say nothing of types, or more than is wanted.
type Typed interface {
	// As is the same source with rows of schema s.
	As(s *arrow.Schema) Source
}

// Limiter is what a Source has besides, when its declaration bounds the batches that are made of it.
type Limiter interface {
	Limits() Limits
}
