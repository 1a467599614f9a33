package exec

import "context"

// SinkFunc makes a Sink of a function. Several workers call it at the same time, unless the source is ordered; the batch is borrowed.
type SinkFunc func(ctx context.Context, b *Batch) error

var _ Sink = SinkFunc(nil)

// Worker returns the function itself.
func (f SinkFunc) Worker() (SinkWorker, error) { return sinkFuncWorker(f), nil }

// Finish does nothing.
func (f SinkFunc) Finish(context.Context) error { return nil }

// Close does nothing.
func (f SinkFunc) Close() error { return nil }

type sinkFuncWorker SinkFunc

func (f sinkFuncWorker) Push(ctx context.Context, b *Batch) error { return f(ctx, b) }

func (f sinkFuncWorker) Close(context.Context) error { return nil }
