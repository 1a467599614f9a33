package parquet

import (
	"encoding/binary"
	"math/bits"
)

const (
	seed0 = 0x9E3779B97F4A7C15
	seed1 = 0xD6E8FEB86659FD93
)

// mix folds the 128-bit product of two numbers.
func mix(a, b uint64) uint64 {
	h, l := bits.Mul64(a, b)
	return h ^ l
}

// hashBytes hashes a string for dictionaries. It is fast and well spread, not safe against an adversary; a dictionary is bounded, so that the worst
// that chosen strings can do is bounded too.
func hashBytes(s []byte) uint64 {
	n := len(s)
	h := uint64(n) * seed0
	switch {
	case n >= 8:
		t := s
		for len(t) >= 16 {
			h = mix(h^binary.LittleEndian.Uint64(t), seed1^binary.LittleEndian.Uint64(t[8:]))
			t = t[16:]
		}
		if len(t) >= 8 {
			h = mix(h^binary.LittleEndian.Uint64(t), seed1)
		}
		return mix(h^binary.LittleEndian.Uint64(s[n-8:]), seed0)
	case n >= 4:
		return mix(h^uint64(binary.LittleEndian.Uint32(s))<<32^uint64(binary.LittleEndian.Uint32(s[n-4:])), seed1)
	case n > 0:
		return mix(h^uint64(s[0])<<16^uint64(s[n>>1])<<8^uint64(s[n-1]), seed1)
	}
	return mix(h, seed1)
}

// prefix is the first 8 bytes as a number that orders as the bytes do; short strings count as filled up with zeros.
func prefix(s []byte) uint64 {
	if len(s) >= 8 {
		return binary.BigEndian.Uint64(s)
	}
	var v uint64
	for i, b := range s {
		v |= uint64(b) << (56 - 8*i)
	}
	return v
}
