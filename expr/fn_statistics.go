package expr

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// statisticsFunctions are the aggregates beyond the everyday ones.
func statisticsFunctions() []Function {
	return []Function{
		aggregate("approx_count_distinct", 1, 2, "approx_count_distinct(a[, error]): estimate of the distinct values, by default within 5 %", approxDistinct),
		aggregate("bit_and", 1, 1, "bit_and(a): the bits that all values have", bits),
		aggregate("bit_or", 1, 1, "bit_or(a): the bits that any value has", bits),
		aggregate("bit_xor", 1, 1, "bit_xor(a): the bits that an odd number of values has", bits),
		aggregate("covar_pop", 2, 2, "covar_pop(a, b): covariance of all rows", doubles),
		aggregate("covar_samp", 2, 2, "covar_samp(a, b): covariance of a sample; NULL for one row", doubles),
		aggregate("corr", 2, 2, "corr(a, b): correlation; an error where one of them is the same in all rows", doubles),
		aggregate("regr_count", 2, 2, "regr_count(y, x): rows in which neither is NULL", regrCount),
		aggregate("regr_avgx", 2, 2, "regr_avgx(y, x): mean of x over the rows in which neither is NULL", regrAverage(1)),
		aggregate("regr_avgy", 2, 2, "regr_avgy(y, x): mean of y over the rows in which neither is NULL", regrAverage(0)),
		aggregate("regr_sxx", 2, 2, "regr_sxx(y, x): sum of the squares of x about its mean", doubles),
		aggregate("regr_syy", 2, 2, "regr_syy(y, x): sum of the squares of y about its mean", doubles),
		aggregate("regr_sxy", 2, 2, "regr_sxy(y, x): sum of the products about the means", doubles),
		aggregate("regr_slope", 2, 2, "regr_slope(y, x): slope of the line of least squares; NULL where x is the same in all rows", doubles),
		aggregate("regr_intercept", 2, 2, "regr_intercept(y, x): where that line meets x = 0", doubles),
		aggregate("regr_r2", 2, 2, "regr_r2(y, x): how much of y that line explains, from 0 to 1", doubles),
		aggregate("skewness", 1, 1, "skewness(a): third standardised moment; NULL where all values are the same", double),
		aggregate("kurtosis", 1, 1, "kurtosis(a): fourth standardised moment less 3; NULL where all values are the same", double),
		aggregate("try_sum", 1, 1, "try_sum(a): sum(a), NULL on overflow", sum),
		aggregate("try_avg", 1, 1, "try_avg(a): avg(a), NULL on overflow", average),
		aggregate("mode", 1, 3, "mode(a[, deterministic]) or mode() WITHIN GROUP (ORDER BY a): most frequent value, of several the first in order", mode),
		aggregate("listagg", 1, many, "listagg(a[, separator]) [WITHIN GROUP (ORDER BY …)]: the values as one text, NULLs left out", listagg, "string_agg"),
		aggregate("bitmap_construct_agg", 1, 1, "bitmap_construct_agg(n): BINARY of 32768 bits of which those at the values are set; an error for others", bitmapOf(wantBigInt)),
		aggregate("bitmap_or_agg", 1, 1, "bitmap_or_agg(bitmap): the bits that are set in any", bitmapOf(wantExactBinary)),
		aggregate("bitmap_and_agg", 1, 1, "bitmap_and_agg(bitmap): the bits that are set in all", bitmapOf(wantExactBinary)),
		aggregate("schema_of_variant_agg", 1, 1, "schema_of_variant_agg(variant): the type of all values together as text, as schema_of_variant", shapeOfAll),
		aggregate("histogram_numeric", 2, 2, "histogram_numeric(a, n): at most n bins, each a centre and how many rows are near it; approximate", histogram),
	}
}

func doubles(c *call) (arrow.DataType, error) { return typeDouble, c.want(wantDouble) }

// bits keeps the type of whole numbers.
func bits(c *call) (arrow.DataType, error) {
	t := c.args[0].Type()
	if isNull(t) {
		return typeBigInt, c.convert(0, typeBigInt)
	}
	if !isIntegral(t) {
		return nil, c.unexpected(0, "a whole number")
	}
	return t, nil
}

// approxDistinct takes the error that is asked for as a constant fraction.
func approxDistinct(c *call) (arrow.DataType, error) {
	if t := c.args[0].Type(); !isOrderable(t) {
		return nil, c.unexpected(0, "anything but MAP")
	}
	c.fill(2, literal(0.05, typeDouble))
	if t := c.args[1].Type(); isIntegral(t) {
		return nil, c.unexpected(1, "DOUBLE")
	}
	if err := c.convert(1, typeDouble); err != nil {
		return nil, err
	}
	v, _ := c.constant(1)
	rsd, ok := v.(float64)
	if !ok {
		return nil, c.mismatch("NON_FOLDABLE_INPUT", "the error must be a constant")
	}
	if !(rsd > 0.0001 && rsd <= 0.39) {
		return nil, misplaced(c.place(1), "FAILED_FUNCTION_CALL", "38000", "the error must be above 0.0001 and at most 0.39")
	}
	c.null = false
	return typeBigInt, nil
}

