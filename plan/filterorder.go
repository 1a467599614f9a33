package plan

import (
	"cmp"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// scanOrdered is n with the conjuncts of its filter in order.
func (e estimator) scanOrdered(n Scan) Scan {
	if len(expr.Conjuncts(n.Filter)) > 1 {
		bare := n
		bare.Filter = nil
		n.Filter = e.scan(bare).ordered(n.Filter)
	}
	return n
}

// ordered is cond with its conjuncts in order: those that leave out the most rows for what they cost come first: a row
// that fails one is not asked the next. What may fail comes last, in the order in which it is written, so that it sees no row more.
func (e estimate) ordered(cond expr.Bound) expr.Bound {
	conjuncts := expr.Conjuncts(cond)
	if len(conjuncts) < 2 {
		return cond
	}
	type ranked struct {
		cond expr.Bound
		gain float64 // of rows left out, for a unit of cost; -1: may fail
	}
	list := make([]ranked, len(conjuncts))
	for i, c := range conjuncts {
		list[i] = ranked{c, -1}
		if !MayFail(c) {
			list[i].gain = (1 - e.share(c)) / cost(c)
		}
	}
	slices.SortStableFunc(list, func(a, b ranked) int { return cmp.Compare(b.gain, a.gain) })
	for i, r := range list {
		conjuncts[i] = r.cond
	}
	return expr.And(conjuncts...)
}

// cost is what evaluating b for a row costs, about, where comparing two numbers costs 1.
func cost(b expr.Bound) float64 {
	total := 0.0
	expr.Walk(b, func(part expr.Bound) bool {
		switch part := part.(type) {
		case expr.BoundCall:
			total += callCost(part)
		case expr.BoundCast:
			total += 2
		case expr.BoundCase, expr.BoundLambda:
			total += 4
		case expr.BoundColumn, expr.BoundLiteral, expr.BoundField, expr.BoundVar:
		}
		return true
	})
	return max(total, 0.5)
}

func callCost(c expr.BoundCall) float64 {
	switch c.Func {
	case "and", "or", "not", "isnull", "isnotnull":
		return 0.5
	case "=", "<>", "<=>", "<", "<=", ">", ">=", "might_contain":
		if isText(c.Args[len(c.Args)-1].Type()) {
			return 3
		}
		return 1
	case "in":
		return 2 + float64(len(c.Args))/8
	case "rlike":
		return 40
	case "like", "ilike":
		return 10
	}
	return 5
}

func isText(t arrow.DataType) bool { return t.ID() == arrow.STRING || t.ID() == arrow.BINARY }
