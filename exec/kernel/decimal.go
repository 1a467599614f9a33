package kernel

import (
	"math/big"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

type num = decimal128.Num

const (
	maxLongDigits = 18 // every number of so many digits fits int64
	maxDigits     = 38
)

// pow10 are the powers of ten that fit uint64.
var pow10 = [...]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// bigPow10 is 10^k for any k.
func bigPow10(k int32) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(k)), nil) }

func negateDecimal(n num) num { return n.Negate() }

// isLong tells that n fits int64.
func isLong(n num) bool { return n.HighBits() == int64(n.LowBits())>>63 }

// toLong is the value of a decimal that fits int64.
func toLong(n num) int64 { return int64(n.LowBits()) }

// multiply is the 128-bit product of two 64-bit numbers.
func multiply(x, y int64) num {
	hi, lo := mul64(x, y)
	return decimal128.New(hi, uint64(lo))
}

// scaleUp is n × 10^k; ok is false where that leaves 38 digits.
func scaleUp(n num, k int32) (out num, ok bool) {
	if k == 0 {
		return n, true
	}
	if k >= maxDigits || !n.FitsInPrecision(maxDigits-k) {
		return num{}, n == num{}
	}
	if k <= maxLongDigits && isLong(n) {
		return multiply(toLong(n), int64(pow10[k])), true
	}
	return n.Mul(decimal128.GetScaleMultiplier(int(k))), true
}

// scaleDown is n ÷ 10^k, rounded half away from zero.
func scaleDown(n num, k int32) num {
	if k == 0 {
		return n
	}
	if k >= int32(len(pow10)) {
		out, _ := fromBig(roundedQuotient(n.BigInt(), bigPow10(k)))
		return out
	}
	return divideRounded(n.Abs(), pow10[k], n.Sign() < 0)
}

// divideRounded is u ÷ d rounded half up, u not being negative, and turned around where the quotient is negative.
func divideRounded(u num, d uint64, negative bool) num {
	hi, lo, r := uint64(u.HighBits()), u.LowBits(), uint64(0)
	if hi > 0 {
		hi, r = bits.Div64(0, hi, d)
		lo, r = bits.Div64(r, lo, d)
	} else {
		lo, r = lo/d, lo%d
	}
	if r >= d-d/2 {
		var carry uint64
		lo, carry = bits.Add64(lo, 1, 0)
		hi += carry
	}
	if q := decimal128.New(int64(hi), lo); !negative {
		return q
	} else {
		return q.Negate()
	}
}

// rescale changes the scale, rounding half up; ok is false where the digits do not fit precision.
func rescale(n num, from, to, precision int32) (out num, ok bool) {
	if to >= from {
		out, ok = scaleUp(n, to-from)
	} else {
		out, ok = scaleDown(n, from-to), true
	}
	return out, ok && out.FitsInPrecision(precision)
}

// roundedQuotient is a ÷ b, rounded half away from zero.
func roundedQuotient(a, b *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Abs(r).Lsh(r, 1).CmpAbs(b) >= 0 {
		q.Add(q, big.NewInt(int64(a.Sign()*b.Sign())))
	}
	return q
}

// fromBig converts; ok is false where the number has more than 38 digits.
func fromBig(b *big.Int) (n num, ok bool) {
	if b.BitLen() > 127 {
		return num{}, false
	}
	n = decimal128.FromBigInt(b)
	return n, n.FitsInPrecision(maxDigits)
}
