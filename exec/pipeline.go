package exec

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// ErrEnough is what a Push returns to say that no further rows are wanted. Run then stops reading and succeeds.
var ErrEnough = errors.New("exec: enough rows")

// Tailed is a Step that has more rows once its whole input went through: a join's rows without a partner, or what it had to spill. Run sends them
// through the steps that follow. A nil Source is none.
type Tailed interface {
	Tail(ctx context.Context) (Source, error)
}

// PanicError is a panic in a worker. It is a fault of the program or of a user's function, reported as an error so that the run ends in order.
type PanicError struct {
	Value any
	Stack []byte
}

// Error prints the panic. Where it happened is in Stack.
func (e *PanicError) Error() string {
	return fmt.Sprintf("exec: panic: %v (a fault of this program or of a user's function: the error's Stack says where)", e.Value)
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

// each runs f(0) … f(n-1) at the same time and waits for all. The first error cancels the others' context, with itself as the cause, and is returned.
func each(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	if n == 1 {
		return guard(func() error { return f(ctx, 0) })
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	var once sync.Once
	var first error
	for i := range n {
		wg.Go(func() {
			if err := guard(func() error { return f(ctx, i) }); err != nil {
				once.Do(func() { first = err })
				cancel(err)
			}
		})
	}
	wg.Wait()
	return first
}

// spread runs f(0) … f(n-1) on as many workers as there are, each index once.
func spread(ctx context.Context, workers, n int, f func(ctx context.Context, i int) error) error {
	var cursor atomic.Int64
	return each(ctx, min(workers, n), func(ctx context.Context, _ int) error {
		for i := int(cursor.Add(1)) - 1; i < n; i = int(cursor.Add(1)) - 1 {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			if err := f(ctx, i); err != nil {
				return err
			}
		}
		return nil
	})
}

// guard turns a panic of f into an error.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return f()
}
