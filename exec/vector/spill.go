package vector

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/klauspost/compress/s2"
)

// The spill format is private to one run of one program: a frame per batch, uvarint lengths, raw buffers, s2 over all of it.
//
//	frame:  length of the compressed body, length of the body (uint32 each, little endian), compressed body
//	body:   rows, columns, then each column
//	column: form (plain or dictionary), then its array; for a dictionary the indices, then the values
//	array:  rows, number of NULLs, then by layout: validity bitmap if there are NULLs, offsets, values, children
//
// Every buffer begins at a multiple of 8 within the body, so that a decoded body serves as the arrays' memory as it is.

const (
	plainColumn      = 0
	dictionaryColumn = 1
)

var errFrame = errors.New("vector: spilled batch is damaged")

// Encoder writes batches in the spill format. It holds scratch memory and serves one goroutine.
type Encoder struct {
	body, frame []byte
}

// WriteBatch writes n rows of columns to w and returns the number of bytes. Slices are written without the rest of what they share.
func (e *Encoder) WriteBatch(w io.Writer, cols []arrow.Array, n int) (int, error) {
	frame, err := e.Encode(cols, n)
	if err != nil {
		return 0, err
	}
	return w.Write(frame)
}

// Encode returns the frame of a batch, which is valid until the next call.
func (e *Encoder) Encode(cols []arrow.Array, n int) ([]byte, error) {
	e.body = binary.AppendUvarint(e.body[:0], uint64(n))
	e.body = binary.AppendUvarint(e.body, uint64(len(cols)))
	for _, c := range cols {
		if err := e.column(c); err != nil {
			return nil, err
		}
	}
	if s2.MaxEncodedLen(len(e.body)) < 0 {
		return nil, errTooLong("spill", int64(len(e.body)))
	}
	if need := 8 + s2.MaxEncodedLen(len(e.body)); cap(e.frame) < need {
		e.frame = make([]byte, need)
	}
	packed := s2.Encode(e.frame[8:cap(e.frame)], e.body)
	frame := e.frame[:8+len(packed)]
	binary.LittleEndian.PutUint32(frame, uint32(len(packed)))
	binary.LittleEndian.PutUint32(frame[4:], uint32(len(e.body)))
	return frame, nil
}

func (e *Encoder) column(arr arrow.Array) error {
	d, ok := arr.(*array.Dictionary)
	if !ok {
		e.body = append(e.body, plainColumn)
		return e.array(arr)
	}
	if written, err := e.flat(d); written || err != nil {
		return err
	}
	e.body = append(e.body, dictionaryColumn)
	if d.Indices().DataType().ID() != arrow.INT32 && d.Indices().DataType().ID() != arrow.UINT32 {
		return errType("spill dictionary with indices", d.Indices().DataType())
	}
	if err := e.array(d.Indices()); err != nil {
		return err
	}
	return e.array(d.Dictionary())
}

// flat writes the values themselves when they are smaller than the dictionary, as those of a few rows often are.
func (e *Encoder) flat(d *array.Dictionary) (bool, error) {
	if layoutOf(d.Dictionary().DataType()) != varying {
		return false, nil
	}
	codes, err := Codes(d)
	if err != nil {
		return false, err
	}
	from, data, size := offsets(d.Dictionary()), content(d.Dictionary()), int64(0)
	limit, nulls := Size(d.Dictionary()), 0
	for _, c := range codes {
		if c < 0 {
			nulls++
		} else if size += int64(from[c+1] - from[c]); size > limit {
			return false, nil
		}
	}
	e.body = append(e.body, plainColumn)
	e.body = binary.AppendUvarint(e.body, uint64(len(codes)))
	e.body = binary.AppendUvarint(e.body, uint64(nulls))
	if nulls > 0 {
		packPositive(e.room((len(codes)+7)/8), codes)
	}
	offs, at := e.room(4*(len(codes)+1)), 0
	binary.LittleEndian.PutUint32(offs, 0)
	for i, c := range codes {
		if c >= 0 {
			at += int(from[c+1] - from[c])
		}
		binary.LittleEndian.PutUint32(offs[4*(i+1):], uint32(at))
	}
	out := e.room(at)
	for _, c := range codes {
		if c >= 0 {
			out = out[copy(out, data[from[c]:from[c+1]]):]
		}
	}
	return true, nil
}

