package kernel

import (
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

// xx64 is XXH64.
func xx64() algorithm { return algorithm{int: xxInt, long: xxLong, bytes: xxBytes} }

// The primes of XXH64.
const (
	prime1 = 0x9E3779B185EBCA87
	prime2 = 0xC2B2AE3D27D4EB4F
	prime3 = 0x165667B19E3779F9
	prime4 = 0x85EBCA77C2B2AE63
	prime5 = 0x27D4EB2F165667C5
)

func xxInt(v uint32, seed uint64) uint64 {
	h := seed + prime5 + 4
	h ^= uint64(v) * prime1
	return avalanche(bits.RotateLeft64(h, 23)*prime2 + prime3)
}

func xxLong(v, seed uint64) uint64 {
	h := seed + prime5 + 8
	h ^= bits.RotateLeft64(v*prime2, 31) * prime1
	return avalanche(bits.RotateLeft64(h, 27)*prime1 + prime4)
}

func avalanche(h uint64) uint64 {
	h ^= h >> 33
	h *= prime2
	h ^= h >> 29
	h *= prime3
	return h ^ h>>32
}

func xxBytes(b []byte, seed uint64) uint64 {
	var d xxhash.Digest
	d.ResetWithSeed(seed)
	d.Write(b)
	return d.Sum64()
}
