package expr

// realFunctions are those of real numbers: roots, logarithms, circular and hyperbolic functions.
func realFunctions() []Function {
	double := returns(typeDouble, wantDouble)
	return []Function{
		scalar("sqrt", 1, 1, "sqrt(a): square root, NaN below 0", double),
		scalar("cbrt", 1, 1, "cbrt(a): cube root", double),
		scalar("power", 2, 2, "power(a, b): a to the b", double, "pow"),
		scalar("exp", 1, 1, "exp(a): e to the a", double),
		scalar("expm1", 1, 1, "expm1(a): e to the a less 1, exact also near 0", double),
		scalar("log", 1, 2, "log([base,] a): logarithm, natural without a base; NULL for base or a <= 0", logarithm),
		scalar("ln", 1, 1, "ln(a): natural logarithm, NULL for a <= 0", orNull(double)),
		scalar("log10", 1, 1, "log10(a): decimal logarithm, NULL for a <= 0", orNull(double)),
		scalar("log2", 1, 1, "log2(a): binary logarithm, NULL for a <= 0", orNull(double)),
		scalar("log1p", 1, 1, "log1p(a): natural logarithm of 1 + a, NULL for a <= -1", orNull(double)),
		scalar("sin", 1, 1, "sin(a): sine of an angle in radians", double),
		scalar("cos", 1, 1, "cos(a): cosine", double),
		scalar("tan", 1, 1, "tan(a): tangent", double),
		scalar("cot", 1, 1, "cot(a): 1 / tan(a)", double),
		scalar("sec", 1, 1, "sec(a): 1 / cos(a)", double),
		scalar("csc", 1, 1, "csc(a): 1 / sin(a)", double),
		scalar("asin", 1, 1, "asin(a): angle whose sine is a, NaN outside of -1 to 1", double),
		scalar("acos", 1, 1, "acos(a): angle whose cosine is a, NaN outside of -1 to 1", double),
		scalar("atan", 1, 1, "atan(a): angle whose tangent is a", double),
		scalar("atan2", 2, 2, "atan2(y, x): angle of the point (x, y)", double),
		scalar("sinh", 1, 1, "sinh(a): hyperbolic sine", double),
		scalar("cosh", 1, 1, "cosh(a): hyperbolic cosine", double),
		scalar("tanh", 1, 1, "tanh(a): hyperbolic tangent", double),
		scalar("asinh", 1, 1, "asinh(a): inverse hyperbolic sine", double),
		scalar("acosh", 1, 1, "acosh(a): inverse hyperbolic cosine, NaN below 1", double),
		scalar("atanh", 1, 1, "atanh(a): inverse hyperbolic tangent, NaN outside of -1 to 1", double),
		scalar("degrees", 1, 1, "degrees(a): radians as degrees", double),
		scalar("radians", 1, 1, "radians(a): degrees as radians", double),
		scalar("hypot", 2, 2, "hypot(a, b): sqrt(a² + b²) without overflow; infinite beside NaN too", double),
	}
}

// logarithm without a base is ln.
func logarithm(c *call) (Bound, error) {
	if len(c.args) == 1 {
		c.name = "ln"
	}
	return orNull(returns(typeDouble, wantDouble))(c)
}
