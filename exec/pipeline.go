package exec

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
)

// Pipeline is a source and the steps that its batches go through.
type Pipeline struct {
	Source Source
	Steps  []Step
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

// ErrEnough is what a Push returns to say that no further rows are wanted. Run then stops reading and succeeds.
var ErrEnough = errors.New("exec: enough rows")

// Tailed is a Step that has more rows once its whole input went through: a join's rows without a partner, or what it had to spill. Run sends them
// through the steps that follow. A nil Source is none.
type Tailed interface {
	Tail(ctx context.Context) (Source, error)
}

// Run drives the pipeline's rows into sink and finishes sink. On return every goroutine has ended. The caller closes sink, also after an error.
func (p Pipeline) Run(ctx context.Context, env *Env, sink Sink) error { return Run(ctx, env, sink, p) }

// Run drives several pipelines, one after the other, into one sink (UNION ALL), then finishes it. Within a pipeline env.Workers workers take the
// source's morsels in turn; an ordered source is read by one. The first error stops the other workers and is returned. A step may stand in several of
// the pipelines, with the same steps behind it; its tail is read once, after all of them. ErrEnough of a step ends its pipeline, of the sink all.
func Run(ctx context.Context, env *Env, sink Sink, pipelines ...Pipeline) error {
	err := driveAll(ctx, env.withDefaults(), sink, pipelines)
	if err != nil && !errors.Is(err, errFull) {
		return err
	}
	return guard(func() error { return sink.Finish(ctx) })
}

// errFull is the sink's ErrEnough, told apart from a step's.
var errFull = fmt.Errorf("exec: the sink has %w", ErrEnough)

// driveAll drives the sources, then the tails of the pipelines that did not have enough.
func driveAll(ctx context.Context, env *Env, sink Sink, pipelines []Pipeline) error {
	var open []Pipeline
	for _, p := range pipelines {
		enough, err := p.drive(ctx, env, sink)
		if err != nil {
			return err
		}
		if !enough {
			open = append(open, p)
		}
	}
	return tails(ctx, env, sink, open)
}

// tails drives what the steps have left. A step's turn comes when no earlier step of any pipeline that it stands in is left.
func tails(ctx context.Context, env *Env, sink Sink, pipelines []Pipeline) error {
	done := map[Tailed]bool{}
	for {
		step, rest := nextTail(pipelines, done)
		if step == nil {
			return nil
		}
		done[step] = true
		var src Source
		err := guard(func() (err error) {
			src, err = step.Tail(ctx)
			return err
		})
		if err != nil {
			return err
		}
		if src == nil {
			continue
		}
		if _, err := (Pipeline{Source: src, Steps: rest}).drive(ctx, env, sink); err != nil {
			return err
		}
	}
}

// nextTail finds a step whose turn it is, and the steps behind it.
func nextTail(pipelines []Pipeline, done map[Tailed]bool) (Tailed, []Step) {
	blocked := map[Tailed]bool{}
	for _, p := range pipelines {
		first := true
		for _, s := range p.Steps {
			t, ok := s.(Tailed)
			if !ok || done[t] {
				continue
			}
			blocked[t] = blocked[t] || !first
			first = false
		}
	}
	for _, p := range pipelines {
		for i, s := range p.Steps {
			if t, ok := s.(Tailed); ok && !done[t] && !blocked[t] {
				return t, p.Steps[i+1:]
			}
		}
	}
	return nil, nil
}

// drive reads the source to its end, or until a step had enough.
func (p Pipeline) drive(ctx context.Context, env *Env, sink Sink) (enough bool, err error) {
	var morsels []Morsel
	err = guard(func() (err error) {
		morsels, err = p.Source.Morsels(ctx)
		return err
	})
	if err != nil {
		return false, err
	}
	workers := min(env.Workers, len(morsels))
	if p.Source.Ordered() {
		workers = min(1, len(morsels))
	}
	var cursor atomic.Int64
	err = each(ctx, workers, func(ctx context.Context, _ int) error {
		return p.work(ctx, sink, func() Morsel {
			if i := cursor.Add(1) - 1; int(i) < len(morsels) {
				return morsels[i]
			}
			return nil
		})
	})
	if errors.Is(err, ErrEnough) && !errors.Is(err, errFull) {
		return true, nil
	}
	return false, err
}

// work is one worker: it pushes the batches of the morsels that next gives through its own part of every step into its own part of the sink.
func (p Pipeline) work(ctx context.Context, sink Sink, next func() Morsel) (err error) {
	end, err := sink.Worker()
	if err != nil {
		return err
	}
	steps := make([]StepWorker, 0, len(p.Steps))
	// Workers are closed also after a failure: they give back what they hold, the sink's by handing it over for Sink.Close.
	defer func() {
		closed := end.Close(context.WithoutCancel(ctx))
		for _, s := range steps {
			closed = errors.Join(closed, s.Close())
		}
		if closed != nil && (err == nil || errors.Is(err, ErrEnough)) {
			err = closed
		}
	}()
	for _, s := range p.Steps {
		w, err := s.Worker()
		if err != nil {
			return err
		}
		steps = append(steps, w)
	}
	push := chain(ctx, steps, end)
	for m := next(); m != nil; m = next() {
		if err := guard(func() error { return m(ctx, push) }); err != nil {
			return err
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
	}
	return nil
}

// chain makes one function of all steps and the sink. It is built once per worker, so that a batch costs no allocation on its way.
func chain(ctx context.Context, steps []StepWorker, end SinkWorker) func(*Batch) error {
	push := func(b *Batch) error {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if b.Len() == 0 {
			return nil
		}
		err := end.Push(ctx, b)
		if errors.Is(err, ErrEnough) {
			return errFull
		}
		return err
	}
	for i := len(steps) - 1; i >= 0; i-- {
		next, s := push, steps[i]
		push = func(b *Batch) error { return s.Push(ctx, b, next) }
	}
	return push
}
