package plan

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// windowAggregates computes what is joined with a join's own rows again, summed up, over these rows. Where the offers of some parts are joined with the least
// price of each part, which is an aggregate of all offers, min(price) OVER (PARTITION BY part) of the rows that are there anyway is that price: the other inputs
// choose parts, and of a part that they choose all offers are there, each as often.
func windowAggregates(n Node, s Statistics) Node {
	if !scansTwice(n) {
		return n
	}
	n, _ = windower{estimator{s}}.node(n)
	return n
}

type windower struct{ estimator estimator }

// node looks at whole trees of joins before it looks at parts of them.
func (w windower) node(n Node) (Node, bool) {
	if j, ok := n.(Join); ok && takesApart(j) {
		if found, ok := w.join(j); ok {
			found, _ = w.node(found)
			return found, true
		}
	}
	return overInputs(n, w.node)
}

func (w windower) join(n Join) (Node, bool) {
	g := newJoinGraph(n)
	if g.unclear || len(g.leaves) < 3 || len(g.leaves) > maxLeaves {
		return nil, false
	}
	for i := range g.leaves {
		a := rejoined{graph: g, leaf: i}
		if a.take() && a.match() && a.independent() {
			if rows, ok := a.over(n.schema); ok && w.pays(a) {
				return rows, true
			}
		}
	}
	return nil, false
}

// windowedShare is the share of an aggregate's rows that the join may have for the aggregate to be computed over these.
const windowedShare = 0.25

func (w windower) pays(a rejoined) bool {
	ordered, _ := joinOrderer(w).node(a.rows) // as they are written, joins may go through all pairs of rows, and be overestimated
	return w.estimator.node(ordered).rows <= windowedShare*w.estimator.node(a.agg.Input).rows
}

// rejoined is an aggregate that stands as a leaf in the graph of a join, beside the rows that it is of.
type rejoined struct {
	graph   *joinGraph
	leaf    int
	outs    []expr.Bound // the leaf's columns, over agg's
	agg     Aggregate
	inner   *joinGraph   // of agg's input
	columns []expr.Bound // of agg's input: inner's columns
	twins   []int        // the graph's leaves that are inner's
	own     leafSet      // these
	groups  []expr.Bound // agg's, over the graph
	after   []expr.Bound // conditions that read the aggregate, over the graph
	rows    Node         // all leaves but this one, joined
}

// take finds the aggregate below projections. It must give the same where each of its rows counts several times.
func (a *rejoined) take() (ok bool) {
	n := a.graph.leaves[a.leaf]
	a.outs = ColumnsOf(n)
	for {
		p, isProject := n.(Project)
		if !isProject {
			break
		}
		for i, o := range a.outs {
			if a.outs[i], ok = substitute(o, toExprs(p.Exprs)); !ok {
				return false
			}
		}
		n = p.Input
	}
	if a.agg, ok = n.(Aggregate); !ok || len(a.agg.Groups) == 0 || len(a.agg.Aggs) == 0 || slices.ContainsFunc(a.agg.Aggs, countsRows) {
		return false
	}
	for {
		p, isProject := a.agg.Input.(Project)
		if !isProject {
			return true
		}
		if a.agg, ok = a.agg.through(p); !ok {
			return false
		}
	}
}

// countsRows tells of an aggregate that may change where all its rows count several times. The average of decimals does not: their sum is exact.
func countsRows(a expr.BoundAggregate) bool {
	if a.User != nil || a.Distinct || a.Filter != nil {
		return true
	}
	switch a.Func {
	case "min", "max", "bool_and", "every", "bool_or", "some", "any":
		return false
	case "avg", "mean":
		_, exact := averageOf(a)
		return !exact || !isDecimal(a.Args[0].Type())
	}
	return true
}

// match finds the graph's leaves that are those of the aggregate's input, and the groups over them. Some other leaf must be left, which chooses groups.
func (a *rejoined) match() bool {
	a.inner = &joinGraph{}
	a.columns = a.inner.take(a.agg.Input)
	a.inner.settle()
	if a.inner.unclear || len(a.inner.leaves)+1 >= len(a.graph.leaves) {
		return false
	}
	a.own, a.twins = 0, nil
	for _, l := range a.inner.leaves {
		twin := slices.IndexFunc(a.graph.leaves, func(other Node) bool { return sameTree(l, other) })
		if twin < 0 || twin == a.leaf || a.own.has(leaf(twin)) {
			return false
		}
		a.twins, a.own = append(a.twins, twin), a.own|leaf(twin)
	}
	a.groups = nil
	for _, g := range a.agg.Groups {
		a.groups = append(a.groups, a.outer(a.inner.over(a.columns, g)))
	}
	return !a.inner.unclear
}

// outer is an expression over inner's columns, over the graph's.
func (a *rejoined) outer(b expr.Bound) expr.Bound {
	return expr.MapColumns(b, func(c int) int {
		owner := a.inner.owner[c]
		return a.graph.starts[a.twins[owner]] + c - a.inner.starts[owner]
	})
}

// independent tells whether the conditions on the aggregate's rows are the same in the graph and in the aggregate, and whether what else is joined with them
// reads their groups alone. It puts aside the conditions that read the aggregate.
func (a *rejoined) independent() bool {
	known := make([]int, len(a.graph.classes)) // 1 + the inner class that says the same; 0: none
	for i, c := range a.inner.classes {
		for _, m := range c.members {
			at := a.classOf(a.outer(m))
			if at < 0 || at != a.classOf(a.outer(c.members[0])) {
				return false
			}
			known[at] = i + 1
		}
	}
	keyed := make([]bool, len(a.groups))
	a.after = nil
	for i, c := range a.graph.classes {
		if !a.class(c, known[i], keyed) {
			return false
		}
	}
	return !slices.Contains(keyed, false) && a.conditions()
}

