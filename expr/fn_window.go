package expr

import "github.com/apache/arrow-go/v18/arrow"

func windowFunctions() []Function {
	return []Function{
		window("row_number", 0, 0, "row_number(): place in the partition, from 1", whole),
		window("rank", 0, 0, "rank(): 1 more than the rows before the peers", whole),
		window("dense_rank", 0, 0, "dense_rank(): 1 more than the distinct keys before", whole),
		window("percent_rank", 0, 0, "percent_rank(): (rank - 1) / (rows - 1)", fraction),
		window("cume_dist", 0, 0, "cume_dist(): share of the rows up to the last peer", fraction),
		window("ntile", 0, 1, "ntile(n): number of the row's part, of n parts of equal size", ntile),
		window("lag", 1, 4, "lag(a[, offset[, default]]) [IGNORE NULLS]: a in the row offset rows before", shift),
		window("lead", 1, 4, "lead(a[, offset[, default]]) [IGNORE NULLS]: a in the row offset rows after", shift),
		window("nth_value", 2, 3, "nth_value(a, n) [IGNORE NULLS]: a in the n-th row of the frame", nthValue),
	}
}

func window(name string, least, most int, doc string, t typing, aliases ...string) Function {
	return Function{Name: name, Aliases: aliases, Kind: WindowFunction, Doc: doc, least: least, most: most, aggregate: t}
}

func whole(c *call) (arrow.DataType, error) {
	c.null = false
	return typeInt, nil
}

func fraction(c *call) (arrow.DataType, error) {
	c.null = false
	return typeDouble, nil
}

func ntile(c *call) (arrow.DataType, error) {
	c.fill(1, literal(int32(1), typeInt))
	c.null = false
	return typeInt, c.positive(0, "the number of parts")
}

// positive converts an argument to an INT constant above 0.
func (c *call) positive(i int, what string) error {
	if err := c.mustBeConstant(i, what); err != nil {
		return err
	}
	if err := c.convert(i, typeInt); err != nil {
		return err
	}
	v, _ := c.constant(i)
	if n, ok := v.(int32); !ok || n < 1 {
		return c.mismatch("VALUE_OUT_OF_RANGE", what+" must be a constant above 0")
	}
	return nil
}

// shift always has three arguments when bound, and TRUE as a fourth where NULLs are passed over; without a default the result is NULL beyond the partition.
func shift(c *call) (arrow.DataType, error) {
	t := c.args[0].Type()
	c.fill(3, literal(int32(1), typeInt), literal(nil, t))
	if err := c.convert(1, typeInt); err != nil {
		return nil, err
	}
	if err := c.mustBeConstant(1, "the offset"); err != nil {
		return nil, err
	}
	to, ok := exactly(t).accept(c.args[2].Type())
	if !ok && !equalType(c.args[2].Type(), t) {
		return nil, c.unexpected(2, TypeSQL(t))
	}
	if ok {
		if err := c.convert(2, to); err != nil {
			return nil, err
		}
	}
	c.null = c.args[0].Nullable() || c.args[2].Nullable() || len(c.args) > 3
	return t, nil
}

func nthValue(c *call) (arrow.DataType, error) {
	c.null = true
	return c.args[0].Type(), c.positive(1, "n")
}
