package expr

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// call is a function call while it is bound: signatures check and convert its arguments in place.
type call struct {
	Pos
	name     string // canonical
	nodes    []Node // the arguments as written
	args     []Bound
	null     bool // whether the result may be NULL; at first, whether any argument may
	distinct bool // DISTINCT stands before the arguments
	lazy     bool // not every argument is evaluated: a constant that cannot be converted fails only where a row comes to it
}

// wanted is what a parameter takes: the type to convert an argument of type t to, or false.
type wanted struct {
	label  string // as error messages name it
	accept func(t arrow.DataType) (to arrow.DataType, ok bool)
}

// exactly takes what Spark converts to the type by itself in a call.
func exactly(to arrow.DataType) wanted {
	return wanted{label: TypeSQL(to), accept: func(t arrow.DataType) (arrow.DataType, bool) {
		return to, assignable(t, to) || isString(t) && isAtomic(to)
	}}
}

// only takes the type itself, and NULL.
func only(to arrow.DataType) wanted {
	return wanted{label: TypeSQL(to), accept: func(t arrow.DataType) (arrow.DataType, bool) { return to, equalType(t, to) || isNull(t) }}
}

// kind takes the types that is accepts as they are, and turns NULL and strings into to.
func kind(label string, to arrow.DataType, is func(arrow.DataType) bool) wanted {
	return wanted{label: label, accept: func(t arrow.DataType) (arrow.DataType, bool) {
		if is(t) {
			return t, true
		}
		return to, isNull(t) || isString(t) && isAtomic(to)
	}}
}

// The parameters that signatures are made of.
var (
	wantBoolean = exactly(typeBoolean)
	wantInt     = exactly(typeInt)
	wantBigInt  = exactly(typeBigInt)
	wantDouble  = exactly(typeDouble)
	wantString  = exactly(typeString)
	wantBinary  = exactly(typeBinary)
	// Parameters that take nothing but their own type.
	wantExactString = only(typeString)
	wantExactBinary = only(typeBinary)
	wantDate        = exactly(typeDate)
	wantTimestamp   = exactly(typeTimestamp)
	wantWhole       = wanted{label: "a whole number", accept: acceptWhole}
	wantNumeric     = kind("NUMERIC", typeDouble, isNumeric)
	wantFloating    = wanted{label: "DOUBLE", accept: acceptFloating}
	wantText        = wanted{label: "STRING or BINARY", accept: acceptText}
	wantClock       = wanted{label: "TIMESTAMP", accept: acceptClock}
	wantInstant     = wanted{label: "TIMESTAMP", accept: func(t arrow.DataType) (arrow.DataType, bool) {
		return typeTimestamp, equalType(t, typeTimestamp) || isNull(t)
	}}
	wantDays  = wanted{label: "INT", accept: acceptDays}
	wantAny   = kind("ANY", arrow.Null, func(arrow.DataType) bool { return true })
	wantArray = wanted{label: "ARRAY", accept: acceptArray}
	wantMap   = wanted{label: "MAP", accept: acceptMap}
)

// acceptArray takes a bare NULL for an array of nothing.
func acceptArray(t arrow.DataType) (arrow.DataType, bool) {
	if isNull(t) {
		return schema.ArrayOf(arrow.Null, true), true
	}
	return t, t.ID() == arrow.LIST
}

func acceptMap(t arrow.DataType) (arrow.DataType, bool) {
	if isNull(t) {
		return schema.MapOf(arrow.Null, arrow.Null, true), true
	}
	return t, t.ID() == arrow.MAP
}

// acceptWhole takes no fractions and no strings.
func acceptWhole(t arrow.DataType) (arrow.DataType, bool) {
	return typeBigInt, isIntegral(t) || isNull(t)
}

// acceptDays takes no BIGINT and no fractions.
func acceptDays(t arrow.DataType) (arrow.DataType, bool) {
	return typeInt, isIntegral(t) && t.ID() != arrow.INT64 || isNull(t) || isString(t)
}

func acceptFloating(t arrow.DataType) (arrow.DataType, bool) {
	if t.ID() == arrow.FLOAT32 {
		return t, true
	}
	return wantDouble.accept(t)
}

func acceptText(t arrow.DataType) (arrow.DataType, bool) {
	if t.ID() == arrow.BINARY {
		return t, true
	}
	return wantString.accept(t)
}

// acceptClock keeps both kinds of timestamp.
func acceptClock(t arrow.DataType) (arrow.DataType, bool) {
	if isTimestamp(t) {
		return t, true
	}
	return wantTimestamp.accept(t)
}

