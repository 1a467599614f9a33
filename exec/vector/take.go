package vector

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Take returns the rows of arr at the positions idx, in that order and as often as they stand there; a negative position gives NULL. A dictionary stays
// one: only its indices are taken. The error is an unsupported type or a result that is too long for one array.
func Take(alloc memory.Allocator, arr arrow.Array, idx []int32) (arrow.Array, error) {
	switch layoutOf(arr.DataType()) {
	case void:
		return array.NewNull(len(idx)), nil
	case bit:
		return takeBits(alloc, arr, idx), nil
	case fixed1:
		return takeWords[uint8](alloc, arr, idx), nil
	case fixed2:
		return takeWords[uint16](alloc, arr, idx), nil
	case fixed4:
		return takeWords[uint32](alloc, arr, idx), nil
	case fixed8:
		return takeWords[uint64](alloc, arr, idx), nil
	case fixed16:
		return takeWords[decimal128.Num](alloc, arr, idx), nil
	case varying:
		return takeBytes(alloc, arr, idx)
	case lists:
		return takeLists(alloc, arr, idx)
	case structs:
		return takeStructs(alloc, arr, idx)
	case dictionary:
		return takeDictionary(alloc, arr.(*array.Dictionary), idx)
	default:
		return nil, errType("take", arr.DataType())
	}
}

