package parquet

import (
	"encoding/binary"
	"math/bits"
)

// bit is bit i of a bitmap in Arrow's order, 0 or 1.
func bit(b []byte, i int) byte { return b[i>>3] >> (i & 7) & 1 }

// bitmap is a growing string of bits in Arrow's order. Bits behind the last are zero.
type bitmap struct {
	b []byte
	n int
}

func (m *bitmap) reset() { m.b, m.n = m.b[:0], 0 }

// extend adds n zero bits and tells where they begin.
func (m *bitmap) extend(n int) int {
	at, have := m.n, len(m.b)
	m.n += n
	m.b = grow(m.b, (m.n+7)/8-have)
	clear(m.b[have:])
	return at
}

// ones adds n set bits.
func (m *bitmap) ones(n int) {
	at := m.extend(n)
	fillBits(m.b, at, n)
}

// fillBits sets n bits from at on.
func fillBits(b []byte, at, n int) {
	for ; n > 0 && at&7 != 0; n, at = n-1, at+1 {
		b[at>>3] |= 1 << (at & 7)
	}
	for ; n >= 8; n, at = n-8, at+8 {
		b[at>>3] = 0xFF
	}
	if n > 0 {
		b[at>>3] |= 1<<n - 1
	}
}

// copyBits ors n bits of src from position from into dst from position at; the bits there must be zero.
func copyBits(dst []byte, at int, src []byte, from, n int) {
	for ; n > 0 && at&7 != 0; n, at, from = n-1, at+1, from+1 {
		dst[at>>3] |= bit(src, from) << (at & 7)
	}
	for ; n >= 8; n, at, from = n-8, at+8, from+8 {
		dst[at>>3] = byteAt(src, from)
	}
	for ; n > 0; n, at, from = n-1, at+1, from+1 {
		dst[at>>3] |= bit(src, from) << (at & 7)
	}
}

// byteAt is the 8 bits from position i on.
func byteAt(b []byte, i int) byte {
	k, s := i>>3, i&7
	if s == 0 {
		return b[k]
	}
	return b[k]>>s | b[k+1]<<(8-s)
}

// countBits counts the set bits among the n bits from position from on.
func countBits(b []byte, from, n int) int {
	c := 0
	for ; n > 0 && from&7 != 0; n, from = n-1, from+1 {
		c += int(bit(b, from))
	}
	b = b[from>>3:]
	for ; n >= 64; n, b = n-64, b[8:] {
		c += bits.OnesCount64(binary.LittleEndian.Uint64(b))
	}
	for i := range n {
		c += int(bit(b, i))
	}
	return c
}

// appendSet appends base plus the positions of the set bits among the n bits from position from on.
func appendSet(pos []int32, b []byte, from, n int, base int32) []int32 {
	k := len(pos)
	pos = grow(pos, n+8)
	i := 0
	for ; i+8 <= n; i += 8 {
		v := byteAt(b, from+i)
		p := pos[k : k+8 : k+8]
		if v == 0xFF {
			for j := range p {
				p[j] = base + int32(i+j)
			}
			k += 8
			continue
		}
		for ; v != 0; v &= v - 1 {
			pos[k] = base + int32(i+bits.TrailingZeros8(v))
			k++
		}
	}
	for ; i < n; i++ {
		pos[k] = base + int32(i)
		k += int(bit(b, from+i))
	}
	return pos[:k]
}
