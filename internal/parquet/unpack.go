package parquet

import "encoding/binary"

// unpackInts reads values of width bits, at most 32, from position at (in values) on: whole groups of 8, which begin at a byte, by what the processor has for it
// as long as src goes on behind them.
func unpackInts(dst []int32, src []byte, at, width int) {
	if at&7 != 0 {
		head := min(-at&7, len(dst))
		unpack(dst[:head], src, at, width)
		dst, at = dst[head:], at+head
	}
	groups := len(dst) / 8
	if groups == 0 || width == 0 || width == 32 {
		unpack(dst, src, at, width)
		return
	}
	src = src[at/8*width:]
	if room := len(src) - groupMargin; groups*width > room {
		groups = max(room, 0) / width
	}
	if groups > 0 {
		unpackGroups(dst[:8*groups], src, width)
	}
	if dst = dst[8*groups:]; len(dst) > 0 {
		unpack(dst, src, 8*groups, width)
	}
}

// unpack reads values of width bits, at most 56, from position at (in values) on.
func unpack[T uint8 | int32 | int64](dst []T, src []byte, at, width int) {
	if width == 0 {
		clear(dst)
		return
	}
	mask := uint64(1)<<width - 1
	bit := at * width
	i := 0
	for ; i < len(dst) && bit>>3+8 <= len(src); i++ {
		dst[i] = T(binary.LittleEndian.Uint64(src[bit>>3:]) >> (bit & 7) & mask)
		bit += width
	}
	for ; i < len(dst); i++ {
		dst[i] = T(load(src[bit>>3:]) >> (bit & 7) & mask)
		bit += width
	}
}

// load reads up to 8 bytes as a number; bytes that are missing count as zero.
func load(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.LittleEndian.Uint64(b)
	}
	var v uint64
	for i, x := range b {
		v |= uint64(x) << (8 * i)
	}
	return v
}

// unpackWide is unpack for any width up to 64.
func unpackWide(dst []int64, src []byte, at, width int) {
	if width <= 56 {
		unpack(dst, src, at, width)
		return
	}
	mask := ^uint64(0) >> (64 - width)
	for i := range dst {
		bit := (at + i) * width
		v := load(src[bit>>3:]) >> (bit & 7)
		if s := bit & 7; s+width > 64 {
			v |= uint64(src[bit>>3+8]) << (64 - s)
		}
		dst[i] = int64(v & mask)
	}
}

// unpackAt reads the values of width bits, at most 32, at the positions pos, counted from shift on.
func unpackAt(dst []int32, src []byte, pos []int32, shift, width int) {
	mask := uint64(1)<<width - 1
	for i, p := range pos[:len(dst)] {
		bit := (shift + int(p)) * width
		if bit>>3+8 <= len(src) {
			dst[i] = int32(binary.LittleEndian.Uint64(src[bit>>3:]) >> (bit & 7) & mask)
		} else {
			dst[i] = int32(load(src[bit>>3:]) >> (bit & 7) & mask)
		}
	}
}
