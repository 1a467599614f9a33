package plan

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// partial is an aggregate in parts: what is computed over some of a group's rows, and the aggregate's value over what merging these results gave.
type partial struct {
	parts []expr.BoundAggregate
	value func(parts []expr.Bound) expr.Bound
}

// partialOf takes an aggregate apart; ok is false for those that need all rows of a group at once, or could fail in part only.
func partialOf(a expr.BoundAggregate) (p partial, ok bool) {
	if a.User != nil || a.Distinct {
		return p, false
	}
	switch a.Func {
	case "count", "count_if", "sum", "min", "max", "bool_and", "every", "bool_or", "some", "any", "bit_and", "bit_or", "bit_xor":
		return partial{[]expr.BoundAggregate{a}, func(parts []expr.Bound) expr.Bound { return parts[0] }}, true
	case "avg", "mean":
		return averageOf(a)
	}
	return p, false
}

// maxAveraged is the precision of decimals up to which sums, which have ten digits more, do not overflow where averages do not.
const maxAveraged = 28

// averageOf is an average as sum and count. That of BIGINTs is none: their sum may overflow.
func averageOf(a expr.BoundAggregate) (p partial, ok bool) {
	sum, in := schema.Double, a.Args[0].Type()
	switch d, decimal := in.(*arrow.Decimal128Type); {
	case decimal && d.Precision <= maxAveraged:
		sum = &arrow.Decimal128Type{Precision: d.Precision + 10, Scale: d.Scale}
	case isFloating(in):
	case schema.IntegerDigits(in) > 0 && in.ID() != arrow.INT64:
		sum = schema.BigInt
	default:
		return p, false
	}
	total, rows := a, a
	total.Func, total.Typ, total.Null = "sum", sum, true
	rows.Func, rows.Typ, rows.Null = "count", schema.BigInt, false
	return partial{[]expr.BoundAggregate{total, rows}, func(parts []expr.Bound) expr.Bound { return quotient(a, parts[0], parts[1]) }}, true
}

// quotient is the average of type a.Typ of a sum and a count, NULL over no rows.
func quotient(a expr.BoundAggregate, sum, rows expr.Bound) expr.Bound {
	divisor := a.Typ
	if isDecimal(a.Typ) {
		divisor = &arrow.Decimal128Type{Precision: 20}
	} else {
		sum = castTo(sum, a.Typ)
	}
	return expr.BoundCall{Pos: a.Pos, Func: "try_divide", Args: []expr.Bound{sum, castTo(rows, divisor)}, Typ: a.Typ, Null: true}
}

func castTo(b expr.Bound, t arrow.DataType) expr.Bound {
	if arrow.TypeEqual(b.Type(), t) {
		return b
	}
	return expr.BoundCast{Arg: b, Typ: t}
}

func isDecimal(t arrow.DataType) bool { return t.ID() == arrow.DECIMAL128 }

// merging is the aggregate that merges results of part, which stand in a column.
func merging(part expr.BoundAggregate, column expr.Bound) expr.BoundAggregate {
	if part.Func == "count" || part.Func == "count_if" {
		part.Func = "sum"
	}
	part.Args, part.Filter = []expr.Bound{column}, nil
	return part
}

// partials takes all aggregates apart, or none.
func partials(aggs []expr.BoundAggregate) (list []partial, parts []expr.BoundAggregate, ok bool) {
	for _, a := range aggs {
		p, ok := partialOf(a)
		if !ok {
			return nil, nil, false
		}
		list, parts = append(list, p), append(parts, p.parts...)
	}
	return list, parts, true
}

// values are the aggregates' values over the merged results, which stand one after the other.
func values(list []partial, merged []expr.Bound) []expr.Bound {
	out := make([]expr.Bound, len(list))
	for i, p := range list {
		out[i] = p.value(slices.Clone(merged[:len(p.parts)]))
		merged = merged[len(p.parts):]
	}
	return out
}

// partNames names the parts as EXPLAIN shows them.
func partNames(parts []expr.BoundAggregate) []string {
	names := make([]string, len(parts))
	for i, a := range parts {
		names[i] = a.String()
	}
	return names
}
