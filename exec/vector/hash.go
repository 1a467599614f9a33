package vector

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// Odd constants with well-mixed bits (digits of π), for multiply-and-fold hashing.
const (
	mixA    = 0x243f6a8885a308d3
	mixB    = 0x13198a2e03707345
	mixC    = 0xa4093822299f31d1
	mixNull = 0x082efa98ec4e6c89
)

// mix folds the 128-bit product of its arguments, each blinded: the one step that every hash here is made of.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^mixA, b^mixB)
	return hi ^ lo
}

// HashBytes hashes a string; it is what Hash combines for a STRING or BINARY value.
func HashBytes(p []byte) uint64 {
	h := uint64(len(p)) * mixC
	for len(p) > 16 {
		h = mix(binary.LittleEndian.Uint64(p)^h, binary.LittleEndian.Uint64(p[8:]))
		p = p[16:]
	}
	switch {
	case len(p) >= 8:
		return mix(binary.LittleEndian.Uint64(p)^h, binary.LittleEndian.Uint64(p[len(p)-8:]))
	case len(p) >= 4:
		return mix(uint64(binary.LittleEndian.Uint32(p))^h, uint64(binary.LittleEndian.Uint32(p[len(p)-4:])))
	case len(p) > 0:
		return mix(uint64(p[0])|uint64(p[len(p)/2])<<8|uint64(p[len(p)-1])<<16^h, mixC)
	default:
		return mix(h, mixC)
	}
}

// HashWord hashes a word, with a seed.
func HashWord(w, seed uint64) uint64 { return mix(w^seed, mixC) }

// Hash hashes rows of columns into out: row sel[i], or row i where sel is nil, goes to out[i]. Rows that are equal as group keys (NULLs equal, -0.0 like
// 0.0, all NaN alike, a dictionary like its values) hash alike, whatever the batch; the hash is not stable between versions of this package and is not
// Spark's.
func Hash(cols []arrow.Array, sel []int32, seed uint64, out []uint64) error {
	for i := range out {
		out[i] = seed
	}
	for _, c := range cols {
		if err := combine(c, sel, out); err != nil {
			return err
		}
	}
	return nil
}

// combine mixes one column into the hashes that out holds.
func combine(arr arrow.Array, sel []int32, out []uint64) error {
	nulls := Nulls{}
	if arr.DataType().ID() != arrow.NULL {
		nulls = NullsOf(arr)
	}
	switch arr.DataType().ID() {
	case arrow.NULL:
		for i := range out {
			out[i] = mix(out[i], mixNull)
		}
	case arrow.FLOAT32:
		combineWords(arrow.GetValues[float32](arr.Data(), 1), float32Word, nulls, sel, out)
	case arrow.FLOAT64:
		combineWords(arrow.GetValues[float64](arr.Data(), 1), float64Word, nulls, sel, out)
	case arrow.DECIMAL128:
		combineWords(arrow.GetValues[decimal128.Num](arr.Data(), 1), decimalWord, nulls, sel, out)
	default:
		return combineLayout(arr, nulls, sel, out)
	}
	return nil
}

func combineLayout(arr arrow.Array, nulls Nulls, sel []int32, out []uint64) error {
	switch layoutOf(arr.DataType()) {
	case bit:
		combineBits(arr, nulls, sel, out)
	case fixed1:
		combineWords(arrow.GetValues[int8](arr.Data(), 1), signed[int8], nulls, sel, out)
	case fixed2:
		combineWords(arrow.GetValues[int16](arr.Data(), 1), signed[int16], nulls, sel, out)
	case fixed4:
		combineWords(arrow.GetValues[int32](arr.Data(), 1), signed[int32], nulls, sel, out)
	case fixed8:
		combineInts(arrow.GetValues[uint64](arr.Data(), 1), nulls, sel, out)
	case varying:
		combineBytes(arr, nulls, sel, out)
	case dictionary:
		return combineDictionary(arr.(*array.Dictionary), sel, out)
	case lists:
		return combineLists(arr, nulls, sel, out)
	case structs:
		return combineStructs(fieldsOf(arr), nulls, sel, out)
	default:
		return errType("hash", arr.DataType())
	}
	return nil
}

func signed[T int8 | int16 | int32](v T) uint64 { return uint64(int64(v)) }

func decimalWord(v decimal128.Num) uint64 { return mix(v.LowBits(), uint64(v.HighBits())) }

