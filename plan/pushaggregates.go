package plan

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// pushAggregates sums up one side of a join before it is joined, by its keys, where the groups are mostly what the other side tells of these: sums per customer's
// name, address and country are made of sums per customer's number.
func pushAggregates(n Node, s Statistics) Node {
	return rewrite(n, func(n Node) (Node, bool) {
		a, ok := n.(Aggregate)
		if !ok {
			return n, false
		}
		p := aggregatePush{estimator: estimator{s}}
		if !p.take(a) {
			return n, false
		}
		for _, factsLeft := range []bool{true, false} {
			if p.divide(factsLeft) && p.pays() {
				return p.joined(), true
			}
		}
		return n, false
	})
}

// aggregatePush is an aggregate over an inner join of facts, which it sums up, with what tells more of them.
type aggregatePush struct {
	estimator estimator
	agg       Aggregate // over join
	join      Join
	list      []partial

	factsLeft bool
	facts     Node
	first     int                        // the facts' first column in the join
	keys      []expr.Bound               // of the facts: those of the join, then those among the groups
	parts     []expr.BoundAggregate      // over the facts
	told      []expr.Bound               // groups that the other side tells
	groups    []func(in Join) expr.Bound // all groups, over the join with sums
}

// take finds the join below projections.
func (p *aggregatePush) take(a Aggregate) (ok bool) {
	if len(a.Groups) == 0 {
		return false
	}
	for {
		switch in := a.Input.(type) {
		case Join:
			p.agg, p.join = a, in
			return in.Kind == Inner && len(in.LeftKeys) > 0 && in.Residual == nil
		case Project:
			if a, ok = a.through(in); !ok {
				return false
			}
		default:
			return false
		}
	}
}

// through is a over the input of a projection that it is over.
func (a Aggregate) through(in Project) (Aggregate, bool) {
	a.Input, a.Groups, a.Aggs = in.Input, slices.Clone(a.Groups), slices.Clone(a.Aggs)
	rows := unconditionalRows{outs: in.Exprs}
	var ok bool
	if a.Groups, ok = rows.over(a.Groups); !ok {
		return a, false
	}
	for i, g := range a.Aggs {
		if a.Aggs[i], ok = rows.aggregate(g); !ok {
			return a, false
		}
	}
	return a, true
}

// divide takes one side for the facts. It is false where an aggregate reads the other side, or what is summed up could fail on rows without a partner.
func (p *aggregatePush) divide(factsLeft bool) (ok bool) {
	width := p.join.Left.Schema().NumFields()
	p.factsLeft, p.facts, p.first, p.keys, p.told, p.groups = factsLeft, p.join.Left, 0, slices.Clone(p.join.LeftKeys), nil, nil
	last := width
	if !factsLeft {
		p.facts, p.first, p.keys, last = p.join.Right, width, slices.Clone(p.join.RightKeys), width+p.join.Right.Schema().NumFields()
	}
	ofFacts := func(b expr.Bound) bool {
		return !slices.ContainsFunc(expr.Columns(b), func(c int) bool { return c < p.first || c >= last })
	}
	aggs := make([]expr.BoundAggregate, len(p.agg.Aggs))
	for i, g := range p.agg.Aggs {
		if slices.ContainsFunc(aggregateParts(g), func(b expr.Bound) bool { return !ofFacts(b) || MayFail(b) }) {
			return false
		}
		aggs[i] = aggregateAt(g, p.inFacts)
	}
	if p.list, p.parts, ok = partials(aggs); !ok || slices.ContainsFunc(p.parts, mayOverflow) {
		return false
	}
	for _, g := range p.agg.Groups {
		switch {
		case ofFacts(g) && !MayFail(g):
			p.groupOfFacts(expr.MapColumns(g, p.inFacts))
		case !slices.ContainsFunc(expr.Columns(g), func(c int) bool { return c >= p.first && c < last }):
			p.told = append(p.told, g)
			p.groups = append(p.groups, func(in Join) expr.Bound { return expr.MapColumns(g, p.afterJoin(in)) })
		default:
			return false
		}
	}
	return true
}

