package plan

import (
	"fmt"

	"github.com/medallion-go/medallion/expr"
)

// shareTrees makes views of aggregates, windows and joins of few rows that stand several times in n, as those of a common table expression do that is named
// several times and not filtered differently. Engines compute a view once.
func shareTrees(n Node, statistics Statistics) Node {
	if !scansTwice(n) {
		return n
	}
	s := &treeSharing{estimator: estimator{statistics}, trees: map[treeShape][]*sharedTree{}, counting: counts(n)}
	s.collect(n)
	n, _ = s.replace(n)
	return n
}

// scansTwice tells whether a relation is read several times: otherwise nothing is worth sharing.
func scansTwice(n Node) bool {
	seen, twice := map[Relation]bool{}, false
	Walk(n, func(n Node) bool {
		if s, ok := n.(Scan); ok {
			twice = twice || seen[s.Relation]
			seen[s.Relation] = true
		}
		return !twice
	})
	return twice
}

// treeSharing finds the parts of a plan that are equal.
type treeSharing struct {
	estimator estimator
	trees     map[treeShape][]*sharedTree
	parts     []planPart // the plan's nodes, parents first
	counting  bool       // some part of the plan counts its rows
	shared    int
}

// planPart is a node of the plan with what is below it.
type planPart struct {
	tree  *sharedTree // nil: not worth sharing
	nodes int
}

// treeShape is what tells most parts apart at a glance: how many nodes and columns they have, and what the first and the last column are called.
type treeShape struct {
	nodes, columns int
	first, last    string
}

// sharedTree is a part of a plan, and how often it stands in it.
type sharedTree struct {
	node  Node
	times int
	view  *View // nil: not made yet
}

func (s *treeSharing) collect(n Node) {
	at := len(s.parts)
	s.parts = append(s.parts, planPart{})
	var room [2]Node
	for _, in := range appendInputs(room[:0], n) {
		s.collect(in)
	}
	nodes := len(s.parts) - at
	s.parts[at] = planPart{s.tree(n, nodes), nodes}
}

// tree counts n, of so many nodes, among its equals; nil where n is not worth sharing.
func (s *treeSharing) tree(n Node, nodes int) *sharedTree {
	switch n.(type) {
	case Aggregate, Window, Latest, Join:
	case Scan, Project, Filter, Order, Union, Values, Check, Map, Generate:
		return nil
	}
	columns := n.Schema()
	width := columns.NumFields()
	if width == 0 || s.counting && counts(n) {
		return nil
	}
	key := treeShape{nodes, width, columns.Field(0).Name, columns.Field(width - 1).Name}
	for _, t := range s.trees[key] {
		if sameTree(t.node, n) {
			t.times++
			return t
		}
	}
	t := &sharedTree{node: n, times: 1}
	s.trees[key] = append(s.trees[key], t)
	return t
}

// replace puts scans of views in the place of what stands several times, the largest parts first, and tells whether there are any. It takes the parts in the
// order in which they were collected.
func (s *treeSharing) replace(n Node) (replaced Node, changed bool) {
	part := s.parts[0]
	s.parts = s.parts[1:]
	if t := part.tree; t != nil && t.times > 1 && s.pays(n) {
		if t.view == nil {
			s.shared++
			t.view = &View{Ident: fmt.Sprintf("shared %d", s.shared), Query: t.node, Part: true}
		}
		s.parts = s.parts[part.nodes-1:]
		return NewScan(t.view), true
	}
	return overInputs(n, s.replace)
}

// sharedJoin is the share of the rows behind a join that the join may have for it to be shared: its rows are kept until the last reader has come, and none of
// these can filter what is read.
const sharedJoin = 0.25

// pays tells whether computing n once costs less than computing it for each reader. What is summed up or ranked does.
func (s *treeSharing) pays(n Node) bool {
	if _, ok := n.(Join); !ok {
		return true
	}
	e := s.estimator.node(n)
	return e.rows <= sharedJoin*e.source
}

func scanOfPart(n Node) (Scan, *View, bool) {
	v, ok := scannedView(n)
	if !ok || !v.Part {
		return Scan{}, nil, false
	}
	return n.(Scan), v, true
}

// scannedView is the view that n scans.
func scannedView(n Node) (*View, bool) {
	s, ok := n.(Scan)
	if !ok {
		return nil, false
	}
	v, ok := s.Relation.(*View)
	return v, ok
}

// chosen is some columns of n.
func chosen(n Node, columns []int) Node {
	exprs, names := make([]expr.Bound, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		exprs[i], names[i] = ColumnOf(n, c), n.Schema().Field(c).Name
	}
	return project(n, exprs, names)
}
