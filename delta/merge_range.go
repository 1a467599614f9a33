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

// borrowedScalar is scalarAt for a value that is not NULL, without a copy of text.
func borrowedScalar(a arrow.Array, row int) skipping.Scalar {
	switch a := a.(type) {
	case *array.String:
		return skipping.Text(a.Value(row))
	default:
		v, _ := scalarAt(a, row)
		return v
	}
}

// literalOf is a literal of the type, with a copy of the text.
func literalOf(s skipping.Scalar, t arrow.DataType) expr.BoundLiteral {
	l := expr.BoundLiteral{Typ: t}
	switch t.ID() {
	case arrow.BOOL:
		l.Value = s.Integer != 0
	case arrow.INT8:
		l.Value = int8(s.Integer)
	case arrow.INT16:
		l.Value = int16(s.Integer)
	case arrow.INT32:
		l.Value = int32(s.Integer)
	case arrow.DATE32:
		l.Value = arrow.Date32(s.Integer)
	case arrow.TIMESTAMP:
		l.Value = arrow.Timestamp(s.Integer)
	case arrow.STRING:
		l.Value = string([]byte(s.Text))
	case arrow.BINARY:
		l.Value = []byte(s.Text)
	case arrow.DECIMAL128:
		l.Value = s.Decimal
	default:
		l.Value = s.Integer
	}
	return l
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
