package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// KeepIn keeps the rows for which the sub-query has the row left, of its columns' types: WHERE left IN (…). With not it keeps those for which left NOT IN
// (…) is TRUE: the sub-query has no row, or none that is equal to left or might be, because of a NULL on either side.
func (s Subquery) KeepIn(rows Node, left []expr.Bound, not bool) (Node, error) {
	u := s.over(rows)
	d := u.settled(u.unnest(s.Query))
	width := u.width()
	if !not {
		return u.joined(LeftSemi, u.rows, d.node, append(u.pairs(d), u.equals(left, d, equality)...)), u.err
	}
	nullable := u.mayBeNull(left, d)
	switch {
	case !nullable:
		return u.joined(LeftAnti, u.rows, d.node, append(u.pairs(d), u.equals(left, d, equality)...)), u.err
	case len(left) > 1 || len(d.conds) > 0 || len(u.free(d.outs...)) > 0:
		return u.joined(LeftAnti, u.rows, d.node, append(u.pairs(d), u.equals(left, d, notUnequal)...)), u.err
	}
	d.node = Shared("query of "+s.Name, d.node)
	counts := u.counts(d)
	node := u.joined(Cross, u.rows, counts, nil)
	columns := ColumnsOf(node)
	none := comparison("=", columns[width], expr.BoundLiteral{Value: int64(0), Typ: schema.BigInt})
	known := expr.And(isNotNull(left[0]), comparison("=", columns[width+1], columns[width]))
	candidates := keep(node, []expr.Bound{disjunction(none, known)})
	u.rows = u.narrowed(candidates, width)
	return u.joined(LeftAnti, u.rows, d.node, u.equals(left, d, equality)), u.err
}

// In adds a column: whether the sub-query has a row that is equal to left, or with not whether it has none that is equal or might be, because of a NULL on
// either side. As in Spark it is never NULL: IN is FALSE where it is not known to be TRUE, and so is NOT IN.
func (s Subquery) In(rows Node, left []expr.Bound, not bool, name string) (Node, error) {
	u := s.over(rows)
	d := u.settled(u.unnest(s.Query))
	if not && u.mayBeNull(left, d) {
		return u.notIn(left, d, name), u.err
	}
	if len(u.free(d.outs...)) > 0 {
		d = u.ground(d)
	}
	d = u.keyed(d)
	node, found := u.lookup(d, left)
	value := isNotNull(found)
	if not {
		value = expr.BoundCall{Func: "isnull", Args: []expr.Bound{found}, Typ: schema.Boolean}
	}
	return u.with(node, value, name), u.err
}

// notIn finds for each distinct value of left and the variables whether there is a row that is or might be equal.
func (u *unnester) notIn(left []expr.Bound, d dependent, name string) Node {
	outside := make([]expr.Bound, len(left))
	for i, l := range left {
		outside[i] = u.variable(l)
		d.conds = append(slices.Clip(d.conds), notUnequal(outside[i], d.outs[i]))
	}
	node, found := u.lookup(u.ground(d, outside...), nil)
	return u.with(node, expr.BoundCall{Func: "isnull", Args: []expr.Bound{found}, Typ: schema.Boolean}, name)
}

// counts are how many rows d, which depends on nothing, has, and in how many of them its first column is not NULL.
func (u *unnester) counts(d dependent) Node {
	return u.aggregated(d.node, nil, []expr.BoundAggregate{countOf(), countOf(d.outs[0])}, []string{"rows", "values"})
}

func countOf(args ...expr.Bound) expr.BoundAggregate {
	return expr.BoundAggregate{Func: "count", Args: args, Typ: schema.BigInt}
}

func (u *unnester) mayBeNull(left []expr.Bound, d dependent) bool {
	for i, l := range left {
		if l.Nullable() || d.outs[i].Nullable() {
			return true
		}
	}
	return false
}

// equals compares left, over the rows around, with d's columns, over the pairs of both.
func (u *unnester) equals(left []expr.Bound, d dependent, compare func(a, b expr.Bound) expr.Bound) []expr.Bound {
	conds := make([]expr.Bound, len(left))
	for i, l := range left {
		conds[i] = compare(l, known(moved(d.outs[i], u.width()), u.vars))
	}
	return conds
}

func equality(a, b expr.Bound) expr.Bound { return comparison("=", a, b) }

// notUnequal holds where a = b is TRUE or NULL.
func notUnequal(a, b expr.Bound) expr.Bound {
	cond := comparison("=", a, b)
	for _, x := range []expr.Bound{a, b} {
		if x.Nullable() {
			cond = disjunction(cond, expr.BoundCall{Func: "isnull", Args: []expr.Bound{x}, Typ: schema.Boolean})
		}
	}
	return cond
}

func disjunction(a, b expr.Bound) expr.Bound {
	return expr.BoundCall{Func: "or", Args: []expr.Bound{a, b}, Typ: schema.Boolean, Null: a.Nullable() || b.Nullable()}
}

// narrowed is the first width columns of n.
func (u *unnester) narrowed(n Node, width int) Node {
	p, err := NewProject(n, ColumnsOf(n)[:width], fieldNames(n)[:width])
	if err != nil {
		u.fail(err)
		return n
	}
	return p
}
