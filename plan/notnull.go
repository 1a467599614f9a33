package plan

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// proven is in without the nullability of the columns that cannot be NULL in a row for which cond (nil: TRUE) is TRUE.
func proven(in *arrow.Schema, cond expr.Bound) *arrow.Schema {
	if cond == nil {
		return in
	}
	var fields []arrow.Field
	for _, c := range notNullIf(cond, true) {
		if !in.Field(c).Nullable {
			continue
		}
		if fields == nil {
			fields = in.Fields()
		}
		fields[c].Nullable = false
	}
	if fields == nil {
		return in
	}
	return arrow.NewSchema(fields, nil)
}

// notNullIf lists the columns that are not NULL in every row in which cond has the given truth value.
func notNullIf(cond expr.Bound, truth bool) []int {
	call, ok := cond.(expr.BoundCall)
	if !ok {
		return strictColumns(cond)
	}
	switch call.Func {
	case "not":
		return notNullIf(call.Args[0], !truth)
	case "isnotnull", "isnull":
		if truth == (call.Func == "isnotnull") {
			return strictColumns(call.Args[0])
		}
		return nil
	case "and", "or":
		return notNullIfBoth(call.Args, truth, truth == (call.Func == "and"))
	case "<=>":
		return notNullIfSame(call.Args[0], call.Args[1], truth)
	case "in":
		return strictColumns(call.Args[0])
	}
	return strictColumns(call)
}

// notNullIfAll lists the columns that are not NULL in every row in which all conds are TRUE.
func notNullIfAll(conds []expr.Bound) []int {
	var columns []int
	for _, c := range conds {
		columns = append(columns, notNullIf(c, true)...)
	}
	return columns
}

// notNullIfBoth joins what the arguments of AND and OR prove: all of them when every argument has the truth value, else what they have in common.
func notNullIfBoth(args []expr.Bound, truth, every bool) []int {
	common := notNullIf(args[0], truth)
	for _, a := range args[1:] {
		next := notNullIf(a, truth)
		if every {
			common = append(common, next...)
			continue
		}
		common = slices.DeleteFunc(common, func(c int) bool { return !slices.Contains(next, c) })
	}
	return common
}

// notNullIfSame covers a <=> b, which is TRUE for two NULLs: one side that is never NULL proves the other.
func notNullIfSame(a, b expr.Bound, truth bool) []int {
	if !truth {
		return nil
	}
	var columns []int
	if !b.Nullable() {
		columns = append(columns, strictColumns(a)...)
	}
	if !a.Nullable() {
		columns = append(columns, strictColumns(b)...)
	}
	return columns
}

// strictColumns lists columns that, when one of them is NULL, make b NULL.
func strictColumns(b expr.Bound) []int {
	switch b := b.(type) {
	case expr.BoundColumn:
		return []int{b.Index}
	case expr.BoundCast:
		return strictColumns(b.Arg)
	case expr.BoundField:
		return strictColumns(b.Arg)
	case expr.BoundCall:
		if !strict(b.Func) {
			return nil
		}
		var columns []int
		for _, a := range b.Args {
			columns = append(columns, strictColumns(a)...)
		}
		return columns
	case expr.BoundCase:
		if len(b.Whens) == 1 && isNull(b.Else) {
			return append(notNullIf(b.Whens[0].Cond, true), strictColumns(b.Whens[0].Result)...)
		}
	case expr.BoundLiteral, expr.BoundLambda, expr.BoundVar:
	}
	return nil
}

// strict tells whether a function gives NULL whenever one of its arguments is NULL. Functions that it does not know prove nothing.
func strict(name string) bool {
	switch name {
	case "=", "<>", "<", "<=", ">", ">=", "not", "like", "ilike", "rlike", "&", "|", "^", "shiftleft", "shiftright", "shiftrightunsigned",
		"+", "-", "*", "/", "%", "div", "negative", "pmod", "try_add", "try_subtract", "try_multiply", "try_divide",
		"abs", "sign", "round", "bround", "ceil", "floor", "sqrt", "power", "exp", "ln", "log10", "log2",
		"concat", "lower", "upper", "trim", "ltrim", "rtrim", "btrim", "length", "octet_length", "substring", "left", "right",
		"instr", "replace", "translate", "lpad", "rpad", "repeat", "reverse", "initcap", "contains", "startswith", "endswith",
		"regexp_extract", "regexp_replace", "ascii", "hex", "md5", "sha2",
		"year", "quarter", "month", "day", "dayofweek", "dayofyear", "weekofyear", "hour", "minute", "second",
		"date_add", "date_sub", "datediff", "add_months", "last_day", "date_trunc", "trunc", "date_format",
		"to_date", "to_timestamp", "unix_micros", "unix_millis", "unix_seconds", "timestamp_micros", "timestamp_millis", "timestamp_seconds":
		return true
	}
	return false
}
