package sql

import (
	"errors"
	"slices"
	"strings"

	"github.com/medallion-go/medallion/expr"
)

// rewriter carries an expression from FROM's columns to those of the stage in which it is evaluated: groups and aggregates become columns of the
// aggregation, names of outputs become references to them.
type rewriter struct {
	s       *selection
	before  int  // only outputs before this one can be named
	outputs bool // names of outputs come before FROM's columns, as in HAVING, QUALIFY and ORDER BY; else only aliases, and after FROM's columns
	params  []string
}

// rewriteOutput rewrites an item of the select list. It may use the aliases of the items before it.
func (s *selection) rewriteOutput(i int) (expr.Node, error) {
	o := s.outputs[i]
	switch {
	case o.group >= 0:
		return s.groups.column(o.group, o.pos), nil
	case o.bound != nil && s.groups != nil:
		if g := s.groups.find(o.bound); g >= 0 {
			return s.groups.column(g, o.pos), nil
		}
		return nil, s.missingAggregation(o.node)
	case o.bound != nil:
		return o.node, nil
	}
	return rewriter{s: s, before: i}.node(o.node)
}

// rewriteAbove rewrites an expression of HAVING, QUALIFY or ORDER BY.
func (s *selection) rewriteAbove(n expr.Node) (expr.Node, error) {
	if n == nil {
		return nil, nil
	}
	return rewriter{s: s, before: len(s.outputs), outputs: true}.node(n)
}

func (w rewriter) node(n expr.Node) (expr.Node, error) {
	if c, ok := n.(expr.Call); ok && isGrouping(c) {
		return w.s.grouping(c)
	}
	if w.s.groups != nil && len(w.params) == 0 {
		if c, ok := n.(expr.Call); ok && c.IsAggregate() {
			return w.s.groups.aggregate(c, w.s)
		}
		if !w.namesOutput(n) {
			if g := w.s.groups.match(n, w.s.in); g >= 0 {
				return w.s.groups.column(g, n.Position()), nil
			}
		}
	}
	switch n := n.(type) {
	case expr.Column:
		return w.column(n)
	case expr.Lambda:
		w.params = append(slices.Clip(w.params), n.Params...)
		return mapChildren(n, w.node)
	case expr.Over:
		return w.over(n)
	case expr.Subquery:
		return w.subquery(n)
	case expr.Literal, expr.Parameter, expr.Call, expr.Cast, expr.Case, expr.Field, expr.Star, expr.Alias:
	}
	return mapChildren(n, w.node)
}

// subquery rewrites what a sub-query reads of the rows around it.
func (w rewriter) subquery(s expr.Subquery) (expr.Node, error) {
	n, err := mapChildren(s, w.node)
	var e *expr.Error
	if s.Kind != expr.ScalarSubquery || !errors.As(err, &e) || !strings.HasPrefix(e.Class, "MISSING_") {
		return n, err
	}
	return nil, fault("SCALAR_SUBQUERY_IS_IN_GROUP_BY_OR_AGGREGATE_FUNCTION", "0A000", s.Pos,
		"a sub-query reads %s, which is neither grouped by nor inside an aggregate", n.(expr.Subquery).Outer[0])
}

// over puts the specification in the place of a window's name.
func (w rewriter) over(o expr.Over) (expr.Node, error) {
	for steps := 0; o.Window.Name != ""; steps++ {
		i := slices.IndexFunc(w.s.body.windows, func(n namedWindow) bool { return strings.EqualFold(n.name, o.Window.Name) })
		if i < 0 || steps > len(w.s.body.windows) {
			return nil, fault("MISSING_WINDOW_SPECIFICATION", "42P20", o.Pos, "the query has no definition of WINDOW %s", o.Window.Name)
		}
		o.Window = w.s.body.windows[i].spec
	}
	return mapChildren(o, w.node)
}

// namesOutput tells whether n is a column that means an output rather than one of FROM's.
func (w rewriter) namesOutput(n expr.Node) bool {
	c, ok := n.(expr.Column)
	return ok && w.outputs && len(c.Path) == 1 && len(w.s.outputsNamed(c.Path[0], w.before, false)) > 0
}

func (w rewriter) column(c expr.Column) (expr.Node, error) {
	if containsFold(w.params, c.Path[0]) {
		return c, nil
	}
	if w.namesOutput(c) {
		return w.reference(c, false)
	}
	own := w.s.in.has(c)
	if !own && len(w.s.outputsNamed(c.Path[0], w.before, !w.outputs)) > 0 {
		return w.reference(c, !w.outputs)
	}
	plain := w.s.in.canonicalColumn(c)
	_, err := expr.Bind(plain, w.s.in.words())
	switch {
	case err != nil:
		return nil, err
	case w.s.groups == nil || !own:
		return plain, nil
	}
	return w.s.groups.field(plain, w.s)
}

// reference makes c a reference to the one output that its name means.
func (w rewriter) reference(c expr.Column, aliases bool) (expr.Node, error) {
	found := w.s.outputsNamed(c.Path[0], w.before, aliases)
	for _, i := range found[1:] {
		if !w.s.sameOutput(found[0], i) {
			class := "AMBIGUOUS_REFERENCE"
			if aliases {
				class = "AMBIGUOUS_LATERAL_COLUMN_ALIAS"
			}
			return nil, fault(class, "42704", c.Pos, "several columns of the select list are called %s", c.Path[0])
		}
	}
	if plain, ok := w.s.outputs[found[0]].node.(expr.Column); ok && w.s.isPlain(plain) {
		c.Path = append(slices.Clip(plain.Path), c.Path[1:]...)
		return c, nil
	}
	c.Path = append([]string{w.s.key(found[0])}, c.Path[1:]...)
	return c, nil
}

// key is the name of references to the i-th output.
func (s *selection) key(i int) string {
	if s.outputs[i].key == "" {
		s.outputs[i].key = s.taken.fresh(s.outputs[i].name)
	}
	return s.outputs[i].key
}

// isPlain tells whether a rewritten column can stand for itself: above an aggregation all can, above FROM those that are not ambiguous.
func (s *selection) isPlain(c expr.Column) bool {
	if s.groups != nil {
		return true
	}
	_, err := s.in.bind(c)
	return err == nil
}

// outputsNamed lists the outputs with that name; with aliases only those that were given it.
func (s *selection) outputsNamed(name string, before int, aliases bool) []int {
	var found []int
	for i, o := range s.outputs[:before] {
		if strings.EqualFold(o.name, name) && (o.aliased || !aliases) {
			found = append(found, i)
		}
	}
	return found
}

// sameOutput tells whether two outputs were written alike.
func (s *selection) sameOutput(a, b int) bool {
	return expr.EqualNode(s.outputs[a].node, s.outputs[b].node)
}
