package kernel

import (
	"math"
	"math/big"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// rounding are round (half up), bround (half to even), ceil and floor.
func rounding() map[string]builder {
	return map[string]builder{
		"round": rounded(halfUp), "bround": rounded(halfEven), "ceil": rounded(up), "floor": rounded(down),
	}
}

// direction is how digits are dropped.
type direction uint8

const (
	halfUp   direction = iota // away from zero on a tie
	halfEven                  // to the even neighbour on a tie
	up                        // towards positive infinity
	down                      // towards negative infinity
)

// rounded takes a value and the digits to keep after the point, 0 by default, which are constant and may be negative.
func rounded(d direction) builder {
	return func(c *site) (kernel, error) {
		digits, err := c.digits()
		if err != nil {
			return kernel{}, err
		}
		switch from := c.args[0].(type) {
		case *arrow.Int8Type:
			return roundInts[int8](c, d, digits)
		case *arrow.Int16Type:
			return roundInts[int16](c, d, digits)
		case *arrow.Int32Type:
			return roundInts[int32](c, d, digits)
		case *arrow.Int64Type:
			return roundInts[int64](c, d, digits)
		case *arrow.Float32Type:
			return roundFloats[float32](c, d, digits)
		case *arrow.Float64Type:
			return roundFloats[float64](c, d, digits)
		case *arrow.Decimal128Type:
			return roundDecimals(c, d, digits, from)
		}
		return c.unsupported()
	}
}

// digits is the constant second argument.
func (c *site) digits() (int32, error) {
	if len(c.args) < 2 {
		return 0, nil
	}
	v := c.consts[1]
	if f := longsOf(c.args[1]); v != nil && f != nil && v.IsValid(0) {
		return int32(max(math.MinInt16, min(math.MaxInt16, f(vec{arr: v, one: true})(0)))), nil
	}
	return 0, fault(c.pos, "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT", "42K09", "", "the scale of %s must be a constant", c.name)
}

// divide is v ÷ p in the direction.
func (d direction) divide(v, p *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(v, p, new(big.Int))
	if r.Sign() == 0 {
		return q
	}
	twice := new(big.Int).Lsh(new(big.Int).Abs(r), 1).Cmp(p)
	var away bool
	switch d {
	case halfUp:
		away = twice >= 0
	case halfEven:
		away = twice > 0 || twice == 0 && q.Bit(0) == 1
	case up:
		away = v.Sign() > 0
	default:
		away = v.Sign() < 0
	}
	if away {
		q.Add(q, big.NewInt(int64(v.Sign())))
	}
	return q
}

// roundInts changes only digits before the point.
func roundInts[T signed](c *site, d direction, digits int32) (kernel, error) {
	if c.typ.ID() != c.args[0].ID() {
		return c.unsupported()
	}
	if digits >= 0 {
		return kernel{run: func(_ *frame, args []vec) (vec, error) { return args[0], nil }}, nil
	}
	p := bigPow10(min(-digits, 25))
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a := valuesOf[T](args[0])
		return tried(k, false, func(i int) (T, error) {
			v := d.divide(big.NewInt(int64(a.at(i))), p)
			if v.Mul(v, p); !v.IsInt64() || int64(T(v.Int64())) != v.Int64() {
				return 0, overflow[T](k.call)
			}
			return T(v.Int64()), nil
		})
	}}, nil
}

// roundFloats rounds the shortest digits that identify the number as a double, as Spark does. ceil and floor of a double give a BIGINT.
func roundFloats[T floating](c *site, d direction, digits int32) (kernel, error) {
	if c.typ.ID() == arrow.INT64 {
		f := math.Ceil
		if d == down {
			f = math.Floor
		}
		return unary(func(x T) int64 { return saturate(f(float64(x))) }), nil
	}
	if c.typ.ID() != c.args[0].ID() {
		return c.unsupported()
	}
	if d == halfUp && digits == 0 {
		return unary(func(x T) T { return T(math.Round(float64(x)) + 0) }), nil // a tie in the shortest digits is a tie in fact
	}
	return unary(func(x T) T { return T(d.float(float64(x), digits)) }), nil
}

