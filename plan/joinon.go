package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// JoinOn joins left and right on cond, a BOOLEAN over left's columns followed by right's (nil: none). Equalities between an expression over the one
// and an expression over the other side become keys, what is left is the residual. An inner join without a condition is a Cross join.
func JoinOn(kind JoinKind, left, right Node, cond expr.Bound) (Join, error) {
	if kind == Cross && cond != nil {
		kind = Inner
	}
	j, err := NewJoin(kind, left, right, nil, nil, nil)
	if err != nil {
		return Join{}, err
	}
	if cond == nil {
		return j.settled(), nil
	}
	return j.on(cond)
}

// On is the Cross join j with a condition, an Inner join, as JoinOn makes it of j's inputs.
func (j Join) On(cond expr.Bound) (Join, error) {
	if j.Kind != Cross {
		return Join{}, misuse("a condition for a join of the kind %s, which has one", j.Kind)
	}
	j.Kind = Inner
	return j.on(cond)
}

func (j Join) on(cond expr.Bound) (Join, error) {
	if err := predicateFits(cond, j.pairs(), "JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE"); err != nil {
		return Join{}, err
	}
	var rest []expr.Bound
	for _, c := range expr.Conjuncts(cond) {
		if !j.takeKey(c) {
			rest = append(rest, c)
		}
	}
	j.Residual = expr.And(rest...)
	return j.settled(), nil
}

// takeKeys makes keys of the conditions that can be and that cannot fail, and returns the others.
func (j *Join) takeKeys(conds []expr.Bound) (rest []expr.Bound) {
	for _, c := range conds {
		if MayFail(c) || !j.takeKey(c) {
			rest = append(rest, c)
		}
	}
	return rest
}

// settled gives an inner join without a condition its name.
func (j Join) settled() Join {
	if j.Kind == Inner && len(j.LeftKeys) == 0 && j.Residual == nil {
		j.Kind = Cross
	}
	return j
}

// takeKey makes cond, over pairs, a key of j if it is an equality between the two sides.
func (j *Join) takeKey(cond expr.Bound) bool {
	call, ok := cond.(expr.BoundCall)
	if !ok || call.Func != "=" {
		return false
	}
	a, b := call.Args[0], call.Args[1]
	if j.sideOf(a) == rightSide && j.sideOf(b) == leftSide {
		a, b = b, a
	}
	if j.sideOf(a) != leftSide || j.sideOf(b) != rightSide {
		return false
	}
	right, ok := substitute(b, j.ofRight())
	if !ok {
		return false
	}
	j.LeftKeys, j.RightKeys = append(slices.Clone(j.LeftKeys), a), append(slices.Clone(j.RightKeys), right)
	return true
}

// side is which input of a join an expression over its pairs reads.
type side uint8

const (
	noSide side = iota
	leftSide
	rightSide
	bothSides
)

func (j Join) sideOf(b expr.Bound) side {
	width, s := j.Left.Schema().NumFields(), noSide
	for _, c := range expr.Columns(b) {
		if c < width {
			s |= leftSide
		} else {
			s |= rightSide
		}
	}
	return s
}

// ofRight replaces columns of the pairs by columns of the right input.
func (j Join) ofRight() func(expr.BoundColumn) expr.Bound {
	width := j.Left.Schema().NumFields()
	return toColumns(j.Right.Schema(), func(i int) int { return i - width })
}

func (j Join) reads(s side) func([]int) bool {
	width := j.Left.Schema().NumFields()
	return func(columns []int) bool {
		return len(columns) > 0 && !slices.ContainsFunc(columns, func(c int) bool { return (c < width) != (s == leftSide) })
	}
}
