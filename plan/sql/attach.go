package sql

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// attachment is a sub-query whose value is a column of a scope's node.
type attachment struct {
	node  expr.Subquery
	label string
}

// attach computes the sub-queries in n, each of them once, as columns behind the others. The scope's expressions are then bound over these.
func (s scope) attach(n expr.Node) (scope, error) {
	for _, sub := range subqueriesIn(n) {
		sub, ok := s.withAttached(sub).(expr.Subquery)
		if !ok {
			continue
		}
		var err error
		if s, err = s.attachOne(sub); err != nil {
			return scope{}, err
		}
	}
	return s, nil
}

// subqueriesIn lists the sub-queries of n, those inside others' operands first.
func subqueriesIn(n expr.Node) []expr.Subquery {
	var found []expr.Subquery
	expr.WalkNode(n, func(part expr.Node) bool {
		if s, ok := part.(expr.Subquery); ok {
			found = append(found, s)
		}
		return true
	})
	slices.Reverse(found)
	return found
}

// withAttached puts columns in the place of the sub-queries that are attached.
func (s scope) withAttached(n expr.Node) expr.Node {
	if len(s.attached) == 0 {
		return n
	}
	return expr.RewriteNode(n, func(part expr.Node) expr.Node {
		sub, ok := part.(expr.Subquery)
		if !ok {
			return part
		}
		for _, a := range s.attached {
			if expr.EqualNode(a.node, sub) {
				return expr.Column{Pos: sub.Pos, Path: []string{a.label}}
			}
		}
		return part
	})
}

func (s scope) attachOne(sub expr.Subquery) (scope, error) {
	q, err := s.plan(sub)
	if err != nil {
		return scope{}, err
	}
	width := s.node.Schema().NumFields()
	var node plan.Node
	switch sub.Kind {
	case expr.ScalarSubquery:
		node, err = q.Scalar(s.node, q.Name)
	case expr.ExistsSubquery:
		node, err = q.Exists(s.node, q.Name)
	case expr.InSubquery:
		var left []expr.Bound
		if left, q.Query, err = s.comparable(sub, q.Query); err == nil {
			node, err = q.In(s.node, left, sub.Not, q.Name)
		}
	}
	if err != nil {
		return scope{}, at(err, sub.Pos)
	}
	s = s.over(node).with(q.Name, width)
	s.attached = append(slices.Clip(s.attached), attachment{sub, q.Name})
	return s, nil
}

// plan is a sub-query as plans have it: its variables are what s has for Outer.
func (s scope) plan(sub expr.Subquery) (plan.Subquery, error) {
	q, ok := sub.Query.(nested)
	if !ok {
		return plan.Subquery{}, fault("UNSUPPORTED_FEATURE", "0A000", sub.Pos, "a sub-query is not supported here")
	}
	p := plan.Subquery{Pos: sub.Pos, Name: q.name, Query: q.node, Vars: map[int]expr.Bound{}}
	for i, n := range sub.Outer {
		b, err := s.bind(n)
		if err != nil {
			return plan.Subquery{}, err
		}
		p.Vars[q.vars[i]] = b
	}
	return p, nil
}

// comparable gives what stands before IN and the query behind it the same types.
func (s scope) comparable(sub expr.Subquery, query plan.Node) ([]expr.Bound, plan.Node, error) {
	left, types := make([]expr.Bound, len(sub.Left)), make([]arrow.DataType, len(sub.Left))
	for i, n := range sub.Left {
		b, err := s.bind(n)
		if err != nil {
			return nil, nil, err
		}
		right := query.Schema().Field(i).Type
		t, ok := commonType(b.Type(), right)
		if !ok {
			return nil, nil, fault("DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH", "42K09", sub.Pos, "%s, which is %s, cannot be compared with %s",
				n, expr.TypeSQL(b.Type()), expr.TypeSQL(right))
		}
		left[i], types[i] = expr.ConvertAt(b, t, n.Position()), t
	}
	query, err := converted(query, types, sub.Pos)
	return left, query, err
}

// filtered keeps the rows of s for which n (nil: none) is TRUE. [NOT] EXISTS and [NOT] IN as a condition of its own is a join.
func (s scope) filtered(n expr.Node) (scope, error) {
	if !hasSubquery(n) {
		return s.filteredBy(n)
	}
	var plain expr.Node
	var others []expr.Node
	for _, c := range conjuncts(n) {
		switch {
		case hasSubquery(c):
			others = append(others, c)
		case plain == nil:
			plain = c
		default:
			plain = expr.Call{Pos: plain.Position(), Func: "and", Args: []expr.Node{plain, c}}
		}
	}
	s, err := s.filteredBy(plain)
	for _, c := range others {
		if err != nil {
			return scope{}, err
		}
		s, err = s.kept(c)
	}
	return s, err
}

// kept keeps the rows for which a condition with sub-queries is TRUE.
func (s scope) kept(n expr.Node) (scope, error) {
	cond, not := n, false
	if c, ok := n.(expr.Call); ok && c.Func == "not" {
		cond, not = c.Args[0], true
	}
	switch sub, ok := cond.(expr.Subquery); {
	case ok && sub.Kind == expr.ExistsSubquery:
		return s.keptExists(sub, not)
	case ok && sub.Kind == expr.InSubquery:
		return s.keptIn(sub, sub.Not != not)
	}
	s, err := s.attach(n)
	if err != nil {
		return scope{}, err
	}
	return s.filteredBy(n)
}

func (s scope) keptExists(sub expr.Subquery, not bool) (scope, error) {
	q, err := s.plan(sub)
	if err != nil {
		return scope{}, err
	}
	node, err := q.Keep(s.node, not)
	return s.over(node), at(err, sub.Pos)
}

func (s scope) keptIn(sub expr.Subquery, not bool) (scope, error) {
	var err error
	for _, l := range sub.Left {
		if s, err = s.attach(l); err != nil {
			return scope{}, err
		}
	}
	q, err := s.plan(sub)
	if err != nil {
		return scope{}, err
	}
	left, query, err := s.comparable(sub, q.Query)
	if err != nil {
		return scope{}, err
	}
	q.Query = query
	node, err := q.KeepIn(s.node, left, not)
	return s.over(node), at(err, sub.Pos)
}

// conjuncts takes a condition apart at its outer ANDs.
func conjuncts(n expr.Node) []expr.Node {
	if c, ok := n.(expr.Call); ok && c.Func == "and" && len(c.Args) == 2 {
		return append(conjuncts(c.Args[0]), conjuncts(c.Args[1])...)
	}
	return []expr.Node{n}
}
