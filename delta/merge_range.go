package delta

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

// valueRange is the least and greatest of a key's values, as literals; ok is false where there are none, or the type has no order that statistics know.
// A dictionary may hold values that no row has: the range is then wider than need be.
func valueRange(a arrow.Array) (lo, hi expr.BoundLiteral, ok bool) {
	if d, isDictionary := a.(*array.Dictionary); isDictionary {
		a = d.Dictionary()
	}
	typ := a.DataType()
	nulls := vector.NullsOf(a)
	var least, greatest skipping.Scalar
	extend := func(v skipping.Scalar) {
		if !ok || v.Compare(least) < 0 {
			least = v
		}
		if !ok || v.Compare(greatest) > 0 {
			greatest = v
		}
		ok = true
	}
	switch skipping.KindOf(typ) {
	case skipping.KindInt:
		value := integersOf(a)
		for row := range a.Len() {
			if nulls.Valid(row) {
				extend(skipping.Int(value(row)))
			}
		}
	case skipping.KindText, skipping.KindDecimal:
		for row := range a.Len() {
			if nulls.Valid(row) {
				extend(borrowedScalar(a, row))
			}
		}
	case skipping.KindNone, skipping.KindFloat: // NaN lies outside of every range
	}
	if !ok {
		return lo, hi, false
	}
	return literalOf(least, typ), literalOf(greatest, typ), true
}

func comparison(op string, a, b expr.Bound) expr.Bound {
	return expr.BoundCall{Func: op, Args: []expr.Bound{a, b}, Typ: schema.Boolean, Null: a.Nullable() || b.Nullable()}
}

// emptyColumns are a source's columns without a row.
func emptyColumns(r *mergeRun) ([]arrow.Array, error) {
	cols := make([]arrow.Array, 0, r.plan.source.NumFields())
	for _, f := range r.plan.source.Fields() {
		cols = append(cols, pool.Nulls(r.env.Alloc, f.Type, 0))
	}
	return cols, nil
}
