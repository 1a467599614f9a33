//go:build !amd64

package simd

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// InRange sets bit i where low ≤ v[i] ≤ high; low is not the greater one.
func InRange[T Integer](v *[64]T, low, high T) uint64 { return inRange(v, low, high) }

// DecimalsInRange is InRange for decimals that fit 64 bits.
func DecimalsInRange(v *[64]decimal128.Num, low, high int64) uint64 {
	return decimalsInRange(v, low, high)
}

// Less sets bit i where a[i] < b[i].
func Less[T Integer](a, b *[64]T) uint64 { return less(a, b) }

// Equal sets bit i where a[i] = b[i].
func Equal[T Integer](a, b *[64]T) uint64 { return equal(a, b) }

// Positions writes base plus the position of every one in w, ascending, and tells how many there are. What follows them in dst is not specified.
func Positions(dst *[64]int32, base int32, w uint64) int { return positions(dst, base, w) }

// Index is bytes.Index, made for long texts.
func Index(s, part []byte) int { return bytes.Index(s, part) }
