package kernel

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// conversion is where a cast stands: its types and what a value that does not fit becomes.
type conversion struct {
	pos      expr.Pos
	from, to arrow.DataType
	try      bool // NULL instead of an error
}

func (c *compiler) cast(b expr.BoundCast) (node, error) {
	arg, err := c.compile(b.Arg)
	if err != nil {
		return nil, err
	}
	if arrow.TypeEqual(b.Arg.Type(), b.Typ) {
		return arg, nil
	}
	k, err := conversion{pos: b.Pos, from: b.Arg.Type(), to: b.Typ, try: b.Try}.kernel()
	if err != nil {
		return nil, err
	}
	return fold(&call{pos: b.Pos, name: "CAST", typ: b.Typ, args: []node{arg}, kernel: k}), nil
}

// kernel chooses by the target type. Which pairs exist at all, the binder has decided; these are the ones of ANSI mode.
func (c conversion) kernel() (kernel, error) {
	if c.from.ID() == arrow.NULL {
		return kernel{run: func(k *frame, _ []vec) (vec, error) { return k.nothing(), nil }}, nil
	}
	if c.from.ID() == arrow.EXTENSION {
		return castVariant(c)
	}
	if c.to.ID() == arrow.EXTENSION {
		return kernel{unsafe: true, run: toVariant}, nil
	}
	if isInterval(c.to) {
		return castToInterval(c)
	}
	if isCalendar(c.to) {
		return castToCalendar(c)
	}
	if sameLayout(c.from, c.to) {
		return kernel{run: retyped}, nil
	}
	switch to := c.to.(type) {
	case *arrow.Int8Type:
		return castToInt[int8](c)
	case *arrow.Int16Type:
		return castToInt[int16](c)
	case *arrow.Int32Type:
		return castToInt[int32](c)
	case *arrow.Int64Type:
		return castToInt[int64](c)
	case *arrow.Float32Type:
		return castToFloat[float32](c)
	case *arrow.Float64Type:
		return castToFloat[float64](c)
	case *arrow.Decimal128Type:
		return castToDecimal(c, to)
	case *arrow.BooleanType:
		return castToBoolean(c)
	case *arrow.StringType:
		return castToString(c)
	case *arrow.Date32Type:
		return castToDate(c)
	case *arrow.TimestampType:
		return castToTimestamp(c, to)
	case *arrow.ListType, *arrow.MapType, *arrow.StructType:
		return castNested(c)
	default:
		return c.unsupported()
	}
}

func (c conversion) unsupported() (kernel, error) {
	return kernel{}, fmt.Errorf("kernel: no cast from %s to %s", sqlName(c.from), sqlName(c.to))
}

// sameLayout tells that the values are the same memory: STRING and BINARY, TIMESTAMP and TIMESTAMP_NTZ in UTC, types that differ in field names only.
func sameLayout(a, b arrow.DataType) bool {
	if a.ID() == b.ID() {
		switch a.ID() {
		case arrow.DECIMAL128, arrow.LIST, arrow.MAP, arrow.STRUCT:
			return false
		}
		return true
	}
	return isText(a) && isText(b)
}

func isText(t arrow.DataType) bool { return t.ID() == arrow.STRING || t.ID() == arrow.BINARY }

// sqlName is the type as Databricks writes it in messages.
func sqlName(t arrow.DataType) string { return strings.ToUpper(schema.Name(t)) }

// invalid is the error for text that is no value of the target type, or a number that has none.
func (c conversion) invalid(value []byte) error {
	if c.try {
		return errNull
	}
	return fault(c.pos, "CAST_INVALID_INPUT", "22018", "correct the value, or use try_cast to get NULL instead",
		"the value '%s' of the type %s cannot be cast to %s because it is malformed", value, sqlName(c.from), sqlName(c.to))
}

// overflow is the error for a number outside the target type.
func (c conversion) overflow(value string) error {
	if c.try {
		return errNull
	}
	return fault(c.pos, "CAST_OVERFLOW", "22003", "use try_cast to get NULL instead",
		"the value %s of the type %s cannot be cast to %s due to an overflow", value, sqlName(c.from), sqlName(c.to))
}

// converted is a cast from a fixed-width type that may fail.
func converted[A, R arrow.FixedWidthType](c conversion, f func(A) (R, error)) kernel {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a := valuesOf[A](args[0])
		return tried(k, c.try, func(i int) (R, error) { return f(a.at(i)) })
	}}
}

// parsed is a cast from STRING.
func parsed[R arrow.FixedWidthType](c conversion, f func([]byte) (R, error)) kernel {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a := textsOf(args[0])
		return tried(k, c.try, func(i int) (R, error) { return f(a.at(i)) })
	}}
}

// fromBoolean is a cast from BOOLEAN.
func fromBoolean[R arrow.FixedWidthType](no, yes R) kernel {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a := booleansOf(args[0])
		return mapped(k, func(i int) R {
			if a.at(i) {
				return yes
			}
			return no
		}), nil
	}}
}
