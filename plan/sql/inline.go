package sql

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// maxInlined bounds what aliases of aliases can grow to.
const maxInlined = 10_000

// inlined is an item of the select list, the output-th, with the aliases of earlier items replaced by what they stand for: what rows are grouped by is
// evaluated before the select list. Of what is no item of the list (output -1) it is n itself.
func (s *selection) inlined(n expr.Node, output int) (expr.Node, error) {
	size := 0
	return s.inline(n, output, nil, &size)
}

func (s *selection) inline(n expr.Node, before int, params []string, size *int) (expr.Node, error) {
	if *size++; *size > maxInlined {
		at := n.Position()
		return nil, fault("STATEMENT_TOO_COMPLEX", "54001", at, "the aliases that GROUP BY uses stand for too long an expression")
	}
	switch x := n.(type) {
	case expr.Column:
		return s.inlineColumn(x, before, params, size)
	case expr.Lambda:
		params = append(slices.Clip(params), x.Params...)
	case expr.Literal, expr.Parameter, expr.Call, expr.Cast, expr.Case, expr.Field, expr.Over, expr.Subquery, expr.Star, expr.Alias:
	}
	return mapChildren(n, func(child expr.Node) (expr.Node, error) { return s.inline(child, before, params, size) })
}

func (s *selection) inlineColumn(c expr.Column, before int, params []string, size *int) (expr.Node, error) {
	if before <= 0 || containsFold(params, c.Path[0]) {
		return c, nil
	}
	if s.in.has(c) {
		return c, nil
	}
	found := s.outputsNamed(c.Path[0], before, true)
	if len(found) == 0 {
		return c, nil
	}
	n, err := s.inline(s.outputs[found[0]].node, found[0], nil, size)
	for _, name := range c.Path[1:] {
		n = expr.Field{Pos: c.Pos, Arg: n, Name: name}
	}
	return n, err
}
