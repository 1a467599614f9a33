package kernel

import (
	"errors"
	"iter"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// frame is what a kernel works with: the rows to compute and the memory for its result.
type frame struct {
	*scope
	call  *call
	n     int     // length of the result
	sel   []int32 // rows to compute; nil: all n
	valid validity
}

// validity tells which rows of a result have a value. With no buffer all have.
type validity struct {
	buf    *memory.Buffer
	shared bool // buf belongs to an argument and is copied before it is changed
}

func (v validity) bitmap() bitmap {
	if v.buf == nil {
		return bitmap{}
	}
	return bitmap{bits: v.buf.Bytes()}
}

// present is where no argument is NULL.
func (k *frame) present(args []vec) validity {
	var v validity
	for _, a := range args {
		if a.one || a.arr.NullN() == 0 {
			continue
		}
		v = k.and(v, a.nulls(), a.arr.Data().Buffers()[0])
	}
	return v
}

// and narrows v to the rows of m, whose buffer is buf.
func (k *frame) and(v validity, m bitmap, buf *memory.Buffer) validity {
	if v.buf == nil && m.off == 0 {
		return validity{buf: buf, shared: true}
	}
	out := k.buffer(bitmapSize(k.n))
	if v.buf == nil {
		bitutil.CopyBitmap(m.bits, m.off, k.n, out.Bytes(), 0)
		return validity{buf: out}
	}
	b, old := out.Bytes(), v.bitmap()
	for i := 0; i < k.n; i += 64 {
		store(b, i, old.word(i, k.n)&m.word(i, k.n))
	}
	return validity{buf: out}
}

// setNull makes row i of the result NULL.
func (k *frame) setNull(i int) {
	if k.valid.buf == nil || k.valid.shared {
		out := k.buffer(bitmapSize(k.n))
		b, old := out.Bytes(), k.valid.bitmap()
		for j := 0; j < k.n; j += 64 {
			store(b, j, old.word(j, k.n))
		}
		k.valid = validity{buf: out}
	}
	k.valid.buf.Bytes()[i>>3] &^= 1 << (i & 7)
}

// rows are the positions to compute: selected and not NULL, ascending.
func (k *frame) rows() iter.Seq[int] {
	valid := k.valid.bitmap()
	switch {
	case k.sel != nil && valid.all():
		return func(yield func(int) bool) {
			for _, i := range k.sel {
				if !yield(int(i)) {
					return
				}
			}
		}
	case k.sel != nil:
		return func(yield func(int) bool) {
			for _, i := range k.sel {
				if valid.get(int(i)) && !yield(int(i)) {
					return
				}
			}
		}
	case valid.all():
		return func(yield func(int) bool) {
			for i := range k.n {
				if !yield(i) {
					return
				}
			}
		}
	default:
		return func(yield func(int) bool) { eachBit(valid, k.n, yield) }
	}
}

// eachBit yields the positions of the ones among the first n bits.
func eachBit(m bitmap, n int, yield func(int) bool) {
	for i := 0; i < n; i += 64 {
		for w := m.word(i, n); w != 0; w &= w - 1 {
			if !yield(i + bits.TrailingZeros64(w)) {
				return
			}
		}
	}
}

// every tells that all rows are to be computed.
func (k *frame) every() bool { return k.sel == nil && k.valid.buf == nil }

// dense tells that so many of the rows are selected that a loop over all of them is the faster one.
func (k *frame) dense() bool { return k.sel == nil || len(k.sel)*4 >= k.n*3 }

// nothing is NULL for every row.
func (k *frame) nothing() vec { return vec{arr: k.nullArray(k.call.typ, 1), one: true} }

// newValues allocates the values of a fixed-width result.
func newValues[T arrow.FixedWidthType](k *frame) (*memory.Buffer, []T) {
	var zero T
	b := k.buffer(k.n * len(arrow.GetBytes([]T{zero})))
	return b, arrow.GetData[T](b.Bytes())
}

// fixed is the result over a values buffer: the values of a fixed-width type or the bits of a BOOLEAN.
func (k *frame) fixed(buf *memory.Buffer) vec {
	return vec{arr: k.newArray(k.call.typ, k.n, k.valid.buf, []*memory.Buffer{buf})}
}

// test makes a BOOLEAN result out of a test of each row.
func (k *frame) test(f func(i int) bool) vec {
	buf := k.zeroed(bitmapSize(k.n))
	b := buf.Bytes()
	for i := range k.rows() {
		if f(i) {
			b[i>>3] |= 1 << (i & 7)
		}
	}
	return k.fixed(buf)
}

// mapped computes a fixed-width result row by row.
func mapped[R arrow.FixedWidthType](k *frame, f func(i int) R) vec {
	buf, out := newValues[R](k)
	if k.every() {
		for i := range out {
			out[i] = f(i)
		}
		return k.fixed(buf)
	}
	for i := range k.rows() {
		out[i] = f(i)
	}
	return k.fixed(buf)
}

// tried computes a fixed-width result row by row; where f gives an error, evaluation fails, or the row is NULL with try or for errNull.
func tried[R arrow.FixedWidthType](k *frame, try bool, f func(i int) (R, error)) (vec, error) {
	buf, out := newValues[R](k)
	next := 0
	if k.every() { // most batches have no NULLs and no failing rows
		for ; next < k.n; next++ {
			v, err := f(next)
			if err != nil {
				break
			}
			out[next] = v
		}
	}
	for i := range k.rows() {
		if i < next {
			continue
		}
		v, err := f(i)
		if err == nil {
			out[i] = v
			continue
		}
		if !try && !errors.Is(err, errNull) {
			return vec{}, err
		}
		k.setNull(i)
	}
	return k.fixed(buf), nil
}
