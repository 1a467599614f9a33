package kernel

import (
	"encoding/binary"
	"math/bits"
)

// murmur3 is Murmur3's 32-bit variant, except that each byte behind the last whole word of a text is mixed like a word of its own, with its sign.
func murmur3() algorithm { return algorithm{int: murmurInt, long: murmurLong, bytes: murmurBytes} }

func murmurInt(v uint32, seed uint64) uint64 {
	return murmurEnd(murmurMix(uint32(seed), v), 4)
}

func murmurLong(v, seed uint64) uint64 {
	return murmurEnd(murmurMix(murmurMix(uint32(seed), uint32(v)), uint32(v>>32)), 8)
}

func murmurBytes(b []byte, seed uint64) uint64 {
	h, size := uint32(seed), len(b)
	for ; len(b) >= 4; b = b[4:] {
		h = murmurMix(h, binary.LittleEndian.Uint32(b))
	}
	for _, c := range b {
		h = murmurMix(h, uint32(int32(int8(c))))
	}
	return murmurEnd(h, size)
}

func murmurMix(h, word uint32) uint32 {
	word = bits.RotateLeft32(word*0xcc9e2d51, 15) * 0x1b873593
	return bits.RotateLeft32(h^word, 13)*5 + 0xe6546b64
}

func murmurEnd(h uint32, size int) uint64 {
	h ^= uint32(size)
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return uint64(h ^ h>>16)
}