// TakeAll takes the same rows of every column. Of a nil one it makes nil.
func TakeAll(alloc memory.Allocator, cols []arrow.Array, idx []int32) ([]arrow.Array, error) {
	out := make([]arrow.Array, 0, len(cols))
	for _, c := range cols {
		if c == nil {
			out = append(out, nil)
			continue
		}
		t, err := Take(alloc, c, idx)
		if err != nil {
			release(out)
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// takeNulls returns the validity of the taken rows and their number of NULLs; a nil buffer where there are none.
func takeNulls(alloc memory.Allocator, arr arrow.Array, idx []int32) (*memory.Buffer, int) {
	src := NullsOf(arr)
	if src.None() && !anyNegative(idx) {
		return nil, 0
	}
	buf := newBuffer(alloc, int(bitutil.BytesForBits(int64(len(idx)))))
	if src.None() {
		packPositive(buf.Bytes(), idx)
	} else {
		packBits(buf.Bytes(), src.bits, src.offset, idx)
	}
	nulls := len(idx) - bitutil.CountSetBits(buf.Bytes(), 0, len(idx))
	if nulls == 0 {
		buf.Release()
		return nil, 0
	}
	return buf, nulls
}

// packBits puts the bits at the positions idx of src side by side, 0 for a negative position. There is no branch in it: bits are hard to predict.
func packBits(dst, src []byte, offset int, idx []int32) {
	for base := 0; base < len(idx); base += 8 {
		var b uint32
		for k, j := range idx[base:min(base+8, len(idx))] {
			negative := j >> 31 // all ones, or zero
			p := offset + int(j&^negative)
			b |= (uint32(src[p>>3]) >> (p & 7) & 1 &^ uint32(negative)) << k
		}
		dst[base/8] = byte(b)
	}
}

// packPositive sets a bit for each position that is not negative.
func packPositive(dst []byte, idx []int32) {
	for base := 0; base < len(idx); base += 8 {
		var b uint32
		for k, j := range idx[base:min(base+8, len(idx))] {
			b |= (^uint32(j) >> 31) << k
		}
		dst[base/8] = byte(b)
	}
}

func anyNegative(idx []int32) bool {
	var all int32
	for _, j := range idx {
		all |= j
	}
	return all < 0
}

func takeWords[T word](alloc memory.Allocator, arr arrow.Array, idx []int32) arrow.Array {
	buf := newBuffer(alloc, len(idx)*layoutOf(arr.DataType()).width())
	src, dst := arrow.GetValues[T](arr.Data(), 1), arrow.GetData[T](buf.Bytes())
	plain := takePlain(dst, src, idx)
	if plain && NullsOf(arr).None() {
		return build(arr.DataType(), len(idx), 0, nil, nil, buf)
	}
	if !plain {
		takeSparse(dst, src, idx)
	}
	valid, nulls := takeNulls(alloc, arr, idx)
	return build(arr.DataType(), len(idx), nulls, nil, valid, buf)
}

// takePlain takes until a position is negative; it reports false for that.
func takePlain[T word](dst, src []T, idx []int32) bool {
	dst = dst[:len(idx)]
	for i, j := range idx {
		if uint(j) >= uint(len(src)) {
			return false
		}
		dst[i] = src[j]
	}
	return true
}

// takeSparse leaves zero where the position is negative, so that no stale memory shows.
func takeSparse[T word](dst, src []T, idx []int32) {
	var zero T
	for i, j := range idx {
		if j >= 0 {
			dst[i] = src[j]
		} else {
			dst[i] = zero
		}
	}
}

func takeBits(alloc memory.Allocator, arr arrow.Array, idx []int32) arrow.Array {
	valid, nulls := takeNulls(alloc, arr, idx)
	buf := newBuffer(alloc, int(bitutil.BytesForBits(int64(len(idx)))))
	if arr.Len() > 0 {
		packBits(buf.Bytes(), arr.Data().Buffers()[1].Bytes(), arr.Data().Offset(), idx)
	} else {
		clear(buf.Bytes()) // every position is negative
	}
	return build(arr.DataType(), len(idx), nulls, nil, valid, buf)
}

func takeBytes(alloc memory.Allocator, arr arrow.Array, idx []int32) (arrow.Array, error) {
	from, total := offsets(arr), int64(0)
	valid, nulls := takeNulls(alloc, arr, idx)
	offs := newBuffer(alloc, 4*(len(idx)+1))
	to := arrow.GetData[int32](offs.Bytes())
	for i, j := range idx {
		to[i] = int32(total)
		if j >= 0 {
			total += int64(from[j+1] - from[j])
			if total > math.MaxInt32 {
				break
			}
		}
	}
	if total > math.MaxInt32 {
		releaseBuffers(valid, offs)
		return nil, errTooLong("take", total)
	}
	to[len(idx)] = int32(total)
	data := newBuffer(alloc, int(total))
	src, dst := content(arr), data.Bytes()
	for i, j := range idx {
		if j >= 0 {
			copy(dst[to[i]:], src[from[j]:from[j+1]])
		}
	}
	return build(arr.DataType(), len(idx), nulls, nil, valid, offs, data), nil
}

func takeLists(alloc memory.Allocator, arr arrow.Array, idx []int32) (arrow.Array, error) {
	from := offsets(arr)
	nullsOf := NullsOf(arr)
	total := int64(0)
	for _, j := range idx {
		if j >= 0 && nullsOf.Valid(int(j)) {
			total += int64(from[j+1] - from[j])
		}
	}
	if total > math.MaxInt32 {
		return nil, errTooLong("take", total)
	}
	valid, nulls := takeNulls(alloc, arr, idx)
	offs := newBuffer(alloc, 4*(len(idx)+1))
	to := arrow.GetData[int32](offs.Bytes())
	inner := make([]int32, 0, total)
	for i, j := range idx {
		to[i] = int32(len(inner))
		if j < 0 || nullsOf.At(int(j)) {
			continue
		}
		for k := from[j]; k < from[j+1]; k++ {
			inner = append(inner, k)
		}
	}
	to[len(idx)] = int32(total)
	child, err := Take(alloc, elements(arr), inner)
	if err != nil {
		releaseBuffers(valid, offs)
		return nil, err
	}
	return build(arr.DataType(), len(idx), nulls, []arrow.Array{child}, valid, offs), nil
}

func takeStructs(alloc memory.Allocator, arr arrow.Array, idx []int32) (arrow.Array, error) {
	s := fieldsOf(arr)
	fields := make([]arrow.Array, s.NumField())
	for i := range fields {
		fields[i] = s.Field(i)
	}
	fields, err := TakeAll(alloc, fields, idx)
	if err != nil {
		return nil, err
	}
	valid, nulls := takeNulls(alloc, arr, idx)
	return build(arr.DataType(), len(idx), nulls, fields, valid), nil
}

func takeDictionary(alloc memory.Allocator, arr *array.Dictionary, idx []int32) (arrow.Array, error) {
	indices, err := Take(alloc, arr.Indices(), idx)
	if err != nil {
		return nil, err
	}
	defer indices.Release()
	return dictionaryOf(arr.DataType(), indices, arr.Dictionary()), nil
}

func releaseBuffers(bufs ...*memory.Buffer) {
	for _, b := range bufs {
		if b != nil {
			b.Release()
		}
	}
}
