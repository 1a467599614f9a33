package expr

import "github.com/apache/arrow-go/v18/arrow"

func mathFunctions() []Function {
	double := returns(typeDouble, wantDouble)
	return []Function{
		scalar("abs", 1, 1, "abs(a): absolute value", returnsFirst(wantNumeric)),
		scalar("round", 1, 2, "round(a[, places]): rounded half away from zero", filled(2, round, literal(int32(0), typeInt))),
		scalar("bround", 1, 2, "bround(a[, places]): rounded half to even", filled(2, round, literal(int32(0), typeInt))),
		scalar("ceil", 1, 1, "ceil(a): least whole number not below a", wholeNumber, "ceiling"),
		scalar("floor", 1, 1, "floor(a): greatest whole number not above a", wholeNumber),
		scalar("sqrt", 1, 1, "sqrt(a): square root, NaN below 0", double),
		scalar("power", 2, 2, "power(a, b): a to the b", double, "pow"),
		scalar("exp", 1, 1, "exp(a): e to the a", double),
		scalar("ln", 1, 1, "ln(a): natural logarithm, NULL for a <= 0", orNull(double)),
		scalar("log10", 1, 1, "log10(a): decimal logarithm, NULL for a <= 0", orNull(double)),
		scalar("log2", 1, 1, "log2(a): binary logarithm, NULL for a <= 0", orNull(double)),
		scalar("sign", 1, 1, "sign(a): -1.0, 0.0 or 1.0", double, "signum"),
		scalar("pmod", 2, 2, "pmod(a, b): remainder, not negative for b > 0; an error for b = 0", arithmetic),
		scalar("greatest", 2, many, "greatest(a, b, …): greatest value, NULLs left out", extreme),
		scalar("least", 2, many, "least(a, b, …): least value, NULLs left out", extreme),
		scalar("try_add", 2, 2, "try_add(a, b): a + b, NULL on overflow", orNull(arithmetic)),
		scalar("try_subtract", 2, 2, "try_subtract(a, b): a - b, NULL on overflow", orNull(arithmetic)),
		scalar("try_multiply", 2, 2, "try_multiply(a, b): a * b, NULL on overflow", orNull(arithmetic)),
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
	return c.result(t), nil
}

// wholeNumber is BIGINT, or a DECIMAL without decimals.
func wholeNumber(c *call) (Bound, error) {
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
