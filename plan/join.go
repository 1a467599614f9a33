package plan

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// NewJoin joins left and right where leftKeys[i], over left's columns, equals rightKeys[i], over right's, of the same type, and residual, over left's
// columns followed by right's (nil: none), is TRUE. A Cross join has neither keys nor residual.
func NewJoin(kind JoinKind, left, right Node, leftKeys, rightKeys []expr.Bound, residual expr.Bound) (Join, error) {
	j := Join{Kind: kind, Left: left, Right: right, LeftKeys: leftKeys, RightKeys: rightKeys, Residual: residual}
	if kind > Cross {
		return Join{}, misuse("there is no join kind %d", kind)
	}
	if kind == Cross && (len(leftKeys) > 0 || residual != nil) {
		return Join{}, misuse("a cross join has a condition")
	}
	if err := joinKeysFit(j); err != nil {
		return Join{}, err
	}
	if residual != nil {
		if err := predicateFits(residual, j.pairs(), "JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE"); err != nil {
			return Join{}, err
		}
	}
	j.schema = j.joined()
	return j, nil
}

func joinKeysFit(j Join) error {
	if len(j.LeftKeys) != len(j.RightKeys) {
		return misuse("a join has %d left and %d right keys", len(j.LeftKeys), len(j.RightKeys))
	}
	if err := groupsFit(j.LeftKeys, j.Left.Schema()); err != nil {
		return err
	}
	if err := groupsFit(j.RightKeys, j.Right.Schema()); err != nil {
		return err
	}
	for i, l := range j.LeftKeys {
		if r := j.RightKeys[i]; !arrow.TypeEqual(l.Type(), r.Type()) {
			return misuse("the join keys %s and %s have the types %s and %s", l, r, expr.TypeSQL(l.Type()), expr.TypeSQL(r.Type()))
		}
	}
	return nil
}

// Schema has left's columns, then right's unless the join is semi or anti. The columns of a side whose rows may be missing are nullable.
func (j Join) Schema() *arrow.Schema { return j.schema }

// Children are the left and the right input.
func (j Join) Children() []Node { return appendInputs(nil, j) }

// pairs are the columns that Residual sees.
func (j Join) pairs() pairedColumns { return pairedColumns{j.Left.Schema(), j.Right.Schema()} }

// pairedColumns are those of the left, then those of the right side of a join.
type pairedColumns struct{ left, right *arrow.Schema }

// NumFields counts the columns of both sides.
func (p pairedColumns) NumFields() int { return p.left.NumFields() + p.right.NumFields() }

// Field is the column at a position.
func (p pairedColumns) Field(i int) arrow.Field {
	if width := p.left.NumFields(); i >= width {
		return p.right.Field(i - width)
	}
	return p.left.Field(i)
}

func (j Join) joined() *arrow.Schema {
	if j.leftOnly() {
		return j.Left.Schema()
	}
	return beside(j.Left.Schema(), j.Right.Schema(), j.Kind == RightOuter || j.Kind == FullOuter, j.Kind == LeftOuter || j.Kind == FullOuter)
}

// beside is left's columns, then right's. Those of a side that may be missing are nullable.
func beside(left, right *arrow.Schema, leftMissing, rightMissing bool) *arrow.Schema {
	fields := make([]arrow.Field, 0, left.NumFields()+right.NumFields())
	fields = appendOuter(fields, left, leftMissing)
	return arrow.NewSchema(appendOuter(fields, right, rightMissing), nil)
}

// leftOnly tells whether the join yields left's columns alone.
func (j Join) leftOnly() bool { return j.Kind == LeftSemi || j.Kind == LeftAnti }

func appendOuter(fields []arrow.Field, side *arrow.Schema, missing bool) []arrow.Field {
	for i := range side.NumFields() {
		f := side.Field(i)
		f.Nullable = f.Nullable || missing
		fields = append(fields, f)
	}
	return fields
}

// String is the kind in SQL's words.
func (k JoinKind) String() string {
	switch k {
	case Inner:
		return "INNER"
	case LeftOuter:
		return "LEFT OUTER"
	case RightOuter:
		return "RIGHT OUTER"
	case FullOuter:
		return "FULL OUTER"
	case LeftSemi:
		return "LEFT SEMI"
	case LeftAnti:
		return "LEFT ANTI"
	case Cross:
		return "CROSS"
	}
	return "unknown"
}
