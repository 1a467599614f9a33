package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// where estimates the rows that satisfy cond (nil: all). What cond says of a column narrows the column.
func (e estimate) where(cond expr.Bound) estimate {
	if cond == nil {
		return e
	}
	e.columns = slices.Clone(e.columns)
	for _, c := range expr.Conjuncts(cond) {
		e.rows *= e.narrow(c)
	}
	return e
}

// narrow is the share of rows that satisfy one conjunct. It makes of the column that the conjunct compares with a constant what is left of it.
func (e *estimate) narrow(cond expr.Bound) float64 {
	column, op, value, ok := toConstant(cond)
	if !ok {
		return e.share(cond)
	}
	c := &e.columns[column]
	share := c.compared(op, value, e.rows)
	if op == "=" {
		c.distinct, c.bounded, c.min, c.max, c.nulls = 1, true, value, value, 0
		return share
	}
	if c.bounded && op != "<>" {
		if c.distinct > 0 {
			c.distinct = max(c.distinct*share/max(1-c.nulls, share), 1)
		}
		if op == "<" || op == "<=" {
			c.max = max(min(c.max, value), c.min)
		} else {
			c.min = min(max(c.min, value), c.max)
		}
	}
	c.nulls = 0
	return share
}

// toConstant takes apart a column that is compared with a constant, whichever comes first.
func toConstant(cond expr.Bound) (column int, op string, value float64, ok bool) {
	call, isCall := cond.(expr.BoundCall)
	if !isCall || len(call.Args) != 2 {
		return 0, "", 0, false
	}
	a, b, op := call.Args[0], call.Args[1], call.Func
	if _, swapped := a.(expr.BoundLiteral); swapped {
		a, b, op = b, a, flipped(op)
	}
	c, isColumn := bare(a).(expr.BoundColumn)
	lit, isLiteral := b.(expr.BoundLiteral)
	if !isColumn || !isLiteral {
		return 0, "", 0, false
	}
	value, ok = Position(lit)
	switch op {
	case "=", "<>", "<", "<=", ">", ">=":
		return c.Index, op, value, ok
	}
	return 0, "", 0, false
}

// bare is b without conversions that keep a value where it is.
func bare(b expr.Bound) expr.Bound {
	if c, ok := b.(expr.BoundCast); ok && (c.Arg.Type().ID() == c.Typ.ID() || schema.IntegerDigits(c.Arg.Type()) > 0 && schema.IntegerDigits(c.Typ) > 0) {
		return bare(c.Arg)
	}
	return b
}

// flipped is the comparison that says the same of its operands in the other order.
func flipped(op string) string {
	switch op {
	case "<":
		return ">"
	case "<=":
		return ">="
	case ">":
		return "<"
	case ">=":
		return "<="
	}
	return op
}

// compared is the share of rows whose value stands in that order to a constant.
func (c columnEstimate) compared(op string, value, rows float64) float64 {
	equal := c.equals(rows)
	if c.bounded && (value < c.min || value > c.max) {
		equal = min(equal, 1/max(rows, 1))
	}
	notNull := 1 - c.nulls
	switch op {
	case "=":
		return equal
	case "<>":
		return notNull - equal
	}
	if !c.bounded {
		return notNull * unknownRange
	}
	below := 0.5
	if c.max > c.min {
		below = (value - c.min) / (c.max - c.min)
	}
	if op == ">" || op == ">=" {
		below = 1 - below
	}
	return notNull * min(max(below, 1/max(c.distinct, rows, 1)), 1)
}

// equals is the share of rows that equal some constant.
func (c columnEstimate) equals(rows float64) float64 {
	if c.distinct > 0 {
		return (1 - c.nulls) / max(c.distinct, 1)
	}
	return max(unknownEqual, 1/max(rows, 1))
}

// share is the share of rows that satisfy any condition.
func (e estimate) share(cond expr.Bound) float64 {
	if column, op, value, ok := toConstant(cond); ok {
		return e.columns[column].compared(op, value, e.rows)
	}
	switch b := cond.(type) {
	case expr.BoundCall:
		return e.callShare(b)
	case expr.BoundLiteral:
		if b.Value == true {
			return 1
		}
		return 0
	case expr.BoundColumn:
		return 0.5
	case expr.BoundCast, expr.BoundCase, expr.BoundField, expr.BoundLambda, expr.BoundVar:
	}
	return unknownShare
}

func (e estimate) callShare(c expr.BoundCall) float64 {
	switch c.Func {
	case "and":
		return e.share(c.Args[0]) * e.share(c.Args[1])
	case "or":
		return 1 - (1-e.share(c.Args[0]))*(1-e.share(c.Args[1]))
	case "not":
		return 1 - e.share(c.Args[0])
	case "isnull":
		return e.of(c.Args[0]).nulls
	case "isnotnull":
		return 1 - e.of(c.Args[0]).nulls
	case "in":
		return min(float64(len(c.Args)-1)*e.of(c.Args[0]).equals(e.rows), 1)
	case "=", "<=>":
		return e.sameShare(c.Args[0], c.Args[1])
	case "<>":
		return 1 - e.sameShare(c.Args[0], c.Args[1])
	case "<", "<=", ">", ">=":
		return unknownRange
	case "might_contain":
		return 0.5
	case "like", "ilike", "rlike", "startswith", "endswith", "contains":
		return unknownPattern
	}
	return unknownShare
}

// sameShare is the share of rows in which two expressions are equal.
func (e estimate) sameShare(a, b expr.Bound) float64 {
	if d := max(e.of(a).distinct, e.of(b).distinct); d > 1 {
		return 1 / d
	}
	return unknownEqual
}
