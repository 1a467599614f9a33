package plan

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// MayFail tells whether evaluating b can raise an error on some row, as casts, division and overflow do in ANSI mode. Only what is known never to fail
// is false. What may fail must not be evaluated on rows that the query as written keeps away from it.
func MayFail(b expr.Bound) bool {
	switch b := b.(type) {
	case expr.BoundColumn, expr.BoundLiteral, expr.BoundVar:
		return false
	case expr.BoundCall:
		return !total(b) || slices.ContainsFunc(b.Args, MayFail)
	case expr.BoundCast:
		return !b.Try && !exactCast(b.Arg.Type(), b.Typ) || MayFail(b.Arg)
	case expr.BoundCase:
		return MayFail(b.Else) || slices.ContainsFunc(b.Whens, func(w expr.BoundWhen) bool { return MayFail(w.Cond) || MayFail(w.Result) })
	case expr.BoundField:
		return MayFail(b.Arg)
	case expr.BoundLambda:
		return MayFail(b.Body)
	}
	return true
}

// ConstantMayFail tells whether a part of b that reads neither columns nor variables may fail. Spark computes such parts before it reads any row, also where
// their value would make no difference.
func ConstantMayFail(b expr.Bound) bool {
	found := false
	expr.Walk(b, func(part expr.Bound) bool {
		found = found || MayFail(part) && !reads(part)
		return !found
	})
	return found
}

// reads tells whether b depends on a column or a variable.
func reads(b expr.Bound) bool {
	found := false
	expr.Walk(b, func(part expr.Bound) bool {
		switch part.(type) {
		case expr.BoundColumn, expr.BoundVar:
			found = true
		case expr.BoundLiteral, expr.BoundCall, expr.BoundCast, expr.BoundCase, expr.BoundField, expr.BoundLambda:
		}
		return !found
	})
	return found
}

// total tells whether a function has a result for all values of its arguments' types.
func total(c expr.BoundCall) bool {
	switch c.Func {
	case "might_contain", "=", "<>", "<=>", "<", "<=", ">", ">=", "and", "or", "not", "in", "isnull", "isnotnull", "isnan", "greatest", "least",
		"concat", "concat_ws", "lower", "upper", "trim", "ltrim", "rtrim", "btrim", "length", "octet_length", "reverse", "initcap",
		"substring", "left", "right", "instr", "contains", "startswith", "endswith", "replace", "translate", "ascii", "md5", "crc32", "xxhash64",
		"year", "quarter", "month", "day", "dayofweek", "dayofyear", "weekofyear", "hour", "minute", "second", "datediff", "last_day",
		"try_add", "try_subtract", "try_multiply", "try_divide", "try_to_date", "try_to_timestamp",
		"current_date", "current_timestamp", "hex", "base64", "lpad", "rpad", "locate", "nanvl",
		"array", "array_contains", "array_distinct", "array_join", "array_max", "array_min", "flatten", "size", "get", "map_keys", "map_values",
		"array_append", "array_prepend", "array_compact", "array_except", "array_intersect", "array_union", "arrays_overlap", "array_position", "array_remove",
		"arrays_zip", "map_contains_key", "map_entries",
		"named_struct", "struct", "exists", "forall", "filter", "transform", "aggregate", "zip_with", "map_filter", "transform_values", "map_zip_with":
		return true
	case "like", "ilike":
		return plainPattern(c.Args)
	case "+", "-", "*":
		return isFloating(c.Typ) || roomyDecimal(c)
	case "negative", "abs", "sign", "sqrt", "exp", "ln", "log10", "log2", "power", "round", "bround":
		return isFloating(c.Typ)
	}
	return false
}

// plainPattern is a LIKE pattern without escapes, which alone can be malformed.
func plainPattern(args []expr.Bound) bool {
	if len(args) != 2 {
		return false
	}
	lit, ok := args[1].(expr.BoundLiteral)
	if !ok {
		return false
	}
	s, ok := lit.Value.(string)
	return ok && !strings.Contains(s, `\`)
}

// roomyDecimal tells of a sum, difference or product of decimals whose type has room for the results of all values.
func roomyDecimal(c expr.BoundCall) bool {
	out, ok := c.Typ.(*arrow.Decimal128Type)
	if !ok || len(c.Args) != 2 {
		return false
	}
	a, okA := c.Args[0].Type().(*arrow.Decimal128Type)
	b, okB := c.Args[1].Type().(*arrow.Decimal128Type)
	switch {
	case !okA || !okB:
		return false
	case c.Func == "*":
		return out.Precision >= a.Precision+b.Precision && out.Scale == a.Scale+b.Scale
	}
	whole := max(a.Precision-a.Scale, b.Precision-b.Scale) + 1
	return out.Scale == max(a.Scale, b.Scale) && out.Precision-out.Scale >= whole
}

func isFloating(t arrow.DataType) bool { return t.ID() == arrow.FLOAT32 || t.ID() == arrow.FLOAT64 }

// exactCast tells whether every value of from has a value in to.
func exactCast(from, to arrow.DataType) bool {
	switch to.ID() {
	case arrow.STRING:
		return true
	case arrow.FLOAT32, arrow.FLOAT64:
		return schema.IntegerDigits(from) > 0 || from.ID() == arrow.DECIMAL128 || isFloating(from) || from.ID() == arrow.BOOL
	case arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64:
		return from.ID() == arrow.BOOL || schema.IntegerDigits(from) > 0 && schema.IntegerDigits(from) <= schema.IntegerDigits(to)
	case arrow.DECIMAL128:
		return fitsDecimal(from, to.(*arrow.Decimal128Type))
	case arrow.DATE32:
		return from.ID() == arrow.DATE32 || from.ID() == arrow.TIMESTAMP
	}
	return from.ID() == arrow.NULL || arrow.TypeEqual(from, to)
}

func fitsDecimal(from arrow.DataType, to *arrow.Decimal128Type) bool {
	if d, ok := from.(*arrow.Decimal128Type); ok {
		return to.Scale >= d.Scale && to.Precision-to.Scale >= d.Precision-d.Scale
	}
	digits := schema.IntegerDigits(from)
	return digits > 0 && to.Precision-to.Scale >= digits
}
