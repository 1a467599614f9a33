package simd

import (
	"bytes"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"golang.org/x/sys/cpu"
)

// vectors tells that the processor, and the system's saving of its registers, can do what the assembly needs.
var vectors = cpu.X86.HasAVX2 && cpu.X86.HasPOPCNT

// order lists, for each byte, the positions of its ones, a byte for each, in the order of memory.
var order = func() (t [256]uint64) {
	for b := range t {
		for k, ones := 0, uint(b); ones != 0; k, ones = k+8, ones&(ones-1) {
			t[b] |= uint64(bits.TrailingZeros(ones)) << k
		}
	}
	return t
}()

// InRange sets bit i where low ≤ v[i] ≤ high; low is not the greater one.
func InRange[T Integer](v *[64]T, low, high T) uint64 {
	if vectors {
		switch v := any(v).(type) {
		case *[64]int32:
			return inRange32(v, int32(low), int32(high))
		case *[64]int64:
			return inRange64(v, int64(low), int64(high))
		}
	}
	return inRange(v, low, high)
}

// DecimalsInRange is InRange for decimals that fit 64 bits.
func DecimalsInRange(v *[64]decimal128.Num, low, high int64) uint64 {
	if vectors {
		return inRange128(v, low, high)
	}
	return decimalsInRange(v, low, high)
}

// Less sets bit i where a[i] < b[i].
func Less[T Integer](a, b *[64]T) uint64 {
	if vectors {
		switch a := any(a).(type) {
		case *[64]int32:
			return less32(a, any(b).(*[64]int32))
		case *[64]int64:
			return less64(a, any(b).(*[64]int64))
		}
	}
	return less(a, b)
}

// Equal sets bit i where a[i] = b[i].
func Equal[T Integer](a, b *[64]T) uint64 {
	if vectors {
		switch a := any(a).(type) {
		case *[64]int32:
			return equal32(a, any(b).(*[64]int32))
		case *[64]int64:
			return equal64(a, any(b).(*[64]int64))
		}
	}
	return equal(a, b)
}

// Positions writes base plus the position of every one in w, ascending, and tells how many there are. What follows them in dst is not specified.
func Positions(dst *[64]int32, base int32, w uint64) int {
	if vectors {
		return positions32(dst, base, w, &order)
	}
	return positions(dst, base, w)
}

// Index is bytes.Index, made for long texts: it looks at 64 places at once for the first and the last byte of part.
func Index(s, part []byte) int {
	if !vectors || len(part) < 2 {
		return bytes.Index(s, part)
	}
	at, last := 0, len(part)-1
	for ; at+last+64 <= len(s); at += 64 {
		for w := pairs((*[64]byte)(s[at:]), (*[64]byte)(s[at+last:]), part[0], part[last]); w != 0; w &= w - 1 {
			if i := at + bits.TrailingZeros64(w); bytes.Equal(s[i:i+len(part)], part) {
				return i
			}
		}
	}
	if i := bytes.Index(s[at:], part); i >= 0 {
		return at + i
	}
	return -1
}

//go:noescape
func inRange32(v *[64]int32, low, high int32) uint64

//go:noescape
func inRange64(v *[64]int64, low, high int64) uint64

//go:noescape
func inRange128(v *[64]decimal128.Num, low, high int64) uint64

//go:noescape
func less32(a, b *[64]int32) uint64

//go:noescape
func less64(a, b *[64]int64) uint64

//go:noescape
func equal32(a, b *[64]int32) uint64

//go:noescape
func equal64(a, b *[64]int64) uint64

//go:noescape
func positions32(dst *[64]int32, base int32, w uint64, order *[256]uint64) int

// pairs sets bit i where a[i] = x and b[i] = y.
//
//go:noescape
func pairs(a, b *[64]byte, x, y byte) uint64
