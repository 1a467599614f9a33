package kernel

import (
	"math"
	"math/big"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// rowHash folds row i into a hash; a NULL leaves it as it is.
type rowHash func(i int, seed uint64) uint64

// algorithm hashes the three things that values are made of, each with the hash of what came before as its seed.
type algorithm struct {
	int   func(v uint32, seed uint64) uint64
	long  func(v, seed uint64) uint64
	bytes func(b []byte, seed uint64) uint64
}

// hashSeed is the seed of the first value.
const hashSeed = 42

// hashed hashes all arguments, one after the other, as Spark does.
func hashed[R int32 | int64](h algorithm) builder {
	return func(*site) (kernel, error) {
		return kernel{null: true, run: func(k *frame, args []vec) (vec, error) {
			hash, masks := make([]rowHash, len(args)), make([]int, len(args))
			for j, a := range args {
				hash[j], masks[j] = h.of(a.arr), a.mask()
			}
			return mapped(k, func(i int) R {
				sum := uint64(hashSeed)
				for j, f := range hash {
					sum = f(i&masks[j], sum)
				}
				return R(sum)
			}), nil
		}}, nil
	}
}

func (h algorithm) of(a arrow.Array) rowHash {
	f := h.present(a)
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

// present hashes rows that are not NULL.
func (h algorithm) present(a arrow.Array) rowHash {
	v := vec{arr: a}
	if a.DataType().ID() == arrow.INTERVAL_MONTHS {
		return intHash[int32](h, v)
	}
	switch t := a.DataType().(type) {
	case *arrow.NullType:
		return func(_ int, seed uint64) uint64 { return seed }
	case *arrow.BooleanType:
		x := booleansOf(v)
		return func(i int, seed uint64) uint64 { return h.int(uint32(b2u(x.get(i))), seed) }
	case *arrow.Int8Type:
		return intHash[int8](h, v)
	case *arrow.Int16Type:
		return intHash[int16](h, v)
	case *arrow.Int32Type, *arrow.Date32Type:
		return intHash[int32](h, v)
	case *arrow.Float32Type:
		x := valuesOf[float32](v).v
		return func(i int, seed uint64) uint64 { return h.int(floatBits(x[i]), seed) }
	case *arrow.Float64Type:
		x := valuesOf[float64](v).v
		return func(i int, seed uint64) uint64 { return h.long(doubleBits(x[i]), seed) }
	case *arrow.Decimal128Type:
		return h.decimal(v, t)
	case *arrow.ListType:
		return listHash(a.(*array.List), h.of(a.(*array.List).ListValues()))
	case *arrow.MapType:
		m := a.(*array.Map)
		keys, items := h.of(m.Keys()), h.of(m.Items())
		return listHash(m, func(i int, seed uint64) uint64 { return items(i, keys(i, seed)) })
	case *arrow.StructType:
		return h.structs(a.(*array.Struct))
	case *arrow.StringType, *arrow.BinaryType, *arrow.DictionaryType:
		x := textsOf(v)
		return func(i int, seed uint64) uint64 { return h.bytes(x.at(i), seed) }
	default: // BIGINT, TIMESTAMP and intervals of days
		x := valuesOf[int64](v).v
		return func(i int, seed uint64) uint64 { return h.long(uint64(x[i]), seed) }
	}
}

func intHash[T int8 | int16 | int32](h algorithm, v vec) rowHash {
	x := valuesOf[T](v).v
	return func(i int, seed uint64) uint64 { return h.int(uint32(int32(x[i])), seed) }
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

// decimal hashes the unscaled value: as a number up to 18 digits of precision, else as the bytes of Java's BigInteger.
func (h algorithm) decimal(v vec, t *arrow.Decimal128Type) rowHash {
	x := valuesOf[num](v).v
	if t.Precision <= maxLongDigits {
		return func(i int, seed uint64) uint64 { return h.long(x[i].LowBits(), seed) }
	}
	return func(i int, seed uint64) uint64 { return h.bytes(twosComplement(x[i].BigInt()), seed) }
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

func (h algorithm) structs(a *array.Struct) rowHash {
	fields := make([]rowHash, a.NumField())
	for f := range fields {
		fields[f] = h.of(a.Field(f))
	}
	return func(i int, seed uint64) uint64 {
		for _, f := range fields {
			seed = f(i, seed)
		}
		return seed
	}
}
