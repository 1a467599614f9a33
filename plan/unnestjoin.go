package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// join joins two queries of which one has variables at least.
func (u *unnester) join(n Join) dependent {
	if n.Kind == RightOuter {
		return u.project(swapped(n))
	}
	l, r := u.settled(u.unnest(n.Left)), u.settled(u.unnest(n.Right))
	switch n.Kind {
	case LeftOuter:
		return u.leftJoin(n, l, r)
	case FullOuter:
		return u.fullJoin(n, l, r)
	case LeftSemi, LeftAnti:
		return u.semiJoin(n, l, r)
	case Inner, Cross, RightOuter:
	}
	width := l.node.Schema().NumFields()
	result := dependent{outs: pairOuts(l, r), conds: append(slices.Clip(l.conds), u.moveAll(r.conds, width)...)}
	var own []expr.Bound
	for _, c := range u.on(n, result.outs) {
		if len(u.free(c)) > 0 {
			result.conds = append(result.conds, c)
		} else {
			own = append(own, c)
		}
	}
	result.node = u.joined(Inner, l.node, r.node, own)
	return result
}

// on are the conditions of a join over the outs of both sides.
func (u *unnester) on(n Join, outs []expr.Bound) []expr.Bound {
	width := n.Left.Schema().NumFields()
	var conds []expr.Bound
	for i, k := range n.LeftKeys {
		conds = append(conds, comparison("=", u.over(k, outs), u.over(moved(n.RightKeys[i], width), outs)))
	}
	if n.Residual != nil {
		conds = append(conds, expr.Conjuncts(u.over(n.Residual, outs))...)
	}
	return conds
}

func (u *unnester) moveAll(list []expr.Bound, width int) []expr.Bound {
	return mapAll(list, func(b expr.Bound) expr.Bound { return moved(b, width) })
}

// pairOuts are the columns of both sides over a join of their nodes.
func pairOuts(l, r dependent) []expr.Bound {
	width := l.node.Schema().NumFields()
	outs := slices.Clone(l.outs)
	for _, o := range r.outs {
		outs = append(outs, moved(o, width))
	}
	return outs
}

// leftJoin lets the left side have a row for every value of the variables that the right side or the condition is about.
func (u *unnester) leftJoin(n Join, l, r dependent) dependent {
	mark := -1
	if len(u.free(r.outs...)) > 0 {
		r.node, mark = u.marked(r.node)
	}
	l, values, conds := u.leftSide(n, l, r)
	width := l.node.Schema().NumFields()
	node := u.joined(LeftOuter, l.node, r.node, conds)
	outs := slices.Clone(l.outs)
	for _, o := range r.outs {
		_, isColumn := o.(expr.BoundColumn)
		o = u.nullable(known(moved(o, width), values), node)
		if !isColumn {
			o = either(isNotNull(ColumnsOf(node)[width+mark]), o, nullOf(o.Type()))
		}
		outs = append(outs, o)
	}
	return u.computed(dependent{node: node, outs: outs, conds: l.conds})
}

func (u *unnester) semiJoin(n Join, l, r dependent) dependent {
	l, _, conds := u.leftSide(n, l, r)
	return dependent{node: u.joined(n.Kind, l.node, r.node, conds), outs: l.outs, conds: l.conds}
}

// leftSide grounds the left side where it has to know variables, and gives what these are there and what the join's conditions then are.
func (u *unnester) leftSide(n Join, l, r dependent) (dependent, map[int]expr.Bound, []expr.Bound) {
	needs := append(u.on(n, pairOuts(l, r)), append(slices.Clip(r.conds), r.outs...)...)
	if len(u.free(needs...)) > 0 {
		l = u.ground(l, needs...)
	}
	values := map[int]expr.Bound{}
	for _, c := range l.conds {
		if outside, inside, ok := u.key(c); ok {
			if v, isVar := outside.(expr.BoundVar); isVar {
				values[v.ID] = inside
			}
		}
	}
	width := l.node.Schema().NumFields()
	conds := append(u.on(n, pairOuts(l, r)), u.moveAll(r.conds, width)...)
	return l, values, allKnown(conds, values)
}

// fullJoin grounds both sides: rows without a partner exist per value of the variables.
func (u *unnester) fullJoin(n Join, l, r dependent) dependent {
	needs := append(u.on(n, pairOuts(l, r)), slices.Concat(l.conds, l.outs, r.conds, r.outs)...)
	l, r = u.ground(l, needs...), u.ground(r, needs...)
	width := l.node.Schema().NumFields()
	conds := u.on(n, pairOuts(l, r))
	values := map[int]expr.Bound{}
	for i, c := range l.conds {
		outside, left, _ := u.key(c)
		_, right, _ := u.key(r.conds[i])
		values[outside.(expr.BoundVar).ID] = left
		conds = append(conds, sameValue(left, moved(right, width)))
	}
	node := u.joined(FullOuter, l.node, r.node, allKnown(conds, values))
	result := dependent{node: node}
	for _, o := range pairOuts(l, r) {
		result.outs = append(result.outs, u.nullable(o, node))
	}
	for i, c := range l.conds {
		outside, left, _ := u.key(c)
		_, right, _ := u.key(r.conds[i])
		left, right = u.nullable(left, node), u.nullable(moved(right, width), node)
		result.outs = append(result.outs, either(isNotNull(left), left, right))
		result.conds = append(result.conds, outside)
	}
	return u.fullKeys(result, len(n.schema.Fields()))
}

// fullKeys computes the variables' values, which are behind the first width outs, from both sides.
func (u *unnester) fullKeys(d dependent, width int) dependent {
	outsides := d.conds
	d.conds = nil
	d = u.computed(d)
	for i, v := range outsides {
		d.conds = append(d.conds, sameValue(v, d.outs[width+i]))
	}
	d.outs = d.outs[:width]
	return d
}

// swapped is a right join as a left join.
func swapped(n Join) Project {
	left, right := n.Left.Schema().NumFields(), n.Right.Schema().NumFields()
	at := func(i int) int {
		if i < left {
			return i + right
		}
		return i - left
	}
	j := Join{Kind: LeftOuter, Left: n.Right, Right: n.Left, LeftKeys: n.RightKeys, RightKeys: n.LeftKeys}
	if n.Residual != nil {
		j.Residual = expr.MapColumns(n.Residual, at)
	}
	j.schema = j.joined()
	exprs := make([]expr.Bound, left+right)
	for i := range exprs {
		exprs[i] = ColumnsOf(j)[at(i)]
	}
	return project(j, exprs, fieldNames(n))
}
