package plan

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// pushJoin sends conditions on one side to that side, where the kind of the join allows it, and makes conditions on both a part of an inner join. What a
// condition says of one side's key it says of the other's too. An outer join whose padded rows no condition lets through becomes a narrower kind first.
func pushJoin(n Join, conds []expr.Bound) Node {
	n = n.narrowed(notNullIfAll(conds))
	toLeft := passage{n.reads(leftSide), toColumns(n.Left.Schema(), same), n.Kind == LeftOuter}
	toRight := passage{n.reads(rightSide), n.ofRight(), n.Kind == RightOuter}
	above, residual := sifted{stay: conds}, sifted{stay: expr.Conjuncts(n.Residual)}
	var left, right []expr.Bound
	take := func(from *sifted, to *[]expr.Bound, through passage) {
		s := sift(from.stay, through)
		*to = append(*to, s.down...)
		from.stay, from.gone = s.stay, append(from.gone, s.gone...)
	}
	if n.Kind != RightOuter && n.Kind != FullOuter {
		take(&above, &left, toLeft)
	}
	if n.Kind == Inner || n.Kind == Cross || n.Kind == RightOuter {
		take(&above, &right, toRight)
	}
	toLeft.allRows, toRight.allRows = false, false
	if n.Kind == Inner || n.Kind == RightOuter || n.Kind == LeftSemi {
		take(&residual, &left, toLeft)
	}
	if n.Kind == Inner || n.Kind == LeftOuter || n.Kind == LeftSemi || n.Kind == LeftAnti {
		take(&residual, &right, toRight)
	}
	left, right = append(left, n.impliedLeft(above, residual)...), append(right, n.impliedRight(above, residual)...)
	if n.Kind == Inner || n.Kind == Cross {
		n.Kind = Inner
		residual.stay = n.takeKeys(append(residual.stay, above.stay...))
		above = sifted{gone: append(above.gone, above.stay...)}
	}
	var toTheRight, toTheLeft []expr.Bound
	if n.Kind != RightOuter && n.Kind != FullOuter {
		toTheRight = missingFrom(right, inferred(left, n.LeftKeys, n.RightKeys))
	}
	if n.Kind == Inner || n.Kind == RightOuter || n.Kind == LeftSemi {
		toTheLeft = missingFrom(left, inferred(right, n.RightKeys, n.LeftKeys))
	}
	return n.rebuilt(push(n.Left, append(left, toTheLeft...)), push(n.Right, append(right, toTheRight...)), residual.stay, above)
}

// impliedLeft is what the conditions that stay above and in the join imply for the left side.
func (j Join) impliedLeft(above, residual sifted) []expr.Bound {
	var conds []expr.Bound
	if j.Kind == Inner || j.Kind == Cross || j.Kind == LeftOuter {
		conds = append(conds, implied(above.stay, passage{j.reads(leftSide), toColumns(j.Left.Schema(), same), false})...)
	}
	if j.Kind == Inner || j.Kind == RightOuter || j.Kind == LeftSemi {
		conds = append(conds, implied(residual.stay, passage{j.reads(leftSide), toColumns(j.Left.Schema(), same), false})...)
	}
	return conds
}

// impliedRight is what they imply for the right side.
func (j Join) impliedRight(above, residual sifted) []expr.Bound {
	var conds []expr.Bound
	if j.Kind == Inner || j.Kind == Cross || j.Kind == RightOuter {
		conds = append(conds, implied(above.stay, passage{j.reads(rightSide), j.ofRight(), false})...)
	}
	if j.Kind == Inner || j.Kind == LeftOuter || j.Kind == LeftSemi || j.Kind == LeftAnti {
		conds = append(conds, implied(residual.stay, passage{j.reads(rightSide), j.ofRight(), false})...)
	}
	return conds
}

// narrowed gives an outer join the narrower kind that has the same rows where some columns are not NULL: one of them keeps out the rows in which its side is
// missing.
func (j Join) narrowed(notNull []int) Join {
	if j.leftOnly() {
		return j
	}
	width, kind := j.Left.Schema().NumFields(), j.Kind
	for _, c := range notNull {
		kind = kind.without(c < width)
	}
	if kind == j.Kind {
		return j
	}
	j.Kind = kind
	j.schema = tightest(j.schema, j.joined())
	return j
}

// without is the kind that leaves out the rows in which the left (or else the right) side is missing.
func (k JoinKind) without(left bool) JoinKind {
	switch {
	case k == FullOuter && left:
		return LeftOuter
	case k == FullOuter:
		return RightOuter
	case k == RightOuter && left, k == LeftOuter && !left:
		return Inner
	}
	return k
}

// tightest is a without the nullability of the columns that are not nullable in b.
func tightest(a, b *arrow.Schema) *arrow.Schema {
	fields := a.Fields()
	for i := range fields {
		fields[i].Nullable = fields[i].Nullable && b.Field(i).Nullable
	}
	return arrow.NewSchema(fields, nil)
}

// rebuilt is j over new inputs of the same columns, with the conditions that went to neither.
func (j Join) rebuilt(left, right Node, residual []expr.Bound, above sifted) Node {
	j.Left, j.Right, j.Residual = left, right, expr.And(residual...)
	j.schema = proven(j.schema, expr.And(above.gone...))
	return keep(j.settled(), above.stay)
}
