package expr

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

func percentileFunctions() []Function {
	return []Function{
		aggregate("percentile", 2, 3, "percentile(a, p[, frequency]): exact, interpolated between neighbours; an array for an array of p", percentile),
		aggregate("percentile_cont", 3, 3, "percentile_cont(p) WITHIN GROUP (ORDER BY a): as percentile", percentile),
		aggregate("percentile_disc", 3, 3, "percentile_disc(p) WITHIN GROUP (ORDER BY a): the first value that at least the share p lies up to", percentile),
		aggregate("median", 1, 1, "median(a): exact middle value", median),
		aggregate("approx_percentile", 2, 3,
			"approx_percentile(a, p[, accuracy]): a value whose rank is off by at most the share 1 / accuracy, by default 1 / 10000",
			approxPercentile, "percentile_approx"),
	}
}

// percentile is of numbers, as DOUBLE, or of intervals.
func percentile(c *call) (arrow.DataType, error) {
	t, err := c.measured()
	if err != nil {
		return nil, err
	}
	list, err := c.percentages()
	if err != nil {
		return nil, err
	}
	if c.name == "percentile" && len(c.args) == 3 {
		if f := c.args[2].Type(); !isIntegral(f) {
			return nil, c.unexpected(2, "a whole number")
		}
		if err := c.convert(2, typeBigInt); err != nil {
			return nil, err
		}
	}
	if list {
		return schema.ArrayOf(t, false), nil
	}
	return t, nil
}

func median(c *call) (arrow.DataType, error) { return c.measured() }

// measured converts the first argument to DOUBLE, unless it is an interval.
func (c *call) measured() (arrow.DataType, error) {
	if t := c.args[0].Type(); isInterval(t) {
		return t, nil
	}
	to, ok := wantDouble.accept(c.args[0].Type())
	if !ok {
		return nil, c.unexpected(0, "NUMERIC or INTERVAL")
	}
	return typeDouble, c.convert(0, to)
}

// percentages converts the second argument to a DOUBLE constant from 0 to 1, or to an array of them.
func (c *call) percentages() (list bool, err error) {
	values, list := []Bound{c.args[1]}, false
	if a, ok := c.args[1].(BoundCall); ok && a.Func == "array" {
		values, list = append([]Bound(nil), a.Args...), true
	}
	for i, v := range values {
		if cast, ok := v.(BoundCast); ok { // of array's own making, to a common type
			v = cast.Arg
		}
		l, ok := v.(BoundLiteral)
		switch {
		case !ok:
			return false, c.mismatch("NON_FOLDABLE_INPUT", fmt.Sprintf("the percentage must be a constant, not %s", sketch(c.args[1])))
		case l.Value == nil && list:
			return false, c.unexpected(1, "an array without NULL")
		case l.Value == nil:
			return false, c.mismatch("UNEXPECTED_NULL", "the percentage must not be NULL")
		case !isNumeric(l.Typ) && !isString(l.Typ):
			return false, c.unexpected(1, "DOUBLE")
		}
		if values[i], err = implicitly(l, typeDouble, c.place(1)); err != nil {
			return false, err
		}
		p, isLiteral := values[i].(BoundLiteral)
		if f, ok := p.Value.(float64); !isLiteral || !ok || !(f >= 0 && f <= 1) {
			return false, c.mismatch("VALUE_OUT_OF_RANGE", fmt.Sprintf("a percentage must be from 0.0 to 1.0, not %s", sketch(l)))
		}
	}
	if list {
		c.args[1] = BoundCall{Pos: c.Pos, Func: "array", Args: values, Typ: schema.ArrayOf(typeDouble, false)}
	} else {
		c.args[1] = values[0]
	}
	return list, nil
}

// measurable is the type of the first argument where its values lie on a line; a text is read as a number.
func (c *call) measurable() (arrow.DataType, error) {
	t := c.args[0].Type()
	switch {
	case isNumeric(t), isDatetime(t), isInterval(t):
		return t, nil
	case isString(t), isNull(t):
		return typeDouble, c.convert(0, typeDouble)
	}
	return nil, c.unexpected(0, "NUMERIC, DATE, TIMESTAMP or INTERVAL")
}

// approxPercentile keeps the type of the values.
func approxPercentile(c *call) (arrow.DataType, error) {
	t, err := c.measurable()
	if err != nil {
		return nil, err
	}
	list, err := c.percentages()
	if err != nil {
		return nil, err
	}
	c.fill(3, literal(int32(10000), typeInt))
	n, err := c.wholeConstant(2, "the accuracy")
	if err != nil {
		return nil, err
	}
	if n < 1 {
		return nil, c.mismatch("VALUE_OUT_OF_RANGE", "the accuracy must be above 0")
	}
	if list {
		return schema.ArrayOf(t, false), nil
	}
	return t, nil
}
