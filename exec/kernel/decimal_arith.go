package kernel

import (
	"math"
	"math/big"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/expr"
)

// decimals are the types of a decimal operation.
type decimals struct {
	p1, s1, p2, s2, p, s int32
	pos                  expr.Pos
	typ                  *arrow.Decimal128Type
}

// decimalTypes reads the site's types; ok is false unless both arguments and the result are decimals.
func decimalTypes(c *site) (d decimals, ok bool) {
	a, ok1 := c.args[0].(*arrow.Decimal128Type)
	b, ok2 := c.args[len(c.args)-1].(*arrow.Decimal128Type)
	if !ok1 || !ok2 {
		return d, false
	}
	d = decimals{p1: a.Precision, s1: a.Scale, p2: b.Precision, s2: b.Scale, pos: c.pos}
	if t, ok := c.typ.(*arrow.Decimal128Type); ok {
		d.p, d.s, d.typ = t.Precision, t.Scale, t
	}
	return d, true
}

// fit rounds an exact value of a scale to the result type.
func (d decimals) fit(exact *big.Int, scale int32) (num, error) {
	v := exact
	if scale > d.s {
		v = roundedQuotient(exact, bigPow10(scale-d.s))
	} else if scale < d.s {
		v = new(big.Int).Mul(exact, bigPow10(d.s-scale))
	}
	if n, ok := fromBig(v); ok && n.FitsInPrecision(d.p) {
		return n, nil
	}
	return num{}, outOfRange(d.pos, bigText(exact, scale), d.typ)
}

// check is n of the result's scale, or the error that it has too many digits.
func (d decimals) check(n num) (num, error) {
	if d.p > maxLongDigits && isLong(n) || n.FitsInPrecision(d.p) {
		return n, nil
	}
	return num{}, outOfRange(d.pos, n.ToString(d.s), d.typ)
}

func outOfRange(pos expr.Pos, value string, t *arrow.Decimal128Type) error {
	return fault(pos, "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION", "22003", "use a larger precision, or a try_ function to get NULL instead",
		"%s cannot be represented as DECIMAL(%d, %d)", value, t.Precision, t.Scale)
}

// tooManyDigits is outOfRange for functions without a form that gives NULL.
func tooManyDigits(pos expr.Pos, value string, t *arrow.Decimal128Type) error {
	return fault(pos, "NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION", "22003", "", "%s cannot be represented as DECIMAL(%d, %d)", value, t.Precision, t.Scale)
}

// bigText writes an unscaled value with its scale.
func bigText(v *big.Int, scale int32) string {
	return new(big.Float).SetPrec(512).Quo(new(big.Float).SetPrec(512).SetInt(v), new(big.Float).SetPrec(512).SetInt(bigPow10(scale))).Text('f', int(scale))
}

// decimalRows is a kernel that computes decimals row by row.
func decimalRows(f func(x, y num) (num, error)) kernel {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, b := valuesOf[num](args[0]), valuesOf[num](args[1])
		return tried(k, tries(k.call.name), func(i int) (num, error) { return f(a.at(i), b.at(i)) })
	}}
}

// decimalSum adds or, with subtract, subtracts.
func decimalSum(c *site, subtract bool) (kernel, error) {
	d, ok := decimalTypes(c)
	if !ok {
		return c.unsupported()
	}
	if d.s >= max(d.s1, d.s2) && d.p > max(d.p1+d.s-d.s1, d.p2+d.s-d.s2) && d.p <= maxLongDigits+1 {
		return d.shortSum(subtract), nil
	}
	scale := max(d.s1, d.s2)
	k := decimalRows(func(x, y num) (num, error) {
		if subtract {
			y = y.Negate()
		}
		a, ok1 := scaleUp(x, scale-d.s1)
		b, ok2 := scaleUp(y, scale-d.s2)
		if sum := a.Add(b); ok1 && ok2 && (a.HighBits()^sum.HighBits())&(b.HighBits()^sum.HighBits()) >= 0 && scale == d.s {
			return d.check(sum)
		}
		left := new(big.Int).Mul(x.BigInt(), bigPow10(scale-d.s1))
		return d.fit(left.Add(left, new(big.Int).Mul(y.BigInt(), bigPow10(scale-d.s2))), scale)
	})
	if scale == d.s && d.p > maxLongDigits && max(d.s-d.s1, d.s-d.s2) <= maxLongDigits {
		k.lane = d.laneSum(subtract)
	}
	return k, nil
}

// laneSum is for sums that are exact at the result's scale.
func (d decimals) laneSum(subtract bool) *laneOp {
	op := laneOp{fx: int64(pow10[d.s-d.s1]), fy: int64(pow10[d.s-d.s2])}
	if subtract {
		op.fy = -op.fy
	}
	return &op
}

// shortSum adds decimals of at most 18 digits at the result's scale, whose sum always fits its type.
func (d decimals) shortSum(subtract bool) kernel {
	op := d.laneSum(subtract)
	return kernel{lane: op, run: func(k *frame, args []vec) (vec, error) {
		buf, _ := paired(k, args, func(out, a, b []num) {
			for i, x := range a[:len(out)] {
				out[i] = decimal128.FromI64(toLong(x)*op.fx + toLong(b[i])*op.fy)
			}
		})
		return k.fixed(buf), nil
	}}
}

