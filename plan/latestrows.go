package plan

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// latestRows turns row_number() OVER (PARTITION BY k ORDER BY s) = 1 into Latest, which keeps one row per key and sorts nothing; without a partition
// it is the first row of the order.
func latestRows(n Node) Node {
	return rewrite(n, func(n Node) (Node, bool) {
		f, ok := n.(Filter)
		if !ok {
			return n, false
		}
		w, ok := f.Input.(Window)
		if !ok || len(w.Funcs) != 1 || w.Funcs[0].Func != "row_number" {
			return n, false
		}
		number := w.Input.Schema().NumFields()
		for i, c := range expr.Conjuncts(f.Cond) {
			if isFirst(c, number) {
				rest := append(append([]expr.Bound(nil), expr.Conjuncts(f.Cond)[:i]...), expr.Conjuncts(f.Cond)[i+1:]...)
				return keep(firstRows(w), rest), true
			}
		}
		return n, false
	})
}

// firstRows is w, whose one function is row_number, without the rows whose number is not 1.
func firstRows(w Window) Node {
	f := w.Funcs[0]
	var rows Node = Latest{Input: w.Input, Keys: f.PartitionBy, By: f.OrderBy}
	if len(f.PartitionBy) == 0 {
		rows = Order{Input: w.Input, Keys: f.OrderBy, Limit: 1}
	}
	exprs := append(ColumnsOf(w.Input), integer(1, f.Typ))
	return Project{Input: rows, Exprs: exprs, schema: w.schema}
}

// isFirst tells whether cond says that column i, which counts from 1, is 1.
func isFirst(cond expr.Bound, i int) bool {
	most, ok := atMost(cond, i)
	return ok && most == 1
}

// isColumn tells whether b is column i, as it is or in a wider integer type.
func isColumn(b expr.Bound, i int) bool {
	if cast, ok := b.(expr.BoundCast); ok && schema.IntegerDigits(cast.Typ) > 0 && exactCast(cast.Arg.Type(), cast.Typ) {
		b = cast.Arg
	}
	c, ok := b.(expr.BoundColumn)
	return ok && c.Index == i
}

// integerValue is the value of an integer literal.
func integerValue(b expr.Bound) (int64, bool) {
	lit, ok := b.(expr.BoundLiteral)
	if !ok {
		return 0, false
	}
	return lit.Integer()
}

// integer is the literal n of an integer type that holds it.
func integer(n int64, t arrow.DataType) expr.BoundLiteral {
	switch t.ID() {
	case arrow.INT8:
		return expr.BoundLiteral{Value: int8(n), Typ: t}
	case arrow.INT16:
		return expr.BoundLiteral{Value: int16(n), Typ: t}
	case arrow.INT32:
		return expr.BoundLiteral{Value: int32(n), Typ: t}
	default:
		return expr.BoundLiteral{Value: n, Typ: t}
	}
}
