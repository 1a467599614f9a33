package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// unconditionalRows are rows without the conditions that chose them.
type unconditionalRows struct {
	rows  Node
	conds []expr.Bound // over rows
	outs  []expr.Bound // what the columns were, over rows
}

// unconditional takes the conditions out of scans, filters and joins; ok is false where that could evaluate something that may fail on rows that were filtered
// out before.
func unconditional(n Node) (u unconditionalRows, ok bool) {
	switch n := n.(type) {
	case Scan:
		bare := n
		bare.Filter, bare.schema = nil, n.unfiltered()
		return unconditionalRows{bare, expr.Conjuncts(n.Filter), ColumnsOf(bare)}, true
	case Filter:
		if u, ok = unconditional(n.Input); ok {
			ok = u.require(expr.Conjuncts(n.Cond))
		}
		return u, ok
	case Project:
		if u, ok = unconditional(n.Input); ok {
			u.outs, ok = u.over(n.Exprs)
		}
		return u, ok
	case Join:
		return unconditionalJoin(n)
	default: // what counts, orders or groups its rows depends on their conditions
	}
	return u, false
}

func unconditionalJoin(n Join) (u unconditionalRows, ok bool) {
	if n.Kind != Inner && n.Kind != Cross || slices.ContainsFunc(n.LeftKeys, MayFail) || slices.ContainsFunc(n.RightKeys, MayFail) {
		return u, false
	}
	left, ok := unconditional(n.Left)
	if !ok {
		return u, false
	}
	right, ok := unconditional(n.Right)
	if !ok {
		return u, false
	}
	leftKeys, okLeft := left.over(n.LeftKeys)
	rightKeys, okRight := right.over(n.RightKeys)
	if !okLeft || !okRight || slices.ContainsFunc(leftKeys, MayFail) || slices.ContainsFunc(rightKeys, MayFail) {
		return u, false
	}
	j, err := NewJoin(n.Kind, left.rows, right.rows, leftKeys, rightKeys, nil)
	if err != nil {
		return u, false
	}
	width := left.rows.Schema().NumFields()
	behind := func(list []expr.Bound) []expr.Bound {
		moved := make([]expr.Bound, len(list))
		for i, b := range list {
			moved[i] = expr.MapColumns(b, func(c int) int { return width + c })
		}
		return moved
	}
	u = unconditionalRows{j, append(left.conds, behind(right.conds)...), append(left.outs, behind(right.outs)...)}
	return u, u.require(expr.Conjuncts(n.Residual))
}

// over are expressions over the columns as they were, over rows.
func (u *unconditionalRows) over(list []expr.Bound) (out []expr.Bound, ok bool) {
	out = make([]expr.Bound, len(list))
	for i, b := range list {
		if out[i], ok = substitute(b, toExprs(u.outs)); !ok {
			return nil, false
		}
	}
	return out, true
}

// require adds conditions over the columns as they were.
func (u *unconditionalRows) require(conds []expr.Bound) bool {
	over, ok := u.over(conds)
	u.conds = append(u.conds, over...)
	return ok && !slices.ContainsFunc(conds, expr.Volatile)
}

// aggregate is a over rows.
func (u *unconditionalRows) aggregate(a expr.BoundAggregate) (over expr.BoundAggregate, ok bool) {
	args, ok := u.over(a.Args)
	if !ok {
		return a, false
	}
	a.Args = args
	if a.Filter != nil {
		a.Filter, ok = substitute(a.Filter, toExprs(u.outs))
	}
	return a, ok
}
