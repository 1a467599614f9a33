package expr

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// operands gives both arguments the types that arithmetic works on: decimals keep their own precision, all else is made equal.
func (c *call) operands() (decimal bool, err error) {
	if err := c.promote(); err != nil {
		return false, err
	}
	a, b := c.args[0].Type(), c.args[1].Type()
	if (isDecimal(a) || isDecimal(b)) && !isFloating(a) && !isFloating(b) {
		for i, arg := range c.args {
			p, ok := literalPrecision(arg)
			if !ok {
				p, _ = precisionOf(arg.Type())
			}
			if err := c.convert(i, p.typ()); err != nil {
				return false, err
			}
		}
		return true, nil
	}
	return false, c.unify(CommonType)
}

// promote turns strings into numbers and NULL into the other side's type, and refuses all other types.
func (c *call) promote() error {
	types := [2]arrow.DataType{c.args[0].Type(), c.args[1].Type()}
	for i, t := range types {
		other := types[1-i]
		switch {
		case isNumeric(t):
			continue
		case isNull(t) && isNull(other):
			other = typeDouble
		case isNull(t) && isNumeric(other):
		case isNull(t) && isString(other):
			other = typeDouble
		case isString(t) && isNumeric(other):
			other, _ = stringPromotion(other)
		case isString(t) && isNull(other):
			other = typeDouble
		case isString(t) && isString(other):
			return c.mismatch("BINARY_OP_WRONG_TYPE", "the operands are strings; cast them to a numeric type")
		default:
			return c.operandsDiffer()
		}
		if err := c.convertOperand(i, other); err != nil {
			return err
		}
	}
	return nil
}

// convertOperand is convert; in a try_ function, a text that is no number is NULL.
func (c *call) convertOperand(i int, to arrow.DataType) error {
	if !isString(c.args[i].Type()) || !strings.HasPrefix(c.name, "try_") {
		return c.convert(i, to)
	}
	b, err := explicitly(c.args[i], to, true, c.place(i))
	c.args[i] = b
	return err
}

func arithmetic(c *call) (Bound, error) {
	decimal, err := c.operands()
	if err != nil {
		return nil, err
	}
	if decimal {
		return c.result(c.decimalResult()), nil
	}
	return c.result(c.args[0].Type()), nil
}

func (c *call) decimalResult() arrow.DataType {
	a, _ := precisionOf(c.args[0].Type())
	b, _ := precisionOf(c.args[1].Type())
	op := c.name
	switch op {
	case "try_multiply":
		op = "*"
	case "try_divide":
		op = "/"
	case "try_mod":
		op = "%"
	}
	return arithmeticResult(op, a, b).typ()
}

func divide(c *call) (Bound, error) {
	if isInterval(c.args[0].Type()) {
		return c.scaleInterval()
	}
	decimal, err := c.operands()
	if err != nil {
		return nil, err
	}
	if decimal {
		return c.result(c.decimalResult()), nil
	}
	for i := range c.args {
		if err := c.convert(i, typeDouble); err != nil {
			return nil, err
		}
	}
	return c.result(typeDouble), nil
}

func integralDivide(c *call) (Bound, error) {
	if a, b := c.args[0].Type(), c.args[1].Type(); (isFloating(a) || isFloating(b)) && !equalType(a, b) {
		return nil, c.operandsDiffer()
	}
	decimal, err := c.operands()
	if err != nil {
		return nil, err
	}
	if !decimal && !isIntegral(c.args[0].Type()) {
		return nil, c.mismatch("BINARY_OP_WRONG_TYPE", "DIV takes whole numbers and decimals")
	}
	if !decimal {
		if err := c.want(wantBigInt); err != nil {
			return nil, err
		}
	}
	return c.result(typeBigInt), nil
}