// want converts the arguments, each to what its parameter takes; the last parameter serves all further arguments.
func (c *call) want(params ...wanted) error {
	for i, a := range c.args {
		w := params[min(i, len(params)-1)]
		to, ok := w.accept(a.Type())
		if !ok {
			return c.unexpected(i, w.label)
		}
		if err := c.convert(i, to); err != nil {
			return err
		}
	}
	return nil
}

// convert makes an argument's implicit cast explicit. A constant that cannot be converted fails now rather than in some row, unless c is lazy.
func (c *call) convert(i int, to arrow.DataType) error {
	if c.lazy {
		c.args[i] = ConvertAt(c.args[i], to, c.place(i))
		return nil
	}
	b, err := implicitly(c.args[i], to, c.place(i))
	c.args[i] = b
	return err
}

func implicitly(b Bound, to arrow.DataType, at Pos) (Bound, error) {
	b2 := Convert(b, to)
	cast, ok := b2.(BoundCast)
	if !ok || equalType(b.Type(), to) {
		return b2, nil
	}
	if l, ok := b.(BoundLiteral); ok {
		if _, f := fold(l.Value, l.Typ, to); f == impossible {
			class, state := "CAST_INVALID_INPUT", "22018"
			if isIntegral(l.Typ) || isFloating(l.Typ) {
				class, state = "CAST_OVERFLOW", "22003"
			}
			return nil, &Error{
				Class: class, SQLState: state, Line: at.Line, Column: at.Column,
				Message: fmt.Sprintf("the value %s of type %s cannot be cast to %s", l, TypeSQL(l.Typ), TypeSQL(to)),
				Hint:    "correct the value, or use try_cast to get NULL",
			}
		}
	}
	cast.Pos = at
	return cast, nil
}

// fill appends default arguments up to count.
func (c *call) fill(count int, defaults ...Bound) {
	missing := count - len(c.args)
	if missing > 0 {
		c.args = append(c.args, defaults[len(defaults)-missing:]...)
	}
}

// result is the call with its type.
func (c *call) result(t arrow.DataType) BoundCall {
	return BoundCall{Pos: c.Pos, Func: c.name, Args: c.args, Typ: t, Null: c.null}
}

// constant is the argument's value, if it is given and a literal that is not NULL.
func (c *call) constant(i int) (any, bool) {
	if i >= len(c.args) {
		return nil, false
	}
	l, ok := c.args[i].(BoundLiteral)
	return l.Value, ok && l.Value != nil
}

// mustBeConstant fails unless the argument is a literal.
func (c *call) mustBeConstant(i int, what string) error {
	if _, ok := c.args[i].(BoundLiteral); ok {
		return nil
	}
	return c.mismatch("NON_FOLDABLE_INPUT", fmt.Sprintf("%s must be a constant, not %s", what, sketch(c.args[i])))
}

func (c *call) place(i int) Pos {
	if i < len(c.nodes) {
		return c.nodes[i].Position()
	}
	return c.Pos
}

func (c *call) unexpected(i int, want string) *Error {
	e := c.mismatch("UNEXPECTED_INPUT_TYPE", fmt.Sprintf("argument %d must be %s, but %s is %s", i+1, want, sketch(c.args[i]), TypeSQL(c.args[i].Type())))
	e.Line, e.Column = c.place(i).Line, c.place(i).Column
	return e
}

// mismatch is the error of class DATATYPE_MISMATCH.sub.
func (c *call) mismatch(sub, why string) *Error {
	return &Error{
		Class: "DATATYPE_MISMATCH." + sub, SQLState: "42K09", Line: c.Line, Column: c.Column,
		Message: fmt.Sprintf("cannot resolve %s: %s", c.show(), why),
	}
}

// operandsDiffer is the error for a binary operator whose sides do not go together.
func (c *call) operandsDiffer() *Error {
	types := make([]string, len(c.args))
	for i, a := range c.args {
		types[i] = TypeSQL(a.Type())
	}
	return c.mismatch("BINARY_OP_DIFF_TYPES", "the operands have the types "+strings.Join(types, " and "))
}

func (c *call) show() string {
	return sketch(BoundCall{Func: c.name, Args: c.args})
}

// typesDiffer is the error for arguments that have no common type.
func (c *call) typesDiffer() *Error {
	e := c.operandsDiffer()
	if c.name != "" && c.name[0] >= 'a' && c.name != "div" && c.name != "and" && c.name != "or" {
		e.Class = "DATATYPE_MISMATCH.DATA_DIFF_TYPES"
	}
	return e
}

// anyNullable reports whether any of the expressions may be NULL.
func anyNullable(bounds []Bound) bool {
	for _, b := range bounds {
		if b.Nullable() {
			return true
		}
	}
	return false
}

func literal(v any, t arrow.DataType) Bound { return BoundLiteral{Value: v, Typ: t} }
