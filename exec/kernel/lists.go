package kernel

import (
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// listOut collects offsets of an ARRAY or MAP result, whose rows come in ascending order; rows left out are empty.
type listOut struct {
	k       *frame
	buf     *memory.Buffer
	offsets []int32
	next    int
}

func (k *frame) newList() *listOut {
	l := &listOut{k: k, buf: k.buffer(4 * (k.n + 1))}
	l.offsets = arrow.GetData[int32](l.buf.Bytes())
	return l
}

// row starts row i where the elements so far end.
func (l *listOut) row(i, elements int) {
	for ; l.next <= i; l.next++ {
		l.offsets[l.next] = int32(elements)
	}
}

// done is the result over its elements, whose type is that of the call's type.
func (l *listOut) done(elements arrow.Array) (vec, error) {
	if elements.Len() > math.MaxInt32 {
		return vec{}, fmt.Errorf("kernel: %s: the arrays of one batch have more than 2³¹ elements", l.k.call.name)
	}
	l.row(l.k.n, elements.Len())
	return vec{arr: l.k.newArray(l.k.call.typ, l.k.n, l.k.valid.buf, []*memory.Buffer{l.buf}, elements)}, nil
}

// textLists makes an ARRAY<STRING> whose elements f adds row by row.
func (k *frame) textLists(f func(i int, add func([]byte)) error) (vec, error) {
	l := k.newList()
	b := array.NewStringBuilder(k.env.Alloc)
	k.own(b)
	for i := range k.rows() {
		l.row(i, b.Len())
		if err := f(i, func(s []byte) { b.BinaryBuilder.Append(s) }); err != nil {
			return vec{}, err
		}
	}
	elements := b.NewArray()
	k.own(elements)
	return l.done(elements)
}
