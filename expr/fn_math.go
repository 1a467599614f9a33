package expr

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
)

func mathFunctions() []Function {
	return []Function{
		scalar("abs", 1, 1, "abs(a): absolute value", returnsFirst(wantNumeric)),
		scalar("round", 1, 2, "round(a[, places]): rounded half away from zero", filled(2, round, literal(int32(0), typeInt))),
		scalar("bround", 1, 2, "bround(a[, places]): rounded half to even", filled(2, round, literal(int32(0), typeInt))),
		scalar("ceil", 1, 2, "ceil(a[, places]): least whole number not below a, or least number with so many places", wholeNumber, "ceiling"),
		scalar("floor", 1, 2, "floor(a[, places]): greatest whole number not above a, or greatest number with so many places", wholeNumber),
		scalar("sign", 1, 1, "sign(a): -1.0, 0.0 or 1.0", returns(typeDouble, wantDouble), "signum"),
		scalar("pmod", 2, 2, "pmod(a, b): remainder, not negative for b > 0; an error for b = 0", arithmetic),
		scalar("rint", 1, 1, "rint(a): nearest whole number as DOUBLE, the even one on a tie", returns(typeDouble, wantDouble)),
		rewritten("e", 0, 0, "e(): Euler's number", constantly(math.E)),
		rewritten("pi", 0, 0, "pi(): π", constantly(math.Pi)),
		scalar("factorial", 1, 1, "factorial(n): n!, NULL below 0 and above 20", orNull(returns(typeBigInt, wantInt))),
		scalar("width_bucket", 4, 4, "width_bucket(a, low, high, n): number of a's part among n equal ones, 0 before and n + 1 behind them; "+
			"NULL for low = high, n below 1 and NaN", orNull(widthBucket)),
		scalar("bin", 1, 1, "bin(n): binary digits, of negative numbers in two's complement", returns(typeString, wantBigInt)),
		scalar("conv", 3, 3, "conv(a, from, to): digits a of one base in another, from 2 to 36, negative for signed results; an error above 64 bits",
			orNull(returns(typeString, wantString, wantInt))),
		scalar("greatest", 2, many, "greatest(a, b, …): greatest value, NULLs left out", extreme),
		scalar("least", 2, many, "least(a, b, …): least value, NULLs left out", extreme),
		scalar("try_add", 2, 2, "try_add(a, b): a + b, NULL on overflow", orNull(tryAdd)),
		scalar("try_subtract", 2, 2, "try_subtract(a, b): a - b, NULL on overflow", orNull(tryAdd)),
		scalar("try_multiply", 2, 2, "try_multiply(a, b): a * b, NULL on overflow", orNull(multiply)),
		scalar("try_mod", 2, 2, "try_mod(a, b): a % b, NULL for b = 0", orNull(arithmetic)),
		scalar("try_divide", 2, 2, "try_divide(a, b): a / b, NULL for b = 0 and on overflow", orNull(divide)),
	}
}

// round keeps the type, but a DECIMAL gets the decimals that are left; so the number of places must be known now.
func round(c *call) (Bound, error) {
	if err := c.want(wantNumeric, wantInt); err != nil {
		return nil, err
	}
	if err := c.mustBeConstant(1, "the number of places"); err != nil {
		return nil, err
	}
	t := c.args[0].Type()
	if p, _ := precisionOf(t); isDecimal(t) {
		places, _ := c.constant(1)
		n, _ := places.(int32)
		t = roundResult(p, max(n, -maxPrecision)).typ()
	}
	if _, known := c.constant(1); !known {
		return literal(nil, t), nil
	}
	return c.result(t), nil
}

// wholeNumber is BIGINT, or a DECIMAL without decimals; with a number of places it is a DECIMAL.
func wholeNumber(c *call) (Bound, error) {
	if len(c.args) == 2 {
		return c.wholePlaces()
	}
	t := c.args[0].Type()
	switch {
	case isDecimal(t):
		p, _ := precisionOf(t)
		if p.scale > 0 {
			t = bounded(p.digits-p.scale+1, 0).typ()
		}
		return c.result(t), nil
	case isIntegral(t):
		return returns(typeBigInt, wantBigInt)(c)
	}
	return returns(typeBigInt, wantDouble)(c)
}

func (c *call) wholePlaces() (Bound, error) {
	if _, ok := c.constant(1); !ok || c.args[1].Type().ID() != arrow.INT32 {
		return nil, &Error{
			Class: "NON_FOLDABLE_ARGUMENT", SQLState: "42K08", Line: c.Line, Column: c.Column,
			Message: "the number of places of " + c.name + " must be a constant of type INT",
		}
	}
	c.null = c.null || isFloating(c.args[0].Type()) // NaN and infinities are no DECIMAL
	if err := c.want(wantDecimal, wantInt); err != nil {
		return nil, err
	}
	return round(c)
}

// wantDecimal takes every number as the DECIMAL that holds its type.
var wantDecimal = wanted{label: "DECIMAL", accept: func(t arrow.DataType) (arrow.DataType, bool) {
	if p, ok := precisionOf(t); ok {
		return p.typ(), true
	}
	return decimalOf(maxPrecision, 18), isNull(t) || isString(t)
}}

func extreme(c *call) (Bound, error) {
	if err := c.unify(commonWithoutStrings); err != nil {
		return nil, err
	}
	t := c.args[0].Type()
	if !isOrderable(t) {
		return nil, c.mismatch("INVALID_ORDERING_TYPE", TypeSQL(t)+" cannot be compared")
	}
	c.null = true
	for _, a := range c.args {
		c.null = c.null && a.Nullable()
	}
	return c.result(t), nil
}

func isNaNFunction() binding { return neverNull(returns(typeBoolean, wantFloating)) }

// nanvl converts both sides to one floating type.
func nanvl(c *call) (Bound, error) {
	if err := c.want(wantFloating); err != nil {
		return nil, err
	}
	if c.args[0].Type().ID() != arrow.FLOAT32 || c.args[1].Type().ID() != arrow.FLOAT32 {
		if err := c.want(wantDouble); err != nil {
			return nil, err
		}
	}
	return c.result(c.args[0].Type()), nil
}

func constantly(x float64) binding {
	return func(*call) (Bound, error) { return literal(x, typeDouble), nil }
}

// widthBucket counts parts of a range of numbers or of intervals.
func widthBucket(c *call) (Bound, error) {
	bound := wantDouble
	if t := c.args[0].Type(); isInterval(t) {
		for _, a := range c.args[1:3] {
			if !equalType(t, a.Type()) && !isNull(a.Type()) {
				return nil, c.typesDiffer()
			}
		}
		bound = only(t)
	}
	return returns(typeBigInt, bound, bound, bound, wantBigInt)(c)
}