func decimalProduct(c *site) (kernel, error) {
	d, ok := decimalTypes(c)
	if !ok {
		return c.unsupported()
	}
	exact := d.s1 + d.s2
	if d.p1 <= maxLongDigits && d.p2 <= maxLongDigits && exact == d.s && d.p >= d.p1+d.p2 {
		return shortProduct(), nil
	}
	byRow := decimalRows(func(x, y num) (num, error) {
		if isLong(x) && isLong(y) && exact >= d.s {
			return d.check(scaleDown(multiply(toLong(x), toLong(y)), exact-d.s))
		}
		return d.fit(new(big.Int).Mul(x.BigInt(), y.BigInt()), exact)
	})
	if exact == d.s && d.p > maxLongDigits {
		byRow.lane = &laneOp{product: true}
	}
	if exact == d.s && d.p == maxDigits {
		return longProduct(byRow), nil
	}
	return byRow, nil
}

// longProduct multiplies decimals whose result has the greatest precision: it holds every product of two numbers that fit int64. Batches with longer ones are
// left to byRow.
func longProduct(byRow kernel) kernel {
	run := byRow.run
	byRow.run = func(k *frame, args []vec) (vec, error) {
		if k.valid.buf != nil || !k.dense() {
			return run(k, args)
		}
		long := int64(0)
		buf, _ := paired(k, args, func(out, a, b []num) {
			for i, x := range a[:len(out)] {
				y := b[i]
				long |= x.HighBits() ^ toLong(x)>>63 | y.HighBits() ^ toLong(y)>>63
				out[i] = multiply(toLong(x), toLong(y))
			}
		})
		if long != 0 {
			return run(k, args)
		}
		return k.fixed(buf), nil
	}
	return byRow
}

// shortProduct multiplies decimals of at most 18 digits whose product, by its type, fits.
func shortProduct() kernel {
	return kernel{lane: &laneOp{product: true}, run: func(k *frame, args []vec) (vec, error) {
		buf, _ := paired(k, args, func(out, a, b []num) {
			for i, x := range a[:len(out)] {
				out[i] = multiply(toLong(x), toLong(b[i]))
			}
		})
		return k.fixed(buf), nil
	}}
}

// decimalQuotient divides as Spark does: to 39 digits after the point, then to the result's scale, each time half up.
func decimalQuotient(c *site) (kernel, error) {
	d, ok := decimalTypes(c)
	if !ok {
		return c.unsupported()
	}
	shift := d.s + d.s2 - d.s1
	return decimalRows(func(x, y num) (num, error) {
		if (y == num{}) {
			return num{}, divideByZero(d.pos)
		}
		if shift >= 0 && shift <= maxLongDigits && d.s <= 19 && isLong(x) && isLong(y) && toLong(y) != math.MinInt64 {
			return d.check(quotient(multiply(toLong(x), int64(pow10[shift])), toLong(y)))
		}
		const first = maxDigits + 1
		up := new(big.Int).Mul(x.BigInt(), bigPow10(first+d.s2))
		return d.fit(roundedQuotient(up, new(big.Int).Mul(y.BigInt(), bigPow10(d.s1))), first)
	}), nil
}

// quotient divides by a 64-bit number, rounding half away from zero.
func quotient(a num, b int64) num {
	negative := (a.Sign() < 0) != (b < 0)
	return divideRounded(a.Abs(), uint64(max(b, -b)), negative)
}

// decimalRemainder has the sign of the dividend; pmod that of the divisor.
func decimalRemainder(c *site) (kernel, error) {
	d, ok := decimalTypes(c)
	if !ok {
		return c.unsupported()
	}
	scale := max(d.s1, d.s2)
	return decimalRows(func(x, y num) (num, error) {
		if (y == num{}) {
			return num{}, remainderByZero(d.pos)
		}
		a := new(big.Int).Mul(x.BigInt(), bigPow10(scale-d.s1))
		b := new(big.Int).Mul(y.BigInt(), bigPow10(scale-d.s2))
		r := new(big.Int).Rem(a, b)
		if c.name == "pmod" && r.Sign() < 0 {
			r.Rem(r.Add(r, b), b)
		}
		return d.fit(r, scale)
	}), nil
}

// decimalIntegral is div: the whole part of the quotient as BIGINT.
func decimalIntegral(c *site) (kernel, error) {
	d, ok := decimalTypes(c)
	if !ok {
		return c.unsupported()
	}
	scale := max(d.s1, d.s2)
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		x, y := valuesOf[num](args[0]), valuesOf[num](args[1])
		return tried(k, false, func(i int) (int64, error) {
			if (y.at(i) == num{}) {
				return 0, divideByZero(c.pos)
			}
			a := new(big.Int).Mul(x.at(i).BigInt(), bigPow10(scale-d.s1))
			q := a.Quo(a, new(big.Int).Mul(y.at(i).BigInt(), bigPow10(scale-d.s2)))
			if !q.IsInt64() {
				return 0, arithmeticOverflow(c.pos, "integral divide", "")
			}
			return q.Int64(), nil
		})
	}}, nil
}