func (p *aggregatePush) inFacts(c int) int { return c - p.first }

func (p *aggregatePush) groupOfFacts(g expr.Bound) {
	at := slices.IndexFunc(p.keys, func(k expr.Bound) bool { return expr.Equal(k, g) })
	if at < 0 {
		at = len(p.keys)
		p.keys = append(p.keys, g)
	}
	p.groups = append(p.groups, func(in Join) expr.Bound { return ColumnsOf(in)[p.sums(in)+at] })
}

// sums is where the columns of the summed up facts begin in the join with them.
func (p *aggregatePush) sums(in Join) int {
	if p.factsLeft {
		return 0
	}
	return in.Left.Schema().NumFields()
}

// afterJoin is where a column of the other side stands in the join with sums.
func (p *aggregatePush) afterJoin(in Join) func(int) int {
	return func(c int) int {
		if p.factsLeft {
			return c - p.join.Left.Schema().NumFields() + in.Left.Schema().NumFields()
		}
		return c
	}
}

// mayOverflow tells of a sum that a group without a partner could make fail: of BIGINTs and of decimals without room for ten digits more.
func mayOverflow(a expr.BoundAggregate) bool {
	if a.Func != "sum" {
		return false
	}
	arg := a.Args[0]
	if c, ok := arg.(expr.BoundCast); ok && schema.IntegerDigits(c.Arg.Type()) > 0 {
		arg = c.Arg
	}
	switch t := arg.Type().(type) {
	case *arrow.Decimal128Type:
		return t.Precision > maxAveraged
	case *arrow.Int64Type, *arrow.MonthIntervalType, *arrow.DurationType:
		return true
	}
	return false
}

// Facts are summed up before where that leaves less than half of them, and most of them have a partner.
const (
	summedShare  = 0.5
	partnerShare = 0.5
)

// pays tells whether the groups are wide and what the facts are summed up by is narrow, and whether that makes them much fewer.
func (p *aggregatePush) pays() bool {
	if !slices.ContainsFunc(p.told, isWide) || slices.ContainsFunc(p.keys, isWide) {
		return false
	}
	facts := p.estimator.node(p.facts)
	if slices.ContainsFunc(p.keys, func(k expr.Bound) bool { return facts.of(k).distinct == 0 }) {
		return false
	}
	return facts.groups(p.keys) <= summedShare*facts.rows && p.estimator.node(p.join).rows >= partnerShare*facts.rows
}

// isWide tells of a value of no fixed width.
func isWide(b expr.Bound) bool {
	_, fixed := b.Type().(arrow.FixedWidthDataType)
	return !fixed
}

// joined sums up the facts, joins the sums and merges them by the groups.
func (p *aggregatePush) joined() Node {
	names := make([]string, len(p.keys))
	for i, k := range p.keys {
		names[i] = nameOf(k)
	}
	sums := aggregate(p.facts, p.keys, names, p.parts, partNames(p.parts))
	keys := ColumnsOf(sums)[:len(p.join.LeftKeys)]
	left, right, leftKeys, rightKeys := Node(sums), p.join.Right, keys, p.join.RightKeys
	if !p.factsLeft {
		left, right, leftKeys, rightKeys = p.join.Left, sums, p.join.LeftKeys, keys
	}
	in, err := NewJoin(Inner, left, right, leftKeys, rightKeys, nil)
	if err != nil {
		return p.agg
	}
	columns := ColumnsOf(in)[p.sums(in)+len(p.keys):]
	merged := make([]expr.BoundAggregate, len(p.parts))
	for i, part := range p.parts {
		merged[i] = merging(part, columns[i])
	}
	groups := make([]expr.Bound, len(p.groups))
	for i, g := range p.groups {
		groups[i] = g(in)
	}
	outer := aggregate(in, groups, fieldNames(p.agg)[:len(groups)], merged, partNames(p.parts))
	found := ColumnsOf(outer)
	return project(outer, append(found[:len(groups):len(groups)], values(p.list, found[len(groups):])...), fieldNames(p.agg))
}
