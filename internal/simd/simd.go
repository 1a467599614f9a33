// Package simd holds the few inner loops on which Go's compiler loses a factor of two or more: comparisons of 64 values into the bits of a word, the
// positions of a word's ones, and the search for a text. Each is written twice: in Go, which says what is meant and serves every processor, and in
// assembly for amd64 with AVX2 (docs/adr/0014-a-little-assembly.md). What is assembly takes pointers to arrays of 64, so that none can leave its memory.
package simd

import (
	"math/bits"
	"slices"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// Integer are the types of integers that columns are made of.
type Integer interface{ int8 | int16 | int32 | int64 }

// AppendPositions appends base plus the position of every one in w, ascending.
func AppendPositions(dst []int32, base int32, w uint64) []int32 {
	const few = 4 // are found faster one by one
	at := len(dst)
	dst = slices.Grow(dst, 64)[:at+64]
	to := (*[64]int32)(dst[at:])
	if bits.OnesCount64(w) <= few {
		return dst[:at+positions(to, base, w)]
	}
	return dst[:at+Positions(to, base, w)]
}

// bit is 1 for true.
func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func inRange[T Integer](v *[64]T, low, high T) (w uint64) {
	span := uint64(high) - uint64(low)
	for i, x := range v {
		w |= bit(uint64(x)-uint64(low) <= span) << i
	}
	return w
}

func decimalsInRange(v *[64]decimal128.Num, low, high int64) (w uint64) {
	span := uint64(high) - uint64(low)
	for i := range v {
		w |= bit(v[i].LowBits()-uint64(low) <= span) << i
	}
	return w
}

func less[T Integer](a, b *[64]T) (w uint64) {
	for i, x := range a {
		w |= bit(x < b[i]) << i
	}
	return w
}

func equal[T Integer](a, b *[64]T) (w uint64) {
	for i, x := range a {
		w |= bit(x == b[i]) << i
	}
	return w
}

func positions(dst *[64]int32, base int32, w uint64) int {
	n := bits.OnesCount64(w)
	for i := range n {
		dst[i&63] = base + int32(bits.TrailingZeros64(w))
		w &= w - 1
	}
	return n
}
