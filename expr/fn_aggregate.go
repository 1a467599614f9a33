package expr

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

func aggregateFunctions() []Function {
	return slices.Concat(basicAggregates(), percentileFunctions(), statisticsFunctions())
}

func basicAggregates() []Function {
	return []Function{
		aggregate("count", 0, many, "count(*) rows; count(a, …) rows in which no argument is NULL", count),
		aggregate("count_if", 1, 1, "count_if(condition): rows for which it is TRUE", countIf),
		aggregate("sum", 1, 1, "sum(a): BIGINT, DECIMAL or DOUBLE; an error on overflow", sum),
		aggregate("avg", 1, 1, "avg(a): mean, DOUBLE or DECIMAL", average, "mean"),
		aggregate("min", 1, 1, "min(a)", sameOrdered),
		aggregate("max", 1, 1, "max(a)", sameOrdered),
		aggregate("stddev_samp", 1, 1, "stddev_samp(a): standard deviation of a sample; NULL for one row", double, "stddev", "std"),
		aggregate("stddev_pop", 1, 1, "stddev_pop(a): standard deviation of all rows", double),
		aggregate("var_samp", 1, 1, "var_samp(a): variance of a sample; NULL for one row", double, "variance"),
		aggregate("var_pop", 1, 1, "var_pop(a): variance of all rows", double),
		aggregate("first", 1, 2, "first(a[, ignore NULLs]): value of some row, the first in an ordered window", pick, "first_value"),
		aggregate("last", 1, 2, "last(a[, ignore NULLs]): value of some row, the last in an ordered window", pick, "last_value"),
		aggregate("any_value", 1, 2, "any_value(a[, ignore NULLs]): value of some row", pick),
		aggregate("max_by", 2, 3, "max_by(a, b[, n]): a where b is greatest; with n an array of the first n", pickBy),
		aggregate("min_by", 2, 3, "min_by(a, b[, n]): a where b is least; with n an array of the first n", pickBy),
		aggregate("collect_list", 1, 1, "collect_list(a): array of the values that are not NULL", collect, "array_agg"),
		aggregate("collect_set", 1, 1, "collect_set(a): array of the distinct values that are not NULL", collectSet),
		aggregate("bool_and", 1, 1, "bool_and(a): whether all values are TRUE", condition, "every"),
		aggregate("bool_or", 1, 1, "bool_or(a): whether any value is TRUE", condition, "some", "any"),
	}
}

func aggregate(name string, least, most int, doc string, t typing, aliases ...string) Function {
	return Function{Name: name, Aliases: aliases, Kind: AggregateFunction, Doc: doc, least: least, most: most, aggregate: t}
}

func count(c *call) (arrow.DataType, error) {
	c.null = false
	return typeBigInt, nil
}

func countIf(c *call) (arrow.DataType, error) {
	c.null = false
	return typeBigInt, c.want(wantBoolean)
}

// sum widens: whole numbers to BIGINT, a DECIMAL by ten digits.
func sum(c *call) (arrow.DataType, error) {
	if t := c.args[0].Type(); isInterval(t) {
		return t, nil
	}
	if err := c.want(wantNumeric); err != nil {
		return nil, err
	}
	switch t := c.args[0].Type(); {
	case isDecimal(t):
		p, _ := precisionOf(t)
		return bounded(p.digits+10, p.scale).typ(), nil
	case isIntegral(t):
		return typeBigInt, c.want(wantBigInt)
	}
	return typeDouble, c.want(wantDouble)
}

func average(c *call) (arrow.DataType, error) {
	switch t := c.args[0].Type(); {
	case isInterval(t):
		return t, nil
	case isDecimal(t):
		p, _ := precisionOf(t)
		return bounded(p.digits+4, p.scale+4).typ(), nil
	}
	return typeDouble, c.want(wantDouble)
}

func sameOrdered(c *call) (arrow.DataType, error) {
	t := c.args[0].Type()
	if !isOrderable(t) {
		return nil, c.mismatch("INVALID_ORDERING_TYPE", TypeSQL(t)+" cannot be ordered")
	}
	return t, nil
}

func double(c *call) (arrow.DataType, error) { return typeDouble, c.want(wantDouble) }

func condition(c *call) (arrow.DataType, error) { return typeBoolean, c.want(wantBoolean) }

// pick takes a constant as its second argument: whether NULLs are passed over. FALSE, the default, is left out.
func pick(c *call) (arrow.DataType, error) {
	if len(c.args) == 2 {
		v, _ := c.constant(1)
		ignore, ok := v.(bool)
		if !ok {
			return nil, c.mismatch("NON_FOLDABLE_INPUT", "whether NULLs are ignored must be TRUE or FALSE")
		}
		if !ignore {
			c.args = c.args[:1]
		}
	}
	return c.args[0].Type(), nil
}

// mostPicked is how many values max_by and min_by list.
const mostPicked = 100_000

func pickBy(c *call) (arrow.DataType, error) {
	if t := c.args[1].Type(); !isOrderable(t) {
		return nil, c.mismatch("INVALID_ORDERING_TYPE", TypeSQL(t)+" cannot be ordered")
	}
	t := c.args[0].Type()
	if len(c.args) == 2 {
		return t, nil
	}
	n, err := c.wholeConstant(2, "how many are listed")
	if err != nil {
		return nil, err
	}
	if n < 1 || n > mostPicked {
		return nil, c.mismatch("VALUE_OUT_OF_RANGE", fmt.Sprintf("%s lists 1 to %d values, not %d", c.name, mostPicked, n))
	}
	return schema.ArrayOf(t, true), nil
}

func collect(c *call) (arrow.DataType, error) {
	c.null = false
	return schema.ArrayOf(c.args[0].Type(), false), nil
}

func collectSet(c *call) (arrow.DataType, error) {
	if !isOrderable(c.args[0].Type()) {
		return nil, c.mismatch("UNSUPPORTED_INPUT_TYPE", "collect_set compares values, and MAP cannot be compared")
	}
	return collect(c)
}
