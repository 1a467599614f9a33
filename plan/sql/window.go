package sql

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// windows collects the window functions of one SELECT.
type windows struct {
	s     *selection
	overs []expr.Over
	names []string
}

// window computes the window functions, those over the same partitions and order together, and makes the expressions refer to them.
func (s *selection) window() (err error) {
	w := &windows{s: s}
	for i := range s.outputs {
		if s.outputs[i].node, err = w.output(i); err != nil {
			return err
		}
	}
	if s.qualify, err = w.optional(s.qualify); err != nil {
		return err
	}
	for i := range s.order {
		if s.order[i].Arg, err = w.node(s.order[i].Arg); err != nil {
			return err
		}
	}
	s.windowed = len(w.overs) > 0
	return w.compute()
}

// output puts references into an output. A window function that is one gets the output's name.
func (w *windows) output(i int) (expr.Node, error) {
	o, ok := w.s.outputs[i].node.(expr.Over)
	if !ok {
		return w.node(w.s.outputs[i].node)
	}
	return w.reference(o, func() string { return w.s.key(i) }), nil
}

func (w *windows) optional(n expr.Node) (expr.Node, error) {
	if n == nil {
		return nil, nil
	}
	return w.node(n)
}

// node puts references in the place of window functions.
func (w *windows) node(n expr.Node) (expr.Node, error) {
	if overIn(n) == nil {
		return n, nil
	}
	o, ok := n.(expr.Over)
	if !ok {
		return mapChildren(n, w.node)
	}
	return w.reference(o, func() string { return w.s.taken.fresh("_w") }), nil
}

// reference refers to the column of o, which name names if it is new.
func (w *windows) reference(o expr.Over, name func() string) expr.Node {
	i := slices.IndexFunc(w.overs, func(known expr.Over) bool { return expr.EqualNode(known, o) })
	if i < 0 {
		i = len(w.overs)
		w.overs, w.names = append(w.overs, o), append(w.names, name())
	}
	return expr.Column{Pos: o.Pos, Path: []string{w.names[i]}}
}

// batch is functions over one specification.
type batch struct {
	pos   expr.Pos
	funcs []expr.BoundWindow
	names []string
}

func (w *windows) compute() error {
	for _, o := range w.overs {
		if err := w.refuseNested(o); err != nil {
			return err
		}
		err := w.s.materialize(o)
		if err != nil {
			return err
		}
		if w.s.rows, err = w.s.rows.attach(o); err != nil {
			return err
		}
	}
	var batches []batch
	for i, o := range w.overs {
		b, err := w.s.rows.window(o)
		if err != nil {
			return err
		}
		k := slices.IndexFunc(batches, func(known batch) bool { return sameSpec(known.funcs[0], b) })
		if k < 0 {
			k, batches = len(batches), append(batches, batch{pos: o.Pos})
		}
		batches[k].funcs, batches[k].names = append(batches[k].funcs, b), append(batches[k].names, w.names[i])
	}
	for _, b := range batches {
		n, err := plan.NewWindow(w.s.rows.node, b.funcs, b.names)
		if err != nil {
			return at(err, b.pos)
		}
		width := w.s.rows.node.Schema().NumFields()
		w.s.rows = w.s.rows.over(n)
		for i, name := range b.names {
			w.s.rows = w.s.rows.with(name, width+i)
		}
	}
	return nil
}

// refuseNested fails where a window function reads the alias of an output that is computed from another one.
func (w *windows) refuseNested(o expr.Over) error {
	for _, i := range w.s.references(o) {
		nested := false
		expr.WalkNode(w.s.outputs[i].node, func(n expr.Node) bool {
			c, ok := n.(expr.Column)
			nested = nested || ok && slices.Contains(w.names, c.Path[0])
			return !nested
		})
		if nested {
			return fault("UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_WINDOW", "0A000", o.Pos,
				"%s reads %s, which is computed from a window function of the same SELECT; compute one of them in a subquery", o.Call, w.s.outputs[i].name)
		}
	}
	return nil
}

func sameSpec(a, b expr.BoundWindow) bool {
	return slices.EqualFunc(a.PartitionBy, b.PartitionBy, expr.Equal) && slices.EqualFunc(a.OrderBy, b.OrderBy, func(x, y expr.BoundSort) bool {
		return x.Descending == y.Descending && x.NullsFirst == y.NullsFirst && expr.Equal(x.Arg, y.Arg)
	})
}
