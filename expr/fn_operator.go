package expr

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

func operators() []Function {
	return []Function{
		scalar("+", 2, 2, "a + b: sum of numbers or intervals; a date or timestamp moved on by an interval, a date by days", add),
		scalar("-", 2, 2, "a - b: difference of numbers, intervals, dates or timestamps; a date or timestamp moved back", subtract),
		scalar("*", 2, 2, "a * b: product; also of an interval and a number", multiply),
		scalar("/", 2, 2, "a / b: quotient, DOUBLE for whole numbers; an error for b = 0", divide),
		scalar("%", 2, 2, "a % b: remainder with the sign of a; an error for b = 0", arithmetic, "mod"),
		scalar("div", 2, 2, "a DIV b: whole quotient as BIGINT, rounded towards zero; an error for b = 0", integralDivide),
		scalar("negative", 1, 1, "-a", returnsFirst(wantMeasure)),
		rewritten("positive", 1, 1, "positive(a): a itself", positive),
		scalar("=", 2, 2, "a = b; NaN equals NaN", compare),
		scalar("<>", 2, 2, "a <> b", compare),
		scalar("<", 2, 2, "a < b; NaN is greatest", compare),
		scalar("<=", 2, 2, "a <= b", compare),
		scalar(">", 2, 2, "a > b", compare),
		scalar(">=", 2, 2, "a >= b", compare),
		scalar("<=>", 2, 2, "a <=> b: equality where NULL equals NULL; never NULL", neverNull(compare), "equal_null"),
		scalar("in", 2, many, "a IN (b, …): whether a equals any of the others", in),
		scalar("and", 2, 2, "a AND b", logic),
		scalar("or", 2, 2, "a OR b", logic),
		scalar("not", 1, 1, "NOT a", returns(typeBoolean, wantBoolean)),
		scalar("isnull", 1, 1, "a IS NULL", neverNull(returns(typeBoolean, wantAny))),
		scalar("isnotnull", 1, 1, "a IS NOT NULL", neverNull(returns(typeBoolean, wantAny))),
		scalar("[]", 2, 2, "a[i]: element of an array by position from 0, an error outside of it; value of a map by key, NULL where it lacks the key", subscript),
	}
}

// logic converts a string only beside a BOOLEAN.
func logic(c *call) (Bound, error) {
	a, b := c.args[0].Type(), c.args[1].Type()
	truth := func(t arrow.DataType) bool { return isBoolean(t) || isNull(t) }
	switch {
	case truth(a) && truth(b), isBoolean(a) && isString(b), isString(a) && isBoolean(b):
		return returns(typeBoolean, wantBoolean)(c)
	case equalType(a, b):
		return nil, c.mismatch("BINARY_OP_WRONG_TYPE", "the operands are "+TypeSQL(a)+", not BOOLEAN")
	}
	return nil, c.operandsDiffer()
}

func positive(c *call) (Bound, error) {
	if err := c.want(wantMeasure); err != nil {
		return nil, err
	}
	return c.args[0], nil
}

// compare casts both sides to their common type.
func compare(c *call) (Bound, error) {
	if err := c.comparable(); err != nil {
		return nil, err
	}
	t := c.args[0].Type()
	if !isOrderable(t) {
		return nil, c.mismatch("INVALID_ORDERING_TYPE", TypeSQL(t)+" cannot be compared")
	}
	return c.result(typeBoolean), nil
}

func in(c *call) (Bound, error) {
	if err := c.comparable(); err != nil {
		return nil, err
	}
	if t := c.args[0].Type(); !isOrderable(t) {
		return nil, c.mismatch("INVALID_ORDERING_TYPE", TypeSQL(t)+" cannot be compared")
	}
	return c.result(typeBoolean), nil
}

// comparable is unify for operands: a whole-number constant beside a DECIMAL counts with just its digits.
func (c *call) comparable() error {
	decimals := false
	for _, a := range c.args {
		decimals = decimals || isDecimal(a.Type())
	}
	for i, a := range c.args {
		if p, ok := literalPrecision(a); ok && decimals {
			if err := c.convert(i, p.typ()); err != nil {
				return err
			}
		}
	}
	return c.unify(comparableType)
}

