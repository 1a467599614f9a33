package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// pushFilters moves the conjuncts of filters as close to the scans as they can go, and into them.
func pushFilters(n Node) Node { return push(n, nil) }

// Restrict is the rows of n for which all conds, over its columns, are TRUE. The filters go as close to the scans as they can.
func Restrict(n Node, conds ...expr.Bound) Node { return push(n, conds) }

// push returns the rows of n that satisfy conds, in order, which are bound over n's columns. Its schema proves at least what n and conds prove.
func push(n Node, conds []expr.Bound) Node {
	switch n := n.(type) {
	case Scan:
		return pushScan(n, conds)
	case Filter:
		s := sift(conds, passage{anyColumns, toColumns(n.Input.Schema(), same), true})
		conds := expr.Conjuncts(n.Cond)
		return keep(push(n.Input, append(conds, missingFrom(conds, s.down)...)), s.stay)
	case Project:
		return pushProject(n, conds)
	case Aggregate:
		return pushAggregate(n, conds)
	case Join:
		return pushJoin(n, conds)
	case Generate:
		return pushGenerate(n, conds)
	case Window:
		return pushWindow(n, conds)
	case Latest:
		return pushLatest(n, conds)
	case Order:
		return pushOrder(n, conds)
	case Union:
		return pushUnion(n, conds)
	case Check, Map, Values:
		// A check counts the rows that it sees, and what Go code does with its rows is its own affair: both get all of them.
		return keep(pushBelow(n), conds)
	}
	return keep(n, conds)
}

// pushBelow starts anew in the inputs of a node that lets nothing through.
func pushBelow(n Node) Node {
	n, _ = overInputs(n, func(in Node) (Node, bool) { return push(in, nil), true })
	return n
}

// keep filters n by conds where it stands.
func keep(n Node, conds []expr.Bound) Node {
	if len(conds) == 0 {
		return n
	}
	return filtered(n, expr.And(conds...))
}

// sifted are conditions divided at a node: down go below it, bound over its input; gone are the same conditions as they were above; stay stay above.
type sifted struct{ down, gone, stay []expr.Bound }

// passage is what a node lets through: conditions on the columns that may accepts, each column replaced. allRows says that the node passes on every
// row that it gets; without it a condition that may fail stays, and with it too where it follows a condition that stays.
type passage struct {
	may     func(columns []int) bool
	replace func(expr.BoundColumn) expr.Bound
	allRows bool
}

func sift(conds []expr.Bound, through passage) sifted {
	var s sifted
	for _, c := range conds {
		moved, ok := c, through.may(expr.Columns(c))
		if ok {
			moved, ok = substitute(c, through.replace)
		}
		if !ok || MayFail(moved) && (!through.allRows || len(s.stay) > 0) {
			s.stay = append(s.stay, c)
			continue
		}
		s.down, s.gone = append(s.down, moved), append(s.gone, c)
	}
	return s
}

func same(i int) int { return i }

func anyColumns([]int) bool { return true }

// among allows the listed columns.
func among(allowed []int) func([]int) bool {
	return func(columns []int) bool {
		return !slices.ContainsFunc(columns, func(c int) bool { return !slices.Contains(allowed, c) })
	}
}

func pushScan(n Scan, conds []expr.Bound) Node {
	if len(conds) == 0 {
		return n
	}
	s := sift(conds, passage{anyColumns, toColumns(n.unfiltered(), same), true})
	if fresh := missingFrom(expr.Conjuncts(n.Filter), s.down); len(fresh) > 0 {
		n = n.where(expr.And(fresh...))
	}
	return keep(n, s.stay)
}

func pushProject(n Project, conds []expr.Bound) Node {
	free := func(columns []int) bool {
		return !slices.ContainsFunc(columns, func(c int) bool { return !cheap(n.Exprs[c]) })
	}
	s := sift(conds, passage{free, toExprs(n.Exprs), true})
	down, never := decided(s.down)
	if never && !counts(n) {
		return Values{schema: n.schema}
	}
	if j, ok := n.Input.(Join); ok {
		n.Input = j.narrowed(n.needed(s.stay))
	}
	n.Input = push(n.Input, down)
	n.schema = proven(n.schema, expr.And(s.gone...))
	return keep(n, s.stay)
}

// decided leaves out conditions that are TRUE whatever the row is, and tells whether one is never TRUE.
func decided(conds []expr.Bound) (rest []expr.Bound, never bool) {
	for _, c := range conds {
		if len(expr.Columns(c)) == 0 {
			c = folded(c)
		}
		lit, constant := c.(expr.BoundLiteral)
		if constant && lit.Value == true {
			continue
		}
		rest, never = append(rest, c), never || constant
	}
	return rest, never
}

// needed are the columns of the input that are not NULL in any row for which conds, over n's columns, hold.
func (n Project) needed(conds []expr.Bound) []int {
	var columns []int
	for _, c := range notNullIfAll(conds) {
		columns = append(columns, strictColumns(n.Exprs[c])...)
	}
	return columns
}

// pushAggregate lets conditions on the groups choose the rows. Without groups there is one row whatever the input is.
func pushAggregate(n Aggregate, conds []expr.Bound) Node {
	onGroups := func(columns []int) bool {
		return len(n.Groups) > 0 && !slices.ContainsFunc(columns, func(c int) bool { return c >= len(n.Groups) })
	}
	s := sift(conds, passage{onGroups, toExprs(n.Groups), true})
	n.Input = push(n.Input, s.down)
	n.schema = proven(n.schema, expr.And(s.gone...))
	return keep(n, s.stay)
}

// pushWindow lets conditions on columns that every function is partitioned by choose whole partitions.
func pushWindow(n Window, conds []expr.Bound) Node {
	keys := plainColumns(n.Funcs[0].PartitionBy)
	for _, f := range n.Funcs[1:] {
		other := plainColumns(f.PartitionBy)
		keys = slices.DeleteFunc(keys, func(c int) bool { return !slices.Contains(other, c) })
	}
	s := sift(conds, passage{among(keys), toColumns(n.Input.Schema(), same), true})
	n.Input = push(n.Input, s.down)
	n.schema = proven(n.schema, expr.And(s.gone...))
	return keep(n, s.stay)
}

func pushLatest(n Latest, conds []expr.Bound) Node {
	s := sift(conds, passage{among(plainColumns(n.Keys)), toColumns(n.Input.Schema(), same), true})
	n.Input = push(n.Input, s.down)
	return keep(n, s.stay)
}

// pushOrder filters before sorting, but not before counting rows.
func pushOrder(n Order, conds []expr.Bound) Node {
	if n.Limit >= 0 || n.Offset > 0 {
		return keep(pushBelow(n), conds)
	}
	n.Input = push(n.Input, conds)
	return n
}

// pushUnion filters every input, or none where one of them cannot take all conditions.
func pushUnion(n Union, conds []expr.Bound) Node {
	inputs := make([]Node, len(n.Inputs))
	for i, in := range n.Inputs {
		s := sift(conds, passage{anyColumns, toColumns(in.Schema(), same), true})
		if len(s.stay) > 0 {
			return keep(pushBelow(n), conds)
		}
		inputs[i] = push(in, s.down)
	}
	n.Inputs = inputs
	n.schema = proven(n.schema, expr.And(conds...))
	return n
}

// plainColumns lists the keys that are columns as they are.
func plainColumns(keys []expr.Bound) []int {
	var columns []int
	for _, k := range keys {
		if c, ok := k.(expr.BoundColumn); ok {
			columns = append(columns, c.Index)
		}
	}
	return columns
}
