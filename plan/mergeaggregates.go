package plan

import (
	"fmt"
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// mergeAggregates computes aggregates of everything that read the same rows, but for their conditions, in one pass: of
// (SELECT count(*) FROM t WHERE a) and (SELECT count(*) FROM t WHERE b) it makes count(*) FILTER (WHERE a) and (WHERE b) over the rows of t in which either holds.
func mergeAggregates(n Node, _ Statistics) Node {
	if !scansTwice(n) {
		return n
	}
	m := &aggregateMerger{sources: map[string][]*mergedSource{}}
	several := false
	Walk(n, func(n Node) bool {
		if source, scalarAggregate, ok := m.find(n); ok {
			source.add(scalarAggregate)
			several = several || len(source.aggregates) > 1
		}
		return true
	})
	if !several {
		return n
	}
	n, _ = m.replace(n)
	return n
}

// aggregateMerger knows the rows that aggregates of everything read.
type aggregateMerger struct {
	sources map[string][]*mergedSource // by what Print says of the rows
	merged  int
}

// mergedSource is rows that several aggregates read.
type mergedSource struct {
	rows       Node
	aggregates []scalarAggregate
	view       *View // of all aggregates; nil: not made yet
}

// scalarAggregate is an aggregate of everything over the rows of a source: of those that satisfy conds.
type scalarAggregate struct {
	agg   Aggregate
	conds []expr.Bound
	aggs  []expr.BoundAggregate
}

// find takes an aggregate apart and looks up its rows.
func (m *aggregateMerger) find(n Node) (source *mergedSource, t scalarAggregate, ok bool) {
	a, ok := n.(Aggregate)
	if !ok || len(a.Groups) > 0 || len(a.Aggs) == 0 {
		return nil, t, false
	}
	u, ok := unconditional(a.Input)
	if !ok || len(u.conds) == 0 && !slices.ContainsFunc(a.Aggs, func(g expr.BoundAggregate) bool { return !answerable(g) }) {
		return nil, t, false
	}
	t = scalarAggregate{agg: a, conds: u.conds}
	for _, g := range a.Aggs {
		over, ok := u.aggregate(g)
		if !ok {
			return nil, t, false
		}
		t.aggs = append(t.aggs, over)
	}
	text := Print(u.rows)
	for _, s := range m.sources[text] {
		if sameTree(s.rows, u.rows) {
			return s, t, true
		}
	}
	s := &mergedSource{rows: u.rows}
	m.sources[text] = append(m.sources[text], s)
	return s, t, true
}

func (s *mergedSource) add(t scalarAggregate) {
	if s.at(t) < 0 {
		s.aggregates = append(s.aggregates, t)
	}
}

// at is the place of an equal aggregate; -1 where there is none. Equal aggregates alone need no merging: they are one shared part of the plan.
func (s *mergedSource) at(t scalarAggregate) int {
	return slices.IndexFunc(s.aggregates, func(other scalarAggregate) bool {
		return equalExprs(other.conds, t.conds) && slices.EqualFunc(other.aggs, t.aggs, equalAggregate)
	})
}

// replace puts a projection of the merged aggregates in the place of each.
func (m *aggregateMerger) replace(n Node) (Node, bool) {
	if s, t, ok := m.find(n); ok && len(s.aggregates) > 1 {
		if s.view == nil {
			m.merged++
			s.view = &View{Ident: fmt.Sprintf("merged %d", m.merged), Query: s.query(), Part: true}
		}
		from := 0
		for _, before := range s.aggregates[:s.at(t)] {
			from += len(before.aggs)
		}
		scan := NewScan(s.view)
		return project(scan, ColumnsOf(scan)[from:from+len(t.aggs)], fieldNames(t.agg)), true
	}
	return overInputs(n, m.replace)
}

// query computes all aggregates over the rows that satisfy the conditions of one of them.
func (s *mergedSource) query() Node {
	common := s.common()
	conds := slices.Clone(common)
	var alternatives []expr.Bound
	var aggs []expr.BoundAggregate
	all := false
	for _, t := range s.aggregates {
		own := expr.And(without(t.conds, common)...)
		all = all || own == nil
		if !hasEqual(alternatives, own) {
			alternatives = append(alternatives, own)
		}
		for _, a := range t.aggs {
			a.Filter = expr.And(own, a.Filter)
			aggs = append(aggs, a)
		}
	}
	if !all {
		var some expr.Bound
		for _, a := range alternatives {
			some = anyOf(some, a)
		}
		conds = append(conds, some)
	}
	return aggregate(push(s.rows, conds), nil, nil, aggs, partNames(aggs))
}

// common are the conditions of all aggregates that may be evaluated before all others.
func (s *mergedSource) common() []expr.Bound {
	var common []expr.Bound
	for _, c := range s.aggregates[0].conds {
		if !MayFail(c) && !slices.ContainsFunc(s.aggregates, func(t scalarAggregate) bool { return !hasEqual(t.conds, c) }) && !hasEqual(common, c) {
			common = append(common, c)
		}
	}
	return common
}

// without are the conditions that are not among others.
func without(conds, others []expr.Bound) []expr.Bound {
	var rest []expr.Bound
	for _, c := range conds {
		if !hasEqual(others, c) {
			rest = append(rest, c)
		}
	}
	return rest
}