// saturate is the whole number nearest to v in BIGINT, 0 for NaN, as Java converts.
func saturate(v float64) int64 {
	switch {
	case v != v:
		return 0
	case v >= 1<<63:
		return math.MaxInt64
	case v < -1<<63:
		return math.MinInt64
	}
	return int64(v)
}

// float rounds where a product with a power of ten is far enough from a tie for its error not to matter; else digit by digit.
func (d direction) float(x float64, digits int32) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	if digits == 0 && d == halfEven {
		return math.RoundToEven(x) + 0
	}
	const (
		limit = 1 << 30
		slack = 1e-6 // over limit × 2⁻⁵²
	)
	if digits > 0 && digits <= 15 {
		p := math.Pow10(int(digits))
		y := math.Abs(x) * p
		if whole := math.Floor(y); y < limit && math.Abs(y-whole-0.5) > slack {
			if y-whole > 0.5 {
				whole++
			}
			return math.Copysign(whole/p, x) + 0
		}
	}
	return d.digitwise(x, digits)
}

func (d direction) digitwise(x float64, digits int32) float64 {
	var scratch [32]byte
	mantissa, exponent := splitExponent(strconv.AppendFloat(scratch[:0], math.Abs(x), 'e', -1, 64))
	unscaled, scale := unscale(mantissa)
	if x < 0 {
		unscaled.Neg(unscaled)
	}
	drop := int32(scale) - int32(exponent) - digits
	if drop <= 0 {
		return x
	}
	if drop > 400 {
		return 0
	}
	if unscaled.IsInt64() && drop <= maxLongDigits && digits >= 0 && digits <= 22 {
		// Both operands are exact: what 15 digits round to is below 2⁵³.
		if v := d.divideLong(unscaled.Int64(), int64(pow10[drop])); v < 1<<53 && v > -1<<53 {
			return float64(v) / math.Pow10(int(digits))
		}
	}
	v := d.divide(unscaled, bigPow10(drop))
	out, err := strconv.ParseFloat(v.String()+"e"+strconv.Itoa(int(-digits)), 64)
	if err != nil {
		return x
	}
	return out
}

// roundDecimals gives a decimal of the result's type, or for ceil and floor of one of scale 0 possibly a BIGINT.
func roundDecimals(c *site, d direction, digits int32, from *arrow.Decimal128Type) (kernel, error) {
	to, ok := c.typ.(*arrow.Decimal128Type)
	if !ok {
		return c.unsupported()
	}
	fit := func(n num, scale int32) (num, error) {
		if out, ok := rescale(n, scale, to.Scale, to.Precision); ok {
			return out, nil
		}
		return num{}, tooManyDigits(c.pos, n.ToString(scale), to)
	}
	drop := from.Scale - digits
	if drop <= 0 {
		return roundedDecimals(func(n num) (num, error) { return fit(n, from.Scale) }), nil
	}
	if drop > maxDigits+1 {
		drop = maxDigits + 1
	}
	p := bigPow10(drop)
	return roundedDecimals(func(n num) (num, error) {
		var q num
		if isLong(n) && drop <= maxLongDigits {
			q = decimal128.FromI64(d.divideLong(toLong(n), int64(pow10[drop])))
		} else {
			q, _ = fromBig(d.divide(n.BigInt(), p)) // has fewer digits than n
		}
		kept := from.Scale - drop // negative where digits before the point go
		if kept < 0 {
			up, ok := scaleUp(q, -kept)
			if !ok {
				return num{}, tooManyDigits(c.pos, n.ToString(from.Scale), to)
			}
			return fit(up, 0)
		}
		return fit(q, kept)
	}), nil
}

func roundedDecimals(f func(num) (num, error)) kernel {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a := valuesOf[num](args[0])
		return tried(k, false, func(i int) (num, error) { return f(a.at(i)) })
	}}
}

// divideLong is divide for 64-bit numbers; p is a power of ten.
func (d direction) divideLong(v, p int64) int64 {
	q, r := v/p, v%p
	if r == 0 {
		return q
	}
	sign := int64(1)
	if v < 0 {
		sign, r = -1, -r
	}
	var away bool
	switch d {
	case halfUp:
		away = r >= p-r
	case halfEven:
		away = r > p-r || r == p-r && q%2 != 0
	case up:
		away = v > 0
	default:
		away = v < 0
	}
	if away {
		return q + sign
	}
	return q
}