func (a *rejoined) classOf(b expr.Bound) int {
	return slices.IndexFunc(a.graph.classes, func(c keyClass) bool { return hasEqual(c.members, b) })
}

// class checks one class of equal expressions; inner-1 is the number of the inner class that has those over own leaves.
func (a *rejoined) class(c keyClass, inner int, keyed []bool) bool {
	var own []expr.Bound
	others := 0
	for i, m := range c.members {
		switch {
		case c.owners[i] == a.leaf:
			if !a.ofAggregate(c, m, keyed) {
				return false
			}
		case a.own.has(leaf(c.owners[i])):
			own = append(own, m)
		default:
			others++
		}
	}
	if len(own) > 1 && (inner == 0 || len(own) != len(a.inner.classes[inner-1].members)) {
		return false
	}
	return len(own) == 0 || others == 0 || slices.ContainsFunc(own, func(m expr.Bound) bool { return hasEqual(a.groups, m) })
}

// ofAggregate checks member m of a class, which is of the aggregate: a group must be equal to what it is in the rows. That it is NOT NULL then, and that an
// aggregate is equal to something, are conditions for afterwards.
func (a *rejoined) ofAggregate(c keyClass, m expr.Bound, keyed []bool) bool {
	column, ok := m.(expr.BoundColumn)
	if !ok {
		return false
	}
	if out, ok := a.outs[column.Index-a.graph.starts[a.leaf]].(expr.BoundColumn); ok && out.Index < len(a.groups) {
		keyed[out.Index] = true
		group := a.groups[out.Index]
		if len(c.members) == 2 && group.Nullable() { // nothing else is left that it equals
			a.after = append(a.after, isNotNull(group))
		}
		return hasEqual(c.members, group)
	}
	if len(c.members) != 2 {
		return false
	}
	a.after = append(a.after, equality(c.members[0], c.members[1]))
	return true
}

// conditions checks those that are not of classes.
func (a *rejoined) conditions() bool {
	var own []expr.Bound
	for _, c := range a.inner.conds {
		own = append(own, a.outer(c.cond))
	}
	var found []expr.Bound
	for _, c := range a.graph.conds {
		switch {
		case c.leaves&leaf(a.leaf) != 0:
			a.after = append(a.after, c.cond)
		case a.own.has(c.leaves):
			found = append(found, c.cond)
		case c.leaves&a.own != 0:
			return false
		}
	}
	return !slices.ContainsFunc(own, func(c expr.Bound) bool { return !hasEqual(found, c) }) &&
		!slices.ContainsFunc(found, func(c expr.Bound) bool { return !hasEqual(own, c) })
}

// over computes the aggregate over the other leaves' rows, and gives the columns of the join that the graph is of.
func (a *rejoined) over(schema *arrow.Schema) (n Node, ok bool) {
	var all *joined
	for i := range a.graph.leaves {
		switch next := (&joined{leaves: leaf(i)}); {
		case i == a.leaf:
		case all == nil:
			all = next
		default:
			all = &joined{leaves: all.leaves | next.leaves, left: all, right: next}
		}
	}
	var columns []int
	a.rows, columns = a.graph.build(all)
	w, err := NewWindow(a.rows, a.functions(columns), fieldNames(a.agg)[len(a.groups):])
	if err != nil {
		return nil, false
	}
	values := append(placed(a.groups, w, columns), ColumnsOf(w)[len(columns):]...)
	exprs, names := make([]expr.Bound, 0, len(a.graph.owner)), make([]string, 0, len(a.graph.owner))
	for c, owner := range a.graph.owner {
		i := c - a.graph.starts[owner]
		names = append(names, a.graph.leaves[owner].Schema().Field(i).Name)
		if owner != a.leaf {
			exprs = append(exprs, ColumnOf(w, slices.Index(columns, c)))
			continue
		}
		value, ok := substitute(a.outs[i], toExprs(values))
		if !ok {
			return nil, false
		}
		exprs = append(exprs, value)
	}
	rows := keep(project(w, exprs, names), a.after)
	out := make([]expr.Bound, len(a.graph.columns))
	for i, c := range a.graph.columns {
		out[i] = ColumnOf(rows, c.(expr.BoundColumn).Index)
	}
	return Project{Input: rows, Exprs: out, schema: schema}, true
}

// functions are the aggregates over all rows of their group.
func (a *rejoined) functions(columns []int) []expr.BoundWindow {
	whole := expr.BoundFrame{Unit: expr.FrameRows, Start: expr.BoundFrameEnd{Kind: expr.UnboundedPreceding}, End: expr.BoundFrameEnd{Kind: expr.UnboundedFollowing}}
	list := make([]expr.BoundWindow, len(a.agg.Aggs))
	for i, g := range a.agg.Aggs {
		args := make([]expr.Bound, len(g.Args))
		for k, arg := range g.Args {
			args[k] = a.outer(a.inner.over(a.columns, arg))
		}
		list[i] = expr.BoundWindow{
			Pos: g.Pos, Func: g.Func, Args: placed(args, a.rows, columns), PartitionBy: placed(a.groups, a.rows, columns), Frame: whole, Typ: g.Typ, Null: g.Null,
		}
	}
	return list
}
