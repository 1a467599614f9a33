// Package exec is columnar execution: batches of Arrow arrays with selections, pipelines that workers drive from a source through steps into a sink,
// and the operators that need more than one batch (aggregation, join, sort, window, de-duplication), each within one memory budget and spilling beyond
// it. It knows neither plans nor Delta. exec/kernel evaluates expressions over one batch.
package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
)

// Batch is a set of rows in columns. Inside one worker a batch is borrowed: whoever needs its arrays after the call that handed it over retains them, and
// whoever needs a single text of them copies it, for released memory holds other rows soon.
type Batch struct {
	Columns   []arrow.Array // each of length N; a STRING or BINARY column may be an *array.Dictionary over that type
	Selection []int32       // ascending positions of the rows that count; nil: all N
	N         int
}

// Len is the number of selected rows.
func (b *Batch) Len() int {
	if b.Selection == nil {
		return b.N
	}
	return len(b.Selection)
}

// Morsel is a piece of a source that one worker reads through: a row group, a byte range, a partition of a hash table.
type Morsel func(ctx context.Context, yield func(*Batch) error) error

// Source gives rows. Morsels may be read concurrently, each once.
type Source interface {
	Schema() *arrow.Schema
	// Morsels lists the pieces. When Ordered, the rows' order is the morsels' order and must be kept by reading them one after the other.
	Morsels(ctx context.Context) ([]Morsel, error)
	Ordered() bool
}

// Step turns batches into batches within one worker: a filter, a projection, the probe of a join.
type Step interface {
	Schema() *arrow.Schema
	Worker() (StepWorker, error)
}

// StepWorker is one worker's own part of a Step.
type StepWorker interface {
	Push(ctx context.Context, b *Batch, yield func(*Batch) error) error
	Close() error
}

// Sink takes all batches of a pipeline. Operators that need all their input (aggregate, sort, join build …) are Sinks first and Sources after Finish.
type Sink interface {
	Worker() (SinkWorker, error) // one per worker
	Finish(ctx context.Context) error
	Close() error // frees everything, spill files too; safe after any failure
}

// SinkWorker is one worker's own part of a Sink.
type SinkWorker interface {
	Push(ctx context.Context, b *Batch) error
	Close(ctx context.Context) error // hands its part over to the Sink; called once, before Finish
}

// Pipeline is a source and the steps that its batches go through.
type Pipeline struct {
	Source Source
	Steps  []Step
}
