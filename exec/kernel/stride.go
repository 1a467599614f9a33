package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// stride is how many rows a loop handles at once: its operands stay in the first-level cache.
const stride = 1024

// operand hands out an argument a stride at a time as a slice without gaps: the array's own memory, a repeated constant, or selected values gathered.
type operand[T any] struct {
	values[T]
	sel     []int32
	scratch []T
}

func operandOf[T arrow.FixedWidthType](k *frame, v vec) operand[T] {
	o := operand[T]{values: valuesOf[T](v), sel: k.strideRows()}
	switch {
	case v.one:
		o.scratch = make([]T, stride)
		for i := range o.scratch {
			o.scratch[i] = o.v[0]
		}
	case o.sel != nil:
		o.scratch = make([]T, stride)
	}
	return o
}

// strideRows is the selection where it is so sparse that gathering the rows pays.
func (k *frame) strideRows() []int32 {
	if k.dense() {
		return nil
	}
	return k.sel
}

// at is the m values from the i-th row to compute on.
func (o *operand[T]) at(i, m int) []T {
	switch {
	case o.mask == 0:
		return o.scratch[:m]
	case o.sel == nil:
		return o.v[i : i+m]
	}
	for j, row := range o.sel[i : i+m] {
		o.scratch[j] = o.v[row]
	}
	return o.scratch[:m]
}

// eachStride runs loop over the rows to compute, and where nothing is lost by it over the others too; loop fills out from positions i to i+m of the
// operands.
func eachStride[R arrow.FixedWidthType](k *frame, out []R, loop func(out []R, i, m int)) {
	sel := k.strideRows()
	if sel == nil {
		for i := 0; i < k.n; i += stride {
			m := min(stride, k.n-i)
			loop(out[i:i+m], i, m)
		}
		return
	}
	scratch := make([]R, stride)
	for i := 0; i < len(sel); i += stride {
		m := min(stride, len(sel)-i)
		loop(scratch[:m], i, m)
		for j, row := range sel[i : i+m] {
			out[row] = scratch[j]
		}
	}
}

// single computes a fixed-width result from one argument by a loop over strides, which may run over rows that are NULL or not selected.
func single[A, R arrow.FixedWidthType](k *frame, v vec, loop func(out []R, a []A)) vec {
	buf, out := newValues[R](k)
	a := operandOf[A](k, v)
	eachStride(k, out, func(out []R, i, m int) { loop(out, a.at(i, m)) })
	return k.fixed(buf)
}

// paired computes a fixed-width result from two arguments likewise; the values are not yet in an array, so that rows can still be checked.
func paired[A, B, R arrow.FixedWidthType](k *frame, args []vec, loop func(out []R, a []A, b []B)) (*memory.Buffer, []R) {
	buf, out := newValues[R](k)
	a, b := operandOf[A](k, args[0]), operandOf[B](k, args[1])
	eachStride(k, out, func(out []R, i, m int) { loop(out, a.at(i, m), b.at(i, m)) })
	return buf, out
}
