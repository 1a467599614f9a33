package kernel

import (
	"encoding/binary"
	"math/bits"

	"github.com/medallion-go/medallion/internal/simd"
)

// bitmap is a run of bits that begins off bits into a slice, as Arrow lays them out. The zero bitmap is all ones.
type bitmap struct {
	bits []byte
	off  int
}

func (m bitmap) all() bool { return m.bits == nil }

func (m bitmap) get(i int) bool {
	i += m.off
	return m.bits[i>>3]>>(i&7)&1 != 0
}

// word gives the up to 64 bits from position i on; n is the length of the bitmap, and bits past it are 0.
func (m bitmap) word(i, n int) uint64 {
	left := n - i
	w := ^uint64(0)
	if m.bits != nil {
		w = load(m.bits, i+m.off)
	}
	if left < 64 {
		w &= 1<<left - 1
	}
	return w
}

// load reads 64 bits from bit position i; those past the slice are 0.
func load(b []byte, i int) uint64 {
	at, shift := i>>3, uint(i&7)
	if at+9 <= len(b) {
		w := binary.LittleEndian.Uint64(b[at:]) >> shift
		if shift > 0 {
			w |= uint64(b[at+8]) << (64 - shift)
		}
		return w
	}
	var tail [16]byte
	copy(tail[:], b[min(at, len(b)):])
	return binary.LittleEndian.Uint64(tail[:])>>shift | uint64(tail[8])<<(63-shift)<<1
}

// store writes 64 bits at bit position i, a multiple of 64; those past the slice are dropped.
func store(b []byte, i int, w uint64) {
	at := i >> 3
	if at+8 <= len(b) {
		binary.LittleEndian.PutUint64(b[at:], w)
		return
	}
	for ; at < len(b); at++ {
		b[at] = byte(w)
		w >>= 8
	}
}

// count is the number of ones among the first n bits.
func (m bitmap) count(n int) int {
	c := 0
	for i := 0; i < n; i += 64 {
		c += bits.OnesCount64(m.word(i, n))
	}
	return c
}

// filter appends to dst the positions of sel (nil: the first n) whose bit is set.
func (m bitmap) filter(n int, sel, dst []int32) []int32 {
	if sel == nil {
		for i := 0; i < n; i += 64 {
			dst = simd.AppendPositions(dst, int32(i), m.word(i, n))
		}
		return dst
	}
	if m.bits == nil {
		return append(dst, sel...)
	}
	dst, k := grow(dst, len(sel))
	for _, i := range sel {
		dst[k] = i
		p := int(i) + m.off
		k += int(m.bits[p>>3] >> (p & 7) & 1)
	}
	return dst[:k]
}

// grow makes room for m more entries; k is where they go.
func grow(dst []int32, m int) (out []int32, k int) {
	k = len(dst)
	if cap(dst)-k < m {
		out = make([]int32, k+m)
		copy(out, dst)
		return out, k
	}
	return dst[:k+m], k
}

func b2u(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// bitmapSize is how many bytes hold n bits; whole words, so that store need not cut.
func bitmapSize(n int) int { return (n + 63) / 64 * 8 }

// minus removes from all, which is ascending (nil: the first n), the positions of part, which is a part of it.
func minus(n int, all, part []int32) []int32 {
	if all == nil {
		return complement(n, part)
	}
	out := make([]int32, 0, len(all)-len(part))
	k := 0
	for _, i := range all {
		if k < len(part) && part[k] == i {
			k++
			continue
		}
		out = append(out, i)
	}
	return out
}

// complement is the positions below n that are not in part, which is ascending.
func complement(n int, part []int32) []int32 {
	out := make([]int32, 0, n-len(part))
	next := int32(0)
	for _, i := range part {
		for ; next < i; next++ {
			out = append(out, next)
		}
		next = i + 1
	}
	for ; int(next) < n; next++ {
		out = append(out, next)
	}
	return out
}

// merge appends two disjoint ascending lists in order.
func merge(dst, a, b []int32) []int32 {
	for len(a) > 0 && len(b) > 0 {
		if a[0] < b[0] {
			dst, a = append(dst, a[0]), a[1:]
		} else {
			dst, b = append(dst, b[0]), b[1:]
		}
	}
	return append(append(dst, a...), b...)
}

// room is an empty list with space for a whole selection.
func room(n int, sel []int32) []int32 { return make([]int32, 0, count(n, sel)+65) }

// count is how many rows sel (nil: all n) stands for.
func count(n int, sel []int32) int {
	if sel == nil {
		return n
	}
	return len(sel)
}
