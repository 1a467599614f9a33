package plan

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// comparison is = or <=> of two expressions of one type.
func comparison(function string, a, b expr.Bound) expr.Bound {
	return expr.BoundCall{
		Func: function, Args: []expr.Bound{a, b}, Typ: schema.Boolean, Null: function != "<=>" && (a.Nullable() || b.Nullable()),
	}
}

// sameValue says that a and b are equal or both NULL.
func sameValue(a, b expr.Bound) expr.Bound {
	if !a.Nullable() || !b.Nullable() {
		return comparison("=", a, b)
	}
	return comparison("<=>", a, b)
}

// hashable writes a <=> b, which no key can be, as equalities: of whether they are NULL, and of what they are where they are not.
func hashable(cond expr.Bound) []expr.Bound {
	c, ok := cond.(expr.BoundCall)
	if !ok || c.Func != "<=>" {
		return []expr.Bound{cond}
	}
	a, b := c.Args[0], c.Args[1]
	if !a.Nullable() || !b.Nullable() {
		return []expr.Bound{comparison("=", a, b)}
	}
	zero, ok := zeroOf(a.Type())
	if !ok {
		return []expr.Bound{cond}
	}
	return []expr.Bound{comparison("=", either(isNotNull(a), a, zero), either(isNotNull(b), b, zero)), comparison("=", isNotNull(a), isNotNull(b))}
}

// zeroOf is some value of a type.
func zeroOf(t arrow.DataType) (expr.Bound, bool) {
	var v any
	switch t.ID() {
	case arrow.BOOL:
		v = false
	case arrow.INT8:
		v = int8(0)
	case arrow.INT16:
		v = int16(0)
	case arrow.INT32:
		v = int32(0)
	case arrow.INT64:
		v = int64(0)
	case arrow.FLOAT32:
		v = float32(0)
	case arrow.FLOAT64:
		v = float64(0)
	case arrow.STRING:
		v = ""
	case arrow.DATE32:
		v = arrow.Date32(0)
	case arrow.TIMESTAMP:
		v = arrow.Timestamp(0)
	case arrow.DECIMAL128:
		v = decimal128.Num{}
	default:
		return nil, false
	}
	return expr.BoundLiteral{Value: v, Typ: t}, true
}

func isNotNull(b expr.Bound) expr.Bound {
	return expr.BoundCall{Func: "isnotnull", Args: []expr.Bound{b}, Typ: schema.Boolean}
}

func truth(v bool) expr.Bound { return expr.BoundLiteral{Value: v, Typ: schema.Boolean} }

func nullOf(t arrow.DataType) expr.Bound { return expr.BoundLiteral{Typ: t} }

// either is then where cond holds, and otherwise in all other rows.
func either(cond, then, otherwise expr.Bound) expr.Bound {
	null := then.Nullable() || otherwise.Nullable()
	if isNotNullOf(cond, then) {
		null = otherwise.Nullable()
	}
	return expr.BoundCase{Whens: []expr.BoundWhen{{Cond: cond, Result: then}}, Else: otherwise, Typ: then.Type(), Null: null}
}

// isNotNullOf tells whether cond says that b is not NULL.
func isNotNullOf(cond, b expr.Bound) bool {
	c, ok := cond.(expr.BoundCall)
	return ok && c.Func == "isnotnull" && expr.Equal(c.Args[0], b)
}

// moved is b over the columns of a join in which width columns come before its own.
func moved(b expr.Bound, width int) expr.Bound {
	if width == 0 {
		return b
	}
	return expr.MapColumns(b, func(i int) int { return i + width })
}
