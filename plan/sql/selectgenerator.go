package sql

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// generation is a generator of the select list. Its columns are outputs, which refer to them by names of their own.
type generation struct {
	call  expr.Call
	first int // of the outputs that are its columns
	keys  []string
}

// findGenerators takes the generators of the select list apart into the columns that they give.
func (s *selection) findGenerators() error {
	for _, n := range []expr.Node{s.body.having, s.body.qualify} {
		if found := generatorIn(n); found != nil {
			return fault("UNSUPPORTED_GENERATOR.OUTSIDE_SELECT", "42K0E", found.Position(), "the generator %s stands outside of a select list", found)
		}
	}
	for i := 0; i < len(s.outputs); i++ {
		o := s.outputs[i]
		call, ok := asGenerator(o.node)
		switch {
		case ok && expr.IsTableFunction(call.Func):
			return notInFrom(o.node)
		case ok:
			width, err := s.expandGenerator(call, i)
			if err != nil {
				return err
			}
			i += width - 1
		case o.names != nil:
			return fault("MULTI_ALIAS_WITHOUT_GENERATOR", "42K0E", o.pos, "%s gives one column, and there are %d names for it", o.node, len(o.names))
		default:
			if err := refuseNestedGenerator(o.node); err != nil {
				return err
			}
		}
	}
	return nil
}

// expandGenerator puts the columns of the generator in the place of the i-th output, and gives their number.
func (s *selection) expandGenerator(call expr.Call, i int) (int, error) {
	o := s.outputs[i]
	columns, err := s.columnsOf(call)
	if err != nil {
		return 0, err
	}
	names := o.names
	if names == nil && o.aliased {
		names = []string{o.name}
	}
	aliased := names != nil
	if !aliased {
		names = columnNames(columns)
	}
	if len(names) != len(columns.Columns) {
		return 0, fault("UDTF_ALIAS_NUMBER_MISMATCH", "42802", o.pos, "%s gives %d columns, and there are %d names for them", call, len(columns.Columns), len(names))
	}
	s.generations = append(s.generations, generation{call: call, first: i, keys: make([]string, len(names))})
	outputs := make([]output, len(names))
	for k, name := range names {
		outputs[k] = output{pos: o.pos, name: name, aliased: aliased, group: -1, generated: true}
	}
	s.outputs = slices.Concat(s.outputs[:i], outputs, s.outputs[i+1:])
	return len(names), nil
}

// columnsOf finds what columns a generator gives. Aggregates in it stand for themselves by their types.
func (s *selection) columnsOf(call expr.Call) (expr.BoundGenerator, error) {
	if err := refuseNestedGenerator(call); err != nil {
		return expr.BoundGenerator{}, err
	}
	words := s.in.words()
	var typed func(n expr.Node) (expr.Node, error)
	typed = func(n expr.Node) (expr.Node, error) {
		c, ok := n.(expr.Call)
		if !ok || !c.IsAggregate() {
			return mapChildren(n, typed)
		}
		a, err := s.in.aggregate(c)
		if err != nil {
			return nil, err
		}
		column := expr.Column{Pos: c.Pos, Path: []string{c.String()}}
		words.Columns = append(words.Columns, expr.ScopeColumn{Name: column.Path[0], Type: a.Typ, Nullable: a.Null})
		return column, nil
	}
	n, err := typed(s.in.canonical(call))
	if err != nil {
		return expr.BoundGenerator{}, err
	}
	c, _ := n.(expr.Call)
	return expr.BindGenerator(c, words)
}

// rewriteGenerators gives the generated columns the names by which the outputs refer to them, and rewrites the calls as items of the select list.
func (s *selection) rewriteGenerators() error {
	if len(s.generations) > 1 && s.groups != nil {
		second := s.generations[1].call
		return fault("UNSUPPORTED_GENERATOR.MULTI_GENERATOR", "42K0E", second.Pos, "beside aggregates there can be one generator, and %s is the second", second)
	}
	for k, g := range s.generations {
		n, err := rewriter{s: s, before: g.first}.node(g.call)
		if err != nil {
			return err
		}
		s.generations[k].call, _ = n.(expr.Call)
		for i := range g.keys {
			o := &s.outputs[g.first+i]
			o.key = s.taken.fresh(o.name)
			o.node = expr.Column{Pos: o.pos, Path: []string{o.key}}
			g.keys[i] = o.key
		}
	}
	return nil
}

// generate gives the rows of the generators beside what the last stage gives: of several, all with all.
func (s *selection) generate() error {
	for _, g := range s.generations {
		if err := s.materialize(g.call); err != nil {
			return err
		}
		bound, err := s.rows.generator(g.call)
		if err != nil {
			return err
		}
		width := s.rows.node.Schema().NumFields()
		n, err := plan.NewGenerate(s.rows.node, bound, g.keys)
		if err != nil {
			return at(err, g.call.Pos)
		}
		s.rows = s.rows.over(n)
		for i, key := range g.keys {
			s.rows = s.rows.with(key, width+i)
			s.outputs[g.first+i].bound = plan.ColumnsOf(n)[width+i]
		}
	}
	return nil
}
