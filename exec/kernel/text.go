package kernel

import (
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// textOut builds a STRING or BINARY result. Rows come in ascending order; those left out are empty.
type textOut struct {
	k       *frame
	offsets []int32
	offBuf  *memory.Buffer
	buf     *memory.Buffer
	data    []byte // written so far; normally within buf
	next    int    // first row whose start is not yet known
}

// newText allocates for about size bytes.
func (k *frame) newText(size int) *textOut {
	t := &textOut{k: k, offBuf: k.buffer(4 * (k.n + 1)), buf: k.buffer(size)}
	t.offsets = arrow.GetData[int32](t.offBuf.Bytes())
	t.data = t.buf.Bytes()[:0:t.buf.Cap()] // the allocator may have given more, which is not in the buffer
	return t
}

// row starts row i; what is appended to data until the next start or the end is its value.
func (t *textOut) row(i int) {
	if cap(t.data) > t.buf.Cap() {
		t.rehome()
	}
	for end := int32(len(t.data)); t.next <= i; t.next++ {
		t.offsets[t.next] = end
	}
}

// rehome brings data back into the allocator's memory after append has moved it.
func (t *textOut) rehome() {
	data := t.data
	t.buf.Resize(2 * len(data))
	t.data = t.buf.Bytes()[:copy(t.buf.Bytes(), data):t.buf.Cap()]
}

// done is the finished result.
func (t *textOut) done() (vec, error) {
	a, err := t.array(t.k.call.typ, t.k.valid.buf)
	return vec{arr: a}, err
}

// array is what was written, as an array of STRING or BINARY.
func (t *textOut) array(typ arrow.DataType, valid *memory.Buffer) (arrow.Array, error) {
	if len(t.data) > math.MaxInt32 {
		return nil, fmt.Errorf("kernel: %s: the values of one batch exceed 2 GiB", t.k.call.name)
	}
	t.row(t.k.n)
	t.buf.ResizeNoShrink(len(t.data))
	return t.k.newArray(typ, t.k.n, valid, []*memory.Buffer{t.offBuf, t.buf}), nil
}

// texted computes a STRING or BINARY result: f appends row i's value to dst.
func (k *frame) texted(size int, f func(dst []byte, i int) []byte) (vec, error) {
	t := k.newText(size)
	if k.every() {
		for i := 0; i < k.n && len(t.data) <= math.MaxInt32; i++ {
			t.row(i)
			t.data = f(t.data, i)
		}
		return t.done()
	}
	for i := range k.rows() {
		t.row(i)
		t.data = f(t.data, i)
		if len(t.data) > math.MaxInt32 {
			break
		}
	}
	return t.done()
}
