package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// unnester takes the variables out of the plan of a sub-query, so that it is computed once and joined, not once per row. It follows Neumann and Kemper,
// "Unnesting Arbitrary Queries": what compares a variable is carried up to the join with the rows around the sub-query; where something in between needs
// the variables' values, the distinct values that there are (the domain) are joined in.
type unnester struct {
	rows   Node               // around the sub-query
	vars   map[int]expr.Bound // what the variables are, by their ID, over the columns of rows
	name   string             // of the sub-query, unique within the statement
	shared bool               // rows are read through a view
	err    error              // the first one
}

// dependent is a query with variables, taken apart: for any values of them its rows are outs over those rows of node for which all conds hold.
type dependent struct {
	node  Node         // has no variables
	outs  []expr.Bound // the query's columns, over node's columns and the variables; without variables they are columns of node as they are
	conds []expr.Bound // over the same
	empty []expr.Bound // the query's one row for the values for which node has no rows; nil: then it has none
}

func (u *unnester) unnest(n Node) dependent {
	if !u.depends(n) {
		return dependent{node: n, outs: ColumnsOf(n)}
	}
	switch n := n.(type) {
	case Filter:
		return u.filter(n)
	case Project:
		return u.project(n)
	case Aggregate:
		return u.aggregate(n)
	case Join:
		return u.join(n)
	case Window:
		return u.window(n)
	case Latest:
		return u.latest(n)
	case Order:
		return u.order(n)
	case Union:
		return u.union(n)
	case Generate:
		return u.generate(n)
	case Scan, Values, Check, Map:
	}
	return u.refuse(n)
}

// refuse is for what no variable can be inside.
func (u *unnester) refuse(n Node) dependent {
	u.fail(fault("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.ACCESSING_OUTER_QUERY_COLUMN_IS_NOT_ALLOWED", "0A000", expr.Pos{},
		"a column of the query around cannot be used here: %s", line(n)))
	return dependent{node: n, outs: ColumnsOf(n)}
}

func (u *unnester) fail(err error) {
	if u.err == nil && err != nil {
		u.err = err
	}
}

// depends tells whether a variable is in n.
func (u *unnester) depends(n Node) bool {
	found := false
	Walk(n, func(n Node) bool {
		visitExprs(n, func(b expr.Bound) { found = found || len(u.free(b)) > 0 })
		return !found
	})
	return found
}

// free lists the IDs of the variables in expressions, each once.
func (u *unnester) free(list ...expr.Bound) []int {
	var ids []int
	for _, b := range list {
		expr.Walk(b, func(part expr.Bound) bool {
			if v, ok := part.(expr.BoundVar); ok && u.vars[v.ID] != nil {
				ids = append(ids, v.ID)
			}
			return true
		})
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// known replaces variables by what they are.
func known(b expr.Bound, vars map[int]expr.Bound) expr.Bound {
	return expr.Rewrite(b, func(part expr.Bound) expr.Bound {
		if v, ok := part.(expr.BoundVar); ok && vars[v.ID] != nil {
			return vars[v.ID]
		}
		return part
	})
}

func allKnown(list []expr.Bound, vars map[int]expr.Bound) []expr.Bound {
	return mapAll(list, func(b expr.Bound) expr.Bound { return known(b, vars) })
}

// over replaces the columns of b by outs.
func (u *unnester) over(b expr.Bound, outs []expr.Bound) expr.Bound {
	if b == nil {
		return nil
	}
	b, ok := substitute(b, toExprs(outs))
	if !ok {
		u.fail(fault("UNSUPPORTED_FEATURE", "0A000", positionOf(b), "a sub-query that passes what may be NULL to the higher-order function in %s", b))
	}
	return b
}

func (u *unnester) allOver(list, outs []expr.Bound) []expr.Bound {
	return mapAll(list, func(b expr.Bound) expr.Bound { return u.over(b, outs) })
}

// key takes a condition apart that says that something of the rows around is equal to something of the query's own.
func (u *unnester) key(cond expr.Bound) (outside, inside expr.Bound, ok bool) {
	c, ok := cond.(expr.BoundCall)
	if !ok || c.Func != "=" && c.Func != "<=>" {
		return nil, nil, false
	}
	outside, inside = c.Args[0], c.Args[1]
	if len(u.free(outside)) == 0 {
		outside, inside = inside, outside
	}
	apart := len(u.free(outside)) > 0 && len(expr.Columns(outside)) == 0 && len(u.free(inside)) == 0 && len(expr.Columns(inside)) > 0
	return outside, inside, apart
}

// keyed makes all of d's conditions keys, and lets within know the variables in parts, which are over the query's columns.
func (u *unnester) keyed(d dependent, parts ...expr.Bound) dependent {
	d = u.settled(d)
	for _, c := range d.conds {
		if _, _, ok := u.key(c); !ok {
			return u.ground(d, parts...)
		}
	}
	return u.knowing(d, parts...)
}

// knowing lets within know the variables in parts.
func (u *unnester) knowing(d dependent, parts ...expr.Bound) dependent {
	inexact := func(id int) bool { return !identifies(u.vars[id].Type()) }
	if len(u.free(u.within(d, parts...)...)) > 0 || slices.ContainsFunc(u.free(u.allOver(parts, d.outs)...), inexact) {
		return u.ground(d, parts...)
	}
	return d
}

// within are expressions over the query's columns as ones over d's node, the variables being what d's conditions say they are equal to.
func (u *unnester) within(d dependent, list ...expr.Bound) []expr.Bound {
	values := map[int]expr.Bound{}
	for _, c := range d.conds {
		outside, inside, ok := u.key(c)
		if v, isVar := outside.(expr.BoundVar); ok && isVar {
			values[v.ID] = inside
		}
	}
	return allKnown(u.allOver(list, d.outs), values)
}

func (u *unnester) sortsWithin(d dependent, keys []expr.BoundSort) []expr.BoundSort {
	return mapSorts(keys, func(b expr.Bound) expr.Bound { return u.within(d, b)[0] })
}

// keys are the query's sides of d's conditions, all of which are keys, each once.
func (u *unnester) keys(d dependent) []expr.Bound {
	var list []expr.Bound
	for _, c := range d.conds {
		_, inside, _ := u.key(c)
		if !slices.ContainsFunc(list, func(k expr.Bound) bool { return expr.Equal(k, inside) }) {
			list = append(list, inside)
		}
	}
	return list
}

// rekeyed are d's conditions where keys have become columns of n from position at on.
func (u *unnester) rekeyed(d dependent, keys []expr.Bound, n Node, at int) []expr.Bound {
	columns := ColumnsOf(n)
	conds := make([]expr.Bound, len(d.conds))
	for i, c := range d.conds {
		outside, inside, _ := u.key(c)
		k := slices.IndexFunc(keys, func(k expr.Bound) bool { return expr.Equal(k, inside) })
		conds[i] = comparison(c.(expr.BoundCall).Func, outside, columns[at+k])
	}
	return conds
}
