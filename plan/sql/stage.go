package sql

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// bind resolves a rewritten expression over the last stage, after what it refers to has been computed there.
func (s *selection) bind(n expr.Node) (expr.Bound, error) {
	err := s.materialize(n)
	if err != nil {
		return nil, err
	}
	if s.rows, err = s.rows.attach(n); err != nil {
		return nil, err
	}
	return s.rows.bind(n)
}

// output binds the i-th output.
func (s *selection) output(i int) (expr.Bound, error) {
	o := &s.outputs[i]
	if o.bound != nil {
		return o.bound, nil
	}
	b, err := s.bind(o.node)
	if err != nil {
		return nil, err
	}
	o.bound = b
	return b, nil
}

// materialize makes the outputs that n refers to columns of the last stage, under their keys. Those that are columns there already only get the name;
// the others are computed by one more projection.
func (s *selection) materialize(n expr.Node) error {
	var missing []int
	for _, i := range s.references(n) {
		b, err := s.output(i)
		if err != nil {
			return err
		}
		if c, ok := b.(expr.BoundColumn); ok {
			s.rows = s.rows.with(s.outputs[i].key, c.Index)
		} else {
			missing = append(missing, i)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	exprs, names := plan.ColumnsOf(s.rows.node), namesOf(s.rows.node)
	width := len(exprs)
	for _, i := range missing {
		exprs, names = append(exprs, s.outputs[i].bound), append(names, s.outputs[i].key)
	}
	p, err := plan.NewProject(s.rows.node, exprs, names)
	if err != nil {
		return at(err, n.Position())
	}
	s.rows = s.rows.over(p)
	for k, i := range missing {
		s.rows = s.rows.with(s.outputs[i].key, width+k)
		s.outputs[i].bound = plan.ColumnsOf(p)[width+k]
	}
	return nil
}

// references lists the outputs that n refers to and that the last stage has no column for yet.
func (s *selection) references(n expr.Node) []int {
	if !slices.ContainsFunc(s.outputs, func(o output) bool { return o.key != "" }) {
		return nil
	}
	var found []int
	m := columnMapper{change: func(c expr.Column) (expr.Node, error) {
		i := s.outputOf(c.Path[0])
		known := slices.ContainsFunc(s.rows.labels, func(l label) bool { return l.qualifier == "" && l.name == c.Path[0] })
		if i >= 0 && !known && !slices.Contains(found, i) {
			found = append(found, i)
		}
		return c, nil
	}}
	_, _ = m.node(n) // it fails nowhere
	return found
}