// float64Word gives equal values equal bits: -0.0 is 0.0 and every NaN is one NaN.
func float64Word(v float64) uint64 {
	switch {
	case v == 0:
		return 0
	case v != v:
		return math.Float64bits(math.NaN())
	default:
		return math.Float64bits(v)
	}
}

func float32Word(v float32) uint64 {
	switch {
	case v == 0:
		return 0
	case v != v:
		return uint64(math.Float32bits(float32(math.NaN())))
	default:
		return uint64(math.Float32bits(v))
	}
}

// row is the position that the i-th output speaks of.
func row(sel []int32, i int) int {
	if sel == nil {
		return i
	}
	return int(sel[i])
}

func combineWords[T any](src []T, word func(T) uint64, nulls Nulls, sel []int32, out []uint64) {
	for i := range out {
		if r := row(sel, i); nulls.At(r) {
			out[i] = mix(out[i], mixNull)
		} else {
			out[i] = mix(word(src[r])^out[i], mixC)
		}
	}
}

// combineInts is combineWords for the commonest width, with nothing in the loop but the hash.
func combineInts(src []uint64, nulls Nulls, sel []int32, out []uint64) {
	switch {
	case !nulls.None():
		combineWords(src, func(v uint64) uint64 { return v }, nulls, sel, out)
	case sel == nil:
		for i, v := range src[:len(out)] {
			out[i] = mix(v^out[i], mixC)
		}
	default:
		for i, r := range sel {
			out[i] = mix(src[r]^out[i], mixC)
		}
	}
}

func combineBits(arr arrow.Array, nulls Nulls, sel []int32, out []uint64) {
	var src []byte
	if arr.Len() > 0 {
		src = arr.Data().Buffers()[1].Bytes()
	}
	for i := range out {
		r := row(sel, i)
		switch {
		case nulls.At(r):
			out[i] = mix(out[i], mixNull)
		case bitutil.BitIsSet(src, arr.Data().Offset()+r):
			out[i] = mix(out[i]^1, mixC)
		default:
			out[i] = mix(out[i], mixC)
		}
	}
}

func combineBytes(arr arrow.Array, nulls Nulls, sel []int32, out []uint64) {
	o, data := offsets(arr), content(arr)
	for i := range out {
		if r := row(sel, i); nulls.At(r) {
			out[i] = mix(out[i], mixNull)
		} else {
			out[i] = mix(HashBytes(data[o[r]:o[r+1]])^out[i], mixC)
		}
	}
}

// combineDictionary hashes each value once.
func combineDictionary(d *array.Dictionary, sel []int32, out []uint64) error {
	codes, err := Codes(d)
	if err != nil {
		return err
	}
	values := d.Dictionary()
	if layoutOf(values.DataType()) != varying {
		return errType("hash dictionary of", values.DataType())
	}
	hashes := make([]uint64, values.Len())
	o, data := offsets(values), content(values)
	for i := range hashes {
		hashes[i] = HashBytes(data[o[i]:o[i+1]])
	}
	for i := range out {
		if c := codes[row(sel, i)]; c < 0 {
			out[i] = mix(out[i], mixNull)
		} else {
			out[i] = mix(hashes[c]^out[i], mixC)
		}
	}
	return nil
}

// combineLists folds the elements' hashes in order, and their number.
func combineLists(arr arrow.Array, nulls Nulls, sel []int32, out []uint64) error {
	o := offsets(arr)
	inner := make([]uint64, elements(arr).Len())
	if err := Hash([]arrow.Array{elements(arr)}, nil, 0, inner); err != nil {
		return err
	}
	for i := range out {
		r := row(sel, i)
		if nulls.At(r) {
			out[i] = mix(out[i], mixNull)
			continue
		}
		h := mix(out[i], uint64(o[r+1]-o[r]))
		for _, e := range inner[o[r]:o[r+1]] {
			h = mix(h^e, mixC)
		}
		out[i] = h
	}
	return nil
}

func combineStructs(s *array.Struct, nulls Nulls, sel []int32, out []uint64) error {
	before := out
	if !nulls.None() {
		before = append([]uint64(nil), out...)
	}
	for f := range s.NumField() {
		if err := combine(s.Field(f), sel, out); err != nil {
			return err
		}
	}
	for i := range out {
		if nulls.At(row(sel, i)) {
			out[i] = mix(before[i], mixNull)
		}
	}
	return nil
}