// regrCount becomes count(y, x).
func regrCount(c *call) (arrow.DataType, error) {
	c.name, c.null = "count", false
	return typeBigInt, nil
}

// regrAverage becomes avg of one argument where the other is not NULL either.
func regrAverage(of int) typing {
	return func(c *call) (arrow.DataType, error) {
		value := c.args[of]
		other := BoundCall{Pos: c.Pos, Func: "isnotnull", Args: []Bound{c.args[1-of]}, Typ: typeBoolean}
		t := value.Type()
		c.name, c.args = "avg", []Bound{BoundCase{Whens: []BoundWhen{{Cond: other, Result: value}}, Else: literal(nil, t), Typ: t, Null: true}}
		return average(c)
	}
}

// mode has three arguments where WITHIN GROUP tells which of several is meant; else it is the first.
func mode(c *call) (arrow.DataType, error) {
	if !isOrderable(c.args[0].Type()) {
		return nil, c.unexpected(0, "anything but MAP")
	}
	if len(c.args) > 1 {
		if _, ok := c.args[1].(BoundLiteral); !ok {
			return nil, misplaced(c.place(1), "NON_FOLDABLE_ARGUMENT", "42K08", "whether mode is deterministic must be a constant")
		}
		if err := c.convert(1, typeBoolean); err != nil {
			return nil, err
		}
	}
	return c.args[0].Type(), nil
}

// listagg takes texts, or binaries, and a constant between them.
func listagg(c *call) (arrow.DataType, error) {
	t := typeString
	if c.args[0].Type().ID() == arrow.BINARY {
		t = typeBinary
	}
	to, ok := exactly(t).accept(c.args[0].Type())
	if !ok || isBoolean(c.args[0].Type()) {
		return nil, c.unexpected(0, "STRING or BINARY")
	}
	key := c.args[0]
	if err := c.convert(0, to); err != nil {
		return nil, err
	}
	c.fill(2, literal(nil, t))
	if l, ok := c.args[1].(BoundLiteral); !ok || !isNull(l.Typ) && !equalType(l.Typ, t) {
		if _, isConstant := c.args[1].(BoundLiteral); isConstant {
			return nil, c.unexpected(1, TypeSQL(t))
		}
		return nil, c.mismatch("NON_FOLDABLE_INPUT", "the separator must be a constant")
	}
	if err := c.convert(1, t); err != nil {
		return nil, err
	}
	for i := 2; i < len(c.args); i += 2 {
		if !isOrderable(c.args[i].Type()) {
			return nil, c.mismatch("INVALID_ORDERING_TYPE", TypeSQL(c.args[i].Type())+" cannot be ordered")
		}
		if c.distinct && (len(c.args) > 4 || !Equal(c.args[i], key)) {
			return nil, withinGroupError(c.place(i), "MISMATCH_WITH_DISTINCT_INPUT", "with DISTINCT, the values themselves are the only key")
		}
	}
	return t, nil
}

// histogram keeps the type of the values for the bins' centres.
func histogram(c *call) (arrow.DataType, error) {
	t, err := c.measurable()
	if err != nil {
		return nil, err
	}
	n, err := c.wholeConstant(1, "the number of bins")
	if err != nil {
		return nil, err
	}
	if n < 2 {
		return nil, c.mismatch("VALUE_OUT_OF_RANGE", "the number of bins must be at least 2")
	}
	return schema.ArrayOf(arrow.StructOf(
		arrow.Field{Name: "x", Type: t, Nullable: true}, arrow.Field{Name: "y", Type: typeDouble, Nullable: true},
	), true), nil
}

// wholeConstant converts an argument to an INT constant that is not NULL.
func (c *call) wholeConstant(i int, what string) (int32, error) {
	if err := c.mustBeConstant(i, what); err != nil {
		return 0, err
	}
	if t := c.args[i].Type(); !isIntegral(t) && !isNull(t) {
		return 0, c.unexpected(i, "INT")
	}
	if err := c.convert(i, typeInt); err != nil {
		return 0, err
	}
	v, _ := c.constant(i)
	n, ok := v.(int32)
	if !ok {
		return 0, c.mismatch("UNEXPECTED_NULL", what+" must not be NULL")
	}
	return n, nil
}

// bitmapOf is a bitmap that is empty, or for bitmap_and_agg full, over no rows.
func bitmapOf(argument wanted) typing {
	return func(c *call) (arrow.DataType, error) {
		c.null = false
		return typeBinary, c.want(argument)
	}
}

// shapeOfAll is VOID over no rows.
func shapeOfAll(c *call) (arrow.DataType, error) {
	c.null = false
	return typeString, c.want(wantVariant)
}
