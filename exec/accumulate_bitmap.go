package exec

import (
	"bytes"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// bitmapBytes is the size of a bitmap of bitmap_construct_agg and its kin.
const bitmapBytes = 4096

// bitmaps is bitmap_construct_agg, bitmap_or_agg and bitmap_and_agg: a bitmap for each group.
type bitmaps struct {
	env  *Env
	name string
	pos  expr.Pos
	of   [][]byte // nil: no value yet
	held int64
}

func (b *bitmaps) grow(n int) { b.of = growTo(b.of, n) }

// at is a group's bitmap; before its first value it is what changes nothing.
func (b *bitmaps) at(g uint32) []byte {
	if b.of[g] == nil {
		b.of[g] = b.empty()
		b.held += bitmapBytes
	}
	return b.of[g]
}

// empty has no bit set, or for bitmap_and_agg all of them.
func (b *bitmaps) empty() []byte {
	if b.name == "bitmap_and_agg" {
		return bytes.Repeat([]byte{0xFF}, bitmapBytes)
	}
	return make([]byte, bitmapBytes)
}

func (b *bitmaps) update(groups []uint32, rows []int32, args []arrow.Array) error {
	if b.name == "bitmap_construct_agg" {
		return b.set(groups, rows, args[0])
	}
	flat, err := vector.Flat(b.env.Alloc, args[0])
	if err != nil {
		return err
	}
	defer flat.Release()
	offs, data := vector.Strings(flat)
	null := vector.RowNulls(flat)
	for i, g := range groups {
		if r := at(rows, i); null == nil || !null(r) {
			b.merge(g, data[offs[r]:offs[r+1]])
		}
	}
	return nil
}

// set adds places of bits.
func (b *bitmaps) set(groups []uint32, rows []int32, places arrow.Array) error {
	values, null := arrow.GetValues[int64](places.Data(), 1), vector.RowNulls(places)
	for i, g := range groups {
		r := at(rows, i)
		if null != nil && null(r) {
			continue
		}
		v := values[r]
		if v < 0 || v >= 8*bitmapBytes {
			return &expr.Error{
				Class: "INVALID_BITMAP_POSITION", SQLState: "22003", Line: b.pos.Line, Column: b.pos.Column,
				Message: fmt.Sprintf("the place %d is outside of a bitmap, which has %d bits", v, 8*bitmapBytes), Hint: "take bitmap_bit_position(…)",
			}
		}
		b.at(g)[v/8] |= 1 << (v % 8)
	}
	return nil
}

// merge joins a bitmap, which may be shorter or longer than the group's.
func (b *bitmaps) merge(g uint32, other []byte) {
	into := b.at(g)
	n := min(len(into), len(other))
	for i := range n {
		if b.name == "bitmap_and_agg" {
			into[i] &= other[i]
		} else {
			into[i] |= other[i]
		}
	}
	if b.name == "bitmap_and_agg" {
		clear(into[n:])
	}
}

func (b *bitmaps) stateTypes() []arrow.DataType { return []arrow.DataType{arrow.BinaryTypes.Binary} }

// The state is the bitmap, NULL before the first value.
func (b *bitmaps) state(picked []uint32) ([]arrow.Array, error) {
	out := array.NewBinaryBuilder(b.env.Alloc, arrow.BinaryTypes.Binary)
	defer out.Release()
	for i := range pickedLen(picked, len(b.of)) {
		if bits := b.of[pick(picked, i)]; bits != nil {
			out.Append(bits)
		} else {
			out.AppendNull()
		}
	}
	return []arrow.Array{out.NewArray()}, nil
}

func (b *bitmaps) absorb(groups []uint32, state []arrow.Array) error {
	offs, data := vector.Strings(state[0])
	null := vector.RowNulls(state[0])
	for i, g := range groups {
		if null == nil || !null(i) {
			b.merge(g, data[offs[i]:offs[i+1]])
		}
	}
	return nil
}

func (b *bitmaps) result(picked []uint32) (arrow.Array, error) {
	out := array.NewBinaryBuilder(b.env.Alloc, arrow.BinaryTypes.Binary)
	defer out.Release()
	for i := range pickedLen(picked, len(b.of)) {
		if bits := b.of[pick(picked, i)]; bits != nil {
			out.Append(bits)
		} else {
			out.Append(b.empty())
		}
	}
	return out.NewArray(), nil
}

func (b *bitmaps) size() int64 { return 24*int64(cap(b.of)) + b.held }
func (b *bitmaps) release()    {}