func (e *Encoder) array(arr arrow.Array) error {
	n, l := arr.Len(), layoutOf(arr.DataType())
	e.body = binary.AppendUvarint(e.body, uint64(n))
	if l == void {
		return nil
	}
	e.nulls(arr)
	switch l {
	case bit:
		e.bitmap(arr.Data(), 1, n)
	case fixed1, fixed2, fixed4, fixed8, fixed16:
		e.words(arr, l.width())
	case varying:
		o := offsets(arr)
		e.offsets(o)
		e.buffer(content(arr)[o[0]:o[len(o)-1]])
	case lists:
		o := offsets(arr)
		e.offsets(o)
		shown := array.NewSlice(elements(arr), int64(o[0]), int64(o[len(o)-1]))
		defer shown.Release()
		return e.array(shown)
	case structs:
		s := fieldsOf(arr)
		for i := range s.NumField() {
			if err := e.array(s.Field(i)); err != nil {
				return err
			}
		}
	default:
		return errType("spill", arr.DataType())
	}
	return nil
}

func (e *Encoder) nulls(arr arrow.Array) {
	v, n := NullsOf(arr), arr.Len()
	if v.None() {
		e.body = binary.AppendUvarint(e.body, 0)
		return
	}
	nulls := n - bitutil.CountSetBits(v.bits, v.offset, n)
	e.body = binary.AppendUvarint(e.body, uint64(nulls))
	if nulls > 0 {
		e.bitmap(arr.Data(), 0, n)
	}
}

// room appends an aligned buffer of size bytes and returns it to be filled.
func (e *Encoder) room(size int) []byte {
	e.body = binary.AppendUvarint(e.body, uint64(size))
	for len(e.body)%8 != 0 {
		e.body = append(e.body, 0)
	}
	at := len(e.body)
	e.body = append(e.body, make([]byte, size)...)
	return e.body[at:]
}

func (e *Encoder) buffer(p []byte) { copy(e.room(len(p)), p) }

func (e *Encoder) bitmap(d arrow.ArrayData, buffer, n int) {
	if n > 0 {
		bitutil.CopyBitmap(d.Buffers()[buffer].Bytes(), d.Offset(), n, e.room((n+7)/8), 0)
	}
}

func (e *Encoder) words(arr arrow.Array, width int) {
	if arr.Len() > 0 {
		from := arr.Data().Offset() * width
		e.buffer(arr.Data().Buffers()[1].Bytes()[from : from+arr.Len()*width])
	}
}

func (e *Encoder) offsets(o []int32) {
	dst := e.room(4 * len(o))
	for i, x := range o {
		binary.LittleEndian.PutUint32(dst[4*i:], uint32(x-o[0]))
	}
}

// ReadBatch reads one batch that WriteBatch wrote, with columns of the given types (a column that was a dictionary becomes one again), and its number
// of rows. At the end of r the error is io.EOF.
func ReadBatch(r io.Reader, alloc memory.Allocator, types []arrow.DataType) ([]arrow.Array, int, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, 0, err
	}
	packed := make([]byte, binary.LittleEndian.Uint32(head[:]))
	if _, err := io.ReadFull(r, packed); err != nil {
		return nil, 0, fmt.Errorf("vector: read spilled batch: %w", err)
	}
	return decodeBody(packed, int(binary.LittleEndian.Uint32(head[4:])), alloc, types)
}

// DecodeBatch is ReadBatch over one frame in memory.
func DecodeBatch(frame []byte, alloc memory.Allocator, types []arrow.DataType) ([]arrow.Array, int, error) {
	if len(frame) < 8 || int(binary.LittleEndian.Uint32(frame)) != len(frame)-8 {
		return nil, 0, errFrame
	}
	return decodeBody(frame[8:], int(binary.LittleEndian.Uint32(frame[4:])), alloc, types)
}

func decodeBody(packed []byte, size int, alloc memory.Allocator, types []arrow.DataType) ([]arrow.Array, int, error) {
	if n, err := s2.DecodedLen(packed); err != nil || n != size {
		return nil, 0, errFrame
	}
	body := newBuffer(alloc, size)
	defer body.Release()
	if _, err := s2.Decode(body.Bytes(), packed); err != nil {
		return nil, 0, fmt.Errorf("%w: %w", errFrame, err)
	}
	d := decoder{body: body}
	n := d.count()
	if d.count() != len(types) {
		return nil, 0, errFrame
	}
	out := make([]arrow.Array, 0, len(types))
	for _, t := range types {
		a := d.column(t)
		if d.err == nil && a.Len() != n {
			d.err = errFrame
		}
		if a != nil {
			out = append(out, a)
		}
		if d.err != nil {
			release(out)
			return nil, 0, d.err
		}
	}
	return out, n, nil
}
