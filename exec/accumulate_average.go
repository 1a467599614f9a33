package exec

import (
	"math/big"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/exec/vector"
)

// mean is the average as a double.
func (t *total) mean() float64 {
	if t.fitsInt64() {
		return float64(int64(t.lo)) / float64(t.n)
	}
	return (float64(t.hi)*(1<<64) + float64(t.lo)) / float64(t.n)
}

// decimals are the sums or averages as decimals.
func (t *totals) decimals(picked []uint32, out *arrow.Decimal128Type) (arrow.Array, error) {
	fits := true
	column := vector.NewFixed(t.env.Alloc, out, pickedLen(picked, len(t.of)), func(dst []decimal128.Num) (nulls []int32) {
		for i := range dst {
			x, ok := &t.of[pick(picked, i)], false
			if x.n > 0 {
				dst[i], ok = t.decimal(x, out)
				fits = fits && (ok || t.try)
			}
			if !ok {
				dst[i], nulls = decimal128.Num{}, append(nulls, int32(i))
			}
		}
		return nulls
	})
	if !fits {
		column.Release()
		return nil, errOverflow(t.agg)
	}
	return column, nil
}

// decimal is the sum or the average in the result's scale.
func (t *totals) decimal(x *total, out *arrow.Decimal128Type) (decimal128.Num, bool) {
	if !t.avg {
		return x.num(), x.fitsInt64() && out.Precision > 18 || x.num().FitsInPrecision(out.Precision)
	}
	scale := int32(0)
	if in, ok := t.agg.Args[0].Type().(*arrow.Decimal128Type); ok {
		scale = in.Scale
	}
	v, ok := x.average(max(out.Scale-scale, 0))
	return v, ok && v.FitsInPrecision(out.Precision)
}

// average is the average with so many more digits.
func (t *total) average(digits int32) (decimal128.Num, bool) {
	if digits <= 18 && t.fitsInt64() {
		sum := int64(t.lo)
		hi, lo := bits.Mul64(uint64(max(sum, -sum)), decimal128.GetScaleMultiplier(int(digits)).LowBits())
		if hi < uint64(t.n) {
			q, r := bits.Div64(hi, lo, uint64(t.n))
			v := decimal128.FromU64(q)
			if r >= uint64(t.n)-r {
				v = v.Add(decimal128.FromU64(1))
			}
			if sum < 0 {
				v = v.Negate()
			}
			return v, true
		}
	}
	sum := t.num().BigInt()
	sum.Mul(sum, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
	q := roundedBig(sum, t.n)
	if q.BitLen() > 126 {
		return decimal128.Num{}, false
	}
	return decimal128.FromBigInt(q), true
}

// roundedBig is a/n rounded half away from zero, as decimals round.
func roundedBig(a *big.Int, n int64) *big.Int {
	d := big.NewInt(n)
	q, r := new(big.Int).QuoRem(a, d, new(big.Int))
	if r.Abs(r).Lsh(r, 1).Cmp(d) >= 0 {
		q.Add(q, big.NewInt(int64(a.Sign())))
	}
	return q
}

func roundedQuotient(a, n int64) int64 {
	return roundedBig(big.NewInt(a), n).Int64()
}
