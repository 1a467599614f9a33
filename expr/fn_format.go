package expr

import (
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/numberformat"
)

// formatFunctions write values by a format, or read them.
func formatFunctions() []Function {
	return []Function{
		scalar("format_number", 2, 2, "format_number(a, places): with commas, rounded half to even; NULL for places below 0; "+
			"format_number(a, pattern): by a pattern of #, 0, comma, point and %", orNull(formatNumber)),
		scalar("format_string", 1, many, "format_string(format, a, …): as Java's Formatter, conversions d x X o f e E s S b B c n %; NULL prints as null", formatString, "printf"),
		scalar("to_char", 2, 2, "to_char(a, format): a number by 9, 0, '.', ',', $, S, MI and PR, # where it has more digits; a date by a pattern; a binary as base64, hex or utf-8",
			toChar, "to_varchar"),
		scalar("to_number", 2, 2, "to_number(a, format): DECIMAL of a text written by 9, 0, '.', ',', $, S, MI and PR", toNumber),
		scalar("try_to_number", 2, 2, "try_to_number(a, format): to_number, NULL where the text is not so written", orNull(toNumber)),
	}
}

// wantNumber takes no text.
var wantNumber = wanted{label: "NUMERIC", accept: func(t arrow.DataType) (arrow.DataType, bool) {
	if isNull(t) {
		return typeDouble, true
	}
	return t, isNumeric(t)
}}

func formatNumber(c *call) (Bound, error) {
	places := wanted{label: "INT or STRING", accept: func(t arrow.DataType) (arrow.DataType, bool) {
		if isString(t) {
			return t, true
		}
		return typeInt, isIntegral(t) || isNull(t)
	}}
	return returns(typeString, wantNumber, places)(c)
}

// formatString takes what Java's Formatter prints alike everywhere: numbers, text, truth, and days and microseconds as numbers.
func formatString(c *call) (Bound, error) {
	c.null = c.args[0].Nullable()
	printed := wanted{label: "a number, STRING, BOOLEAN, DATE or TIMESTAMP", accept: func(t arrow.DataType) (arrow.DataType, bool) {
		return t, isNumeric(t) || isString(t) || isBoolean(t) || isDatetime(t) || isNull(t)
	}}
	return returns(typeString, wantString, printed)(c)
}

// toChar goes by the type: numbers have formats of their own, dates patterns, and binaries are encoded.
func toChar(c *call) (Bound, error) {
	switch t := c.args[0].Type(); {
	case isDatetime(t):
		c.name = "date_format"
		return dateFormat(c)
	case t.ID() == arrow.BINARY:
		return c.encoded()
	}
	format, err := c.numberFormat(wantDecimal)
	if err != nil || format == nil {
		return literal(nil, typeString), err
	}
	return c.result(typeString), nil
}

// encoded is a binary as text.
func (c *call) encoded() (Bound, error) {
	v, ok := c.constant(1)
	if !ok {
		return nil, &Error{
			Class: "INVALID_PARAMETER_VALUE.NULL", SQLState: "22023", Message: "the format of " + c.name + " must be a constant", Line: c.Line, Column: c.Column,
		}
	}
	inner := &call{Pos: c.Pos, nodes: c.nodes[:1], args: c.args[:1], null: c.null}
	switch format, _ := v.(string); strings.ToLower(format) {
	case "base64":
		inner.name = "base64"
		return returns(typeString, wantBinary)(inner)
	case "hex":
		inner.name = "hex"
		return hexadecimal(inner)
	case "utf-8":
		inner.name = "decode"
		inner.args = []Bound{c.args[0], literal("UTF-8", typeString)}
		return decode(inner)
	}
	return nil, &Error{
		Class: "INVALID_PARAMETER_VALUE.BINARY_FORMAT", SQLState: "22023", Line: c.Line, Column: c.Column,
		Message: fmt.Sprintf("%s of a binary takes 'base64', 'hex' or 'utf-8', not '%v'", c.name, v),
	}
}

func toNumber(c *call) (Bound, error) {
	format, err := c.numberFormat(wantString)
	if err != nil {
		return nil, err
	}
	if format == nil {
		return literal(nil, decimalOf(10, 0)), nil
	}
	t := precision{int32(format.Precision()), int32(format.Scale())}
	if t.digits > maxPrecision {
		return nil, &Error{
			Class: "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", SQLState: "22003", Message: "the format of " + c.name + " has more than 38 digits", Line: c.Line, Column: c.Column,
		}
	}
	return c.result(t.typ()), nil
}

// numberFormat reads the constant format behind a value; nil for a NULL one.
func (c *call) numberFormat(value wanted) (*numberformat.Format, error) {
	if err := c.want(value, wantString); err != nil {
		return nil, err
	}
	if err := c.mustBeConstant(1, "the format"); err != nil {
		return nil, err
	}
	v, ok := c.constant(1)
	if !ok {
		return nil, nil
	}
	text, _ := v.(string)
	format, err := numberformat.Parse(text)
	var fault *numberformat.Fault
	if errors.As(err, &fault) {
		return nil, &Error{Class: "INVALID_FORMAT." + fault.Class, SQLState: "42601", Message: fault.Message, Line: c.place(1).Line, Column: c.place(1).Column}
	}
	return format, err
}
