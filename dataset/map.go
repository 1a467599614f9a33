package dataset

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// Map is a stage in Go, row by row: fn appends to out what becomes of in, nothing for a row that is left out. It is called from several goroutines and in
// no particular order, and it runs only in this process, never on a warehouse. An error ends the refresh and names the row.
func Map[In, Out any](in Rows[In], fn func(ctx context.Context, in In, out []Out) ([]Out, error)) *Dataset[Out] {
	return New[Out](Caller(0), "dataset.Map", func(r *Resolver) (plan.Node, error) {
		n, err := r.Node(in)
		if err != nil {
			return nil, err
		}
		want, err := schema.Of[Out]()
		if err != nil {
			return nil, err
		}
		mapper, err := newMapper(n.Schema(), want, fn)
		if err != nil {
			return nil, err
		}
		return plan.NewMap(n, funcName(fn), mapper.run, want)
	})
}

// MapBatch is a stage in Go, batch by batch: Arrow in, Arrow out with the schema of R. What it is given and what it yields are borrowed until the call
// they are passed to returns. It is called from several goroutines, and runs only in this process.
func MapBatch[R any](in Relation, fn plan.MapFunc) *Dataset[R] {
	return New[R](Caller(0), "dataset.MapBatch", func(r *Resolver) (plan.Node, error) {
		n, err := r.Node(in)
		if err != nil {
			return nil, err
		}
		want, err := schema.Of[R]()
		if err != nil {
			return nil, err
		}
		return plan.NewMap(n, funcName(fn), fn, want)
	})
}

// funcName is how plans name a Go function. It tells two functions apart, and stays the same where lines and folders move: a table is recomputed when the
// name changes, not when the body does.
func funcName(fn any) string {
	name := runtime.FuncForPC(reflect.ValueOf(fn).Pointer()).Name()
	return name[strings.LastIndexByte(name, '/')+1:]
}

// mapper runs a row function over batches, through the codecs of both row types.
type mapper[In, Out any] struct {
	in  *schema.Codec[In]
	out *schema.Codec[Out]
	fn  func(ctx context.Context, in In, out []Out) ([]Out, error)
}

func newMapper[In, Out any](have, want *arrow.Schema, fn func(context.Context, In, []Out) ([]Out, error)) (*mapper[In, Out], error) {
	in, err := schema.NewCodec[In](have)
	if err != nil {
		return nil, err
	}
	out, err := schema.NewCodec[Out](want)
	if err != nil {
		return nil, err
	}
	return &mapper[In, Out]{in: in, out: out, fn: fn}, nil
}

func (m *mapper[In, Out]) run(ctx context.Context, rec arrow.RecordBatch, yield func(arrow.RecordBatch) error) error {
	rows, err := m.in.Decode(rec, nil)
	if err != nil {
		return err
	}
	out := make([]Out, 0, len(rows))
	for i := range rows {
		if out, err = m.fn(ctx, rows[i], out); err != nil {
			return fmt.Errorf("row %d of the batch: %w", i, err)
		}
	}
	res, err := m.out.Encode(memory.DefaultAllocator, out)
	if err != nil {
		return err
	}
	defer res.Release()
	return yield(res)
}
