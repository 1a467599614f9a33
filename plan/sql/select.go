package sql

import (
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// selection resolves one SELECT. Its expressions are first rewritten, so that they name groups, aggregates and each other's results instead of FROM's
// columns, and then bound stage by stage: aggregation, HAVING, window functions, QUALIFY, the select list, DISTINCT, ORDER BY, LIMIT.
type selection struct {
	body    selectBody
	in      scope  // what FROM and WHERE give
	taken   *taken // names that references cannot have any more
	outputs []output
	groups  *groups // nil: no aggregation
	session bool    // GROUP BY has a session_window
	// windowed tells that there are window functions.
	windowed bool
	// generations are the generators of the select list.
	generations []generation
	having      expr.Node
	qualify     expr.Node
	order       []sortKey
	rows        scope // what the last stage gives
}

// sortKey is an item of ORDER BY: an output, or an expression of its own.
type sortKey struct {
	expr.Sort
	output int // -1: the expression
}

func (r *resolver) selectBody(b selectBody, q query, with *withScope) (scope, error) {
	before := with.selfReferences()
	in, err := r.from(b.from, with)
	if err != nil {
		return scope{}, err
	}
	if in, err = in.lateralViews(b.views); err != nil {
		return scope{}, err
	}
	if b, q, err = r.clauses(b, q, in, with); err != nil {
		return scope{}, err
	}
	if err := refuseIn(b.where, "WHERE", "INVALID_WHERE_CONDITION", "42903"); err != nil {
		return scope{}, err
	}
	if in, err = in.filtered(b.where); err != nil {
		return scope{}, err
	}
	window := windowIn(b)
	if in, b, q, err = in.timeWindow(window, b, q); err != nil {
		return scope{}, err
	}
	s := &selection{body: b, in: in, rows: in, session: window != nil && isSession(*window)}
	if s.outputs, err = expand(b.items, in); err != nil {
		return scope{}, err
	}
	for _, step := range []func() error{s.findGenerators, s.findGroups, func() error { return s.rewriteAll(q) }, s.aggregate, s.filterGroups, s.generate, s.window, s.filterWindows} {
		if err := step(); err != nil {
			return scope{}, err
		}
	}
	if err := with.refuseSince(before, s.groups != nil || s.windowed || len(q.order) > 0); err != nil {
		return scope{}, err
	}
	return s.finish(q)
}

// refuseIn fails where a clause that is evaluated on single rows calls an aggregate or window function.
func refuseIn(n expr.Node, clause, class, state string) error {
	if n == nil {
		return nil
	}
	if found := groupingIn(n); found != nil {
		return fault("UNSUPPORTED_GROUPING_EXPRESSION", "42K0E", found.Position(), "%s cannot hold %s", clause, found)
	}
	found := aggregateIn(n)
	if found == nil {
		found = overIn(n)
	}
	if found == nil {
		return nil
	}
	return fault(class, state, found.Position(), "%s cannot hold the aggregate or window function %s", clause, found)
}

// rewriteAll rewrites the select list, HAVING, QUALIFY and ORDER BY.
func (s *selection) rewriteAll(q query) (err error) {
	if err := s.rewriteGenerators(); err != nil {
		return err
	}
	for i := range s.outputs {
		o := &s.outputs[i]
		if o.generated {
			continue
		}
		if o.node, err = s.rewriteOutput(i); err != nil {
			return err
		}
		if s.groups != nil {
			o.bound = nil
		}
	}
	if s.having, err = s.rewriteAbove(s.body.having); err != nil {
		return err
	}
	if s.qualify, err = s.rewriteAbove(s.body.qualify); err != nil {
		return err
	}
	s.order, err = s.sortKeys(q.sorts(len(s.outputs)))
	return err
}

func (s *selection) sortKeys(order []expr.Sort) ([]sortKey, error) {
	keys := make([]sortKey, len(order))
	for i, k := range order {
		n, isPosition, err := position(k.Arg, len(s.outputs), "ORDER_BY_POS_OUT_OF_RANGE")
		if err != nil {
			return nil, err
		}
		keys[i] = sortKey{k, -1}
		if isPosition {
			keys[i].output = n
			continue
		}
		if keys[i].Arg, err = s.rewriteAbove(k.Arg); err != nil {
			return nil, err
		}
		if c, ok := keys[i].Arg.(expr.Column); ok && len(c.Path) == 1 {
			keys[i].output = s.outputOf(c.Path[0])
		}
	}
	return keys, nil
}

// outputOf is the output that a reference means, -1 for none.
func (s *selection) outputOf(key string) int {
	for i, o := range s.outputs {
		if o.key == key && key != "" {
			return i
		}
	}
	return -1
}

// filterGroups applies HAVING.
func (s *selection) filterGroups() error {
	if o := overIn(s.having); o != nil {
		return fault("UNSUPPORTED_EXPR_FOR_OPERATOR", "42K0E", o.Position(), "HAVING cannot hold the window function %s; use QUALIFY", o)
	}
	return s.filter(s.having)
}

// filterWindows applies QUALIFY.
func (s *selection) filterWindows() error { return s.filter(s.qualify) }

func (s *selection) filter(n expr.Node) (err error) {
	if n == nil {
		return nil
	}
	if err := s.materialize(n); err != nil {
		return err
	}
	s.rows, err = s.rows.filtered(n)
	return err
}

// finish computes the select list and puts it in order. What ORDER BY reads besides is computed beside it and dropped at the end.
func (s *selection) finish(q query) (scope, error) {
	exprs, names := make([]expr.Bound, len(s.outputs)), make([]string, len(s.outputs))
	for i, o := range s.outputs {
		if _, err := s.output(i); err != nil {
			return scope{}, err
		}
		names[i] = o.name
	}
	keys, hidden, err := s.boundKeys()
	if err != nil {
		return scope{}, err
	}
	for i, o := range s.outputs {
		exprs[i] = o.bound
	}
	for _, h := range hidden {
		exprs, names = append(exprs, h), append(names, textOf(h))
	}
	rows, err := s.listed(exprs, names)
	if err != nil {
		return scope{}, err
	}
	sorts := make([]expr.BoundSort, len(keys))
	for i, k := range keys {
		sorts[i] = expr.BoundSort{Arg: plan.ColumnOf(rows.node, k), Descending: s.order[i].Descending, NullsFirst: s.order[i].NullsFirst}
	}
	if rows, err = limited(rows, sorts, q); err != nil || len(hidden) == 0 {
		return rows, err
	}
	shown, err := plan.NewProject(rows.node, plan.ColumnsOf(rows.node)[:len(s.outputs)], names[:len(s.outputs)])
	if err != nil {
		return scope{}, at(err, s.body.Pos)
	}
	return named(shown, "", nil), nil
}

// listed computes the select list and applies DISTINCT.
func (s *selection) listed(exprs []expr.Bound, names []string) (scope, error) {
	p, err := plan.NewProject(s.rows.node, exprs, names)
	if err != nil {
		return scope{}, at(err, s.body.Pos)
	}
	if !s.body.distinct {
		return named(p, "", nil), nil
	}
	d, err := distinct(p, s.body.Pos)
	if err != nil {
		return scope{}, err
	}
	return named(d, "", nil), nil
}

// boundKeys finds for each item of ORDER BY the column that holds it: an output, or one of the hidden columns behind them.
func (s *selection) boundKeys() (keys []int, hidden []expr.Bound, err error) {
	keys = make([]int, len(s.order))
	for i, k := range s.order {
		if keys[i] = k.output; k.output >= 0 {
			continue
		}
		b, err := s.bind(k.Arg)
		if err != nil {
			return nil, nil, err
		}
		if keys[i] = s.columnWith(b, hidden); keys[i] >= 0 {
			continue
		}
		if s.body.distinct {
			return nil, nil, fault("UNSUPPORTED_FEATURE.DISTINCT_ORDER_BY", "0A000", k.Arg.Position(),
				"SELECT DISTINCT can be ordered by its own columns only, not by %s", k.Arg)
		}
		keys[i], hidden = len(s.outputs)+len(hidden), append(hidden, b)
	}
	return keys, hidden, nil
}

// columnWith is the column that holds b, -1 for none.
func (s *selection) columnWith(b expr.Bound, hidden []expr.Bound) int {
	for i, o := range s.outputs {
		if expr.Equal(o.bound, b) {
			return i
		}
	}
	for i, h := range hidden {
		if expr.Equal(h, b) {
			return len(s.outputs) + i
		}
	}
	return -1
}

// textOf names a hidden column.
func textOf(b expr.Bound) string {
	if c, ok := b.(expr.BoundColumn); ok {
		return c.Name
	}
	return b.String()
}
