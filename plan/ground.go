package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// ground joins the domain of d's variables, and of those in also, to d. What is left to the join with the rows around is that the values are the same.
func (u *unnester) ground(d dependent, also ...expr.Bound) dependent {
	d = u.settled(d)
	ids := u.free(slices.Concat(d.conds, d.outs, also)...)
	if len(ids) == 0 {
		return d
	}
	width := d.node.Schema().NumFields()
	domain := u.domain(ids)
	values, conds := u.valuesAt(ids, domain, width)
	node := u.joined(Inner, d.node, domain, allKnown(d.conds, values))
	return u.computed(dependent{node: node, outs: allKnown(d.outs, values), conds: conds})
}

// settled gives d the row of its own that it has where node has none: every value of the domain then has a row.
func (u *unnester) settled(d dependent) dependent {
	if d.empty == nil {
		return d
	}
	ids := u.free(slices.Concat(d.conds, d.outs, d.empty)...)
	domain := u.domain(ids)
	values, conds := u.valuesAt(ids, domain, 0)
	marked, mark := u.marked(d.node)
	width := len(ids)
	shift := func(b expr.Bound) expr.Bound { return known(moved(b, width), values) }
	node := u.joined(LeftOuter, domain, marked, mapAll(d.conds, shift))
	found := isNotNull(ColumnsOf(node)[width+mark])
	outs := make([]expr.Bound, len(d.outs))
	for i, o := range d.outs {
		outs[i] = either(found, u.nullable(shift(o), node), known(d.empty[i], values))
	}
	return u.computed(dependent{node: node, outs: outs, conds: conds})
}

// domain has the distinct values that variables have in the rows around the sub-query.
func (u *unnester) domain(ids []int) Node {
	exprs, names := make([]expr.Bound, len(ids)), make([]string, len(ids))
	for i, id := range ids {
		exprs[i], names[i] = u.vars[id], u.vars[id].String()
	}
	u.share()
	d, err := NewAggregate(u.rows, exprs, names, nil, nil)
	if err != nil {
		u.fail(err)
		return u.rows
	}
	return d
}

// share makes a view of the rows around the sub-query, which are read again to be joined with it, unless they are no more than a scan.
func (u *unnester) share() {
	if !u.shared {
		u.rows, u.shared = Shared("rows around "+u.name, u.rows), true
	}
}

// Shared is n, computed once however often it is read. Where that is hardly more than a scan, or where n has variables of queries around it, it is n
// itself. The name is to be unique in the statement.
func Shared(name string, n Node) Node {
	costly, varies := false, false
	Walk(n, func(n Node) bool {
		visitExprs(n, func(b expr.Bound) { varies = varies || hasVariable(b) })
		switch n := n.(type) {
		case Aggregate, Join, Generate, Window, Latest, Union, Check, Map:
			costly = true
		case Order:
			costly = costly || n.Limit >= 0 || n.Offset > 0
		case Scan, Project, Filter, Values:
		}
		return !varies
	})
	if !costly || varies {
		return n
	}
	return NewScan(&View{Ident: name, Query: n})
}

// FirstVariable is the largest ID of the variables of sub-queries; those of lambdas and of Stamps are above it.
const FirstVariable = -1000

func hasVariable(b expr.Bound) bool {
	found := false
	expr.Walk(b, func(part expr.Bound) bool {
		v, ok := part.(expr.BoundVar)
		found = found || ok && v.ID <= FirstVariable
		return !found
	})
	return found
}

// valuesAt are the variables as columns of a domain, which begins at a position of a join, and the conditions that they have those values.
func (u *unnester) valuesAt(ids []int, domain Node, at int) (values map[int]expr.Bound, conds []expr.Bound) {
	values = map[int]expr.Bound{}
	for i, c := range ColumnsOf(domain)[:len(ids)] {
		values[ids[i]] = moved(c, at)
		outside := u.vars[ids[i]]
		v := expr.BoundVar{ID: ids[i], Name: outside.String(), Typ: outside.Type(), Null: outside.Nullable()}
		conds = append(conds, sameValue(v, values[ids[i]]))
	}
	return values, conds
}

// computed makes columns of d's node of the outs that no variable is in.
func (u *unnester) computed(d dependent) dependent {
	exprs, names := ColumnsOf(d.node), fieldNames(d.node)
	width, outs := len(exprs), slices.Clone(d.outs)
	for i, o := range d.outs {
		if _, isColumn := o.(expr.BoundColumn); isColumn || len(u.free(o)) > 0 {
			continue
		}
		outs[i] = expr.BoundColumn{Index: len(exprs), Name: o.String(), Typ: o.Type(), Null: o.Nullable()}
		exprs, names = append(exprs, o), append(names, o.String())
	}
	d.outs = outs
	if len(exprs) == width {
		return d
	}
	p, err := NewProject(d.node, exprs, names)
	if err != nil {
		u.fail(err)
		return d
	}
	d.node = p
	return d
}

// marked is n with a column behind its own that is TRUE in every row, to tell in an outer join whether there was one.
func (u *unnester) marked(n Node) (Node, int) {
	exprs, names := ColumnsOf(n), fieldNames(n)
	p, err := NewProject(n, append(exprs, truth(true)), append(names, "found"))
	if err != nil {
		u.fail(err)
		return n, 0
	}
	return p, len(exprs)
}

// joined joins two nodes where conds, over the columns of both, hold.
func (u *unnester) joined(kind JoinKind, left, right Node, conds []expr.Bound) Node {
	var all []expr.Bound
	for _, c := range conds {
		all = append(all, hashable(c)...)
	}
	j, err := JoinOn(kind, left, right, expr.And(all...))
	if err != nil {
		u.fail(err)
		return left
	}
	return j
}

// nullable is b over a node in which its columns may be NULL where they were not.
func (u *unnester) nullable(b expr.Bound, n Node) expr.Bound {
	b, ok := substitute(b, toColumns(n.Schema(), same))
	if !ok {
		u.fail(fault("UNSUPPORTED_FEATURE", "0A000", positionOf(b), "a sub-query that passes what may be NULL to the higher-order function in %s", b))
	}
	return b
}

func fieldNames(n Node) []string {
	s := n.Schema()
	names := make([]string, s.NumFields())
	for i := range names {
		names[i] = s.Field(i).Name
	}
	return names
}
