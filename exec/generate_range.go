package exec

import (
	"context"
	"fmt"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// series counts from start to end by step. A NULL bound gives nothing.
func (w *generateWorker) series(ctx context.Context, args []arrow.Array, b *Batch) error {
	var bounds [3]*array.Int64
	for i, a := range args {
		column, ok := a.(*array.Int64)
		if !ok {
			return fmt.Errorf("exec: range over %s", a.DataType())
		}
		bounds[i] = column
	}
	return eachRow(b, func(row int32) error {
		at := int(row)
		if bounds[0].IsNull(at) || bounds[1].IsNull(at) || bounds[2].IsNull(at) {
			return nil
		}
		next, step := bounds[0].Value(at), bounds[2].Value(at)
		for left := steps(next, bounds[1].Value(at), step); left > 0; {
			n := min(left, uint64(MaxRows-len(w.parent)))
			for range n {
				w.parent, w.number = append(w.parent, row), append(w.number, next)
				next += step
			}
			left -= n
			if err := w.flushFull(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// steps is how many numbers there are from start up or down to, but not including, end.
func steps(start, end, step int64) uint64 {
	var distance, stride uint64
	switch {
	case step > 0 && start < end:
		distance, stride = uint64(end)-uint64(start), uint64(step)
	case step < 0 && start > end:
		distance, stride = uint64(start)-uint64(end), -uint64(step)
	default:
		return 0
	}
	n, rest := bits.Div64(0, distance, stride)
	if rest > 0 {
		n++
	}
	return n
}

func wholeNumbers(env *Env, numbers []int64) arrow.Array {
	b := array.NewInt64Builder(env.Alloc)
	defer b.Release()
	b.AppendValues(numbers, nil)
	return b.NewArray()
}
