package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// factorConditions takes out of ORs what all their branches ask for: (a AND b) OR (a AND c) is a AND (b OR c). An equality that stands in every branch
// becomes the key of a join that way.
func factorConditions(n Node) Node {
	return rewrite(n, func(n Node) (Node, bool) {
		switch x := n.(type) {
		case Filter:
			if cond, ok := factored(x.Cond); ok {
				x.Cond = cond
				return x, true
			}
		case Join:
			if cond, ok := factored(x.Residual); ok {
				x.Residual = cond
				return x, true
			}
		default: // no conditions
		}
		return n, false
	})
}

func factored(cond expr.Bound) (expr.Bound, bool) {
	conjuncts := expr.Conjuncts(cond)
	var out []expr.Bound
	for _, c := range conjuncts {
		out = append(out, factoredOr(c)...)
	}
	if len(out) == len(conjuncts) {
		return cond, false
	}
	return expr.And(out...), true
}

// factoredOr gives the conjuncts that cond comes to. Only what cannot fail is taken out: it is evaluated before what used to stand in front of it.
func factoredOr(cond expr.Bound) []expr.Bound {
	branches := disjuncts(cond)
	if len(branches) < 2 {
		return []expr.Bound{cond}
	}
	var common []expr.Bound
	for _, c := range expr.Conjuncts(branches[0]) {
		everywhere := !slices.ContainsFunc(branches[1:], func(b expr.Bound) bool { return !hasEqual(expr.Conjuncts(b), c) })
		if everywhere && !MayFail(c) && !hasEqual(common, c) {
			common = append(common, c)
		}
	}
	if len(common) == 0 {
		return []expr.Bound{cond}
	}
	var rest expr.Bound
	for _, b := range branches {
		left := expr.And(slices.DeleteFunc(expr.Conjuncts(b), func(c expr.Bound) bool { return hasEqual(common, c) })...)
		if left == nil { // the branch asks for nothing else
			return common
		}
		rest = anyOf(rest, left)
	}
	return append(common, rest)
}

// disjuncts takes a condition apart at its outer ORs.
func disjuncts(b expr.Bound) []expr.Bound {
	if c, ok := b.(expr.BoundCall); ok && c.Func == "or" {
		return append(disjuncts(c.Args[0]), disjuncts(c.Args[1])...)
	}
	return []expr.Bound{b}
}

// anyOf joins alternatives; nil is none.
func anyOf(a, b expr.Bound) expr.Bound {
	if a == nil {
		return b
	}
	return disjunction(a, b)
}

func hasEqual(conds []expr.Bound, b expr.Bound) bool {
	return slices.ContainsFunc(conds, func(c expr.Bound) bool { return expr.Equal(b, c) })
}

// implied is what follows from conds for the columns that through lets pass, and that they do not say by themselves: where every branch of an OR says
// something of one side of a join, one of these holds.
func implied(conds []expr.Bound, through passage) []expr.Bound {
	var out []expr.Bound
	for _, c := range conds {
		branches := disjuncts(c)
		if len(branches) < 2 {
			continue
		}
		var alternative expr.Bound
		for _, b := range branches {
			s := sift(expr.Conjuncts(b), through)
			s.down = slices.DeleteFunc(s.down, MayFail)
			if len(s.down) == 0 {
				alternative = nil
				break
			}
			alternative = anyOf(alternative, expr.And(s.down...))
		}
		if alternative != nil {
			out = append(out, alternative)
		}
	}
	return out
}
