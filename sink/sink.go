// Package sink is the port of everything that rows are delivered to, beyond Delta tables. A delivery has an ID; the same ID delivered twice counts
// once, so that a crash between the delivery and the record of it loses and repeats nothing.
package sink

import (
	"context"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"
)

// Delivery is one table version's new rows, or a range of versions'.
type Delivery struct {
	ID     string // unique within the flow: the same ID holds the same rows
	Schema *arrow.Schema
	Rows   iter.Seq2[arrow.RecordBatch, error] // single use; a batch is borrowed until the loop body returns
}

// Sink takes deliveries. Implementations are safe for concurrent use.
type Sink interface {
	Name() string
	// Deliver returns once the rows are durable at the sink. Delivering an ID again has no further effect.
	Deliver(ctx context.Context, d Delivery) error
}
