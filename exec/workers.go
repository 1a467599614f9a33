package exec

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

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

// PanicError is a panic in a worker. It is a fault of the program or of a user's function, reported as an error so that the run ends in order.
type PanicError struct {
	Value any
	Stack []byte
}

// Error prints the panic. Where it happened is in Stack.
func (e *PanicError) Error() string {
	return fmt.Sprintf("exec: panic: %v (a fault of this program or of a user's function: the error's Stack says where)", e.Value)
}
