package sql

import (
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// groups is the aggregation of one SELECT: what it groups by and the aggregates that the expressions above it turn out to need.
type groups struct {
	explicit bool // there is a GROUP BY
	sets     []groupingSet
	setName  string // of the column that tells the sets apart
	keys     []expr.Bound
	keyNames []string
	aggs     []expr.BoundAggregate
	aggNames []string
}

// findGroups decides whether the SELECT aggregates, and binds what it groups by.
func (s *selection) findGroups() error {
	s.taken = takenBy(s.in)
	if !s.aggregates() {
		return nil
	}
	s.taken = &taken{}
	s.groups = &groups{explicit: s.body.group.present}
	return s.bindGroups()
}

// aggregates tells whether there is a GROUP BY, a HAVING, or an aggregate call.
func (s *selection) aggregates() bool {
	if s.body.group.present || s.body.having != nil || hasAggregate(s.body.qualify) {
		return true
	}
	for _, g := range s.generations {
		if hasAggregate(g.call) {
			return true
		}
	}
	for _, o := range s.outputs {
		if hasAggregate(o.node) {
			return true
		}
	}
	return false
}

func (s *selection) bindGroups() error {
	g := s.body.group
	if g.all {
		for i, o := range s.outputs {
			if !o.generated && !hasAggregate(o.node) && overIn(o.node) == nil {
				if _, err := s.groupBy(o.node, i); err != nil {
					return err
				}
			}
		}
		return nil
	}
	at := make([]int, len(g.exprs)) // the keys that the expressions are
	for i, n := range g.exprs {
		node, output, err := s.groupItem(n)
		if err != nil {
			return err
		}
		if at[i], err = s.groupBy(node, output); err != nil {
			return err
		}
	}
	s.groupingSets(at)
	return nil
}

// groupItem resolves an item of GROUP BY that is a position or, where FROM has no such column, an alias. Output -1 says that it is neither.
func (s *selection) groupItem(n expr.Node) (expr.Node, int, error) {
	i, isPosition, err := position(n, len(s.outputs), "GROUP_BY_POS_OUT_OF_RANGE")
	if err != nil {
		return nil, 0, err
	}
	if isPosition {
		if hasAggregate(s.outputs[i].node) {
			return nil, 0, fault("GROUP_BY_POS_AGGREGATE", "42903", n.Position(), "position %d of the select list is an aggregate", i+1)
		}
		return s.outputs[i].node, i, nil
	}
	c, ok := n.(expr.Column)
	if !ok || len(c.Path) != 1 {
		return n, -1, nil
	}
	if s.in.has(c) {
		return n, -1, nil
	}
	if found := s.outputsNamed(c.Path[0], len(s.outputs), true); len(found) > 0 && !s.outputs[found[0]].generated {
		return s.outputs[found[0]].node, found[0], nil
	}
	return n, -1, nil
}

// groupBy adds a key and gives its position; output is the column of the select list that it is, -1 for none.
func (s *selection) groupBy(n expr.Node, output int) (int, error) {
	key, err := s.groupKey(n, output)
	if err != nil {
		return 0, err
	}
	i := s.groups.find(key)
	if i < 0 {
		name := namer{qualifier: s.in.isQualifier}.name(n)
		if output >= 0 {
			name = s.outputs[output].name
		}
		i = len(s.groups.keys)
		s.groups.keys = append(s.groups.keys, key)
		s.groups.keyNames = append(s.groups.keyNames, s.taken.fresh(name))
	}
	if output >= 0 {
		s.outputs[output].group = i
	}
	return i, nil
}

// groupKey binds a key.
func (s *selection) groupKey(n expr.Node, output int) (expr.Bound, error) {
	if output >= 0 && s.outputs[output].generated {
		return nil, fault("UNSUPPORTED_GENERATOR.OUTSIDE_SELECT", "42K0E", s.outputs[output].pos, "rows cannot be grouped by what %s gives", s.outputs[output].name)
	}
	if err := refuseIn(n, "GROUP BY", "GROUP_BY_AGGREGATE", "42903"); err != nil {
		return nil, err
	}
	if output >= 0 && s.outputs[output].bound != nil {
		return s.outputs[output].bound, nil
	}
	written, err := s.inlined(n, output)
	if err != nil {
		return nil, err
	}
	if s.in, err = s.in.attach(written); err != nil {
		return nil, err
	}
	return s.in.bind(written)
}

// find is the key that is b, -1 for none.
func (g *groups) find(b expr.Bound) int {
	for i, k := range g.keys {
		if expr.Equal(k, b) {
			return i
		}
	}
	return -1
}

// match is the key that n is, -1 for none.
func (g *groups) match(n expr.Node, in scope) int {
	switch n.(type) {
	case expr.Over, expr.Star, expr.Lambda, expr.Alias:
		return -1
	case expr.Column, expr.Literal, expr.Parameter, expr.Call, expr.Cast, expr.Case, expr.Field, expr.Subquery:
	}
	if len(g.keys) == 0 {
		return -1
	}
	b, err := in.bind(n)
	if err != nil {
		return -1
	}
	return g.find(b)
}

// column refers to the i-th key.
func (g *groups) column(i int, pos expr.Pos) expr.Node {
	return expr.Column{Pos: pos, Path: []string{g.keyNames[i]}}
}

// field refers to a field of a key that is a struct, which is all that a column of FROM that is no key itself can be.
func (g *groups) field(c expr.Column, s *selection) (expr.Node, error) {
	for n := len(c.Path) - 1; n > 0; n-- {
		prefix := expr.Column{Pos: c.Pos, Path: c.Path[:n]}
		if i := g.match(prefix, s.in); i >= 0 {
			return expr.Column{Pos: c.Pos, Path: append([]string{g.keyNames[i]}, c.Path[n:]...)}, nil
		}
	}
	return nil, s.missingAggregation(c)
}

// aggregate adds the call to the aggregation, once, and refers to it.
func (g *groups) aggregate(c expr.Call, s *selection) (expr.Node, error) {
	for _, part := range append([]expr.Node{c.Filter}, c.Args...) {
		if inner := aggregateIn(part); inner != nil {
			return nil, fault("NESTED_AGGREGATE_FUNCTION", "42607", inner.Position(), "%s is inside another aggregate function", inner)
		}
	}
	in, err := s.in.attach(c)
	if err != nil {
		return nil, s.explainAlias(c, err)
	}
	s.in = in
	b, err := s.in.aggregate(c)
	if err != nil {
		return nil, s.explainAlias(c, err)
	}
	for i, a := range g.aggs {
		if equalAggregate(a, b) {
			return expr.Column{Pos: c.Pos, Path: []string{g.aggNames[i]}}, nil
		}
	}
	name := s.taken.fresh(namer{qualifier: s.in.isQualifier}.text(c))
	g.aggs, g.aggNames = append(g.aggs, b), append(g.aggNames, name)
	return expr.Column{Pos: c.Pos, Path: []string{name}}, nil
}

// explainAlias says, where a column of an aggregate's argument is missing that is an alias, that it cannot be used there.
func (s *selection) explainAlias(c expr.Call, err error) error {
	if !isUnresolved(err) {
		return err
	}
	var alias *expr.Column
	expr.WalkNode(c, func(n expr.Node) bool {
		if col, ok := n.(expr.Column); ok && alias == nil && len(s.outputsNamed(col.Path[0], len(s.outputs), true)) > 0 {
			alias = &col
		}
		return true
	})
	if alias == nil {
		return err
	}
	return fault("UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC", "0A000", alias.Pos,
		"the alias %s of the same SELECT cannot be used inside the aggregate %s", alias, c)
}

func equalAggregate(a, b expr.BoundAggregate) bool {
	if a.Func != b.Func || a.Distinct != b.Distinct || len(a.Args) != len(b.Args) || !expr.Equal(a.Filter, b.Filter) {
		return false
	}
	for i := range a.Args {
		if !expr.Equal(a.Args[i], b.Args[i]) {
			return false
		}
	}
	return true
}

func (s *selection) missingAggregation(n expr.Node) error {
	if !s.groups.explicit {
		err := fault("MISSING_GROUP_BY", "42803", n.Position(), "%s stands beside an aggregate, and there is no GROUP BY", n)
		err.Hint = "group by it, or take any_value(" + n.String() + ")"
		return err
	}
	err := fault("MISSING_AGGREGATION", "42803", n.Position(), "%s is neither grouped by nor inside an aggregate", n)
	err.Hint = "add it to GROUP BY, or take any_value(" + n.String() + ")"
	return err
}

// aggregate builds the stage.
func (s *selection) aggregate() error {
	g := s.groups
	if g == nil {
		return nil
	}
	a, err := s.aggregated(g)
	if err != nil {
		return at(err, s.body.group.Pos)
	}
	s.rows = named(a, "", nil)
	s.rows.outer = s.in.outer
	return nil
}

// aggregated has the groups' keys, then their aggregates.
func (s *selection) aggregated(g *groups) (plan.Node, error) {
	if x := s.sessions(); x != nil {
		return x.over(s.in.node)
	}
	in, keys, names := s.in.node, g.keys, g.keyNames
	if g.sets != nil {
		var err error
		if in, keys, names, err = g.expanded(in); err != nil {
			return nil, err
		}
	}
	return plan.NewAggregate(in, keys, names, g.aggs, g.aggNames)
}
