package vector

import (
	"errors"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Concat puts arrays of one type one after the other. Dictionaries become one dictionary, or plain values where that is no longer smaller; a mix of
// dictionary and plain columns becomes plain. A single array is returned as it is, retained.
func Concat(alloc memory.Allocator, arrs []arrow.Array) (arrow.Array, error) {
	switch {
	case len(arrs) == 0:
		return nil, errors.New("vector: concat: no arrays")
	case len(arrs) == 1:
		arrs[0].Retain()
		return arrs[0], nil
	case hasDictionary(arrs):
		return concatDictionaries(alloc, arrs)
	}
	return concat(alloc, arrs)
}

// ConcatAll concatenates column by column; every batch has the same columns.
func ConcatAll(alloc memory.Allocator, batches [][]arrow.Array) ([]arrow.Array, error) {
	if len(batches) == 0 {
		return nil, errors.New("vector: concat: no batches")
	}
	out := make([]arrow.Array, 0, len(batches[0]))
	parts := make([]arrow.Array, len(batches))
	for c := range batches[0] {
		for i, b := range batches {
			parts[i] = b[c]
		}
		a, err := Concat(alloc, parts)
		if err != nil {
			release(out)
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

func concat(alloc memory.Allocator, arrs []arrow.Array) (arrow.Array, error) {
	t := arrs[0].DataType()
	total := int64(0)
	for _, a := range arrs {
		if layoutOf(a.DataType()) != layoutOf(t) {
			return nil, errType("concat "+t.String()+" with", a.DataType())
		}
		total += int64(a.Len())
	}
	if total > math.MaxInt32 {
		return nil, errTooLong("concat", total)
	}
	n := int(total)
	switch l := layoutOf(t); l {
	case void:
		return array.NewNull(n), nil
	case bit:
		valid, nulls := concatNulls(alloc, arrs, n)
		return build(t, n, nulls, nil, valid, concatBits(alloc, arrs, n)), nil
	case fixed1, fixed2, fixed4, fixed8, fixed16:
		valid, nulls := concatNulls(alloc, arrs, n)
		return build(t, n, nulls, nil, valid, concatWords(alloc, arrs, n, l.width())), nil
	case varying:
		return concatBytes(alloc, arrs, n)
	case lists:
		return concatLists(alloc, arrs, n)
	case structs:
		return concatStructs(alloc, arrs, n)
	default:
		return nil, errType("concat", t)
	}
}

func concatNulls(alloc memory.Allocator, arrs []arrow.Array, n int) (*memory.Buffer, int) {
	none := true
	for _, a := range arrs {
		none = none && NullsOf(a).None()
	}
	if none {
		return nil, 0
	}
	buf := newBuffer(alloc, int(bitutil.BytesForBits(int64(n))))
	at := 0
	for _, a := range arrs {
		if v := NullsOf(a); v.None() {
			bitutil.SetBitsTo(buf.Bytes(), int64(at), int64(a.Len()), true)
		} else {
			bitutil.CopyBitmap(v.bits, v.offset, a.Len(), buf.Bytes(), at)
		}
		at += a.Len()
	}
	return buf, n - bitutil.CountSetBits(buf.Bytes(), 0, n)
}

func concatBits(alloc memory.Allocator, arrs []arrow.Array, n int) *memory.Buffer {
	buf := newBuffer(alloc, int(bitutil.BytesForBits(int64(n))))
	at := 0
	for _, a := range arrs {
		if a.Len() > 0 {
			bitutil.CopyBitmap(a.Data().Buffers()[1].Bytes(), a.Data().Offset(), a.Len(), buf.Bytes(), at)
		}
		at += a.Len()
	}
	return buf
}

func concatWords(alloc memory.Allocator, arrs []arrow.Array, n, width int) *memory.Buffer {
	buf := newBuffer(alloc, n*width)
	dst := buf.Bytes()
	for _, a := range arrs {
		if a.Len() > 0 {
			from := a.Data().Offset() * width
			copy(dst, a.Data().Buffers()[1].Bytes()[from:from+a.Len()*width])
			dst = dst[a.Len()*width:]
		}
	}
	return buf
}

// concatOffsets joins the offsets of varying or lists arrays, moved to begin at zero. Their span must be known to fit.
func concatOffsets(alloc memory.Allocator, arrs []arrow.Array, n int) *memory.Buffer {
	buf := newBuffer(alloc, 4*(n+1))
	dst := arrow.GetData[int32](buf.Bytes())
	at, base := 0, int32(0)
	dst[0] = 0
	for _, a := range arrs {
		o := offsets(a)
		for _, x := range o[1:] {
			at++
			dst[at] = base + x - o[0]
		}
		base += o[len(o)-1] - o[0]
	}
	return buf
}

// span is how many bytes or elements the offsets of all arrays cover.
func span(arrs []arrow.Array) int64 {
	total := int64(0)
	for _, a := range arrs {
		o := offsets(a)
		total += int64(o[len(o)-1] - o[0])
	}
	return total
}

func concatBytes(alloc memory.Allocator, arrs []arrow.Array, n int) (arrow.Array, error) {
	size := span(arrs)
	if size > math.MaxInt32 {
		return nil, errTooLong("concat", size)
	}
	valid, nulls := concatNulls(alloc, arrs, n)
	offs := concatOffsets(alloc, arrs, n)
	data := newBuffer(alloc, int(size))
	dst := data.Bytes()
	for _, a := range arrs {
		o := offsets(a)
		dst = dst[copy(dst, content(a)[o[0]:o[len(o)-1]]):]
	}
	return build(arrs[0].DataType(), n, nulls, nil, valid, offs, data), nil
}

func concatLists(alloc memory.Allocator, arrs []arrow.Array, n int) (arrow.Array, error) {
	size := span(arrs)
	if size > math.MaxInt32 {
		return nil, errTooLong("concat", size)
	}
	shown := make([]arrow.Array, len(arrs))
	for i, a := range arrs {
		o := offsets(a)
		shown[i] = array.NewSlice(elements(a), int64(o[0]), int64(o[len(o)-1]))
	}
	defer release(shown)
	child, err := concat(alloc, shown)
	if err != nil {
		return nil, err
	}
	valid, nulls := concatNulls(alloc, arrs, n)
	return build(arrs[0].DataType(), n, nulls, []arrow.Array{child}, valid, concatOffsets(alloc, arrs, n)), nil
}

func concatStructs(alloc memory.Allocator, arrs []arrow.Array, n int) (arrow.Array, error) {
	fields := make([]arrow.Array, 0, fieldsOf(arrs[0]).NumField())
	parts := make([]arrow.Array, len(arrs))
	for f := range cap(fields) {
		for i, a := range arrs {
			parts[i] = fieldsOf(a).Field(f)
		}
		c, err := concat(alloc, parts)
		if err != nil {
			release(fields)
			return nil, err
		}
		fields = append(fields, c)
	}
	valid, nulls := concatNulls(alloc, arrs, n)
	return build(arrs[0].DataType(), n, nulls, fields, valid), nil
}
