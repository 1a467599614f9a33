package kernel

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/cespare/xxhash/v2"
)

// rowHash folds row i into a hash; a NULL leaves it as it is.
type rowHash func(i int, seed uint64) uint64

// xxhash64 is Spark's: XXH64 with seed 42, the hash of each value being the seed of the next.
func xxhash64(*site) (kernel, error) {
	return kernel{null: true, run: func(k *frame, args []vec) (vec, error) {
		hash, masks := make([]rowHash, len(args)), make([]int, len(args))
		for j, a := range args {
			hash[j], masks[j] = hashOf(a.arr), a.mask()
		}
		return mapped(k, func(i int) int64 {
			h := uint64(42)
			for j, f := range hash {
				h = f(i&masks[j], h)
			}
			return int64(h)
		}), nil
	}}, nil
}

func hashOf(a arrow.Array) rowHash {
	f := presentHash(a)
	if a.NullN() == 0 {
		return f
	}
	return func(i int, seed uint64) uint64 {
		if a.IsNull(i) {
			return seed
		}
		return f(i, seed)
	}
}

// presentHash hashes rows that are not NULL.
func presentHash(a arrow.Array) rowHash {
	v := vec{arr: a}
	switch t := a.DataType().(type) {
	case *arrow.NullType:
		return func(_ int, seed uint64) uint64 { return seed }
	case *arrow.BooleanType:
		x := booleansOf(v)
		return func(i int, seed uint64) uint64 { return hashInt(uint32(b2u(x.get(i))), seed) }
	case *arrow.Int8Type:
		return intHash[int8](v)
	case *arrow.Int16Type:
		return intHash[int16](v)
	case *arrow.Int32Type, *arrow.Date32Type, *arrow.MonthIntervalType:
		return intHash[int32](v)
	case *arrow.Float32Type:
		x := valuesOf[float32](v).v
		return func(i int, seed uint64) uint64 { return hashInt(floatBits(x[i]), seed) }
	case *arrow.Float64Type:
		x := valuesOf[float64](v).v
		return func(i int, seed uint64) uint64 { return hashLong(doubleBits(x[i]), seed) }
	case *arrow.Decimal128Type:
		return decimalHash(v, t)
	case *arrow.ListType:
		return listHash(a.(*array.List), hashOf(a.(*array.List).ListValues()))
	case *arrow.MapType:
		m := a.(*array.Map)
		keys, items := hashOf(m.Keys()), hashOf(m.Items())
		return listHash(m, func(i int, seed uint64) uint64 { return items(i, keys(i, seed)) })
	case *arrow.StructType:
		return structHash(a.(*array.Struct))
	case *arrow.StringType, *arrow.BinaryType, *arrow.DictionaryType:
		x := textsOf(v)
		return func(i int, seed uint64) uint64 { return hashBytes(x.at(i), seed) }
	default: // BIGINT, TIMESTAMP and intervals of days
		x := valuesOf[int64](v).v
		return func(i int, seed uint64) uint64 { return hashLong(uint64(x[i]), seed) }
	}
}

func intHash[T int8 | int16 | int32](v vec) rowHash {
	x := valuesOf[T](v).v
	return func(i int, seed uint64) uint64 { return hashInt(uint32(int32(x[i])), seed) }
}

// floatBits are those of Java: one NaN, and 0.0 for -0.0.
func floatBits(f float32) uint32 {
	switch {
	case f != f:
		return 0x7fc00000
	case f == 0:
		return 0
	}
	return math.Float32bits(f)
}

func doubleBits(f float64) uint64 {
	switch {
	case f != f:
		return 0x7ff8000000000000
	case f == 0:
		return 0
	}
	return math.Float64bits(f)
}

// decimalHash hashes the unscaled value: as a number up to 18 digits of precision, else as the bytes of Java's BigInteger.
func decimalHash(v vec, t *arrow.Decimal128Type) rowHash {
	x := valuesOf[num](v).v
	if t.Precision <= maxLongDigits {
		return func(i int, seed uint64) uint64 { return hashLong(x[i].LowBits(), seed) }
	}
	return func(i int, seed uint64) uint64 { return hashBytes(twosComplement(x[i].BigInt()), seed) }
}

// twosComplement is the shortest big-endian form that keeps the sign.
func twosComplement(b *big.Int) []byte {
	if b.Sign() >= 0 {
		out := b.Bytes()
		if len(out) == 0 || out[0] >= 0x80 {
			out = append([]byte{0}, out...)
		}
		return out
	}
	size := uint(new(big.Int).Not(b).BitLen()/8 + 1)
	return new(big.Int).Add(b, new(big.Int).Lsh(big.NewInt(1), 8*size)).FillBytes(make([]byte, size))
}

func listHash(a array.ListLike, element rowHash) rowHash {
	return func(i int, seed uint64) uint64 {
		start, end := a.ValueOffsets(i)
		for j := start; j < end; j++ {
			seed = element(int(j), seed)
		}
		return seed
	}
}

func structHash(a *array.Struct) rowHash {
	fields := make([]rowHash, a.NumField())
	for f := range fields {
		fields[f] = hashOf(a.Field(f))
	}
	return func(i int, seed uint64) uint64 {
		for _, f := range fields {
			seed = f(i, seed)
		}
		return seed
	}
}

// The primes of XXH64.
const (
	prime1 = 0x9E3779B185EBCA87
	prime2 = 0xC2B2AE3D27D4EB4F
	prime3 = 0x165667B19E3779F9
	prime4 = 0x85EBCA77C2B2AE63
	prime5 = 0x27D4EB2F165667C5
)

func hashInt(v uint32, seed uint64) uint64 {
	h := seed + prime5 + 4
	h ^= uint64(v) * prime1
	return avalanche(bits.RotateLeft64(h, 23)*prime2 + prime3)
}

func hashLong(v, seed uint64) uint64 {
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

func hashBytes(b []byte, seed uint64) uint64 {
	var d xxhash.Digest
	d.ResetWithSeed(seed)
	d.Write(b)
	return d.Sum64()
}
