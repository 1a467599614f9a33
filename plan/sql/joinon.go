package sql

import (
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// joinOn joins on a condition. An inner join with sub-queries in it is the pairs of rows, filtered; for other kinds they are columns of one side.
func (r *resolver) joinOn(j join, left, right scope, with *withScope) (scope, error) {
	if j.on == nil {
		rows, err := joined(j.kind, left, right, nil)
		return rows, at(err, j.Pos)
	}
	both, err := joined(plan.Cross, left, right, nil)
	if err != nil {
		return scope{}, at(err, j.Pos)
	}
	if j.on, err = r.nest(j.on, both, with); err != nil {
		return scope{}, err
	}
	if hasSubquery(j.on) {
		if j.kind == plan.Inner || j.kind == plan.Cross {
			return both.filtered(j.on)
		}
		if left, right, both, err = attachSides(j, left, right); err != nil {
			return scope{}, err
		}
	}
	cond, err := both.predicate(j.on)
	if err != nil {
		return scope{}, err
	}
	if cross, ok := both.node.(plan.Join); ok && (j.kind == plan.Inner || j.kind == plan.Cross) {
		rows, err := cross.On(cond)
		return both.over(rows), at(err, j.Pos)
	}
	rows, err := joined(j.kind, left, right, cond)
	return rows, at(err, j.Pos)
}

// attachSides computes each sub-query of a join's condition on the side whose columns it reads.
func attachSides(j join, left, right scope) (l, r, both scope, err error) {
	for _, sub := range subqueriesIn(j.on) {
		switch {
		case left.holds(sub):
			left, err = left.attach(sub)
		case right.holds(sub):
			right, err = right.attach(sub)
		default:
			err = fault("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_CORRELATED_EXPRESSION_IN_JOIN_CONDITION", "0A000", sub.Pos,
				"a sub-query in the condition of a %s join that reads columns of both sides", j.kind)
		}
		if err != nil {
			return left, right, both, err
		}
	}
	both, err = joined(plan.Cross, left, right, nil)
	return left, right, both, at(err, j.Pos)
}

// holds tells whether all columns that n reads are columns of s.
func (s scope) holds(n expr.Node) bool {
	all := true
	expr.WalkNode(n, func(part expr.Node) bool {
		c, ok := part.(expr.Column)
		all = all && (!ok || s.has(c))
		return all
	})
	return all
}