// comparableType is the common type of what is compared: structs may name their fields differently.
func comparableType(a, b arrow.DataType) (arrow.DataType, bool) {
	x, okX := a.(*arrow.StructType)
	y, okY := b.(*arrow.StructType)
	if !okX || !okY || x.NumFields() != y.NumFields() {
		return CommonType(a, b)
	}
	fields := slices.Clone(y.Fields())
	for i := range fields {
		fields[i].Name = x.Field(i).Name
	}
	return commonStruct(x, arrow.StructOf(fields...), comparableType)
}

// unify converts all arguments to one type.
func (c *call) unify(common func(a, b arrow.DataType) (arrow.DataType, bool)) error {
	var t arrow.DataType = arrow.Null
	for _, a := range c.args {
		merged, ok := common(t, a.Type())
		if !ok {
			return c.typesDiffer()
		}
		t = merged
	}
	for i := range c.args {
		if err := c.convert(i, t); err != nil {
			return err
		}
	}
	return nil
}

func add(c *call) (Bound, error) {
	a, b := c.args[0].Type(), c.args[1].Type()
	switch {
	case isDate(a) && isNull(b), isNull(a) && isDate(b):
		return literal(nil, typeTimestamp), nil
	case isDate(a) && isIntegral(b):
		return c.moveDate("date_add")
	case isIntegral(a) && isDate(b):
		c.swap()
		return c.moveDate("date_add")
	case isDatetime(a) && isInterval(b):
		return c.moveBy(1)
	case isInterval(a) && isDatetime(b):
		c.swap()
		return c.moveBy(1)
	case isString(a) && b.ID() == arrow.DURATION:
		return c.moveText(1)
	case a.ID() == arrow.DURATION && isString(b):
		c.swap()
		return c.moveText(1)
	case isCalendar(a) || isCalendar(b):
		return c.calendarSum()
	case isInterval(a) || isInterval(b):
		return c.intervalSum()
	}
	return arithmetic(c)
}

func subtract(c *call) (Bound, error) {
	a, b := c.args[0].Type(), c.args[1].Type()
	switch {
	case isDate(a) && (isIntegral(b) || isNull(b)):
		return c.moveDate("date_sub")
	case isDatetime(a) && isInterval(b):
		return c.moveBy(-1)
	case isString(a) && b.ID() == arrow.DURATION:
		return c.moveText(-1)
	case isDatetime(a) && (isDatetime(b) || isString(b)), isString(a) && isDatetime(b), isTimestamp(a) && isNull(b), isNull(a) && isTimestamp(b):
		if err := c.unify(CommonType); err != nil {
			return nil, err
		}
		if isDate(c.args[0].Type()) {
			return c.result(schema.IntervalOf(schema.Day, schema.Day)), nil
		}
		return c.result(typeDuration), nil
	case isCalendar(a) || isCalendar(b):
		return c.calendarSum()
	case isInterval(a) || isInterval(b):
		return c.intervalSum()
	}
	return arithmetic(c)
}

func (c *call) swap() {
	c.args[0], c.args[1] = c.args[1], c.args[0]
	c.nodes[0], c.nodes[1] = c.nodes[1], c.nodes[0]
}

func (c *call) moveDate(function string) (Bound, error) {
	c.name = function
	return returns(typeDate, wantDate, wantInt)(c)
}

// moveText moves the timestamp that a string holds, and gives a string again.
func (c *call) moveText(sign int64) (Bound, error) {
	if err := c.convert(0, typeTimestamp); err != nil {
		return nil, err
	}
	b, err := c.moveBy(sign)
	if err != nil {
		return nil, err
	}
	return BoundCast{Pos: c.Pos, Arg: b, Typ: typeString}, nil
}

// moveBy adds an interval, or subtracts it for sign -1. A date moved by months or whole days stays a date; by anything finer it becomes a timestamp.
func (c *call) moveBy(sign int64) (Bound, error) {
	t := c.args[0].Type()
	if !isDate(t) {
		return c.result(t), nil
	}
	if whole, ok := c.dateMoves(sign); ok {
		return whole, nil
	}
	if err := c.convert(0, typeTimestamp); err != nil {
		return nil, err
	}
	return c.result(typeTimestamp), nil
}
