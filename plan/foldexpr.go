package plan

import (
	"cmp"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// folded is b with all of its parts simplified.
func folded(b expr.Bound) expr.Bound {
	b, _ = expr.Replace(b, fold)
	return b
}

// fold simplifies one expression whose parts are simplified already, where it can. As in Spark, what makes no difference beside a constant NULL, AND FALSE or OR
// TRUE is given up even where it could have failed.
func fold(b expr.Bound) (expr.Bound, bool) {
	var simpler expr.Bound
	switch b := b.(type) {
	case expr.BoundCall:
		simpler = foldCall(b)
	case expr.BoundCast:
		simpler = foldCast(b)
	case expr.BoundCase:
		simpler = foldCase(b)
	case expr.BoundColumn, expr.BoundLiteral, expr.BoundField, expr.BoundLambda, expr.BoundVar:
	}
	if simpler == nil {
		return b, false
	}
	return simpler, true
}

// foldCall gives nil where c stays as it is, and so do the functions that it calls.
func foldCall(c expr.BoundCall) expr.Bound {
	if strict(c.Func) && slices.ContainsFunc(c.Args, isNull) && (!failsBesideNull(c.Func) || !slices.ContainsFunc(c.Args, MayFail)) {
		return null(c.Typ)
	}
	switch c.Func {
	case "and":
		return foldLogic(c, false)
	case "or":
		return foldLogic(c, true)
	case "not":
		return foldNot(c)
	case "isnull", "isnotnull":
		return foldIsNull(c)
	case "=", "<>", "<", "<=", ">", ">=":
		return foldComparison(c)
	case "in":
		return foldIn(c)
	case "+", "-", "*", "negative":
		return foldArithmetic(c)
	}
	return nil
}

// failsBesideNull tells of strict functions whose arguments Spark evaluates although one of them is a constant NULL.
func failsBesideNull(name string) bool {
	switch name {
	case "concat", "trim", "ltrim", "rtrim", "btrim", "date_trunc", "to_date", "to_timestamp":
		return true
	}
	return false
}

// foldLogic computes AND (absorbing is FALSE) and OR (absorbing is TRUE): an absorbing argument decides, the opposite one is left out. Constants before it that
// may fail do so first.
func foldLogic(c expr.BoundCall, absorbing bool) expr.Bound {
	a, b := c.Args[0], c.Args[1]
	switch {
	case isBool(a, absorbing), isBool(b, absorbing) && !ConstantMayFail(a):
		return boolean(absorbing)
	case isBool(a, !absorbing):
		return b
	case isBool(b, !absorbing):
		return a
	case isNull(a) && isNull(b):
		return null(c.Typ)
	}
	return nil
}

func foldNot(c expr.BoundCall) expr.Bound {
	if lit, ok := c.Args[0].(expr.BoundLiteral); ok {
		return boolean(lit.Value == false)
	}
	return nil
}

func foldIsNull(c expr.BoundCall) expr.Bound {
	arg := c.Args[0]
	switch {
	case isNull(arg):
		return boolean(c.Func == "isnull")
	case !arg.Nullable() && !MayFail(arg):
		return boolean(c.Func == "isnotnull")
	}
	return nil
}

func foldComparison(c expr.BoundCall) expr.Bound {
	order, ok := compareLiterals(c.Args[0], c.Args[1])
	if !ok {
		return nil
	}
	switch c.Func {
	case "=":
		return boolean(order == 0)
	case "<>":
		return boolean(order != 0)
	case "<":
		return boolean(order < 0)
	case "<=":
		return boolean(order <= 0)
	case ">":
		return boolean(order > 0)
	case ">=":
		return boolean(order >= 0)
	}
	return nil
}

// foldIn compares integers or strings that are all constants.
func foldIn(c expr.BoundCall) expr.Bound {
	found := false
	for _, member := range c.Args[1:] {
		order, ok := compareLiterals(c.Args[0], member)
		if !ok {
			return nil
		}
		found = found || order == 0
	}
	return boolean(found)
}

// compareLiterals orders two integers or two strings.
func compareLiterals(a, b expr.Bound) (int, bool) {
	if x, ok := integerValue(a); ok {
		y, ok := integerValue(b)
		return cmp.Compare(x, y), ok
	}
	x, okX := stringValue(a)
	y, okY := stringValue(b)
	return cmp.Compare(x, y), okX && okY
}

func stringValue(b expr.Bound) (string, bool) {
	lit, ok := b.(expr.BoundLiteral)
	if !ok {
		return "", false
	}
	s, ok := lit.Value.(string)
	return s, ok
}

// foldArithmetic computes integers that stay within their type.
func foldArithmetic(c expr.BoundCall) expr.Bound {
	values := make([]int64, len(c.Args))
	for i, a := range c.Args {
		v, ok := integerValue(a)
		if !ok || !arrow.TypeEqual(a.Type(), c.Typ) {
			return nil
		}
		values[i] = v
	}
	result, ok := int64(0), false
	switch {
	case c.Func == "negative" && len(values) == 1:
		result, ok = subtract(0, values[0])
	case len(values) != 2:
	case c.Func == "+":
		result, ok = add(values[0], values[1])
	case c.Func == "-":
		result, ok = subtract(values[0], values[1])
	case c.Func == "*":
		result, ok = multiply(values[0], values[1])
	}
	if lit := integer(result, c.Typ); ok && holds(lit, result) {
		return lit
	}
	return nil
}

func add(a, b int64) (int64, bool) {
	sum := a + b
	return sum, (sum > a) == (b > 0)
}

func subtract(a, b int64) (int64, bool) {
	difference := a - b
	return difference, (difference < a) == (b > 0)
}

func multiply(a, b int64) (int64, bool) {
	product := a * b
	return product, a == 0 || product/a == b && (a != -1 || product != b || b == 0)
}

// holds tells whether the narrower literal kept the value.
func holds(lit expr.BoundLiteral, value int64) bool {
	v, _ := integerValue(lit)
	return v == value
}

// foldCast converts NULL, and an integer to a wider one. It gives nil where c stays as it is.
func foldCast(c expr.BoundCast) expr.Bound {
	if isNull(c.Arg) {
		return null(c.Typ)
	}
	v, ok := integerValue(c.Arg)
	if ok && schema.IntegerDigits(c.Typ) > 0 && exactCast(c.Arg.Type(), c.Typ) {
		return integer(v, c.Typ)
	}
	return nil
}

// foldCase leaves out the branches that are never taken and those behind one that always is. It gives nil where c stays as it is.
func foldCase(c expr.BoundCase) expr.Bound {
	var whens []expr.BoundWhen
	for _, w := range c.Whens {
		if isBool(w.Cond, true) {
			c.Else = w.Result
			break
		}
		if !isBool(w.Cond, false) && !isNull(w.Cond) {
			whens = append(whens, w)
		}
	}
	for n := len(whens) - 1; n >= 0 && expr.Equal(whens[n].Result, c.Else) && !expr.Volatile(whens[n].Cond); n-- {
		whens = whens[:n] // either way it is the same
	}
	if len(whens) == 0 {
		return c.Else
	}
	if len(whens) == len(c.Whens) {
		return nil
	}
	c.Whens = whens
	return c
}

func isBool(b expr.Bound, v bool) bool {
	lit, ok := b.(expr.BoundLiteral)
	return ok && lit.Value == v
}

func isNull(b expr.Bound) bool {
	lit, ok := b.(expr.BoundLiteral)
	return ok && lit.Value == nil
}

func boolean(v bool) expr.BoundLiteral {
	return expr.BoundLiteral{Value: v, Typ: arrow.FixedWidthTypes.Boolean}
}

func null(t arrow.DataType) expr.BoundLiteral { return expr.BoundLiteral{Typ: t} }
